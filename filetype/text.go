// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"bytes"
	"encoding/binary"
)

// oddShare is how many octets there are for each one that texts do not have, at least. Of random octets it is one in ten.
const oddShare = 64

// plain gives b as text to look for marks in: ASCII letters in lower case, of UTF-16 and UTF-32 only the ASCII characters, others as 0x80. It
// is not ok if b is no text. cut tells that b is only the start of it.
func plain(b []byte, cut bool) (t []byte, ok bool) {
	if t, ok := wide(b); ok {
		return t, true
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	// A command file with the mark of UTF-16 in front is one all the same.
	b = bytes.TrimPrefix(b, []byte("\xff\xfe"))
	t = make([]byte, len(b))
	odd := 0
	for i, c := range b {
		t[i] = lower[c]
		odd += int(odds[c])
	}
	if odd == 0 {
		return t, true
	}
	if odd*oddShare <= len(b) && bytes.IndexByte(b, 0) < 0 {
		return t, true
	}
	return markupDespite(t)
}

// markupDespite: browsers leave NUL out of markup and show other odd octets, so that they are no sign of binary content behind a known tag.
func markupDespite(t []byte) ([]byte, bool) {
	start := bytes.TrimLeft(t, " \t\r\n\x00")
	if len(start) == 0 || start[0] != '<' {
		return nil, false
	}
	t = bytes.TrimLeft(bytes.ReplaceAll(t, []byte{0}, nil), " \t\r\n")
	root, _ := rootElement(t)
	return t, roots[string(root)] != unknown || htmlTags[string(root)]
}

// lower and odds are tables over octets: the lower case of ASCII letters, and 1 for what texts do not have (WHATWG MIME Sniffing section 3,
// "binary data byte").
var lower, odds = func() (low, odd [256]byte) {
	for c := range 256 {
		low[c] = byte(c)
		if c >= 'A' && c <= 'Z' {
			low[c] = byte(c + 'a' - 'A')
		}
		if c < 0x09 || c == 0x0b || c > 0x0d && c < 0x20 && c != 0x1b || c == 0x7f {
			odd[c] = 1
		}
	}
	return low, odd
}()

// wide reads UTF-16 and UTF-32, with a byte order mark or, if nearly all is ASCII, without.
func wide(b []byte) (t []byte, ok bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")):
		return narrow(b[4:], 4, func(u []byte) uint32 { return binary.LittleEndian.Uint32(u) })
	case bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")):
		return narrow(b[4:], 4, func(u []byte) uint32 { return binary.BigEndian.Uint32(u) })
	case bytes.HasPrefix(b, []byte("\xff\xfe")) && bytes.IndexByte(b, 0) >= 0:
		return narrow(b[2:], 2, func(u []byte) uint32 { return uint32(binary.LittleEndian.Uint16(u)) })
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return narrow(b[2:], 2, func(u []byte) uint32 { return uint32(binary.BigEndian.Uint16(u)) })
	case len(b) >= 4 && b[0] != 0 && b[1] == 0 && b[2] != 0 && b[3] == 0:
		return narrow(b, 2, func(u []byte) uint32 { return asciiOnly(uint32(binary.LittleEndian.Uint16(u))) })
	case len(b) >= 4 && b[0] == 0 && b[1] != 0 && b[2] == 0 && b[3] != 0:
		return narrow(b, 2, func(u []byte) uint32 { return asciiOnly(uint32(binary.BigEndian.Uint16(u))) })
	}
	return nil, false
}

// asciiOnly makes NUL, which no text has, of what is not ASCII: without a mark, other characters tell nothing.
func asciiOnly(u uint32) uint32 {
	if u > 0x7e {
		return 0
	}
	return u
}

