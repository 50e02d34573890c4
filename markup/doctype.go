// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strings"
)

// bracket is the offset of the bracket in a document type b whose first > is at n; -1 if there is none, or if b is something else. In XML there may
// be more of them in what is quoted.
func (s *scanner) bracket(b []byte, n int) int {
	if len(b) < 10 || !strings.EqualFold(string(b[:9]), "<!doctype") {
		return -1
	}
	if !s.xml {
		return bytes.IndexByte(b[:n], '[')
	}
	quote := byte(0)
	for i, c := range b[:min(len(b), maxSubset)] {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			return i
		case c == '>':
			return -1
		}
	}
	return -1
}

// standard tells if a document type has browsers go by the standard, not by what pages of old need (HTML standard, section 13.2.6.4.1).
func standard(b []byte) bool {
	const most = 500 // Octets of one.
	if len(b) < 9 || len(b) > most || !strings.EqualFold(string(b[:9]), "<!doctype") {
		return false
	}
	words := strings.ToLower(string(b[9:]))
	name, id, _ := strings.Cut(strings.Trim(words, " \t\r\n\f"), " ")
	switch {
	case name != "html":
		return false
	case !strings.Contains(id, "public"):
		return true
	case strings.Contains(id, "//dtd html 4.01 transitional//") || strings.Contains(id, "//dtd html 4.01 frameset//"):
		return strings.Contains(id, "http")
	}
	return strings.Contains(id, "//dtd xhtml 1.") || strings.Contains(id, "//dtd html 4.01//")
}

// subset reads a document type with declarations of its own (XML section 2.8), whose bracket is at open. HTML ends it at the first >.
func (s *scanner) subset(i, open, end int) int {
	open -= i
	b := s.text[i:end]
	first := i + bytes.IndexByte(b, '>') + 1
	if first == i {
		first = end
	}
	if s.subsets++; s.subsets > maxSubsets {
		s.page.Unreadable = "many document types"
		return first
	}
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

// maxSubsets is how many document types with declarations are read. XML knows but one.
const maxSubsets = 4

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
		one, _, _ := bytes.Cut(b[6:], []byte(">"))
		if fields := bytes.Fields(one); len(fields) != 2 || !namespace(fields[1]) {
			return true
		}
	}
}

// namespace tells if an entity's value is the quoted name of a namespace that drawing programs write.
func namespace(v []byte) bool {
	if len(v) < 2 || v[0] != v[len(v)-1] || bytes.ContainsAny(v[1:len(v)-1], "<&%\"'") {
		return false
	}
	v = v[1:]
	return bytes.HasPrefix(v, []byte("http://www.w3.org/")) || bytes.HasPrefix(v, []byte("http://ns.adobe.com/"))
}
