// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"html"
	"unicode/utf8"
)

// maxReference bounds the octets of the name of a character reference; the longest that there is has 32.
const maxReference = 40

// unescape appends raw to dst with its character references replaced (HTML standard, section 13.2.5.72). In an attribute a reference
// by name that has no semicolon is none if a letter, a digit or an equals sign follows.
func unescape(dst, raw []byte, attribute bool) []byte {
	for {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		var n int
		dst, n = reference(dst, raw[i:], attribute)
		raw = raw[i+n:]
	}
}

// reference appends what the character reference at the start of raw, an ampersand, stands for, and tells its length. An ampersand that
// begins none stands for itself.
func reference(dst, raw []byte, attribute bool) ([]byte, int) {
	if len(raw) > 2 && raw[1] == '#' {
		if r, n := numeric(raw[2:]); n > 0 {
			return utf8.AppendRune(dst, r), n + 2
		}
		return append(dst, '&'), 1
	}
	n := 1
	for n < len(raw) && n < maxReference && (isLetter(raw[n]) || isDigit(raw[n])) {
		n++
	}
	if n == 1 {
		return append(dst, '&'), 1
	}
	if n < len(raw) && raw[n] == ';' {
		n++
	} else if attribute && n < len(raw) && raw[n] == '=' {
		return append(dst, raw[:n]...), n
	}
	name := string(raw[:n])
	text := html.UnescapeString(name)
	if attribute && !wholeName(name, text) {
		return append(dst, name...), n
	}
	return append(dst, text...), n
}

// wholeName tells if the text is what all of the name stands for, not only its first letters.
func wholeName(name, text string) bool {
	if name[len(name)-1] == ';' {
		return text[len(text)-1] != ';' || name == "&semi;"
	}
	return utf8.RuneCountInString(text) == 1 // As all do that need no semicolon.
}

// numeric reads a number behind "&#" and tells its length with the semicolon, 0 if there is none.
func numeric(b []byte) (rune, int) {
	base, i := rune(10), 0
	if b[0] == 'x' || b[0] == 'X' {
		base, i = 16, 1
	}
	first, r := i, rune(0)
	for ; i < len(b); i++ {
		v := digit(b[i])
		if v >= base {
			break
		}
		if r <= utf8.MaxRune {
			r = r*base + v
		}
	}
	if i == first {
		return 0, 0
	}
	if i < len(b) && b[i] == ';' {
		i++
	}
	switch {
	case 0x80 <= r && r < 0xa0:
		// These are meant in windows-1252, as package html knows.
		s := html.UnescapeString(string(append([]byte("&#"), b[:i]...)))
		r, _ = utf8.DecodeRuneInString(s)
	case r == 0, r > utf8.MaxRune, 0xd800 <= r && r < 0xe000:
		r = utf8.RuneError
	}
	return r, i
}

// digit is the value of a hexadecimal digit; more than any if it is none.
func digit(c byte) rune {
	switch {
	case isDigit(c):
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return 255
}