// narrow reads units of n octets.
func narrow(b []byte, n int, unit func([]byte) uint32) (t []byte, ok bool) {
	t = make([]byte, 0, len(b)/n)
	odd := 0
	for ; len(b) >= n; b = b[n:] {
		u := unit(b)
		if u > 0x7f {
			t = append(t, 0x80)
			continue
		}
		t = append(t, lower[u])
		odd += int(odds[u])
	}
	return t, odd*oddShare <= len(t) && len(t) > 0
}

// text tells what kind of text it is.
func (s sample) text(t []byte) kind {
	t = bytes.TrimLeft(t, " \t\r\n\f\v\x80\x00")
	if len(t) == 0 {
		return text
	}
	if t[0] == '<' {
		if k := markup(t); k != unknown {
			return k
		}
	}
	for _, guess := range []func([]byte) kind{prefixed, settings, message, script, htmlInside, pdfInside} {
		if k := guess(t); k != unknown {
			return k
		}
	}
	return text
}

// prefixed goes by how certain texts begin.
func prefixed(t []byte) kind {
	for _, p := range []struct {
		start string
		kind  kind
	}{
		{"begin:vcalendar", ics},
		{"begin:vcard", vcard},
		{"-----begin pgp ", pgp},
		{"-----begin pkcs7", pkcs7},
		{"%!ps", ps},
		{"{\\rt", rtf},
		{"#@~^", scriptEncoded},
		{"regedit4", reg},
		{"windows registry editor version", reg},
		{"id;p", sylk},
		{"web\r\n1\r\n", iqy},
		{"web\n1\n", iqy},
		{"xlodbc\r\n", iqy},
		{"xlodbc\n", iqy},
		{"# disk descriptorfile", vmdk},
		{"(this file must be converted with binhex", binhex},
		{"=ybegin ", yenc},
		{"begin-base64 ", uu},
	} {
		if bytes.HasPrefix(t, []byte(p.start)) {
			return p.kind
		}
	}
	if isUU(t) {
		return uu
	}
	return unknown
}

// isUU: "begin", three or four octal digits and a name, then a full line: its length, 45 as "M", and 60 characters (POSIX uuencode).
func isUU(t []byte) bool {
	line, rest, ok := bytes.Cut(t, []byte("\n"))
	words := bytes.Fields(line)
	if !ok || len(words) < 3 || string(words[0]) != "begin" || len(words[1]) < 3 || len(bytes.Trim(words[1], "01234567")) > 0 {
		return false
	}
	data, _, _ := bytes.Cut(rest, []byte("\n"))
	return len(data) > 60 && data[0] == 'm' || len(data) > 4 && len(data) < 62 && bytes.IndexByte(data, ' ') < 0
}

// htmlInside: HTML behind other text. Browsers show it as HTML all the same, but text about HTML is not HTML: it takes the outer elements.
func htmlInside(t []byte) kind {
	at := bytes.Index(t, []byte("<html"))
	if at < 0 {
		return unknown
	}
	if bytes.Contains(t[at:], []byte("<head")) || bytes.Contains(t[at:], []byte("<body")) {
		return html
	}
	return unknown
}

// pdfInside: the header of a PDF may stand anywhere in the first 1024 octets (PDF 1.7, implementation note 13).
func pdfInside(t []byte) kind {
	at := bytes.Index(t[:min(len(t), pdfWithin)], []byte("%pdf-"))
	if at >= 0 && bytes.Contains(t[at:], []byte(" obj")) {
		return pdf
	}
	return unknown
}

// pdfWithin is how far into the content readers look for the header of a PDF.
const pdfWithin = 1024

// lineStart finds where a line begins with p, behind blanks; -1 if none does.
func lineStart(t []byte, p string) int {
	for from := 0; ; {
		i := bytes.Index(t[from:], []byte(p))
		if i < 0 {
			return -1
		}
		at := from + i
		before := bytes.TrimRight(t[:at], " \t")
		if len(before) == 0 || before[len(before)-1] == '\n' || before[len(before)-1] == '\r' {
			return at
		}
		from = at + 1
	}
}
