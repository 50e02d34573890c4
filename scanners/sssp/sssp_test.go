// SPDX-License-Identifier: Apache-2.0

package sssp

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

// savdid plays a session of the daemon.
func savdid(c net.Conn, judge scannertest.Judge) error {
	say := func(lines ...string) error {
		_, err := io.WriteString(c, strings.Join(lines, "\r\n")+"\r\n")
		return err
	}
	if err := say("OK SSSP/1.0"); err != nil {
		return err
	}
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		var size int64
		switch {
		case line == "SSSP/1.0":
			err = say("ACC 5A1B/1")
		case line == "QUERY ENGINE":
			err = say("ACC 5A1B/2", "engineversion: 3.82.1", "savversion: 5.92", "viruscount: 1234", "")
		case line == "BYE":
			return nil
		case scan(line, &size):
			if err := say("ACC 5A1B/2"); err != nil {
				return err
			}
			content := &io.LimitedReader{R: r, N: size}
			report, err := judge(io.MultiReader(content, atEnd(func() bool { return content.N == 0 })))
			if err != nil {
				return err
			}
			if report.Verdict == scanners.Infected {
				err = say("EVENT FILE /tmp/savid_tmp", "FILE /tmp/savid_tmp", "TYPE 60", "VIRUS "+report.Signature+" /tmp/savid_tmp",
					"OK 0203 /tmp/savid_tmp", "DONE OK 0203 Virus found during virus scan", "")
			} else {
				err = say("OK 0000 /tmp/savid_tmp", "DONE OK 0000 The function call succeeded.", "")
			}
			if err != nil {
				return err
			}
		default:
			err = say("REJ 1")
		}
		if err != nil {
			return err
		}
	}
}

func scan(line string, size *int64) bool {
	n, err := fmt.Sscanf(line, "SCANDATA %d", size)
	return n == 1 && err == nil
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
		Serve: savdid,
		Garbage: []string{
			"OK SSSP/2.0\r\n",
			"OK SSSP/1.0\r\nREJ 1\r\n",
			"OK SSSP/1.0\r\nACC 1\r\nACC 2\r\n\r\n",
			"OK SSSP/1.0\r\nACC 1\r\nACC 2\r\nOK 0000\r\n\r\n",
			"OK SSSP/1.0\r\nACC 1\r\nDONE OK 0000 The function call succeeded.\r\n\r\n",
			"OK SSSP/1.0\r\nACC 1\r\nACC 2\r\nDONE OK 0000 The function call succeeded.\r\n",
			"OK SSSP/1.0\r\nACC 1\r\nACC 2\r\nDONE OK 0000\r\nDONE OK 0000\r\n\r\n",
		},
	})
}

