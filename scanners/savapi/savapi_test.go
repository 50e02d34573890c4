// SPDX-License-Identifier: Apache-2.0

package savapi

import (
	"bufio"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

// savapi plays a session of the service.
func savapi(c net.Conn, judge scannertest.Judge) error {
	if _, err := io.WriteString(c, "100 SAVAPI:4.0\n"); err != nil {
		return err
	}
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		verb, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		key, value, _ := strings.Cut(rest, " ")
		answer := "350 unknown command\n"
		switch verb {
		case "SET":
			answer = "100 " + key + ":" + value + "\n"
		case "GET":
			answer = "100 " + key + ":8.3.52\n"
		case "SCAN":
			if answer, err = scanFile(rest, judge); err != nil {
				return err
			}
		case "QUIT":
			return nil
		}
		if _, err := io.WriteString(c, answer); err != nil {
			return err
		}
	}
}

func scanFile(path string, judge scannertest.Judge) (answer string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "350 File open error\n", nil
	}
	defer f.Close()
	report, err := judge(f)
	if err != nil {
		return "", err
	}
	if report.Verdict == scanners.Infected {
		name := report.Signature
		return "310 " + name + " ; virus ; Contains detection pattern of " + name + "\n319 OK\n", nil
	}
	return "200 OK\n", nil
}

func newScanner(dir string) func(t testing.TB, addr string) scanners.Scanner {
	return func(t testing.TB, addr string) scanners.Scanner {
		t.Helper()
		s, err := New(Options{Address: addr, Product: 12345}, scanners.Deps{WorkDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	const greeting = "100 SAVAPI:4.0\n100 PRODUCT:12345\n100 SCAN_MODE:ALL\n100 ARCHIVE_SCAN:1\n"
	scannertest.Run(t, scannertest.Fixture{
		New:   newScanner(dir),
		Serve: savapi,
		Garbage: []string{
			"100 SAVAPI:5.0\n200 OK\n",
			"100 SAVAPI:4.0\n350 invalid product\n",
			"100 SAVAPI:4.0\n100 PRODUCT:1\n100 SCAN_MODE:ALL\n100 ARCHIVE_SCAN:1\n200 OK\n",
			"100 SAVAPI:4.0\n100 PRODUCT:12345\n100 SCAN_MODE:ALL\n100 ARCHIVE_SCAN:0\n200 OK\n",
			greeting + "200 OK", greeting + "2000 OK\n", greeting + "319 OK\n", greeting + "220 timeout\n",
			greeting + "404 Too many clients\n", greeting + "499 Information\n",
		},
	})
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left in the work folder: %v, %v", entries, err)
	}
}

func TestReadScan(t *testing.T) {
	clean := scanners.Report{Verdict: scanners.Clean}
	infected := func(name string) scanners.Report {
		return scanners.Report{Verdict: scanners.Infected, Signature: name}
	}
	tests := []struct {
		name, in string
		want     scanners.Report
		err      string
	}{
		{"clean file", "200 OK\n", clean, ""},
		{"clean archive, no text", "210\n", clean, ""},
		{"notes before it", "421 OLE\n499 info\n200 OK\n", clean, ""},
		{
			"alert", "310 LINUX/Xorddos.cona ; virus ; Contains detection pattern of the Linux virus LINUX/Xorddos.cona\n319 OK\n",
			infected("LINUX/Xorddos.cona"), "",
		},
		{
			"alert in an archive", "310 dota3.tar --> .rsync/a/kswapd0 <<< LINUX/BitCoinMiner.tfrvf ; virus ; Contains\n319 OK\n",
			infected("LINUX/BitCoinMiner.tfrvf"), "",
		},
		{"two alerts", "310 A ; virus ; a\n310 B ; virus ; b\n319 OK\n", infected("A"), ""},
		{"repairable", "420 A ; virus ; a\n319 OK\n", infected("A"), ""},
		{"alert without a name", "310\n319 OK\n", infected("unnamed"), ""},
		{"alert and then clean", "310 A ; virus ; a\n210 OK\n", infected("A"), ""},
		{"alert's text under the code of clean", "210 A ; virus ; a\n", scanners.Report{}, `unexpected answer "210 A ; virus ; a": an alert's text under another code`},
		{"end without an alert", "319 OK\n", scanners.Report{}, "end after alerts, but there was none"},
		{"error", "350 File open error\n", scanners.Report{}, "error: File open error"},
		{"error after an alert", "310 A ; virus ; a\n350 engine\n", scanners.Report{}, "error: engine"},
		{"timeout", "220 timeout\n", scanners.Report{}, `unexpected answer "220 timeout"`},
		{"unknown code", "600 x\n", scanners.Report{}, `unexpected answer "600 x"`},
		{"nothing", "", scanners.Report{}, "unexpected EOF"},
		{"alert and no end", "310 A ; virus ; a\n", scanners.Report{}, "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readScan(scanners.NewLines(strings.NewReader(tt.in), maxAnswer))
			if err != nil {
				got = scanners.Report{}
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestProbe(t *testing.T) {
	server := fake.Listen(t, func(c net.Conn) { _ = savapi(c, nil) })
	got, err := newScanner(t.TempDir())(t, server.Addr()).Probe(t.Context())
	if want := "Avira SAVAPI 8.3.52 AVE 8.3.52 VDF 8.3.52"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		o    Options
		dir  string
		want string
	}{
		{Options{Address: "127.0.0.1:4444", Product: 1}, t.TempDir(), ""},
		{DefaultOptions(), t.TempDir(), "savapi: product 0: want the number of the licence"},
		{Options{Address: "4444", Product: 1}, t.TempDir(), `savapi: address "4444": want host:port or unix:/path`},
		{Options{Address: "127.0.0.1:4444", Product: 1}, "work", `savapi: folder "work": want an absolute path`},
	}
	for _, tt := range tests {
		got := ""
		if _, err := New(tt.o, scanners.Deps{WorkDir: tt.dir}); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.o, got, tt.want)
		}
	}
}

// FuzzReadScan: no alert is ever clean, and what comes out is fit for a log line.
func FuzzReadScan(f *testing.F) {
	f.Add("310 a.zip --> b <<< A ; virus ; text\n319 OK\n")
	f.Add("421 OLE\n200 OK\n")
	f.Add("350 File open error\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := readScan(scanners.NewLines(strings.NewReader(text), maxAnswer))
		if err == nil && got.Verdict == scanners.None || err != nil && got.Verdict == scanners.Clean {
			t.Fatalf("got %+v with error %v", got, err)
		}
		if got.Verdict == scanners.Clean && strings.HasPrefix(text, "310 ") {
			t.Fatalf("clean: %q", text)
		}
		if got.Signature != scanners.Line(got.Signature) || got.Verdict == scanners.Infected && got.Signature == "" {
			t.Fatalf("signature %q", got.Signature)
		}
	})
}
