// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"slices"
)

// sheet is CSS in a form that can be compared: in lower case, without character references, escapes and comments, with the place in the text of
// each octet. Its memory is used again and again.
type sheet struct {
	css []byte
	at  []int32 // Of each octet, and one more for the end.
}

// maxSheet bounds the octets of one style element or attribute. It is more than any program writes; what has more is Unreadable.
const maxSheet = 2 << 20

// fold takes text[from:to], which is an attribute's value or an element's content.
func (f *sheet) fold(text []byte, from, to int, attribute bool) {
	f.css, f.at = slices.Grow(f.css[:0], to-from), slices.Grow(f.at[:0], to-from+1)
	var buf [8]byte
	for i := from; i < to; {
		c := text[i]
		switch {
		case c == '&' && attribute:
			b, n := reference(buf[:0], text[i:to], true)
			for _, c := range b {
				f.add(c, i)
			}
			i += n
		case c == '\\' && i+1 < to:
			c, n := escaped(text[i+1 : to])
			f.add(c, i)
			i += 1 + n
		case c == '/' && i+1 < to && text[i+1] == '*':
			n := bytes.Index(text[i+2:to], []byte("*/"))
			if n < 0 {
				n = to - i - 4
			}
			i += n + 4
		default:
			f.add(c, i)
			i++
		}
	}
	f.at = append(f.at, int32(to))
}

func (f *sheet) add(c byte, at int) {
	switch {
	case c == 0:
		return
	case 'A' <= c && c <= 'Z':
		c |= 0x20
	case c == '\n' || c == '\r' || c == '\t' || c == '\f':
		c = ' '
	}
	f.css = append(f.css, c)
	f.at = append(f.at, int32(at))
}

// escaped reads what follows a backslash (CSS Syntax section 4.3.7) and tells its length. What is not ASCII is of no interest here.
func escaped(b []byte) (byte, int) {
	n, v := 0, rune(0)
	for n < len(b) && n < 6 && digit(b[n]) < 16 {
		v = v*16 + digit(b[n])
		n++
	}
	switch {
	case n == 0 && (b[0] == '\n' || b[0] == '\r' || b[0] == '\f'):
		return 0, 1 // The line goes on.
	case n == 0:
		return b[0], 1
	case n < len(b) && isSpace(b[n]):
		n++
	}
	if v >= 0x80 {
		v = '?'
	}
	return byte(v), n
}

// plainStyle tells that a style attribute calls nothing, as most do.
func plainStyle(b []byte) bool {
	return bytes.IndexByte(b, '(') < 0 && bytes.IndexByte(b, '\\') < 0 && bytes.IndexByte(b, '&') < 0 && bytes.IndexByte(b, '@') < 0
}

// css looks at CSS in text[from:to]. where names it in details.
func (s *scanner) css(from, to int, attribute bool, where string) {
	if attribute && plainStyle(s.text[from:to]) {
		return
	}
	f := &s.sheet
	if to-from > maxSheet {
		s.page.Unreadable, to = "style too large", from
	}
	f.fold(s.text, from, to, attribute)
	s.strings = 0
	prelude, telling := 0, false // Where the rule that we are in begins, and whether its selector asks for values.
	for i := 0; i < len(f.css); i++ {
		switch f.css[i] {
		case '{':
			telling = readsValues(f.css[prelude:i])
			prelude = i + 1
		case '}':
			prelude, telling = i+1, false
		case '@':
			if bytes.HasPrefix(f.css[i:], []byte("@import")) {
				i = s.cssImport(i, where)
			}
		case ':':
			s.cssProperty(i, telling, where)
		case '(':
			i = s.cssCall(i, telling, where)
		}
	}
}

// cssDanger adds a danger in the octets [i,j) of the sheet.
func (s *scanner) cssDanger(k Kind, detail string, i, j int, with string) {
	f := &s.sheet
	s.danger(k, detail, int(f.at[i]), int(f.at[j]), with)
}

// cssProperty looks at the name before the colon at i, and at strings that a variable may bring to where they are addresses.
func (s *scanner) cssProperty(i int, telling bool, where string) {
	end := i
	for end > 0 && s.sheet.css[end-1] == ' ' {
		end--
	}
	name := s.sheet.css[:end]
	if isVariable(name) {
		s.cssStrings(i+1, telling, where)
	}
	for _, bad := range []string{"-moz-binding", "behavior", "behaviour"} {
		if bytes.HasSuffix(name, []byte(bad)) {
			start := end - len(bad)
			if bad[0] == 'b' && start > 0 && (isLetter(name[start-1]) || name[start-1] == '-') {
				return // scroll-behavior, overscroll-behavior.
			}
			if bad[0] == 'b' && drawsVML(s.sheet.css[i+1:]) {
				return
			}
			s.cssDanger(CSS, bad+" in "+where, start, end, "x-off")
			return
		}
	}
}

// isVariable tells if a name that ends here is that of a custom property.
func isVariable(css []byte) bool {
	css = css[max(0, len(css)-maxName):]
	at := bytes.LastIndexAny(css, " ;{}") + 1
	return bytes.HasPrefix(css[at:], []byte("--"))
}

// drawsVML knows the behavior that Outlook and Word write into every message, for their own drawings.
func drawsVML(value []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(value[:min(len(value), 100)], " "), []byte("url(#default#vml)"))
}

// cssImport looks at the rule @import at i, and tells where to go on.
func (s *scanner) cssImport(i int, where string) int {
	css := s.sheet.css
	end := i + len("@import")
	arg := bytes.TrimLeft(css[end:min(len(css), end+200)], " ")
	if bytes.HasPrefix(arg, []byte("url")) {
		arg = bytes.TrimLeft(arg[3:], " (")
	}
	arg = bytes.TrimLeft(arg, ` "'`)
	kind := Remote
	to, _ := classify(s.start.read(arg, false))
	s.relative = s.relative || to == nowhere
	switch to {
	case runs, opens, data:
		kind = CSS
	}
	s.cssDanger(kind, "@import in "+where, i, end, "@x-off")
	return end
}
