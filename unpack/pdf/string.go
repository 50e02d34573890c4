// SPDX-License-Identifier: Apache-2.0

package pdf

// literal reads a string behind its parenthesis (section 7.3.4.2).
func (l *lexer) literal() []byte {
	l.word = l.word[:0]
	for depth := 1; ; {
		c := l.octet()
		switch c {
		case -1:
			return l.word
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return l.word
			}
		case '\\':
			if c = l.backslash(); c < 0 {
				continue
			}
		}
		l.keep(byte(c), maxStringOctets)
	}
}

// backslash reads what follows one in a string; -1 stands for nothing.
func (l *lexer) backslash() int {
	c := l.octet()
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case '\n', -1:
		return -1
	case '\r':
		if d := l.octet(); d != '\n' {
			l.back(d)
		}
		return -1
	}
	if c < '0' || c > '7' {
		return c
	}
	n := c - '0'
	for range 2 {
		d := l.octet()
		if d < '0' || d > '7' {
			l.back(d)
			break
		}
		n = n<<3 | (d - '0')
	}
	return n & 0xff
}

// hex reads a string behind its angle bracket (section 7.3.4.3). What is no digit is passed over, an odd last digit counts as if a 0
// followed.
func (l *lexer) hex() []byte {
	l.word = l.word[:0]
	half := -1
	for {
		c := l.octet()
		d := unhex(c)
		switch {
		case c < 0 || c == '>':
			if half >= 0 {
				l.keep(byte(half<<4), maxStringOctets)
			}
			return l.word
		case d < 0:
		case half < 0:
			half = d
		default:
			l.keep(byte(half<<4|d), maxStringOctets)
			half = -1
		}
	}
}

// unhex is the value of a hexadecimal digit; -1 means that c is none.
func unhex(c int) int {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return -1
}
