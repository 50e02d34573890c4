// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"slices"
)

// cssForm is how CSS is written in a text.
type cssForm uint8

const (
	cssPlain     cssForm = iota // As it is: in a style element of HTML.
	cssAttribute                // With character references.
	cssMarkup                   // With character references, comments and CDATA: in a style element of XML or SVG.
)

// sheet is CSS in a form that can be compared: in lower case, without character references, escapes and comments, with the place in the text of
// each octet. A string that ends with its line has a quote there; escaped octets that are punctuation are DEL. Its memory is used again and again.
type sheet struct {
	css   []byte
	at    []int32 // Of each octet, and one more for the end.
	tags  bool    // There were tags in it, or what not all programs take for a comment.
	inner tag
}

// fold takes text[from:to].
func (f *sheet) fold(text []byte, from, to int, form cssForm) {
	f.css, f.at, f.tags = slices.Grow(f.css[:0], to-from), slices.Grow(f.at[:0], to-from+1), false
	literal := form == cssPlain // Character references are none.
	var buf [8]byte
	for i := from; i < to; {
		switch c := text[i]; {
		case c == '&' && !literal:
			b, n := reference(buf[:0], text[i:to], true)
			for _, c := range b {
				f.add(c, i)
			}
			i += n
		case c == '<' && form == cssMarkup && !literal:
			i, literal = f.skip(text, i, to)
		case c == ']' && form == cssMarkup && literal && bytes.HasPrefix(text[i:to], []byte("]]>")):
			i, literal = i+3, false
		default:
			f.add(c, i)
			i++
		}
	}
	f.at = append(f.at, int32(to))
	f.tokens()
}

func (f *sheet) add(c byte, at int) {
	if c != 0 {
		f.css = append(f.css, c)
		f.at = append(f.at, int32(at))
	}
}

// skip goes over markup in a style, and tells if CDATA begins.
func (f *sheet) skip(text []byte, i, to int) (next int, cdata bool) {
	const mark = "<![CDATA["
	switch b := text[i:to]; {
	case bytes.HasPrefix(b, []byte(mark)):
		return i + len(mark), true
	case bytes.HasPrefix(b, []byte("<!--")):
		if _, next = commentEnd(text[:to], i); next < 0 {
			next = to
		}
		f.tags = f.tags || !bytes.HasSuffix(text[i+4:max(i+4, next)], []byte("-->")) // XML ends it elsewhere.
		return next, false
	case len(b) > 1 && (isLetter(b[1]) || b[1] == '/' || b[1] == 0):
		f.tags = true
		f.inner.read(text[:to], i, i+1)
		return f.inner.end, false
	case len(b) > 1 && (b[1] == '!' || b[1] == '?'):
		if n := bytes.IndexByte(b, '>'); n >= 0 {
			return i + n + 1, false
		}
		return to, false
	}
	f.add('<', i)
	return i + 1, false
}

// tokens takes out escapes and comments where they are some (CSS Syntax section 4.3): in strings and in addresses without quotes there are no comments.
func (f *sheet) tokens() {
	b, w := f.css, 0
	quote, bare := byte(0), false // The string, or the address, that we are in.
	apart := 0                    // Where a comment was: names before and behind it are two.
	for r := 0; r < len(b); {
		c, at, n := b[r], f.at[r], 1
		switch {
		case c == '\\' && r+1 < len(b):
			c, n = escaped(b[r+1:])
			n++
		case quote != 0:
			if c == '\n' || c == '\r' || c == '\f' {
				c = quote // It ends with the line.
			}
			if c == quote {
				quote = 0
			}
		case bare:
			bare = c != ')'
		case c == '"' || c == '\'':
			quote = c
		case c == '/' && r+1 < len(b) && b[r+1] == '*':
			r, apart = behindComment(b, r), w
			continue
		case c == '(':
			bare = bareURL(b[r+1:], b[apart:w])
		}
		r += n
		if c == 0 {
			continue
		}
		b[w], f.at[w] = lowerCSS(c), at
		w++
	}
	f.at[w] = f.at[len(b)]
	f.css, f.at = b[:w], f.at[:w+1]
}

// lowerCSS is an octet in lower case; white space is a blank.
func lowerCSS(c byte) byte {
	switch {
	case 'A' <= c && c <= 'Z':
		return c | 0x20
	case isSpace(c):
		return ' '
	}
	return c
}

// behindComment tells where the comment at i ends.
func behindComment(b []byte, i int) int {
	n := bytes.Index(b[i+2:], []byte("*/"))
	if n < 0 {
		return len(b)
	}
	return i + n + 4
}

// bareURL tells if the parenthesis between before and rest begins an address without quotes (CSS Syntax section 4.3.4). before is folded.
func bareURL(rest, before []byte) bool {
	const name = "url"
	if !bytes.HasSuffix(before, []byte(name)) {
		return false
	}
	if n := len(before) - len(name); n > 0 {
		switch c := before[n-1]; {
		case isLetter(c), isDigit(c), c == '-', c == '_', c == '#', c == '@', c >= 0x7f:
			return false // The end of another name.
		}
	}
	i := skipSpace(rest, 0)
	return i == len(rest) || rest[i] != '"' && rest[i] != '\''
}

// escaped reads what follows a backslash (CSS Syntax section 4.3.7) and tells its length. What is not ASCII is of no interest here, nor which
// punctuation it is, but for a colon, slashes and dots, as an address may have them.
func escaped(b []byte) (byte, int) {
	n, v := 0, rune(0)
	for n < len(b) && n < 6 && digit(b[n]) < 16 {
		v = v*16 + digit(b[n])
		n++
	}
	switch {
	case n == 0 && (b[0] == '\n' || b[0] == '\r' || b[0] == '\f'):
		return 0, endOfLine(b) // The line goes on.
	case n == 0:
		v, n = rune(b[0]), 1
	case n < len(b) && isSpace(b[n]):
		n += endOfLine(b[n:])
	}
	switch {
	case v >= 0x80:
		return 0x7f, n
	case isLetter(byte(v)), isDigit(byte(v)), v == ':', v == '/', v == '.', v == '-', v == '_', v == 0:
		return byte(v), n
	}
	return 0x7f, n
}

// endOfLine is how many octets the white space is at the start of b: CR and LF are one.
func endOfLine(b []byte) int {
	if len(b) > 1 && b[0] == '\r' && b[1] == '\n' {
		return 2
	}
	return 1
}
