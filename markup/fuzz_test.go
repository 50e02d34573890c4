// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func seeds(f *testing.F) {
	f.Helper()
	for _, s := range []string{
		"", "<", "<p>", "a<script>b</script>c", "<script><!--<script></script>--></script>", "<img src=x onerror=y>", "<svg><style><a title='</style><img onload=x>'>",
		"<!--[if mso]><style>a{behavior:url(x)}</style><![endif]-->", "<!-->", "<!--->", "<!-- --!>", "<svg><![CDATA[<script>]]></svg>",
		"<noscript><p title='</noscript><b onclick=x>'>", "<a href='&#106;avascript:x'>y</a>", "<p style='a:url(&quot;//x&quot;)'>", "<form action=x><input><button>a</button></form>",
		"<style>@import '//x';a{b:expression(c)}</style>", "<iframe src=x>a</iframe>", "<!DOCTYPE svg [<!ENTITY x '<script>'>]>", "<?xml-stylesheet href=x?>",
		"<!DOCTYPE[<!ENTITY x9PE][<!c", "<!DOCTYPE a [<!ENTITY b ']>'> ]><script>", "<select><option><style></select>", "<title><b></title>", "<textarea><script></textarea>", "<scr\x00ipt>a</script>", "<x:script>a</x:script>", "<script/>", "</p a=>", "<p/=/>",
	} {
		f.Add([]byte(s), "text/html")
		f.Add([]byte(s), "image/svg+xml")
	}
}

// FuzzDisarm: what was disarmed holds no danger, every change lies in the text and none overlaps another, and without changes the text is as it was.
func FuzzDisarm(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte, media string) {
		if len(text) > 64<<10 {
			return
		}
		before := bytes.Clone(text)
		p := Scan(text, media)
		if !bytes.Equal(text, before) || !bytes.Equal(p.Disarm(), before) {
			t.Fatal("the text was changed")
		}
		checkOffsets(t, p, int64(len(text)))
		visible, hidden := p.Text(1000)
		if n := max(len(visible), len(hidden), len(p.PlainText(1000))); n > 1000 {
			t.Fatalf("%d octets of text", n)
		}
		if p.Unreadable != "" {
			return
		}
		checkApart(t, p, text)
		after := p.Disarm(Kinds()...)
		again := Scan(after, media)
		if again.Unreadable != "" || len(again.Dangers) > 0 {
			t.Fatalf("%q\nbecame %q\nwhich has %+v, %s", text, after, again.Dangers, again.Unreadable)
		}
	})
}

func checkOffsets(t *testing.T, p *Page, n int64) {
	t.Helper()
	for _, l := range p.Links {
		if l.Start < 0 || l.Start > l.End || l.End > n || l.AttrStart < 0 || l.AttrStart > l.AttrEnd || l.AttrEnd > n || l.TextEnd < l.End || l.TextEnd > n {
			t.Fatalf("link %+v in %d octets", l, n)
		}
	}
	for _, d := range p.Dangers {
		if c := d.Change; c.Start < 0 || c.Start > c.End || c.End > n {
			t.Fatalf("danger %+v in %d octets", d, n)
		}
	}
}

func checkApart(t *testing.T, p *Page, text []byte) {
	t.Helper()
	for i := 1; i < len(p.Dangers); i++ {
		if a, b := p.Dangers[i-1].Change, p.Dangers[i].Change; a != b && b.Start < a.End {
			t.Fatalf("%q: %+v and %+v overlap", text, p.Dangers[i-1], p.Dangers[i])
		}
	}
}

// FuzzTags: tags are where golang.org/x/net/html finds them, as far as no raw text and no comment is about.
func FuzzTags(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte, _ string) {
		if len(text) > 16<<10 || bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) || bytes.Contains(text, []byte("<!")) {
			return
		}
		var want []string
		z := html.NewTokenizer(bytes.NewReader(text))
		off := 0
		for {
			tt := z.Next()
			raw := len(z.Raw())
			if tt == html.ErrorToken {
				break
			}
			if tt == html.StartTagToken || tt == html.SelfClosingTagToken {
				want = append(want, describe(z, off, off+raw))
				z.NextIsNotRawText()
			}
			off += raw
		}
		var got []string
		s := &scanner{page: &Page{text: text}, text: text, flat: true, settled: true}
		for i := 0; i < len(text); {
			n := bytes.IndexByte(text[i:], '<')
			if n < 0 {
				break
			}
			i += n
			next := s.token(i, len(text))
			if i+1 < len(text) && isLetter(text[i+1]) && closed(text, i) {
				got = append(got, describeTag(s, text))
			}
			i = next
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("%q\n got %q\nwant %q", text, got, want)
		}
	})
}

// closed tells if the text does not end in the tag at i.
func closed(text []byte, i int) bool {
	var with, without tag
	without.read(text, i, i+1)
	with.read(append(bytes.Clone(text), '>'), i, i+1)
	return without.end == with.end
}

// describe writes the tag that the tokenizer is at.
func describe(z *html.Tokenizer, from, to int) string {
	var b strings.Builder
	name, more := z.TagName()
	b.Write(name)
	for more {
		var key, val []byte
		key, val, more = z.TagAttr()
		b.WriteString(" " + string(key) + "=" + string(val))
	}
	return b.String()
}

// describeTag writes the tag that was read in the same way.
func describeTag(s *scanner, text []byte) string {
	var b strings.Builder
	b.WriteString(strings.Map(asciiLower, string(text[s.tag.nameStart:s.tag.nameEnd])))
	seen := map[string]bool{}
	for _, a := range s.tag.attrs {
		name := strings.Map(asciiLower, string(text[a.start:a.nameEnd]))
		if seen[name] {
			continue
		}
		seen[name] = true
		v := bytes.ReplaceAll(text[a.valStart:a.valEnd], []byte("\r\n"), []byte("\n"))
		v = bytes.ReplaceAll(v, []byte("\r"), []byte("\n"))
		b.WriteString(" " + name + "=" + string(unescape(nil, v, true)))
	}
	return b.String()
}

func asciiLower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r | 0x20
	}
	return r
}

// FuzzCarrier: octets written in text are no more than the text.
func FuzzCarrier(f *testing.F) {
	for _, s := range []string{"", "%", "%u", "%u5a4d", `\x4d\u005a`, "TVqQ", "4d5a9", `x("TVqQ"+'AAMA')`, "[77, 0x90,\n144]", "// don't\n`a`", "'", "`"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if raw, how := octetsOf(text); len(raw) > len(text) || how == "" {
			t.Fatalf("%q became %q, of %q", text, raw, how)
		}
		if len(escapes(text)) > len(text) {
			t.Fatalf("%q became %q", text, escapes(text))
		}
		findPieces(text)
		for i := range text {
			if c := text[i]; c == '"' || c == '\'' || c == '`' {
				if s, n := literal(text[i:]); n < 1 || n > len(text)-i || len(s) > n {
					t.Fatalf("%q: %q of %d octets", text[i:], s, n)
				}
			}
		}
		if len(text) > 0 {
			findPieces(bytes.Repeat(text, minCarried/len(text)+1))
		}
	})
}
