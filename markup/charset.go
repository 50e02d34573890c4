// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"encoding/base64"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/mailweir/mailweir/mail"
)

// sourceOf is what a file that names no charset in a header field is read as.
func sourceOf(raw []byte) *mail.Source {
	if hasUTF16Mark(raw) || likeUTF16(raw) {
		if text, err := wide(raw).NewDecoder().Bytes(raw); err == nil {
			return &mail.Source{Text: text, Charset: "utf-8", Recoded: true}
		}
	}
	return &mail.Source{Text: raw}
}

// compare looks at the text as those read it who go by another charset: by what a meta element or a byte order mark says, by how the octets look,
// or as they are. If they find what is not in the text as we read it, nobody can say what to change.
func (d *Document) compare(raw []byte, media string) {
	if d.Unreadable != "" {
		return
	}
	for _, v := range views(raw, d.Source) {
		if other := scan(v.text, media, true); other.Unreadable != "" || more(other.Dangers, d.Dangers) || v.wide && more(other.Dangers, nil) {
			d.Unreadable = "it says something else in " + v.charset
			return
		}
	}
}

// view is a text in another charset.
type view struct {
	charset string
	text    []byte
	wide    bool // No change of single octets could be right.
}

const utf16Name = "UTF-16"

// views are the other readings of raw that differ in the characters of US-ASCII.
func views(raw []byte, src *mail.Source) []view {
	var all []view
	if src.Recoded && !hasUTF16Mark(raw) && !bytes.Equal(raw, src.Text) {
		all = append(all, view{charset: "octets as they are", text: raw})
	}
	add := func(name string, e encoding.Encoding) {
		if text, err := e.NewDecoder().Bytes(raw); err == nil && !bytes.Equal(text, src.Text) {
			all = append(all, view{charset: name, text: text, wide: name == utf16Name})
		}
	}
	if !src.Recoded && likeUTF16(raw) {
		add(utf16Name, wide(raw))
	}
	if name, e := declared(raw); e != nil {
		add(name, e)
	}
	if name, e := unheard(src); e != nil {
		add(name, e)
	}
	if text := shifted(raw); text != nil {
		all = append(all, view{charset: "ISO-2022-JP", text: text})
	}
	if bytes.Contains(raw, []byte("~{")) && bytes.Contains(bytes.ToLower(raw[:min(len(raw), 1024)]), []byte("hz-gb")) {
		add("HZ-GB-2312", simplifiedchinese.HZGB2312)
	}
	if text, ok := fromUTF7(raw); ok {
		all = append(all, view{charset: "UTF-7", text: text})
	}
	return all
}

// declared is the charset that a text names at its start, as browsers look for it (HTML standard, section 13.2.3.2), if in it octets of US-ASCII may be
// part of other characters.
func declared(raw []byte) (string, encoding.Encoding) {
	head := bytes.ToLower(raw[:min(len(raw), 1024)])
	for _, mark := range []string{"charset", "encoding"} {
		for rest := head; ; {
			_, after, ok := bytes.Cut(rest, []byte(mark))
			if !ok {
				break
			}
			rest = after
			label, ok := bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n\f"), []byte("="))
			if !ok {
				continue
			}
			label = bytes.TrimLeft(label, " \t\r\n\f\"'")
			if n := bytes.IndexAny(label, " \t\r\n\f\"';>?/"); n > 0 && n <= maxName {
				if name, e := doubleOctets(string(label[:n])); e != nil {
					return name, e
				}
			}
		}
	}
	return "", nil
}

// unheard is the charset of a text whose name browsers know and package mail does not.
func unheard(src *mail.Source) (string, encoding.Encoding) {
	if src.Recoded {
		return "", nil
	}
	switch src.Charset {
	case "csunicode", "iso-10646-ucs-2", "unicodefeff":
		return utf16Name, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "unicodefffe":
		return utf16Name, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return doubleOctets(src.Charset)
}

// doubleOctets knows the charsets of the web in which octets of US-ASCII may be the second of a character; nil for others.
func doubleOctets(label string) (string, encoding.Encoding) {
	e, err := htmlindex.Get(label)
	if err != nil {
		return "", nil
	}
	name, err := htmlindex.Name(e)
	if err != nil {
		return "", nil
	}
	switch name {
	case "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr": // ISO-2022-JP shows itself, see shifted.
		return name, e
	}
	return "", nil
}

// more tells if there are dangers of a kind in a that b has fewer of. What is fetched is not dangerous by itself.
func more(a, b []Danger) bool {
	n := map[Kind]int{}
	for _, d := range a {
		n[d.Kind]++
	}
	for _, d := range b {
		n[d.Kind]--
	}
	for k, n := range n {
		if n > 0 && k != Remote && k != WebBug {
			return true
		}
	}
	return false
}

func hasUTF16Mark(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff"))
}

// likeUTF16 tells if every other octet of the start is NUL, as it is of ASCII in UTF-16.
func likeUTF16(b []byte) bool {
	b = b[:min(len(b), 512)]
	if len(b) < 8 {
		return false
	}
	var nuls [2]int
	for i, c := range b {
		if c == 0 {
			nuls[i%2]++
		}
	}
	third := len(b) / 6
	return nuls[0] > third && nuls[1] < third/2 || nuls[1] > third && nuls[0] < third/2
}

// wide is UTF-16 in the order that the mark or the NULs tell.
func wide(b []byte) encoding.Encoding {
	order := unicode.LittleEndian
	if b[0] == 0 || b[0] == 0xfe {
		order = unicode.BigEndian
	}
	return unicode.UTF16(order, unicode.UseBOM)
}

// fromUTF7 decodes UTF-7 (RFC 2152) if a < or a quote is written in it.
func fromUTF7(b []byte) ([]byte, bool) {
	if !bytes.Contains(b, []byte("+AD")) && !bytes.Contains(b, []byte("+AC")) && !bytes.Contains(b, []byte("AD4")) {
		return nil, false
	}
	out := make([]byte, 0, len(b))
	found := false
	for {
		i := bytes.IndexByte(b, '+')
		if i < 0 {
			return append(out, b...), found
		}
		out = append(out, b[:i]...)
		n := 0
		for i+1+n < len(b) && isBase64(b[i+1+n]) {
			n++
		}
		run := b[i+1 : i+1+n]
		b = b[i+1+n:]
		if len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
		text := wideBase64(run)
		found = found || bytes.ContainsAny(text, "<>\"'&")
		out = append(out, text...)
	}
}

func isBase64(c byte) bool { return isLetter(c) || isDigit(c) || c == '+' || c == '/' }

// wideBase64 decodes UTF-16 in base64; a lone plus stands for itself.
func wideBase64(run []byte) []byte {
	if len(run) == 0 {
		return []byte("+")
	}
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
	n, _ := base64.RawStdEncoding.Decode(raw, run)
	units := make([]uint16, 0, n/2)
	for i := 0; i+1 < n; i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return []byte(string(utf16.Decode(units)))
}