func TestParseScan(t *testing.T) {
	infected := func(name string) scanners.Report {
		return scanners.Report{Verdict: scanners.Infected, Signature: name}
	}
	unscannable := func(why string) scanners.Report {
		return scanners.Report{Verdict: scanners.Unscannable, Reason: why}
	}
	tests := []struct {
		name string
		in   []string
		want scanners.Report
		err  string
	}{
		{"clean", []string{"DONE OK 0000 The function call succeeded."}, scanners.Report{Verdict: scanners.Clean}, ""},
		{"virus", []string{"VIRUS EICAR-AV-Test /tmp/x", "OK 0203", "DONE OK 0203 Virus found during virus scan"}, infected("EICAR-AV-Test"), ""},
		{"first of two viruses", []string{"VIRUS A /x/a", "VIRUS B /x/b", "DONE OK 0203"}, infected("A"), ""},
		{"virus beside an encrypted part", []string{"FAIL 0212 /x/a", "VIRUS A /x/b", "DONE FAIL 0212 File was encrypted"}, infected("A"), ""},
		{"virus without a name", []string{"VIRUS", "DONE OK 0203"}, infected("unnamed"), ""},
		{
			"as an archive was reported, report:all", []string{
				"EVENT FILE /tmp/savid_tmpgMEMBE", "FILE /tmp/savid_tmpgMEMBE", "TYPE D0",
				"EVENT ARCHIVE /tmp/savid_tmpgMEMBE/AAAA0001", "FILE /tmp/savid_tmpgMEMBE/AAAA0001", "TYPE D9",
				"EVENT ARCHIVE /tmp/savid_tmpgMEMBE/A%20A.zip/A.exe", "FILE /tmp/savid_tmpgMEMBE/A%20A.zip/A.exe", "TYPE 60",
				"EVENT VIRUS Mal/DummyFlu /tmp/savid_tmpgMEMBE/A%20A.zip/A.exe",
				"VIRUS Mal/DummyFlu /tmp/savid_tmpgMEMBE/A%20A.zip/A.exe",
				"OK 0203 /tmp/savid_tmpgMEMBE", "DONE OK 0203 Virus found during virus scan",
			}, infected("Mal/DummyFlu"), "",
		},
		{"encrypted", []string{"DONE FAIL 0212 File was encrypted"}, unscannable("encrypted"), ""},
		{"corrupted, lower case", []string{"DONE FAIL 021a File was corrupted"}, unscannable("corrupted"), ""},
		{"encrypted part", []string{"FAIL 0212 /x/a", "DONE OK 0000 The function call succeeded."}, unscannable("encrypted"), ""},
		{"virus code without VIRUS", []string{"DONE OK 0203 Virus found"}, scanners.Report{}, "a virus was found, but there is no VIRUS line"},
		{"virus code of a part without VIRUS", []string{"OK 0203 /x", "DONE OK 0000"}, scanners.Report{}, "a virus was found, but there is no VIRUS line"},
		{"no virus data", []string{"DONE FAIL 0220 The main body of virus data is missing"}, scanners.Report{}, "result FAIL 0220"},
		{"old virus data", []string{"DONE OK 021E"}, scanners.Report{}, "result OK 021E"},
		{"clean but failed", []string{"DONE FAIL 0000"}, scanners.Report{}, "result FAIL 0000"},
		{"no code", []string{"DONE OK"}, scanners.Report{}, "result OK "},
		{"unknown status", []string{"DONE WELL 0000"}, scanners.Report{}, `unexpected status "WELL" of DONE`},
		{"unknown line", []string{"NEWS x", "DONE OK 0000"}, scanners.Report{}, `unexpected line "NEWS x"`},
		{"not done", []string{"OK 0000"}, scanners.Report{}, `answer ends with "OK 0000", want DONE`},
		{"done twice", []string{"DONE OK 0000", "DONE OK 0000"}, scanners.Report{}, `unexpected line "DONE OK 0000"`},
		{"nothing", nil, scanners.Report{}, "empty answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseScan(tt.in)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestRejected(t *testing.T) {
	tests := []struct {
		name, code string
		want       scanners.Report
		err        string
	}{
		{"too large", "4", scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than maxscandata of savdid"}, ""},
		{"not allowed", "2", scanners.Report{}, "sssp: SCANDATA rejected: code 2"},
		{"no number", "four", scanners.Report{}, `sssp: unexpected answer "REJ four"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := fake.Listen(t, fake.Say("OK SSSP/1.0\r\nACC 1\r\nREJ "+tt.code+"\r\n"))
			got, err := newScanner(t, server.Addr()).Scan(t.Context(), strings.NewReader("x"), 1)
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
	server := fake.Listen(t, func(c net.Conn) { _ = savdid(c, nil) })
	got, err := newScanner(t, server.Addr()).Probe(t.Context())
	if want := "Sophos engine 3.82.1, savversion 5.92, viruscount 1234"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, bad := range [][]string{nil, {"nothing"}, {"savversion: 1"}} {
		if got, err := parseEngine(bad); err == nil {
			t.Errorf("%q: got %q, want an error", bad, got)
		}
	}
}

func TestOptions(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:4010":          "",
		"unix:/var/run/sssp.sock": "",
		"sssp.sock":               `sssp: address "sssp.sock": want host:port or unix:/path`,
		"unix:relative/sssp.sock": `sssp: address "unix:relative/sssp.sock": want unix: and an absolute path`,
	} {
		got := ""
		if _, err := New(Options{Address: address}); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
	kind := Kind()
	if _, err := kind.New(kind.Options(), scanners.Deps{}); err != nil {
		t.Errorf("default options: %v", err)
	}
}

// FuzzParseScan: clean needs DONE OK 0000 at the end and nothing of a virus before it; what comes out is fit for a log line.
func FuzzParseScan(f *testing.F) {
	f.Add("VIRUS EICAR-AV-Test /tmp/x\nOK 0203\nDONE OK 0203 Virus found")
	f.Add("OK 0000 /tmp/x\nDONE OK 0000 The function call succeeded.")
	f.Add("FAIL 0212 /tmp/x\nDONE FAIL 0212 encrypted")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		got, err := parseScan(lines)
		if (err == nil) == (got.Verdict == scanners.None) {
			t.Fatalf("got %+v with error %v", got, err)
		}
		last := lines[len(lines)-1]
		if got.Verdict == scanners.Clean && (!strings.HasPrefix(last, "DONE OK 0000") || strings.Contains("\n"+text, "\nVIRUS")) {
			t.Fatalf("clean: %q", text)
		}
		for _, s := range []string{got.Signature, got.Reason} {
			if s != scanners.Line(s) {
				t.Fatalf("not one line: %q", s)
			}
		}
		if got.Verdict == scanners.Infected && got.Signature == "" {
			t.Fatalf("infected without a signature: %q", text)
		}
	})
}
