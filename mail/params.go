// SPDX-License-Identifier: Apache-2.0

package mail

import "strings"

// param is a parameter of Content-Type or Content-Disposition as it was given: the name in lower case, the value without its quotes.
type param struct {
	name     string
	value    string
	extended bool // Decoded from the form of RFC 2231.
}

// params is what parseParams found.
type params struct {
	list     []param
	over     bool // There were more than it may read.
	unclosed bool // A quoted value has no end.
	junk     bool // Something between the parameters is none.
}

// cutMediaType reads the type that the body of a Content-Type field begins with, in lower case, and gives back what follows it. It is
// not ok if there is no type "/" subtype.
func cutMediaType(s string) (mediaType, rest string, ok bool) {
	head, rest, _ := strings.Cut(s, ";")
	major, minor, ok := strings.Cut(head, "/")
	if !ok {
		return "", rest, false
	}
	major = strings.Trim(major, " \t")
	minor = strings.TrimLeft(minor, " \t")
	if i := strings.IndexAny(minor, " \t(,"); i >= 0 {
		// Without a semicolon parameters follow all the same.
		if more := strings.Trim(minor[i:], " \t"); more != "" {
			rest = more + ";" + rest
		}
		minor = minor[:i]
	}
	if !isToken(major) || !isToken(minor) {
		return "", rest, false
	}
	return lower(major + "/" + minor), rest, true
}

// isToken tells if s is a token of RFC 2045 section 5.1.
func isToken(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?=`, s[i]) >= 0 {
			return false
		}
	}
	return s != ""
}

// parseParams reads parameters, at most limit of them, as clients do: quotes may be missing around a value with blanks or
// specials, semicolons between parameters too. It looks at no octet more than a few times.
func parseParams(s string, limit int) params {
	ps := paramScanner{s: s, shut: -1}
	var out params
	for {
		ps.skip()
		if ps.i >= len(ps.s) {
			break
		}
		if len(out.list) == limit {
			out.over = true
			break
		}
		name, ok := ps.name()
		if !ok {
			out.junk = true
			continue
		}
		value := ps.value()
		out.list = append(out.list, param{name: name, value: value})
	}
	out.unclosed = ps.unclosed
	out.junk = out.junk || ps.junk
	return out
}

// paramScanner goes through parameters from the front to the back.
type paramScanner struct {
	s        string
	i        int
	shut     int // Of the next closing parenthesis at or behind i, once looked for; len(s) if there is none.
	unclosed bool
	junk     bool
}

// skip passes blanks, semicolons and comments.
func (p *paramScanner) skip() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\t', ';':
			p.i++
		case '(':
			end := p.comment()
			if end < 0 {
				return
			}
			p.i = end
		default:
			return
		}
	}
}

// comment gives the index behind the comment that begins at i, -1 if it has no end. Comments do not nest here.
func (p *paramScanner) comment() int {
	if p.shut < p.i {
		p.shut = len(p.s)
		if n := strings.IndexByte(p.s[p.i:], ')'); n >= 0 {
			p.shut = p.i + n
		}
	}
	if p.shut == len(p.s) {
		return -1
	}
	return p.shut + 1
}

// name reads a name and its equals sign. What has none is passed.
func (p *paramScanner) name() (string, bool) {
	start := p.i
	for p.i < len(p.s) && p.s[p.i] != '=' && p.s[p.i] != ';' {
		p.i++
	}
	name := strings.Trim(p.s[start:p.i], " \t")
	if p.i == len(p.s) || p.s[p.i] == ';' {
		return "", false
	}
	p.i++
	if j := strings.LastIndexAny(name, " \t"); j >= 0 {
		p.junk = true
		name = name[j+1:]
	}
	return lower(name), name != ""
}

func (p *paramScanner) value() string {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t') {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '"' {
		return p.quoted()
	}
	return p.bare()
}

// quoted reads a quoted value. A backslash only quotes a quote or a backslash: others stand in paths of clients that do not quote.
func (p *paramScanner) quoted() string {
	p.i++
	start := p.i
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case '"':
			v := unquote(p.s[start:p.i])
			p.i++
			return v
		case '\\':
			p.i++
		}
		p.i++
	}
	p.i = len(p.s)
	p.unclosed = true
	return unquote(p.s[start:])
}

func unquote(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// bare reads a value without quotes: up to a semicolon, a comment with blanks around it, or the next parameter if the semicolon is
// missing.
func (p *paramScanner) bare() string {
	start := p.i
	word := -1 // Start of the word being read, if a blank is before it.
	for ; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == ';':
			return strings.Trim(p.s[start:p.i], " \t")
		case c == '=' && word >= 0 && p.i > word:
			p.junk = true
			p.i = word
			return strings.Trim(p.s[start:word], " \t")
		case c == ' ' || c == '\t':
			word = p.i + 1
		case c == '(' && word == p.i:
			if end := p.comment(); end > 0 && (end == len(p.s) || strings.IndexByte(" \t;", p.s[end]) >= 0) {
				return p.beforeComment(start, end)
			}
			word = -1
		case word >= 0 && !isToken(p.s[p.i:p.i+1]):
			word = -1
		}
	}
	return strings.Trim(p.s[start:], " \t")
}

// beforeComment ends a value at the comment that begins at i and ends at end.
func (p *paramScanner) beforeComment(start, end int) string {
	v := strings.Trim(p.s[start:p.i], " \t")
	p.i = end
	return v
}
