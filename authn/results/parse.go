// SPDX-License-Identifier: Apache-2.0

package results

import (
	"errors"
	"strings"

	"github.com/mailweir/mailweir/authn"
)

// maxResults bounds the results of one field that are read.
const maxResults = 200

var errSyntax = errors.New("malformed Authentication-Results")

// Split takes a field body apart at the semicolons that are neither quoted nor in a comment. The first piece is the authserv-id with its version, the others
// are results; all are as they were written, without blanks around them.
func Split(body string) ([]string, error) {
	var pieces []string
	start, depth, quoted := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return nil, errSyntax
			}
		case c == ';' && depth == 0:
			if len(pieces) == maxResults {
				return nil, errSyntax
			}
			pieces = append(pieces, strings.Trim(body[start:i], " \t\r\n"))
			start = i + 1
		}
	}
	if quoted || depth > 0 {
		return nil, errSyntax
	}
	if last := strings.Trim(body[start:], " \t\r\n"); last != "" || len(pieces) == 0 {
		pieces = append(pieces, last)
	}
	return pieces, nil
}

// Parse reads a field body.
func Parse(body string) (authservID string, methods []Method, err error) {
	pieces, err := Split(body)
	if err != nil {
		return "", nil, err
	}
	authservID, ok := ServID(pieces[0])
	if !ok {
		return "", nil, errSyntax
	}
	for _, p := range pieces[1:] {
		l := lexer(p)
		l.skip()
		if strings.EqualFold(string(l), "none") {
			continue
		}
		m, ok := l.method()
		if !ok {
			return "", nil, errSyntax
		}
		methods = append(methods, m)
	}
	return authservID, methods, nil
}

// ServID reads the first piece of a field.
func ServID(piece string) (id string, ok bool) {
	l := lexer(piece)
	l.skip()
	id, ok = l.value("")
	return id, ok && id != ""
}

// lexer is what is left to read.
type lexer string

// skip goes past blanks and comments. Split has seen that they end.
func (l *lexer) skip() {
	s := string(*l)
	for depth, i := 0, 0; ; i++ {
		switch {
		case i >= len(s):
			*l = ""
			return
		case s[i] == '(':
			depth++
		case s[i] == ')' && depth > 0:
			depth--
		case s[i] == '\\' && depth > 0:
			i++
		case depth > 0 || strings.IndexByte(" \t\r\n", s[i]) >= 0:
		default:
			*l = lexer(s[i:])
			return
		}
	}
}

// word reads up to a blank, a comment or one of the octets in stop.
func (l *lexer) word(stop string) string {
	i := strings.IndexAny(string(*l), " \t\r\n("+stop)
	if i < 0 {
		i = len(*l)
	}
	w := string((*l)[:i])
	*l = (*l)[i:]
	return w
}

// value reads a word or a quoted string; ok is false if the quotes do not end.
func (l *lexer) value(stop string) (v string, ok bool) {
	if !strings.HasPrefix(string(*l), `"`) {
		return l.word(stop), true
	}
	var b strings.Builder
	for i := 1; i < len(*l); i++ {
		switch c := (*l)[i]; {
		case c == '"':
			*l = (*l)[i+1:]
			return b.String(), true
		case c == '\\' && i+1 < len(*l):
			i++
			b.WriteByte((*l)[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// pair reads "name = value".
func (l *lexer) pair() (name, v string, ok bool) {
	name = strings.ToLower(l.word("="))
	l.skip()
	rest, ok := strings.CutPrefix(string(*l), "=")
	if !ok || name == "" {
		return "", "", false
	}
	*l = lexer(rest)
	l.skip()
	v, ok = l.value("")
	// A quoted local-part is followed by its domain.
	v += l.word("")
	l.skip()
	return name, v, ok
}

func (l *lexer) method() (m Method, ok bool) {
	name, result, ok := l.pair()
	if !ok {
		return m, false
	}
	m.Name, _, _ = strings.Cut(name, "/")
	m.Result = authn.Result(strings.ToLower(result))
	for *l != "" {
		key, v, ok := l.pair()
		if !ok {
			return m, false
		}
		if key == "reason" {
			m.Reason = v
			continue
		}
		typ, prop, ok := strings.Cut(key, ".")
		if !ok {
			typ, prop = "", key // Not in the RFC, and in use: action=none, x-bits=2048.
		}
		m.Properties = append(m.Properties, Property{typ, prop, v})
	}
	return m, true
}
