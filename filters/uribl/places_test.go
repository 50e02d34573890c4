// SPDX-License-Identifier: Apache-2.0

package uribl_test

import (
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// TestPlaces: a link is found wherever in a message a program or a person may find it, and however it is written.
func TestPlaces(t *testing.T) {
	const utf8Text = "Content-Type: text/plain; charset=utf-8\r\n\r\n"
	for _, c := range []struct{ name, text string }{
		{"images by size", page + `<img srcset="https://good.com/a 1x, https://bad.com/b 2x">`},
		{"style sheet", page + `<style>body{background:url(https://bad.com/x)}</style>`},
		{"style sheet by rule", page + `<style>@Import "https://bad.com/x";</style>`},
		{"style attribute", page + `<div style="background-image:url('//bad.com/x')">`},
		{"refresh", page + `<meta http-equiv=refresh content="0;url=https://bad.com/">`},
		{"SVG", page + `<svg><a xlink:href="https://bad.com/"><text>x</text></a></svg>`},
		{"button", page + `<form><button formaction="https://bad.com/">`},
		{"map", page + `<map><area href="https://bad.com/"></map>`},
		{"whom a click is told", page + `<a href="https://good.com" ping="https://bad.com/">`},
		{"poster", page + `<video poster="https://bad.com/x">`},
		{"background", page + `<table background="https://bad.com/x">`},
		{"page in a page", page + `<iframe srcdoc="&lt;a href=&quot;https://bad.com&quot;&gt;x&lt;/a&gt;">`},
		{"for one program", page + `<!--[if mso]><a href="https://bad.com/">x</a><![endif]-->`},
		{"VML", page + `<v:rect href="https://bad.com/"></v:rect>`},
		{"no scheme", text + "visit (bad.com)"},
		{"no scheme, path", text + "visit bad.com/x"},
		{"upper case", utf8Text + "HTTP://WWW.BAD.COM/"},
		{"full width", utf8Text + "http://ｂａｄ.com/"},
		{"ideographic full stop", utf8Text + "http://bad。com/"},
		{"zero width", utf8Text + "http://b\u200bad.com/"},
		{"soft hyphen", page + `<a href="http://b&shy;ad.com/">`},
		{"full stop at the end", text + "http://bad.com./x"},
		{"two of them", page + `<a href="http://bad.com../">`},
		{"port", text + "http://bad.com:8080/x"},
		{"password", text + "http://good.com:pw@bad.com/x"},
		{"long password", page + `<a href="http://good.com:` + strings.Repeat("x", 100<<10) + `@bad.com/">`},
		{"backslashes", page + `<a href="http:\\bad.com\x">`},
		{"line ends", page + "<a href=\"ht\ttp://ba\nd.com/\">"},
		{"one slash", page + `<a href="http:/bad.com/">`},
		{"no slash", page + `<a href="https:bad.com/">`},
		{"socket", page + `<a href="wss://bad.com/">`},
		{"share", page + `<a href="\\bad.com\share">`},
		{"file", page + `<a href="file://bad.com/share">`},
		{"Word", page + `<a href="ms-word:ofe|u|https://bad.com/x.docx">`},
		{"source", page + `<a href="view-source:https://bad.com/">`},
		{"app", page + `<a href="intent://bad.com/#Intent;scheme=https;end">`},
		{"calendar", "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nURL:https://bad.com/x\r\nEND:VCALENDAR\r\n"},
		{"calendar, line folded", "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nURL:https://ba\r\n d.com/x\r\nEND:VCALENDAR\r\n"},
		{"card, escaped", "Content-Type: text/vcard\r\n\r\nBEGIN:VCARD\r\nNOTE:see\\nbad.com/x\r\nEND:VCARD\r\n"},
		{"line broken to be sent", "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\nhttps://ba \r\nd.com/x\r\n"},
		{"written backwards", utf8Text + "\u202emoc.dab//:sptth\u202c"},
		{"written backwards in HTML", page + `<bdo dir=rtl>moc.dab//:sptth</bdo>`},
		{"quoted-printable", "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nhttp://ba=\r\nd.com/\r\n"},
		{"UTF-16", "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\naAB0AHQAcAA6AC8ALwBiAGEAZAAuAGMAbwBtAC8A\r\n"},
		{"HTML by name", "Content-Type: application/octet-stream; name=a.html\r\n\r\n<html><a href=\"https://bad.com/\">x</a></html>"},
		{"shortcut", "Content-Type: application/octet-stream; name=a.url\r\n\r\n[InternetShortcut]\r\nURL=https://bad.com/x\r\n"},
		{"PDF", "Content-Type: application/pdf\r\n\r\n%PDF-1.4\n1 0 obj\n<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://bad.com/x) >> >>\nendobj\n%%EOF\n"},
		{"RTF", "Content-Type: application/rtf\r\n\r\n{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"https://bad.com/x\"}{\\fldrslt x}}}\r\n"},
		{"Markdown", text + "[x](https://bad.com/x)"},
		{"Reply-To, group", "Reply-To: x: <a@bad.com>, b@good.com;\r\n\r\n"},
		{"From with a route", "From: <@good.com,@x.com:a@bad.com>\r\n\r\n"},
		{"From in quotes", "From: \"x@good.com\"@bad.com\r\n\r\n"},
		{"From with a comment", "From: <a@(x)bad(y).(z)com>\r\n\r\n"},
		{"From with blanks", "From: a @ bad . com\r\n\r\n"},
		{"From, folded", "From: <a@\r\n bad.com>\r\n\r\n"},
		{"From in upper case", "FROM : A@BAD.COM.\r\n\r\n"},
		{"From in Base64", "From: =?utf-8?b?eCA8YUBiYWQuY29tPg==?=\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := world(t)
			f := newFilter(t, nil, dnstest.Resolver(t, nil, s), domains())
			found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, c.text))
			if err != nil || len(found) != 1 || found[0].Code != "uribl.listed" {
				t.Errorf("got %v, %v, asked %v", told(found), err, s.Questions())
			}
		})
	}
}
