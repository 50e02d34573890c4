// SPDX-License-Identifier: Apache-2.0

package facts_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

// hostile are beginnings, and what is repeated behind them.
var hostile = map[string][2]string{
	"letters":        {"Subject: x\n\n", "a"},
	"blanks":         {"Subject: x\n\n", " "},
	"words":          {"Subject: x\n\n", "verify your account "},
	"first words":    {"Subject: x\n\n", "your "},
	"digits":         {"Subject: x\n\n", "1 "},
	"telephones":     {"Subject: x\n\n", "+1 (800) 555-0199 "},
	"gaps":           {"Subject: x\n\n", "a b "},
	"leet":           {"Subject: x\n\n", "p4ssw0rd "},
	"addresses":      {"Subject: x\n\n", "http://a.b.c.d.e.f.example.com/x?y=http://z.example/ "},
	"bare addresses": {"Subject: x\n\n", "a.com "},
	"zero width":     {"Content-Type: text/plain; charset=utf-8\n\n", "w\u200bo"},
	"mixed":          {"Content-Type: text/plain; charset=utf-8\n\n", "p\u0430sswor "},
	"marks":          {"Content-Type: text/plain; charset=utf-8\n\n", "a\u0337\u0337\u0337"},
	"ligatures":      {"Content-Type: text/plain; charset=utf-8\n\n", "\ufdfa"},
	"bad octets":     {"Content-Type: text/plain; charset=utf-8\n\n", "\xff\xc3"},
	"tags":           {"Content-Type: text/html\n\n", "<b>"},
	"links":          {"Content-Type: text/html\n\n", "<a href=http://paypa1.com/x>y</a>"},
	"open links":     {"Content-Type: text/html\n\n", "<a href=x>"},
	"colons":         {"Content-Type: text/html\n\n", "height:"},
	"styles":         {"Content-Type: text/html\n\n", "<p style='height:9px;display:none'>x"},
	"comments":       {"Content-Type: text/html\n\n", "<!--"},
	"entities":       {"Content-Type: text/html\n\n", "&#x41;&amp;"},
	"base64":         {"Content-Transfer-Encoding: base64\n\n", "QUFB"},
	"soft ends":      {"Content-Transfer-Encoding: quoted-printable\n\n", "=\n"},
	"parts":          {"Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\nx\n"},
	"marks of tests": {"Subject: x\n\n", "XJS*C4JDBQADN1.NSBN3*2IDNEN*"},
	"recipients":     {"To: ", "a@example.org, "},
	"name":           {"From: ", "a b "},
	"quoted":         {"From: ", "\\\""},
	"brackets":       {"From: ", "<"},
	"subject":        {"Subject: ", "v1agra "},
	"encoded words":  {"Subject: ", "=?utf-8?q?=41?= "},
	"message id":     {"Date: Mon, 5 Feb 2024 10:00:00 +0000\nMessage-ID: <", "01da581a$"},
	"thread index":   {"Thread-Index: ", "QUFB "},
	"boundary":       {"Date: Mon, 5 Feb 2024 10:00:00 +0000\nContent-Type: multipart/mixed; boundary=", "_01"},
	"long lines":     {"Content-Transfer-Encoding: quoted-printable\n\n", "=41"},
	"behind the end": {"Content-Type: text/html\n\n", "</html>x"},
	"received":       {"", "Received: from a (b [192.0.2.1]) by c; Mon, 5 Feb 2024 10:00:05 +0000\n"},
	"one received":   {"Received: ", "from a (b [192.0.2.1]) by "},
	"signatures":     {"Date: Mon, 5 Feb 2024 10:00:00 +0000\nReceived: x\n", "DKIM-Signature: d=;;;;\n"},
}

// TestHostile: awkward text of 16 MiB is done with long before the limit of go test, and what is kept of it is bounded. Anything that took more than
// linear time would take hours.
func TestHostile(t *testing.T) {
	for name, h := range hostile {
		t.Run(name, func(t *testing.T) {
			large := h[0] + strings.Repeat(h[1], 16<<20/len(h[1]))
			msg, err := mail.Parse(strings.NewReader(large), int64(len(large)), mail.NewBudget(mail.DefaultLimits(), nil))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = msg.Close() }()
			f, err := facts.Find(t.Context(), nil, msg)
			if err != nil {
				t.Fatal(err)
			}
			if len(f.Text) > 70_000 || len(f.Hidden) > 66_000 || len(f.Links) > 150 {
				t.Errorf("text %d, hidden %d, links %d", len(f.Text), len(f.Hidden), len(f.Links))
			}
		})
	}
}

// FuzzFind: facts are known ones, each once, and every finding is the same the second time.
func FuzzFind(f *testing.F) {
	for _, c := range cases() {
		if text := built(c.edits...); len(text) < 10_000 {
			f.Add([]byte(text))
		}
	}
	known := map[string]bool{}
	for _, a := range facts.All() {
		known[a.Name] = true
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var lists [2][]facts.Fact
		for i := range lists {
			msg, err := mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
			if err != nil {
				t.Fatal(err)
			}
			got, err := facts.Find(t.Context(), nil, msg)
			if err != nil {
				t.Fatal(err)
			}
			lists[i] = got.List
			if err := msg.Close(); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[string]bool{}
		for i, x := range lists[0] {
			if !known[x.Name] || seen[x.Name] || len(x.Detail) > 60 || strings.ContainsAny(x.Detail, "\r\n") {
				t.Errorf("%+v", x)
			}
			seen[x.Name] = true
			if i >= len(lists[1]) || lists[1][i] != x {
				t.Errorf("%+v is not there the second time", x)
			}
		}
	})
}
