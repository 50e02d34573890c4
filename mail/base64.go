// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"encoding/base64"
)

// base64Decoder decodes base64 (RFC 2045 section 6.8): characters that are not of its alphabet are passed over, and after padding it goes
// on as if there had been none, so that nothing behind it is hidden.
type base64Decoder struct {
	bits uint32 // Of the quantum being read.
	n    int    // Characters of it.
}

var _ decoder = (*base64Decoder)(nil)

func (d *base64Decoder) decode(dst, src []byte) int {
	n := 0
	for len(src) > 0 {
		line := src
		if i := bytes.IndexByte(src, '\n'); i >= 0 {
			line = src[:i+1]
		}
		src = src[len(line):]
		clean := bytes.TrimRight(line, "\r\n")
		if d.n == 0 && len(clean)%4 == 0 {
			// Clean lines go in bulk.
			if m, err := base64.StdEncoding.Decode(dst[n:], clean); err == nil {
				n += m
				continue
			}
		}
		n += d.slow(dst[n:], clean)
	}
	return n
}

// slow decodes character by character.
func (d *base64Decoder) slow(dst, src []byte) int {
	n := 0
	for _, c := range src {
		v := base64Value(c)
		if v > 63 {
			if c == '=' {
				n += d.flush(dst[n:])
			}
			continue
		}
		d.bits = d.bits<<6 | uint32(v)
		if d.n++; d.n == 4 {
			dst[n], dst[n+1], dst[n+2] = byte(d.bits>>16), byte(d.bits>>8), byte(d.bits)
			n += 3
			d.n, d.bits = 0, 0
		}
	}
	return n
}

// flush ends the quantum being read: of two characters comes one octet, of three come two.
func (d *base64Decoder) flush(dst []byte) int {
	n := 0
	switch d.n {
	case 2:
		dst[0] = byte(d.bits >> 4)
		n = 1
	case 3:
		dst[0], dst[1] = byte(d.bits>>10), byte(d.bits>>2)
		n = 2
	}
	d.n, d.bits = 0, 0
	return n
}

// base64Value is the value of a character of the alphabet, 64 or more if it is none.
func base64Value(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c - 'A'
	case c >= 'a' && c <= 'z':
		return c - 'a' + 26
	case c >= '0' && c <= '9':
		return c - '0' + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return 64
}
