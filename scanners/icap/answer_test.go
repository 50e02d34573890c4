// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"crypto/sha256"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/mailweir/mailweir/scanners"
)

// The content that the answers of this file are about.
const content = "hello"

func readString(text string, preview bool) (answer, error) {
	r := answerReader{in: iotest.HalfReader(strings.NewReader(text)), threats: append(threatHeaders(), "X-Evil"), size: int64(len(content)), preview: preview}
	return r.read(func() {})
}

func whole() sent {
	return sent{whole: true, digest: digest{size: int64(len(content)), sum: sha256.Sum256([]byte(content))}}
}

// icapOK is an answer 200 with more ICAP fields and an HTTP message.
func icapOK(fields, http string) string {
	return "ICAP/1.0 200 OK\r\nISTag: \"v1\"\r\nEncapsulated: res-hdr=0, res-body=1\r\n" + fields + "\r\n" + http
}

func TestAnswer(t *testing.T) {
	const same = httpOK + "5\r\nhello\r\n0\r\n\r\n"
	infected := func(name string) scanners.Report { return scanners.Report{Verdict: scanners.Infected, Signature: name} }
	tests := []struct {
		name    string
		in      string
		preview bool
		want    scanners.Report
		err     string
	}{
		{name: "204", in: clean204, want: clean},
		{name: "204 without a reason", in: "ICAP/1.0 204\r\n\r\n", want: clean},
		{name: "100 and 204", in: continue100 + clean204, preview: true, want: clean},
		{name: "100 without a preview", in: continue100 + clean204, err: "100 Continue"},
		{name: "100 twice", in: continue100 + continue100 + clean204, preview: true, err: "100 Continue"},
		{name: "204 with a threat", in: "ICAP/1.0 204 No Content\r\nX-Virus-ID: Eicar\r\n\r\n", want: infected("Eicar")},
		{name: "the same octets", in: icapOK("", same), want: clean},
		{name: "the same octets in chunks", in: icapOK("", httpOK+"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"), want: clean},
		{name: "no body", in: icapOK("", httpOK+"0\r\n\r\n"), err: "0 octets came back changed from 5"},
		{name: "null-body", in: "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, null-body=1\r\n\r\n" + httpOK, err: "0 octets came back"},
		{name: "other octets", in: icapOK("", httpOK+"5\r\nhellO\r\n0\r\n\r\n"), err: "came back changed"},
		{name: "body is cut", in: icapOK("", httpOK+"5\r\nhel"), err: "unexpected EOF"},
		{name: "body without its last chunk", in: icapOK("", httpOK+"5\r\nhello\r\n"), err: "unexpected EOF"},
		{name: "bad chunk", in: icapOK("", httpOK+"x\r\nhello\r\n0\r\n\r\n"), err: "invalid byte in chunk length"},
		{name: "the same octets and a threat", in: icapOK("X-Infection-Found: Type=0; Resolution=0; Threat=Eicar;\r\n", same), want: infected("Eicar")},
		{name: "threat in the HTTP message", in: icapOK("", "HTTP/1.1 200 OK\r\nX-Virus-ID: Eicar\r\n\r\n"), want: infected("Eicar")},
		{name: "c-icap", in: icapOK("X-Infection-Found: Type=0; Resolution=2; Threat=Eicar-Signature.UNOFFICIAL;\r\n", ""), want: infected("Eicar-Signature.UNOFFICIAL")},
		{name: "no space, no last semicolon", in: icapOK("x-infection-found: Type=0;Resolution=0;Threat=A B\r\n", ""), want: infected("A B")},
		{name: "not of that form", in: icapOK("X-Infection-Found: Eicar\r\n", ""), want: infected("Eicar")},
		{name: "container", in: icapOK("X-Infection-Found: Type=2; Resolution=2; Threat=Encrypted;\r\n", ""), want: scanners.Report{Verdict: scanners.Unscannable, Reason: "container violation: Encrypted"}},
		{name: "container and virus", in: icapOK("X-Infection-Found: Type=2; Resolution=2; Threat=Encrypted;\r\nX-Virus-ID: Eicar\r\n", ""), want: infected("Eicar")},
		{name: "violations", in: icapOK("X-Violations-Found: 1\r\n\tmail.eml/a.doc\r\n\tTrojan.Gen.2\r\n\t41129\r\n\t2\r\n", ""), want: infected("Trojan.Gen.2")},
		{name: "violations without lines", in: icapOK("X-Violations-Found: 2\r\n", ""), want: infected("2")},
		{name: "no violations", in: icapOK("X-Violations-Found: 0\r\n", same), want: clean},
		{name: "threat header of the options", in: icapOK("X-Evil: Eicar\r\n", same), want: infected("Eicar")},
		{name: "threat without a name", in: icapOK("X-Virus-ID:\r\n", same), err: "field X-Virus-ID names no threat"},
		{name: "nameless and named", in: icapOK("X-Infection-Found: \r\nX-Virus-ID: Eicar\r\n", ""), want: infected("Eicar")},
		{name: "status 201 with a threat", in: "ICAP/1.0 201 Created\r\nX-Infection-Found: Type=0; Resolution=1; Threat=Trojan.Gen.2;\r\n\r\n", want: infected("Trojan.Gen.2")},
		{name: "status 201", in: strings.Replace(icapOK("", same), "200 OK", "201 Created", 1), err: "201 Created"},
		{name: "page for the user", in: icapOK("", httpForbidden), want: infected("blocked by HTTP status 403 Forbidden")},
		{name: "page about an error", in: icapOK("", "HTTP/1.1 500 Oops\r\n\r\n"+same), err: "HTTP status 500 Oops"},
		{name: "no HTTP status", in: icapOK("", "Hello\r\n\r\n"+same), err: "unexpected answer"},
		{name: "no Encapsulated", in: "ICAP/1.0 200 OK\r\n\r\n" + same, err: "unexpected field Encapsulated"},
		{name: "Encapsulated without a body", in: "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0\r\n\r\n" + same, err: "unexpected field Encapsulated"},
		{name: "Encapsulated with two bodies", in: "ICAP/1.0 200 OK\r\nEncapsulated: null-body=0, res-body=0\r\n\r\n" + same, err: "unexpected field Encapsulated"},
		{name: "Encapsulated with many sections", in: "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-hdr=1, res-hdr=2, res-body=0\r\n\r\n" + same, err: "unexpected field Encapsulated"},
		{name: "unknown in Encapsulated", in: "ICAP/1.0 200 OK\r\nEncapsulated: opt-body=0\r\n\r\n" + same, err: "unexpected field Encapsulated"},
		{name: "bare line feeds", in: "ICAP/1.0 204 No Content\n\n", err: "does not end in CRLF"},
		{name: "continuation of nothing", in: "ICAP/1.0 204 No Content\r\n x\r\n\r\n", err: "unexpected continuation"},
		{name: "no header field", in: "ICAP/1.0 204 No Content\r\nX-Virus-ID Eicar\r\n\r\n", err: "unexpected header field"},
		{name: "space before the colon", in: "ICAP/1.0 204 No Content\r\nX-Virus-ID : Eicar\r\n\r\n", err: "unexpected header field"},
		{name: "long line", in: "ICAP/1.0 204 " + strings.Repeat("x", maxLine), err: "line is longer"},
		{name: "long header", in: "ICAP/1.0 204 No\r\n" + strings.Repeat("A: b\r\n", maxHeaders/6+1), err: "header sections are longer"},
		{name: "HTTP", in: "HTTP/1.1 204 No Content\r\n\r\n", err: "unexpected answer"},
		{name: "nothing", err: "unexpected EOF"},
	}
	s := newScanner(t, at("127.0.0.1:1344"))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := readString(tt.in, tt.preview)
			var got scanners.Report
			if err == nil {
				got, err = s.verdict(whole(), a)
			}
			wantReport(t, got, err, tt.want, tt.err)
		})
	}
}

// FuzzAnswer: only a 204 or the same octets are clean, names are one line within their bound, and nothing is read for ever.
func FuzzAnswer(f *testing.F) {
	for _, s := range garbage() {
		f.Add(s, false)
		f.Add(continue100+s, true)
	}
	f.Add(clean204, true)
	f.Add(icapOK("", httpOK+"5\r\nhello\r\n0\r\n\r\n"), false)
	f.Add(icapOK("X-Violations-Found: 1\r\n\tmail.eml/a.doc\r\n\tTrojan.Gen.2\r\n\t41129\r\n\t2\r\n", ""), false)
	f.Add(answerTo(scanners.Report{Verdict: scanners.Infected, Signature: "Eicar"}), false)
	f.Add(icapOK("X-Infection-Found: Type=2; Resolution=2; Threat=\x1b[31m;\r\n", httpForbidden), false)
	s, err := New(at("127.0.0.1:1344"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string, preview bool) {
		a, err := readString(in, preview)
		if err != nil {
			return
		}
		report, err := s.verdict(whole(), a)
		if report.Verdict == scanners.Clean && !strings.Contains(in, "ICAP/1.0 204") && !(strings.Contains(in, "ICAP/1.0 200") && strings.Contains(in, "o\r\n0")) {
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
