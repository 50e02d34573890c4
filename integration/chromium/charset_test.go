// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/html"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
)

// letter is the body of a message, as octets and by what its header section says of them.
type letter struct{ media, body string }

// wide is a text in UTF-16, the low octet first if little.
func wide(s string, little bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		if little {
			b.Write([]byte{byte(u), byte(u >> 8)})
		} else {
			b.Write([]byte{byte(u >> 8), byte(u)})
		}
	}
	return b.String()
}

// letters are pages that are not in one charset alone.
func letters() []letter {
	const bad = "<p>x</p><img src=x onerror=alert(1)><script>alert(2)</script>"
	return []letter{
		{"text/html; charset=utf-16le", wide(bad, true)},
		{"text/html; charset=utf-16be", wide(bad, false)},
		{"text/html; charset=utf-16", "\xfe\xff" + wide(bad, false)},
		{"text/html; charset=utf-8", "\xff\xfe" + wide(bad, true)},
		{"text/html; charset=us-ascii", "\xfe\xff" + wide(bad, false)},
		{"text/html", "\xff\xfe" + wide(bad, true)},
		{"text/html; charset=utf-16", bad},
		{"text/html; charset=utf-16le", "\xef\xbb\xbf" + bad},
		{"text/html; charset=utf-8", "\xef\xbb\xbf" + bad},
		{"text/html; charset=utf-7", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-" + bad},
		{"text/html", "<meta charset=utf-7>+ADw-img src=x onerror=alert(1)+AD4-" + bad},
		{"text/html", "<meta charset=utf-16le>" + bad},
		{"text/html", "<meta http-equiv=content-type content='text/html; charset=utf-16'>" + bad},
		{"text/html", "<meta charset=x-user-defined>" + bad},
		{"text/html", "<meta charset=iso-2022-jp><a title=\"\x1b$B\"><img src=x onerror=alert(1)>\x1b(B\">" + bad},
		{"text/html; charset=iso-2022-jp", "<a title=\"\x1b$B!\"\x1b(B\"><img src=x onerror=alert(1)>" + bad},
		{"text/html; charset=iso-2022-jp", "\x1b(J<p title='\\'><img src=x onerror=alert(1)>\x1b(B" + bad},
		{"text/html", "<img alt=\"\x1b$B\"><img alt=\"\x1b(B src=x onerror=alert(1)//\">" + bad},
		{"text/html", "<meta charset=iso-2022-jp><img alt=\"\x1b$B\">  <p title='\x1b(B\" src=x onerror=alert(1)//'>"},
		{"text/html; charset=shift_jis", "<img alt=\"\x81\" src=x onerror=alert(1)//\">" + bad},
		{"text/html; charset=shift_jis", "<style>\x95\\75rl(</style><script>var s='\x95\\';alert(1)//'</script>"},
		{"text/html; charset=big5", "<img alt=\"\xa4\" src=x onerror=alert(1)>\">" + bad},
		{"text/html; charset=gbk", "<img alt=\"\x81\" src=x onerror=alert(1)>\">" + bad},
		{"text/html; charset=gb18030", "<a title='\x81\x30'><img src=x onerror=alert(1)>'>" + bad},
		{"text/html; charset=hz-gb-2312", "~{<~}img src=x onerror=alert(1)>" + bad},
		{"text/html; charset=euc-kr", "<a title=\"\xa1\"><img src=x onerror=alert(1)>\">" + bad},
		{"text/html; charset=utf-8", "<a title=\"\xc2\"><img src=x onerror=alert(1)>\">" + bad},
		{"text/html; charset=utf-8", "<p title='\xf0\x9f'><img\xe3\x80\x80src=x onerror=alert(1)><img src=x\xc2\xa0onerror=alert(1)>" + bad},
		{"text/html; charset=nonsense", bad},
		{"text/html; charset=\"utf-8; charset=utf-16\"", bad},
		{"text/html; charset=cp037", bad},
		{"text/html; charset=iso-2022-jp", "<p \x1b$B\n title=\"\x1b(B><img src=x onerror=alert(1)>\">"},
		{"text/html; charset=iso-2022-jp", "<p title=\"\x1b(I\"\x1b(B>x</p><p title=\"><img src=x onerror=alert(1)>\">"},
		{"text/html", "<meta charset=iso-2022-jp><p title=\"\x1b(I\"\x1b(B>x</p><p title=\"><img src=x onerror=alert(1)>\">"},
		{"text/html; charset=csiso2022jp", "<p title=\"\x1b$@!!\"\x1b(B>x</p><p title=\"><img src=x onerror=alert(1)>\">"},
		{"text/html", "<meta charset=iso-2022-jp><p title=\"\x1b(I\"\x1b(B><img src=x onerror=0><p title=\"><img src=x onerror=alert(1)>\">"},
		{"text/html", "<meta charset=iso-2022-jp><p \x1b$B\n title=\"\x1b(B><img src=x onerror=alert(1)>\">"},
		{"text/html; charset=csunicode", wide(strings.Repeat("\u4e00", 600)+bad, true)},
		{"text/html; charset=unicodefffe", wide(strings.Repeat("\u4e00", 600)+bad, false)},
		{"text/html; charset=iso-10646-ucs-2", wide(bad, true)},
		{"text/html; charset=windows-1252", "<scr\xadipt>x</scr\xadipt>" + bad},
		{"image/svg+xml; charset=utf-16le", wide("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", true)},
		{"image/svg+xml", "\xff\xfe" + wide("<?xml version='1.0' encoding='utf-16'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", true)},
		{"image/svg+xml", "<?xml version='1.0' encoding='utf-7'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>+ADw-script+AD4-</svg>"},
		{"application/xhtml+xml", "<?xml version='1.0' encoding='iso-8859-1'?><html xmlns='http://www.w3.org/1999/xhtml'><body onload='alert(1)'>\xe4</body></html>"},
		{"text/xml", "<html xmlns='http://www.w3.org/1999/xhtml'><body><script>alert(1)</script></body></html>"},
		{"application/xml", "<?xml-stylesheet type='text/xsl' href='#x'?><a><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script></a>"},
	}
}

// TestCharsets sends pages through the filter, in messages, and loads what comes out as its header section says.
func TestCharsets(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	var every []string
	for _, k := range markup.Kinds() {
		every = append(every, string(k))
	}
	all, usual := newFilter(t, every), newFilter(t, html.DefaultOptions().Kinds)
	live := 0
	for i, l := range letters() {
		name := fmt.Sprintf("c%d", i)
		before := b.load(t, name, []byte(l.body), l.media)
		if len(before.ran) > 0 {
			live++
		}
		media, body := filtered(t, all, l)
		if got := b.load(t, name+"-after", body, media); len(got.ran)+len(got.asked)+len(got.later) > 0 {
			t.Errorf("%s %q became %s %q, ran %q, asked for %q, %q", l.media, l.body, media, body, got.ran, got.asked, got.later)
		}
		media, body = filtered(t, usual, l)
		if got := b.load(t, name+"-usual", body, media); len(got.ran) > 0 {
			t.Errorf("%s %q became by default %s %q, ran %q", l.media, l.body, media, body, got.ran)
		}
		t.Logf("%s %.60q became %s %.100q", l.media, l.body, media, body)
	}
	t.Logf("%d letters, %d ran something before", len(letters()), live)
	if live < 25 {
		t.Errorf("only %d of %d letters ran anything before", live, len(letters()))
	}
}

func newFilter(t *testing.T, kinds []string) filters.Filter {
	t.Helper()
	f, err := html.New(&html.Options{Kinds: kinds}, filters.Deps{Unpacker: filtertest.Unpacker(t)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// filtered is what a letter is when all remedies were applied.
func filtered(t *testing.T, f filters.Filter, l letter) (media string, body []byte) {
	t.Helper()
	msg := filtertest.Message(t, "MIME-Version: 1.0\r\nContent-Type: "+l.media+"\r\nContent-Transfer-Encoding: base64\r\n\r\n"+base64.StdEncoding.EncodeToString([]byte(l.body))+"\r\n")
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), msg)
	if err != nil {
		t.Fatal(err)
	}
	var edits []mail.Edit
	for _, fi := range found {
		if fi.Remedy != nil && !slices.ContainsFunc(edits, func(e mail.Edit) bool { return cmp.Equal(e, fi.Remedy) }) {
			edits = append(edits, fi.Remedy)
		}
	}
	var b bytes.Buffer
	if err := msg.Write(&b, edits); err != nil {
		t.Fatal(err)
	}
	root := filtertest.Message(t, b.String()).Root()
	if body, err = io.ReadAll(root.Open()); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(root.Header.Get("Content-Type")), body
}
