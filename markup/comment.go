// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strings"
)

// comment reads a comment and what some programs see in it.
func (s *scanner) comment(i, end int) int {
	if s.noCommentEnd || s.floor > 0 {
		return i + 4 // Inside a conditional comment there is no end of another.
	}
	body, next := commentEnd(s.text[:end], i)
	if next < 0 && s.flat {
		return len(s.text)
	}
	if next < 0 {
		// Old programs read on behind it. Who does not shows nothing of what follows.
		s.noCommentEnd, s.hush = true, true
		return i + 4
	}
	if !s.settled && !bytes.HasSuffix(s.text[min(i+4, next):next], []byte("-->")) {
		s.ambiguous(i, "comment")
	}
	if !conditional(s.text[i+4 : body]) {
		s.note(i+4, body)
		return next
	}
	if s.within(i+4+condition(s.text[i+4:body]), body) {
		s.ambiguous(i, "conditional comment")
	}
	return next
}

// within goes over text[from:to], a comment that only some programs read, and tells if a tag or raw text in it has no end there. Nothing in it
// ends what began before it.
func (s *scanner) within(from, to int) (cut bool) {
	outer := s.state
	text, depth := s.text, len(s.open)
	s.push(element{shade: shade{hidden: true, gone: true, paper: 0xffffff, size: usualSize}})
	s.state, s.text, s.cut = state{hush: true, floor: depth + 1}, text[:to], false
	s.markup(from, to)
	for i := range s.open[s.floor:] {
		s.close(&s.open[s.floor+i], to)
	}
	s.state, s.text, s.open = outer, text, s.open[:depth]
	return s.cut
}

// commentEnd tells where the text of the comment at i ends and where the comment does (HTML standard, sections 13.2.5.43 to
// 13.2.5.51); -1 if it does not.
func commentEnd(text []byte, i int) (body, next int) {
	from := i + len("<!--")
	b := text[from:]
	switch {
	case bytes.HasPrefix(b, []byte(">")):
		return from, from + 1
	case bytes.HasPrefix(b, []byte("->")):
		return from, from + 2
	}
	for at := 0; ; {
		n := bytes.Index(b[at:], []byte("--"))
		if n < 0 {
			return -1, -1
		}
		at += n
		switch rest := b[at+2:]; {
		case bytes.HasPrefix(rest, []byte(">")):
			return from + at, from + at + 3
		case bytes.HasPrefix(rest, []byte("!>")):
			return from + at, from + at + 4
		}
		at++
	}
}

// conditional tells if a comment is one that Internet Explorer and Outlook read: <!--[if mso]>.
func conditional(b []byte) bool {
	b = bytes.TrimLeft(b[:min(len(b), 64)], " \t\r\n")
	return len(b) >= 3 && b[0] == '[' && strings.EqualFold(string(b[1:3]), "if")
}

// condition is the length of what stands before the markup: [if mso]>.
func condition(b []byte) int {
	n := bytes.Index(b[:min(len(b), 128)], []byte("]>"))
	if n < 0 || bytes.IndexByte(b[:n], '<') >= 0 {
		return 0
	}
	return n + 2
}

// cdata reads <![CDATA[: up to ]]> in XML, SVG and MathML, up to the next > elsewhere.
func (s *scanner) cdata(i, end int) int {
	n := bytes.IndexByte(s.text[i:end], '>')
	if n < 0 {
		return end
	}
	bogus := i + n + 1
	if !s.foreign {
		return bogus
	}
	var e int
	if s.noCDATAEnd {
		return bogus
	}
	if e = bytes.Index(s.text[i:end], []byte("]]>")); e < 0 {
		s.noCDATAEnd = true
		s.ambiguous(i, "CDATA")
		return bogus
	}
	e += i
	s.span(i+len("<![CDATA["), e, spanLiteral)
	if bogus < e {
		s.other(bogus, e+3, "CDATA")
	}
	return e + 3
}
