// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

func TestStripHTML(t *testing.T) {
	multipart := func(kind string, parts ...string) string {
		return "Subject: s\r\nContent-Type: multipart/" + kind + "; boundary=b\r\n\r\n--b\r\n" + strings.Join(parts, "\r\n--b\r\n") + "\r\n--b--\r\n"
	}
	const html = "Content-Type: text/html; charset=iso-8859-1\r\n\r\n<p>caf\xe9 <a href=\"http://example.org/x\">here</a><script>alert(1)</script></p>"
	tests := []struct {
		name, text string
		want, not  []string
	}{
		{"the message", "Subject: s\r\n" + html + "\r\n", []string{"Subject: s", "text/plain"}, []string{"<p>", "alert", "text/html"}},
		{"beside text", multipart("alternative", "\r\nthe text", html), []string{"the text"}, []string{"text/html", "caf"}},
		{"beside text with nothing in it", multipart("alternative", "\r\n \r\n", html), []string{"Y2Fmw6kgaGVyZSA8aHR0cDovL2V4YW1wbGUub3JnL3g+"}, []string{"text/html"}},
		{"alone among alternatives", multipart("alternative", html), []string{"text/plain"}, []string{"text/html", "<p>"}},
		{"mixed", multipart("mixed", "\r\nthe text", html), []string{"the text", "text/plain"}, []string{"text/html"}},
		{"attached", multipart("mixed", "Content-Disposition: attachment; filename=a.html\r\n"+html), []string{"<script>"}, []string{"text/plain"}},
		{"signed", multipart("signed", html, "Content-Type: application/pgp-signature\r\n\r\nx"), []string{"<script>"}, []string{"text/plain"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := mail.Parse(strings.NewReader(tt.text), int64(len(tt.text)), mail.NewBudget(mail.DefaultLimits(), nil))
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := m.Write(&b, []mail.Edit{StripHTML{}}); err != nil {
				t.Fatal(err)
			}
			for _, w := range tt.want {
				if !strings.Contains(b.String(), w) {
					t.Errorf("%q is not in %q", w, b.String())
				}
			}
			for _, n := range tt.not {
				if strings.Contains(b.String(), n) {
					t.Errorf("%q is in %q", n, b.String())
				}
			}
		})
	}
}

// The text of the HTML is what is left, in UTF-8.
func TestStripHTMLKeepsTheText(t *testing.T) {
	const text = "Content-Type: text/html; charset=iso-8859-1\r\n\r\n<p>caf\xe9 <a href=\"http://example.org/x\">here</a></p>\r\n"
	m, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Write(&b, []mail.Edit{StripHTML{}}); err != nil {
		t.Fatal(err)
	}
	again, err := mail.Parse(bytes.NewReader(b.Bytes()), int64(b.Len()), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Root().Text(1000)
	if err != nil || !strings.Contains(got, "café here") || !strings.Contains(got, "http://example.org/x") {
		t.Errorf("got %q, %v", got, err)
	}
}
