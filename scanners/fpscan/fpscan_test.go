// SPDX-License-Identifier: Apache-2.0

package fpscan

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

const help = "FPSCAND:6.2.39 ENGINE:4.6.5 PROTOCOL:1.0 SIGNATURE:2007042619259c9f739253754160e8b359e6b43a5f67 UPTIME:0:00:59:22"

// fpscand plays a connection of the daemon.
func fpscand(c net.Conn, judge scannertest.Judge) error {
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		answer := help + "\nSend HELP COMMAND for help on a command\n"
		if line != "HELP\n" {
			if answer, err = scanStream(line, r, judge); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(c, answer); err != nil {
			return err
		}
	}
}

func scanStream(line string, r io.Reader, judge scannertest.Judge) (answer string, err error) {
	var name string
	var size int64
	if _, err := fmt.Sscanf(line, "SCAN STREAM %s SIZE %d\n", &name, &size); err != nil {
		return "", err
	}
	content := &io.LimitedReader{R: r, N: size}
	report, err := judge(io.MultiReader(content, atEnd(func() bool { return content.N == 0 })))
	if err != nil {
		return "", err
	}
	if report.Verdict == scanners.Infected {
		return fmt.Sprintf("1 <infected: %s> %s\n", report.Signature, name), nil
	}
	return fmt.Sprintf("0 <clean> %s\n", name), nil
}

// atEnd is a reader that ends well only if the content before it came whole.
type atEnd func() bool

func (whole atEnd) Read([]byte) (int, error) {
	if whole() {
		return 0, io.EOF
	}
	return 0, io.ErrUnexpectedEOF
}

func newScanner(t testing.TB, addr string) scanners.Scanner {
	t.Helper()
	s, err := New(Options{Address: addr})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	scannertest.Run(t, scannertest.Fixture{
		New:   newScanner,
		Serve: fpscand,
		Garbage: []string{
			"0 <clean>\n", "0 <clean> another\n", "0 clean mailweir\n", "0 <> mailweir\n", "00 <clean> mailweir\n",
			"256 <clean> mailweir\n", "+0 <clean> mailweir\n", " 0 <clean> mailweir\n",
		},
	})
}

func TestParseAnswer(t *testing.T) {
	tests := []struct {
		in   string
		want scanners.Report
		err  string
	}{
		{"0 <clean> mailweir", scanners.Report{Verdict: scanners.Clean}, ""},
		{"1 <infected: PP97M/Darby.B> mailweir", scanners.Report{Verdict: scanners.Infected, Signature: "PP97M/Darby.B"}, ""},
		{
			"1 <contains infected objects: EICAR_Test_File> mailweir->eicar.com",
			scanners.Report{Verdict: scanners.Infected, Signature: "EICAR_Test_File"},
			"",
		},
		{"2 <suspicious> mailweir", scanners.Report{Verdict: scanners.Infected, Signature: "suspicious"}, ""},
		{"65 <infected: X> mailweir->a", scanners.Report{Verdict: scanners.Infected, Signature: "X"}, ""},
		{"1 <clean> mailweir", scanners.Report{Verdict: scanners.Infected, Signature: "clean"}, ""},
		{"1 <> mailweir", scanners.Report{Verdict: scanners.Infected, Signature: "unnamed"}, ""},
		{"64 <File is encrypted> mailweir->a.doc", scanners.Report{Verdict: scanners.Unscannable, Reason: "File is encrypted"}, ""},
		{"8 <> mailweir", scanners.Report{Verdict: scanners.Unscannable, Reason: "not scanned whole"}, ""},
		{"72 <archive bomb> mailweir", scanners.Report{Verdict: scanners.Unscannable, Reason: "archive bomb"}, ""},
		{"16 <Stream is too long>", scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than fpscand takes"}, ""},
		{"16 <out of memory> mailweir", scanners.Report{}, "code 16: out of memory"},
		{"4 <interrupted> mailweir", scanners.Report{}, "code 4: interrupted"},
		{"32 <engine> mailweir", scanners.Report{}, "code 32: engine"},
		{"68 <x> mailweir", scanners.Report{}, "code 68: x"},
		{"128 <disinfected> mailweir", scanners.Report{}, "code 128: disinfected"},
		{"0 <not clean> mailweir", scanners.Report{}, "code 0: not clean"},
		{"0 <clean> other", scanners.Report{}, `answer "0 <clean> other" is about "other", not the stream`},
		{"64 <skipped>", scanners.Report{}, `answer "64 <skipped>" is about "", not the stream`},
		{"0 <clean> mailweir->a", scanners.Report{}, "code 0: clean"},
		{"0 <clean>mailweir", scanners.Report{}, `unexpected answer "0 <clean>mailweir"`},
		{"0 <clean mailweir", scanners.Report{}, `unexpected answer "0 <clean mailweir"`},
		{"-1 <clean> mailweir", scanners.Report{}, `unexpected answer "-1 <clean> mailweir"`},
		{"", scanners.Report{}, `unexpected answer ""`},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := parseAnswer(tt.in)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
		})
	}
}

// TestTooLong has a daemon that refuses a stream by its size and closes without having read it.
func TestTooLong(t *testing.T) {
	server := fake.Listen(t, func(c net.Conn) {
		if _, err := bufio.NewReaderSize(c, 16).ReadString('\n'); err == nil {
			fake.Say("16 <Stream is too long>\n")(c)
		}
	})
	const size = 8 << 20
	got, err := newScanner(t, server.Addr()).Scan(t.Context(), strings.NewReader(strings.Repeat("x", size)), size)
	if want := (scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than fpscand takes"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestProbe(t *testing.T) {
	server := fake.Listen(t, func(c net.Conn) { _ = fpscand(c, nil) })
	got, err := newScanner(t, server.Addr()).Probe(t.Context())
	want := "F-PROT fpscand 6.2.39, engine 4.6.5, signatures 2007042619259c9f739253754160e8b359e6b43a5f67"
	if err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, bad := range []string{"", "FPSCAND:6.2.39", strings.Replace(help, "PROTOCOL:1.0", "PROTOCOL:2.0", 1)} {
		if got, err := parseHelp(bad); err == nil {
			t.Errorf("%q: got %q, want an error", bad, got)
		}
	}
}

func TestOptions(t *testing.T) {
	if _, err := New(Options{Address: "10200"}); err == nil || err.Error() != `fpscan: address "10200": want host:port or unix:/path` {
		t.Errorf("got %v", err)
	}
	kind := Kind()
	if _, err := kind.New(kind.Options(), scanners.Deps{}); err != nil {
		t.Errorf("default options: %v", err)
	}
}

// FuzzParseAnswer: only one answer is clean, and what comes out is fit for a log line.
func FuzzParseAnswer(f *testing.F) {
	f.Add("0 <clean> mailweir")
	f.Add("1 <contains infected objects: EICAR_Test_File> mailweir->eicar.com")
	f.Add("64 <File is encrypted> mailweir")
	f.Add("16 <Stream is too long>")
	f.Fuzz(func(t *testing.T, line string) {
		got, err := parseAnswer(line)
		if (err == nil) == (got.Verdict == scanners.None) {
			t.Fatalf("got %+v with error %v", got, err)
		}
		if got.Verdict == scanners.Clean && line != "0 <clean> mailweir" {
			t.Fatalf("clean: %q", line)
		}
		for _, s := range []string{got.Signature, got.Reason} {
			if s != scanners.Line(s) {
				t.Fatalf("not one line: %q", s)
			}
		}
		if got.Verdict == scanners.Infected && got.Signature == "" {
			t.Fatalf("infected without a signature: %q", line)
		}
	})
}
