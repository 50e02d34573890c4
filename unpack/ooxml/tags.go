// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"bufio"
	"bytes"
	"errors"
	"html"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Limits of what is read of one part.
const (
	MaxPart  = 256 << 20 // Octets.
	maxTag   = 64 << 10  // Octets of one tag; the rest of it is skipped.
	maxChunk = 16 << 10  // Octets of text that are handed on at once.
)

// tag is a tag of an XML document, or a piece of text between tags.
type tag struct {
	name  string // Without its prefix; "" for text.
	space string // Its prefix.
	text  string // Of text, entities decoded.
	raw   string // Of a tag: what stands behind the name.
	end   bool   // </name>
	empty bool   // <name/>
	cut   bool   // It is longer than what is kept of it.
	start int64  // Offset of the first octet.
	after int64  // Offset behind it.
}

// attr is the value of an attribute, by its name without a prefix; "" if there is none. Names are taken in any case.
func (t tag) attr(name string) string {
	if all := t.attrs(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// maxSame is how many attributes of one name, with other prefixes, are looked at.
const maxSame = 16

// attrs are the values of all attributes of that name. Which of their prefixes counts is told by namespaces, and a document may have some that
// nobody knows beside the one that its program looks for.
func (t tag) attrs(name string) []string {
	var all []string
	for s := t.raw; len(all) < maxSame; {
		key, value, rest, ok := nextAttr(s)
		if !ok {
			break
		}
		if _, local, found := strings.Cut(key, ":"); found {
			key = local
		}
		if strings.EqualFold(key, name) {
			all = append(all, html.UnescapeString(value))
		}
		s = rest
	}
	return all
}

// nextAttr cuts the first attribute off.
func nextAttr(s string) (key, value, rest string, ok bool) {
	const blanks = " \t\r\n/"
	s = strings.TrimLeft(s, blanks)
	eq := strings.IndexByte(s, '=')
	if eq < 0 {
		return "", "", "", false
	}
	key = strings.TrimSpace(s[:eq])
	if i := strings.LastIndexAny(key, " \t\r\n"); i >= 0 {
		key = key[i+1:]
	}
	s = strings.TrimLeft(s[eq+1:], " \t\r\n")
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		value, rest, _ = strings.Cut(s[1:], s[:1])
		return key, value, rest, true
	}
	end := strings.IndexAny(s, " \t\r\n")
	if end < 0 {
		end = len(s)
	}
	return key, s[:end], s[end:], true
}

// utf8 reads XML as UTF-8: Office takes UTF-16 too, which begins with a mark or with a tag.
func utf8(r io.Reader) io.Reader {
	in := bufio.NewReader(io.LimitReader(r, MaxPart))
	head, _ := in.Peek(4)
	switch {
	case strings.HasPrefix(string(head), "\xff\xfe"), strings.HasPrefix(string(head), "<\x00"):
		return transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case strings.HasPrefix(string(head), "\xfe\xff"), strings.HasPrefix(string(head), "\x00<"):
		return transform.NewReader(in, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	}
	return in
}

// scanner reads tags and text, and minds neither that they nest nor that they are well-formed.
type scanner struct {
	in  *bufio.Reader
	off int64
	buf []byte

	html bool // Conditional comments of HTML are read as what is in them.
}

func newScanner(r io.Reader) *scanner { return &scanner{in: bufio.NewReaderSize(r, maxChunk)} }

// each calls f for each tag and each piece of text. The error is that of the reader or of f.
func (s *scanner) each(f func(tag) error) error {
	for {
		t, err := s.next()
		if err != nil {
			return ignoreEOF(err)
		}
		if err := f(t); err != nil {
			return err
		}
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// until reads up to behind the octet and keeps no more than max octets in buf.
func (s *scanner) until(end byte, max int) error {
	for {
		b, err := s.in.ReadSlice(end)
		s.off += int64(len(b))
		s.buf = append(s.buf, b[:min(len(b), max-len(s.buf))]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// next reads a tag or a piece of text. Comments are pieces of no text.
func (s *scanner) next() (tag, error) {
	start := s.off
	c, err := s.in.Peek(1)
	if err != nil {
		return tag{}, err
	}
	s.buf = s.buf[:0]
	if c[0] != '<' {
		return s.text(start)
	}
	head, _ := s.in.Peek(9)
	switch {
	case s.html && bytes.HasPrefix(head, []byte("<!--[if")):
		err := s.upTo(">")
		return tag{start: start, after: s.off}, err
	case bytes.HasPrefix(head, []byte("<!--")):
		err := s.upTo("-->")
		return tag{start: start, after: s.off}, err
	case bytes.Equal(head, []byte("<![CDATA[")):
		err := s.upTo("]]>")
		text := strings.TrimPrefix(strings.TrimSuffix(string(s.buf), "]]>"), "<![CDATA[")
		return tag{text: text, start: start, after: s.off, cut: len(s.buf) >= maxTag}, ignoreEOF(err)
	case bytes.HasPrefix(head, []byte("<?")):
		// There are no quotation marks that count in it.
		if err := s.upTo("?>"); err != nil {
			return tag{}, err
		}
		return s.tag(start), nil
	}
	// A > may stand in quotation marks.
	for q := (quotes{}); ; {
		from := len(s.buf)
		if err := s.until('>', maxTag); err != nil {
			return tag{}, err
		}
		if q.read(s.buf[from:]); q.open == 0 || len(s.buf) >= maxTag {
			break
		}
	}
	return s.tag(start), nil
}

// quotes follows the quotation marks of a tag, which stand behind =.
type quotes struct {
	open byte // The mark that is open; 0 if none is.
	last byte // That is no blank.
}

func (q *quotes) read(b []byte) {
	for _, c := range b {
		switch {
		case q.open != 0 && c == q.open:
			q.open = 0
		case q.open == 0 && (c == '"' || c == '\'') && q.last == '=':
			q.open = c
		}
		if c > ' ' {
			q.last = c
		}
	}
}

// tag makes a tag of what stands in buf.
func (s *scanner) tag(start int64) tag {
	raw := strings.TrimSuffix(string(s.buf[1:]), ">")
	t := tag{start: start, after: s.off, empty: strings.HasSuffix(raw, "/"), cut: len(s.buf) >= maxTag}
	raw, t.end = strings.CutPrefix(raw, "/")
	end := strings.IndexAny(raw, " \t\r\n/")
	if end < 0 {
		end = len(raw)
	}
	t.name, t.raw = raw[:end], raw[end:]
	if space, local, ok := strings.Cut(t.name, ":"); ok {
		t.space, t.name = space, local
	}
	if t.name == "" {
		t.name = "?"
	}
	return t
}

// maxEntity is how long an entity may be that is not cut in two where the buffer ends.
const maxEntity = 32

// text reads up to the next tag, or as much as there is in the buffer.
func (s *scanner) text(start int64) (tag, error) {
	b, err := s.in.Peek(maxChunk)
	if i := bytes.IndexByte(b, '<'); i >= 0 {
		b, err = b[:i], nil
	} else if i := bytes.LastIndexByte(b, '&'); err == nil && i > 0 && i > len(b)-maxEntity {
		b = b[:i]
	}
	text := html.UnescapeString(string(b))
	if len(b) > 0 {
		err = ignoreEOF(err)
	}
	n, discard := s.in.Discard(len(b))
	s.off += int64(n)
	return tag{text: text, start: start, after: s.off}, errors.Join(err, discard)
}

// upTo reads up to behind the mark, which ends in >.
func (s *scanner) upTo(mark string) error {
	var tail []byte
	for {
		b, err := s.in.ReadSlice('>')
		s.off += int64(len(b))
		s.buf = append(s.buf, b[:min(len(b), maxTag-len(s.buf))]...)
		tail = append(tail, b[max(len(b)-len(mark), 0):]...)
		tail = tail[max(len(tail)-len(mark), 0):]
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil || string(tail) == mark:
			return err
		}
	}
}
