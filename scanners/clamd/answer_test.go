// SPDX-License-Identifier: Apache-2.0

package clamd

import (
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/mailweir/mailweir/scanners"
)

func TestParseAnswer(t *testing.T) {
	infected := func(name string) scanners.Report { return scanners.Report{Verdict: scanners.Infected, Signature: name} }
	unscannable := func(why string) scanners.Report {
		return scanners.Report{Verdict: scanners.Unscannable, Reason: why}
	}
	tests := []struct {
		answer   string
		infected bool // The option heuristics is infected.
		want     scanners.Report
		err      string
	}{
		{answer: "stream: OK", want: scanners.Report{Verdict: scanners.Clean}},
		{answer: "stream: Eicar-Signature FOUND", want: infected("Eicar-Signature")},
		{answer: "stream: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND", want: infected("Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68)")},
		{answer: "stream: OK FOUND", want: infected("OK")},
		{answer: "stream: A FOUND FOUND", want: infected("A FOUND")},
		{answer: "stream: Heuristics.Phishing.Email.SpoofedDomain FOUND", want: infected("Heuristics.Phishing.Email.SpoofedDomain")},
		{answer: "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", want: unscannable("limit exceeded: Heuristics.Limits.Exceeded.MaxFileSize")},
		{answer: "stream: Heuristics.Limits.Exceeded FOUND", want: unscannable("limit exceeded: Heuristics.Limits.Exceeded")},
		{answer: "stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND", infected: true, want: infected("Heuristics.Limits.Exceeded.MaxScanSize")},
		{answer: "stream: Heuristics.Encrypted.Zip FOUND", want: unscannable("encrypted: Heuristics.Encrypted.Zip")},
		{answer: "stream: Heuristics.Encrypted.PDF FOUND", infected: true, want: infected("Heuristics.Encrypted.PDF")},
		{answer: "INSTREAM size limit exceeded. ERROR", want: unscannable("larger than StreamMaxLength")},
		{answer: "INSTREAM size limit exceeded. ERROR", infected: true, want: unscannable("larger than StreamMaxLength")},
		{answer: "", err: `unexpected answer ""`},
		{answer: "stream: ", err: "unexpected answer"},
		{answer: "stream: FOUND", err: "unexpected answer"},
		{answer: "stream:  FOUND", err: "unexpected answer"},
		{answer: "stream: \x01\x02 FOUND", err: "unexpected answer"},
		{answer: "stream: OK ", err: "unexpected answer"},
		{answer: "stream: ok", err: "unexpected answer"},
		{answer: "Eicar FOUND", err: "unexpected answer"},
		{answer: "stream: Can't open file or directory ERROR", err: `unexpected answer "stream: Can't open file or directory ERROR"`},
		{answer: "\nstream: OK", err: "unexpected answer"},
	}
	for _, tt := range tests {
		t.Run(tt.answer, func(t *testing.T) {
			got, err := parseAnswer(tt.answer, tt.infected)
			wantReport(t, got, err, tt.want, tt.err)
		})
	}
}

func TestReadAnswer(t *testing.T) {
	longest := strings.Repeat("x", maxAnswer-1)
	tests := []struct{ name, in, want, err string }{
		{name: "answer", in: "stream: OK\x00", want: "stream: OK"},
		{name: "empty answer", in: "\x00", want: ""},
		{name: "nothing", in: "", err: "unexpected EOF"},
		{name: "no end", in: "stream: OK", err: "unexpected EOF"},
		{name: "two answers", in: "stream: OK\x00stream: X FOUND\x00", err: `after the answer "stream: OK"`},
		{name: "longest", in: longest + "\x00", want: longest},
		{name: "too long", in: longest + "x\x00", err: "longer than 4096"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAnswer(strings.NewReader(tt.in))
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			wantReport(t, scanners.Report{}, err, scanners.Report{}, tt.err)
		})
	}
}

// FuzzAnswer: no answer but the one word for clean is clean, and names are one line within their bound.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		"stream: OK\x00", "stream: Eicar FOUND\x00", "INSTREAM size limit exceeded. ERROR\x00", "stream: Heuristics.Encrypted.Zip FOUND\x00",
		"stream: \x1b[31m FOUND\x00", "stream: OK", "\x00\x00", "stream: OK\x00stream: OK\x00", "1: stream: OK\x00",
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, in string, heuristics bool) {
		text, err := readAnswer(iotest.HalfReader(strings.NewReader(in)))
		if err != nil {
			return
		}
		report, err := parseAnswer(text, heuristics)
		if report.Verdict == scanners.Clean && !strings.HasPrefix(in, "stream: OK\x00") {
			t.Errorf("%q is clean", in)
		}
		if (err == nil) != (report.Verdict != scanners.None) {
			t.Errorf("%q: got %+v and error %v", in, report, err)
		}
		if (report.Verdict == scanners.Infected) != (report.Signature != "") || (report.Verdict == scanners.Unscannable) != (report.Reason != "") {
			t.Errorf("%q: got %+v", in, report)
		}
		for _, s := range []string{report.Signature, report.Reason} {
			if len(s) > scanners.MaxSignature || strings.ContainsFunc(s, unicode.IsControl) {
				t.Errorf("%q: got %q", in, s)
			}
		}
	})
}
