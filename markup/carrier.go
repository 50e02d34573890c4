// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strconv"
)

// octetsOf reads octets as programs write them in text, and tells how they were written.
func octetsOf(b []byte) (raw []byte, how string) {
	b = bytes.TrimLeft(b, "\r\n")
	if len(b) > 1 && (b[0] == '%' || b[0] == '\\') {
		return escapes(b), "escapes"
	}
	if raw := hexadecimal(b); raw != nil {
		return raw, "hexadecimal digits"
	}
	return base64Of(b), "base64"
}

// hexadecimal reads pairs of hexadecimal digits; nil if there is anything else.
func hexadecimal(b []byte) []byte {
	b = b[:len(b)/2*2]
	out := make([]byte, len(b)/2)
	if _, err := hex.Decode(out, b); err != nil {
		return nil
	}
	return out
}

// base64Of reads base64 of either alphabet; nil if it is none.
func base64Of(b []byte) []byte {
	raw := make([]byte, 0, len(b))
	for _, c := range b {
		switch c {
		case '\r', '\n', '=':
		case '-':
			raw = append(raw, '+')
		case '_':
			raw = append(raw, '/')
		default:
			raw = append(raw, c)
		}
	}
	out := make([]byte, len(raw))
	n, err := base64.RawStdEncoding.Decode(out, raw[:len(raw)/4*4])
	if err != nil {
		return nil
	}
	return out[:n]
}

// escapes reads %4d, \x4d and \u004d, one octet each, and %u5a4d, of whose two octets the low one comes first.
func escapes(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		digits, skip, units := 2, 1, b[0] == '%'
		switch {
		case b[0] != '%' && b[0] != '\\' || len(b) < 3:
			out, b = append(out, b[0]), b[1:]
			continue
		case b[1] == 'u':
			digits, skip = 4, 2
		case b[1] == 'x':
			skip = 2
		}
		n, err := strconv.ParseUint(string(b[skip:min(skip+digits, len(b))]), 16, 16)
		if err != nil {
			out, b = append(out, b[0]), b[1:]
			continue
		}
		out = append(out, byte(n))
		if units && digits == 4 || n > 0xff {
			out = append(out, byte(n>>8))
		}
		b = b[min(skip+digits, len(b)):]
	}
	return out
}

// findPieces finds a file in a program that is written in many short strings, or in numbers, one behind the other.
func findPieces(code []byte) string {
	var p pieces
	for i := 0; i < len(code); {
		switch c := code[i]; {
		case c == '"' || c == '\'' || c == '`':
			text, n := literal(code[i:])
			p.text(text)
			i += n
		case isDigit(c):
			n := 1
			for i+n < len(code) && (isDigit(code[i+n]) || isLetter(code[i+n])) {
				n++
			}
			p.number(code[i : i+n])
			i += n
		case isSpace(c) || c == '+' || c == ',':
			i++
		default:
			if what := p.end(); what != "" {
				return what
			}
			i++
		}
	}
	return p.end()
}

// literal is the string that b begins with, and its length with the quotes. What does not end in its line is none, but an apostrophe in a comment.
func literal(b []byte) (text []byte, n int) {
	stop := string(b[:1])
	if b[0] != '`' {
		stop += "\n"
	}
	end := bytes.IndexAny(b[1:], stop)
	switch {
	case end < 0:
		return b[1:], len(b)
	case b[end+1] == '\n':
		return nil, 1
	}
	return b[1 : end+1], end + 2
}

// pieces are strings or numbers that follow one another.
type pieces struct {
	strings []byte // As far as maxDecoded.
	octets  []byte // Of numbers, as far as maxDecoded.
	size    int    // Octets of the program that they take.
}

func (p *pieces) text(b []byte) {
	p.size += len(b)
	p.strings = append(p.strings, b[:min(len(b), maxDecoded-len(p.strings))]...)
}

func (p *pieces) number(b []byte) {
	p.size += len(b) + 1
	if n, err := strconv.ParseUint(string(b[:min(len(b), maxName)]), 0, 8); err == nil && len(p.octets) < maxDecoded {
		p.octets = append(p.octets, byte(n))
	}
}

// end tells what file they are, and begins anew.
func (p *pieces) end() (what string) {
	if p.size >= minCarried {
		if len(p.octets) >= minCarried/4 {
			what = carriedAs(p.octets, "numbers", p.size)
		}
		if what == "" {
			what = carriedIn(p.strings, p.size)
		}
	}
	p.strings, p.octets, p.size = p.strings[:0], p.octets[:0], 0
	return what
}
