// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// tag is a start or end tag, by offsets into the text.
type tag struct {
	start, end         int // From < to behind >, or to the end of the text.
	nameStart, nameEnd int
	local              []byte // Name in lower case, without a prefix and without octets that old browsers skip; see fold.
	prefixed           bool   // There was a prefix.
	odd                bool   // There were octets that only old browsers skip: to others the name is another.
	attrs              []attr // At most maxAttrs.
	crowded            bool   // There were more.
	selfClosing        bool
	is                 traits
	ignored            bool // No element can stand there.
	renamed            Kind // The element gets another name for this; "" if it does not.
	spare              [maxName]byte
}

// attr is an attribute of a tag.
type attr struct {
	start, nameEnd   int
	valStart, valEnd int // Without the quotes; the same if there is no value.
	end              int // Behind the value and its quote.
}

// maxAttrs bounds the attributes of one tag that are looked at. It is more than any program writes; what has more is Unreadable.
const maxAttrs = 1000

// maxName bounds the octets of names that are compared; what is longer is none that we know.
const maxName = 40

// isSpace knows what HTML calls ASCII whitespace.
func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// read reads the tag whose name begins at name (HTML standard, sections 13.2.5.6 to 13.2.5.40). start is the offset of its <.
func (t *tag) read(text []byte, start, name int) {
	t.start, t.nameStart = start, name
	t.attrs, t.crowded, t.selfClosing, t.ignored, t.renamed = t.attrs[:0], false, false, false, ""
	i := name
	for i < len(text) && !isSpace(text[i]) && text[i] != '/' && text[i] != '>' {
		i++
	}
	t.nameEnd = i
	whole := fold(t.spare[:0], text[name:i])
	t.local = local(whole)
	t.prefixed = len(t.local) < len(whole)
	if t.is = 0; !t.prefixed {
		t.is = traitsOf(string(t.local))
	}
	t.odd = len(whole) != i-name || text[name-1] == 0
	for i < len(text) {
		switch c := text[i]; {
		case c == '>':
			t.end = i + 1
			return
		case c == '/':
			t.selfClosing = i+1 < len(text) && text[i+1] == '>'
			i++
		case isSpace(c):
			i++
		default:
			i = t.readAttr(text, i)
		}
	}
	t.end = len(text)
}

// readAttr reads the attribute that begins at i and tells where it ends.
func (t *tag) readAttr(text []byte, i int) int {
	a := attr{start: i}
	i++ // An equals sign that comes first belongs to the name.
	for i < len(text) && !isSpace(text[i]) && text[i] != '/' && text[i] != '>' && text[i] != '=' {
		i++
	}
	a.nameEnd = i
	a.valStart, a.valEnd, a.end = i, i, i
	j := skipSpace(text, i)
	if j < len(text) && text[j] == '=' {
		a.readValue(text, skipSpace(text, j+1))
	}
	if len(t.attrs) == maxAttrs {
		t.crowded = true
		return a.end
	}
	t.attrs = append(t.attrs, a)
	return a.end
}

// readValue reads what follows the equals sign and white space.
func (a *attr) readValue(text []byte, i int) {
	a.valStart, a.valEnd, a.end = i, i, i
	if i == len(text) || text[i] == '>' {
		return
	}
	if q := text[i]; q == '"' || q == '\'' {
		a.valStart = i + 1
		n := bytes.IndexByte(text[i+1:], q)
		if n < 0 {
			a.valEnd, a.end = len(text), len(text)
			return
		}
		a.valEnd, a.end = i+1+n, i+2+n
		return
	}
	for i < len(text) && !isSpace(text[i]) && text[i] != '>' {
		i++
	}
	a.valEnd, a.end = i, i
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	return i
}

// fold appends a name in lower case to dst, without the control octets that old browsers skip. A name of more than maxName octets
// comes out cut, which is none that is known.
func fold(dst, name []byte) []byte {
	for _, c := range name {
		if len(dst) == maxName {
			break
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c > ' ' && c != 0x7f {
			dst = append(dst, c)
		}
	}
	return dst
}

// local is a name without its namespace prefix. In XML the prefix may be any.
func local(name []byte) []byte {
	if i := bytes.LastIndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}
