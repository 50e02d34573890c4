// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"encoding/base64"
)

// base64Decoder decodes base64 (RFC 2045 section 6.8): characters that are not of its alphabet are passed over, and after padding it goes
// on as if there had been none, so that nothing behind it is hidden. Its views are the ways of other decoders.
type base64Decoder struct {
	view    string
	bits    uint32 // Of the quantum being read.
	n       int    // Characters of it.
	padded  bool   // Padding was seen.
	cut     bool   // A line ended inside a quantum.
	passing bool   // The rest of the line, or of all, is passed over.

	oddPadding, oddLines, foreign, url bool // What other decoders stumble over: data behind padding or behind a cut line, characters.
}

// Views of base64 that is not regular.
const (
	base64Cut      = "base64, lines end at a foreign character"
	base64Lines    = "base64, each line on its own"
	base64Unpadded = "base64, padding passed over"
	base64First    = "base64, up to the first padding"
	base64URL      = "base64, in the alphabet of URLs"
)

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
		if m, ok := d.bulk(dst[n:], clean); ok {
			n += m
			continue
		}
		n += d.slow(dst[n:], clean)
		if line[len(line)-1] == '\n' {
			d.endLine()
		}
	}
	return n
}

// bulk decodes a clean line at once.
func (d *base64Decoder) bulk(dst, line []byte) (n int, ok bool) {
	if d.n > 0 || len(line)%4 != 0 || d.view == base64Unpadded || d.view == base64First || d.passing {
		return 0, false
	}
	n, err := base64.StdEncoding.Decode(dst, line)
	if err != nil {
		return 0, false
	}
	if len(line) > 0 {
		d.oddPadding = d.oddPadding || d.padded
		d.padded = d.padded || line[len(line)-1] == '='
	}
	return n, true
}

// slow decodes character by character.
func (d *base64Decoder) slow(dst, src []byte) int {
	n := 0
	for _, c := range src {
		v := base64Value(c)
		if v > 63 && d.view == base64URL {
			v = urlValue(c)
		}
		switch {
		case d.passing:
			return n
		case c == '=':
			n += d.padding(dst[n:])
			continue
		case v > 63:
			d.foreign = d.foreign || c != ' ' && c != '\t' && c != '\r'
			d.url = d.url || urlValue(c) < 64
			d.passing = d.view == base64Cut
			continue
		}
		d.oddPadding = d.oddPadding || d.padded
		d.oddLines = d.oddLines || d.cut
		d.bits = d.bits<<6 | uint32(v)
		if d.n++; d.n == 4 {
			dst[n], dst[n+1], dst[n+2] = byte(d.bits>>16), byte(d.bits>>8), byte(d.bits)
			n += 3
			d.n, d.bits = 0, 0
		}
	}
	return n
}

func (d *base64Decoder) padding(dst []byte) int {
	if d.view == base64Unpadded {
		return 0
	}
	d.padded = true
	d.passing = d.view == base64First
	return d.flush(dst)
}

func (d *base64Decoder) endLine() {
	d.cut = d.cut || d.n > 0
	switch d.view {
	case base64Cut:
		d.passing = false
	case base64Lines:
		d.n, d.bits = 0, 0
	}
}

func (d *base64Decoder) others() []string {
	var views []string
	if d.view != "base64" {
		return nil
	}
	if d.oddPadding {
		views = append(views, base64Unpadded, base64First)
	}
	if d.foreign {
		views = append(views, base64Cut, "binary") // Who cannot decode it may show it as it is.
	}
	if d.url {
		views = append(views, base64URL)
	}
	if d.oddLines {
		views = append(views, base64Lines)
	}
	return views
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

// urlValue is the value of a character that only the alphabet of URLs has (RFC 4648 section 5), 64 if it is none.
func urlValue(c byte) byte {
	switch c {
	case '-':
		return 62
	case '_':
		return 63
	}
	return 64
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
