// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"io"
	"strconv"
)

// token is one lexical element (ISO 32000-1 section 7.2), with the offsets that it has in its source.
type token struct {
	kind     kind
	text     []byte // Name or string, decoded; the word itself for a keyword. Valid until the next token is read.
	num      float64
	off, end int64
}

// kind tells what a token or a value is.
type kind uint8

const (
	null    kind = iota // Also what is not there.
	none                // End of the source.
	number              // Booleans are numbers: 0 and 1.
	name                // Without its solidus, #xx decoded.
	text                // A string, literal or hexadecimal.
	list                // An array.
	dict                // A dictionary; its list has keys and values in turn.
	ref                 // An indirect reference.
	opener              // "[" or "<<".
	closer              // "]" or ">>".
	keyword             // Any other word.
)

// lexer reads tokens from octets of a file or from memory. It never fails: what is no token is passed over, and where nothing can be read
// the source ends.
type lexer struct {
	r    io.ReaderAt // Nil if all is in buf.
	size int64
	buf  []byte
	base int64 // Offset of buf in the source.
	pos  int   // In buf.
	err  error // Of reading, other than the end.
	word []byte
}

// lexPage is how much of a file is in memory.
const lexPage = 4 << 10

func newLexer(r io.ReaderAt, size int64) *lexer { return &lexer{r: r, size: size} }

func memoryLexer(b []byte) *lexer { return &lexer{buf: b, size: int64(len(b))} }

// offset is where the next octet stands.
func (l *lexer) offset() int64 { return l.base + int64(l.pos) }

// seek goes to some offset and tells if that is on another page.
func (l *lexer) seek(off int64) (jumped bool) {
	if off >= l.base && off <= l.base+int64(len(l.buf)) {
		l.pos = int(off - l.base)
		return false
	}
	if l.r == nil {
		l.pos = len(l.buf)
		return false
	}
	l.base, l.buf, l.pos = off, l.buf[:0], 0
	return true
}

// fill reads the next page; false means that there is none.
func (l *lexer) fill() bool {
	at := l.base + int64(len(l.buf))
	if l.r == nil || l.err != nil || at >= l.size {
		return false
	}
	if cap(l.buf) < lexPage {
		l.buf = make([]byte, 0, lexPage)
	}
	n, err := l.r.ReadAt(l.buf[:min(lexPage, l.size-at)], at)
	l.base, l.buf, l.pos = at, l.buf[:n], 0
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n > 0
}

// octet reads one octet; -1 is the end.
func (l *lexer) octet() int {
	if l.pos == len(l.buf) && !l.fill() {
		return -1
	}
	c := l.buf[l.pos]
	l.pos++
	return int(c)
}

// back gives back the octet that was read last.
func (l *lexer) back(c int) {
	if c < 0 {
		return
	}
	if l.pos > 0 {
		l.pos--
		return
	}
	l.seek(l.base - 1)
}

// next is the next token.
func (l *lexer) next() token {
	c := l.skip()
	off := l.offset() - 1
	t := token{off: off}
	switch {
	case c < 0:
		t.kind, t.off = none, l.offset()
	case c == '/':
		t.kind, t.text = name, l.name()
	case c == '(':
		t.kind, t.text = text, l.literal()
	case c == '[', c == ']':
		t.kind, t.text = bracket(c), []byte{byte(c)}
	case c == '<', c == '>':
		t.kind, t.text = l.angle(c)
	case c == '{', c == '}', c == ')':
		t.kind, t.text = keyword, []byte{byte(c)}
	default:
		l.back(c)
		t.text = l.regular()
		t.kind, t.num = classify(t.text)
	}
	t.end = l.offset()
	return t
}

func bracket(c int) kind {
	if c == '[' {
		return opener
	}
	return closer
}

// skip passes over white space and comments and reads the octet behind them.
func (l *lexer) skip() int {
	for {
		c := l.octet()
		if c == '%' {
			for c >= 0 && c != '\r' && c != '\n' {
				c = l.octet()
			}
		}
		if c < 0 || !isSpace(byte(c)) {
			return c
		}
	}
}

// angle reads what begins with an angle bracket: a dictionary's ends or a hexadecimal string.
func (l *lexer) angle(c int) (kind, []byte) {
	d := l.octet()
	switch {
	case c == '<' && d == '<':
		return opener, []byte("<<")
	case c == '>' && d == '>':
		return closer, []byte(">>")
	case c == '<':
		l.back(d)
		return text, l.hex()
	}
	l.back(d)
	return keyword, []byte{'>'}
}

// name reads a name behind its solidus (section 7.3.5).
func (l *lexer) name() []byte {
	l.word = l.word[:0]
	for {
		c := l.octet()
		if c < 0 || !isRegular(byte(c)) {
			l.back(c)
			return l.word
		}
		if c == '#' {
			c = l.escaped()
		}
		l.keep(byte(c), maxNameOctets)
	}
}

// escaped reads the two digits behind a number sign. A number sign without them stands for itself.
func (l *lexer) escaped() int {
	at := l.offset()
	hi, lo := unhex(l.octet()), unhex(l.octet())
	if hi < 0 || lo < 0 {
		l.seek(at)
		return '#'
	}
	return hi<<4 | lo
}

// keep adds an octet to the word if there is room.
func (l *lexer) keep(c byte, most int) {
	if len(l.word) < most {
		l.word = append(l.word, c)
	}
}

// regular reads regular characters.
func (l *lexer) regular() []byte {
	l.word = l.word[:0]
	for {
		c := l.octet()
		if c < 0 || !isRegular(byte(c)) {
			l.back(c)
			return l.word
		}
		l.keep(byte(c), maxNameOctets)
	}
}

// classify tells what a word is.
func classify(w []byte) (kind, float64) {
	switch string(w) {
	case "true":
		return number, 1
	case "false":
		return number, 0
	case "null":
		return null, 0
	}
	if c := w[0]; c > '9' || len(w) > 32 {
		return keyword, 0
	}
	f, err := strconv.ParseFloat(string(w), 64)
	if err != nil || f != f {
		return keyword, 0
	}
	return number, f
}

// isSpace is white space of section 7.2.2.
func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

// isRegular tells if c is neither white space nor a delimiter.
func isRegular(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return false
	}
	return !isSpace(c)
}
