// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"fmt"
	"strings"
	"testing"
)

// newsletter is a text of about 50 KB, in the manner of the large senders.
func newsletter() []byte {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>News</title><style>a{color:#007C89} @media (max-width:480px){.c{width:100%!important}}</style></head><body>\n")
	for b.Len() < 50<<10 {
		b.WriteString(`<tr><td align="center" valign="top" style="padding:0 18px;font-family:&quot;Helvetica Neue&quot;,Arial;color:#202020;background-color:#ffffff" class="mcnTextContent">` +
			`<!--[if mso]><table width="600"><tr><td><![endif]--><a href="https://news.example.org/track/click?u=30010857&amp;id=abc" target="_blank" style="color:#007C89;text-decoration:underline">Read more about it here</a>` +
			`<img src="https://images.example.org/a/b/c/picture.png" alt="A picture" width="564" style="max-width:1128px;padding-bottom:0;display:inline"> and some words of text about the offer that we make` + "</td></tr>\n")
	}
	b.WriteString("</body></html>\n")
	return []byte(b.String())
}

func BenchmarkScan(b *testing.B) {
	for _, tc := range []struct {
		name string
		text []byte
	}{
		{"newsletter 50 KB", newsletter()},
		{"1 MB of 50000 links", []byte(strings.Repeat("<a href=//x.y/1>a</a>", 50_000))},
		{"1000000 elements", []byte(strings.Repeat("<b>", 1_000_000))},
		{"1000000 elements in pairs", []byte(strings.Repeat("<p></p>", 500_000))},
		{"plain text", []byte(strings.Repeat("some words of text without anything\n", 30_000))},
	} {
		b.Run(tc.name, func(b *testing.B) {
			b.SetBytes(int64(len(tc.text)))
			b.ReportAllocs()
			for b.Loop() {
				Scan(tc.text, "text/html")
			}
		})
	}
}

// prefixed are elements of as many names.
func prefixed(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<x%d:title>", i)
	}
	return b.String()
}

// hostile are texts that would cost more than their length if anything were done twice.
func hostile(n int) map[string]string {
	r := strings.Repeat
	return map[string]string{
		"open tags":            r("<a ", n),
		"open quotes":          r("<a b=\"", n),
		"comments":             r("<!--", n),
		"comment ends":         r("<!-- --!>", n),
		"comments in a title":  "<svg><title>" + r("<!--a--!>", n) + "</title>",
		"titles, doctypes":     r("<!doctype x []>", 6) + "<svg>" + r("<title><!--</title>", n) + "-->",
		"styles, doctypes":     r("<!doctype x []>", 6) + "<svg>" + r("<style>&(<!--</style>", n) + "-->",
		"prefixes":             prefixed(n),
		"dashes":               "<!--" + r("-", n),
		"conditional":          "<!--[if mso]>" + r("<!--", n) + "-->",
		"conditionals":         r("<!--[if mso]><style>", n) + "-->",
		"noscript":             r("<noscript>", n) + "</noscript>",
		"styles":               r("<style>", n),
		"styles in svg":        "<svg>" + r("<style><a title='", n),
		"styles closed in svg": "<svg>" + r("<style><a title='</style>", n),
		"scripts":              r("<script><!--<script>", n),
		"scripts closed":       r("<script></script>", n),
		"titles":               r("<title>", n),
		"CDATA":                "<svg>" + r("<![CDATA[>", n),
		"instructions":         "<svg>" + r("<?x <a>", n),
		"doctypes":             r("<!DOCTYPE a [", n),
		"end tags":             r("<b>", n) + r("</i>", n),
		"links":                r("<a href=x>y", n),
		"tables":               r("<table><tr><td>", n),
		"cells":                "<table><tr>" + r("<td colspan=99>", n),
		"attributes":           "<a" + r(" onb=1", n) + ">",
		"many attributes":      r("<a"+r(" b=1", 100)+">", n/100),
		"references":           "<a href='" + r("&#32;", n) + "'>",
		"style":                "<p style='" + r("a:url(", n) + "'>",
		"sheet":                "<style>" + r("url(", n) + "</style>",
		"sheet quotes":         "<style>" + r("url('", n) + "</style>",
		"image sets":           "<style>" + r("image-set(", n) + "</style>",
		"image set strings":    "<style>" + r("image-set('a' ", n) + "</style>",
		"selectors":            "<style>" + r("[a]", n) + "{b:" + r("url(//c)", n) + "}</style>",
		"long value":           "<style>p{margin-left:-200" + r(" a", n) + "}</style>" + r("<p>", n),
		"braces":               "<style>" + r("{", n) + "</style>",
		"css comments":         "<style>" + r("/*", n) + "</style>",
		"base64":               "<script>" + r("QUJD", n) + "</script>",
		"base64 runs":          "<p>" + r(r("QUJD", 300)+" ", n/1200),
		"srcset":               "<img srcset='" + r("a 1x,", n) + "'>",
		"nested encoding":      "<svg><style><a title='</style>" + r("<a b='&lt;a b=&amp;lt;", n/20),
		"hidden tags":          "<svg><style><a title='</style><a b='" + r("&lt;a ", n) + "'>",
		"blanks":               r(" ", n),
		"NULs":                 r("<\x00", n),
		"UTF-7":                r("+ADw-", n),
	}
}

// TestHostile ends soon, as all that is looked at twice is bounded.
func TestHostile(t *testing.T) {
	for name, text := range hostile(50_000) {
		t.Run(name, func(t *testing.T) {
			p := Scan([]byte(text), "text/html")
			p.Text(1 << 20)
			p.PlainText(1 << 20)
			fromUTF7([]byte(text))
			if n := len(p.Disarm(Kinds()...)); n > 4*len(text)+1000 {
				t.Errorf("%d octets became %d", len(text), n)
			}
		})
	}
}
