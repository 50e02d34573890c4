// SPDX-License-Identifier: Apache-2.0

package author

import "strings"

// reader goes through one field body once.
type reader struct {
	s string
	i int
	a *Authors

	text  strings.Builder // What may be an address, without angle brackets: words, quoted strings, dots, "@".
	blank bool            // A blank or comment stands behind what is in text.
	seen  bool            // An address in angle brackets was there in this mailbox.

	plainQuote bool // A quote does not end, so that quotes are characters as any.
	plainParen bool // A comment does not end.
}

// list reads mailboxes and groups, up to the end.
func (r *reader) list() {
	for r.i < len(r.s) {
		switch c := r.s[r.i]; c {
		case '(':
			r.blank = true
			r.comment()
		case '"':
			r.gap()
			r.text.WriteString(r.quoted())
		case '<':
			r.angle()
		case '>':
			r.a.odd("From has a stray angle bracket")
			r.i++
		case ',', ';':
			r.end()
			r.i++
		case ':':
			// RFC 5322 section 3.4: what was before it is the name of a group.
			if strings.Contains(r.text.String(), "@") {
				r.end()
			}
			r.reset()
			r.a.odd("From has a group")
			r.i++
		case ' ', '\t', '\r', '\n':
			r.blank = true
			r.i++
		default:
			r.gap()
			r.text.WriteByte(c)
			r.i++
		}
	}
	r.end()
}

// gap writes the blank that stands between two words, unless one of them is a dot or "@".
func (r *reader) gap() {
	if r.blank && r.text.Len() > 0 {
		t := r.text.String()
		next := r.s[r.i]
		if last := t[len(t)-1]; last != '@' && last != '.' && next != '@' && next != '.' {
			r.text.WriteByte(' ')
		}
	}
	r.blank = false
}

func (r *reader) reset() {
	r.text.Reset()
	r.seen, r.blank = false, false
}

// end is the end of a mailbox.
func (r *reader) end() {
	t := strings.TrimSpace(r.text.String())
	if strings.Contains(t, "@") { // Else it is a part of a name with a comma in it that is not quoted, as many write.
		words := unquotedWords(t)
		switch {
		case r.seen:
			r.a.odd("From has two addresses in one mailbox")
		case len(words) > 1:
			r.a.odd("From has words beside an address without brackets")
		}
		for _, w := range words {
			if strings.Contains(w, "@") {
				r.a.add(w)
			}
		}
	}
	r.reset()
}

// unquotedWords splits at blanks outside quotes.
func unquotedWords(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return c == ' ' && !quoted
	})
}

// angle reads an address in angle brackets, without its route (RFC 5322 section 4.4).
func (r *reader) angle() {
	r.i++
	var b strings.Builder
	for r.i < len(r.s) {
		switch c := r.s[r.i]; c {
		case '>':
			r.i++
			r.bracketed(b.String())
			return
		case '(':
			r.comment()
		case '"':
			b.WriteString(r.quoted())
		case '<':
			r.a.odd("From has a stray angle bracket")
			r.i++
		case ' ', '\t', '\r', '\n':
			r.i++
		default:
			b.WriteByte(c)
			r.i++
		}
	}
	r.a.odd("From has an open angle bracket")
	r.bracketed(b.String())
}

func (r *reader) bracketed(address string) {
	if r.seen {
		r.a.odd("From has two addresses in one mailbox")
	}
	r.seen = true
	r.text.Reset() // The display name.
	if i := strings.LastIndexByte(address, ':'); i >= 0 && strings.HasPrefix(address, "@") {
		r.a.odd("From has a route")
		address = address[i+1:]
	}
	if address != "" {
		r.a.add(address)
	}
}

// quoted reads a quoted string as it is, with its quotes; only the quote if it does not end, because then clients differ.
func (r *reader) quoted() string {
	start := r.i
	r.i++
	if r.plainQuote {
		return `"`
	}
	for i := r.i; i < len(r.s); i++ {
		switch r.s[i] {
		case '\\':
			i++
		case '"':
			r.i = i + 1
			return r.s[start:r.i]
		}
	}
	r.plainQuote = true
	r.a.odd("From has an open quote")
	return `"`
}

// comment skips a comment, with those in it; only the parenthesis if it does not end.
func (r *reader) comment() {
	r.i++
	if r.plainParen {
		return
	}
	depth := 1
	for i := r.i; i < len(r.s); i++ {
		switch r.s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				r.i = i + 1
				return
			}
		}
	}
	r.plainParen = true
	r.a.odd("From has an open comment")
}
