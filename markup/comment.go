// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strings"
)

// comment reads a comment and what some programs see in it.
func (s *scanner) comment(i, end int) int {
	if s.noCommentEnd || end < len(s.text) {
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
	if !s.settled && i+4+bytes.Index(s.text[i+4:end], []byte("-->"))+3 != next {
		s.ambiguous(i, "comment")
	}
	if !conditional(s.text[i+4 : body]) {
		s.note(i+4, body)
		return next
	}
	hush := s.hush
	s.hush = true
	depth := len(s.open)
	if s.markup(i+4+condition(s.text[i+4:body]), body) > body {
		s.ambiguous(i, "conditional comment")
	}
	s.open, s.hush = s.open[:min(depth, len(s.open))], hush
	return next
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

// subset reads a document type with declarations of its own (XML section 2.8). HTML ends it at the first >.
func (s *scanner) subset(i, end int) int {
	b := s.text[i:end]
	first := i + bytes.IndexByte(b, '>') + 1
	if first == i {
		first = end
	}
	open := bytes.IndexByte(b, '[')
	n := subsetEnd(b[open:min(len(b), open+maxSubset)])
	if n < 0 {
		s.ambiguous(i, "document type")
		return first
	}
	if !risky(b[open : open+n]) {
		return first
	}
	s.danger(SVG, "declarations of entities or attributes", i+open, i+open+n, "[]")
	s.replace = max(s.replace, i+open+n)
	return i + open + n
}

// subsetEnd tells where declarations in brackets end, behind the bracket; -1 if they do not.
func subsetEnd(b []byte) int {
	quote, inside := byte(0), false
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case inside && (c == '"' || c == '\''):
			quote = c
		case c == '<':
			inside = true
		case c == '>':
			inside = false
		case c == ']' && !inside:
			return i + 1
		}
	}
	return -1
}

// maxSubset bounds the octets of a document type's declarations. It is more than any drawing program writes.
const maxSubset = 64 << 10

// risky tells if declarations can bring markup in: all but names for plain addresses, as drawing programs write them.
func risky(b []byte) bool {
	for {
		n := bytes.Index(b, []byte("<!"))
		if n < 0 {
			return false
		}
		b = b[n+2:]
		if bytes.HasPrefix(b, []byte("--")) || bytes.HasPrefix(b, []byte("ELEMENT")) {
			continue
		}
		if !bytes.HasPrefix(b, []byte("ENTITY")) {
			return true
		}
		fields := bytes.Fields(b[6:min(len(b), 300)])
		if len(fields) < 2 || !plainAddress(fields[1]) {
			return true
		}
	}
}

// plainAddress tells if an entity's value is a quoted URL of the web: a namespace.
func plainAddress(v []byte) bool {
	v = bytes.Trim(v, `"'>`)
	if !bytes.HasPrefix(v, []byte("http://")) && !bytes.HasPrefix(v, []byte("https://")) {
		return false
	}
	return !bytes.ContainsAny(v, "<&%>\"'")
}
