// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"math"
	"strconv"
)

// Other values of a colour, none of which is 0xRRGGBB.
const (
	noColour = 1 << 31 // That is not said or not understood.
	pictured = 1 << 30 // A background that is no single colour, or a colour that is not known.
	clear    = 1 << 29 // One that cannot be seen.
	thin     = 1 << 28 // Of a colour through which what is behind it can be seen.
)

// maxStops bounds the colours of a gradient that are compared.
const maxStops = 20

// colour reads a colour; noColour if it is none.
func colour(v []byte) uint32 {
	v = trim(v)
	if n := bytes.IndexAny(v, " \t!("); n > 0 && v[n] != '(' {
		v = v[:n]
	}
	if len(v) == 0 || len(v) > maxValue {
		return noColour
	}
	if v[0] == '#' {
		return hexColour(v[1:])
	}
	if starts(v, "rgb") {
		return rgbColour(v)
	}
	if starts(v, "hsl") {
		return hslColour(v)
	}
	if bytes.IndexByte(v, '(') > 0 {
		return pictured
	}
	var buf [maxName]byte
	if c, ok := colourNames()[string(fold(buf[:0], v))]; ok {
		return c
	}
	return noColour
}

// legacy is the colour in an attribute as CSS writes it: the sign in front of the digits may be missing there (HTML standard, section 2.3.6).
func legacy(v []byte) []byte {
	if v = trim(v); len(v) == 6 && hexColour(v) != noColour {
		return append([]byte{'#'}, v...)
	}
	return v
}

// hexColour reads RGB or RRGGBB, and those with an alpha channel.
func hexColour(v []byte) uint32 {
	n, err := strconv.ParseUint(string(v), 16, 32)
	if err != nil {
		return noColour
	}
	c := uint32(n)
	switch len(v) {
	case 4:
		return layer(c>>12*0x110000|c>>8&0xf*0x1100|c>>4&0xf*0x11, float64(c&0xf)/0xf)
	case 3:
		return c>>8*0x110000 | c>>4&0xf*0x1100 | c&0xf*0x11
	case 8:
		return layer(c>>8, float64(c&0xff)/0xff)
	case 6:
		return c
	}
	return noColour
}

// rgbColour reads rgb(1, 2, 3), rgb(0%, 50%, 100%) and those with an alpha channel.
func rgbColour(v []byte) uint32 {
	part, n := channels(v)
	if n < 3 {
		return noColour
	}
	c := uint32(0)
	for _, p := range part[:3] {
		if p.share {
			p.n *= 2.55
		}
		c = c<<8 | uint32(min(max(p.n, 0), 255))
	}
	return layer(c, part[3].n)
}

// hslColour reads hsl(120, 50%, 50%) and those with an alpha channel (CSS Color section 4.2.4).
func hslColour(v []byte) uint32 {
	part, n := channels(v)
	if n < 3 {
		return noColour
	}
	light := min(max(part[2].n/100, 0), 1)
	reach := min(max(part[1].n/100, 0), 1) * min(light, 1-light)
	c := uint32(0)
	for _, at := range [...]float64{0, 8, 4} {
		k := math.Mod(at+part[0].n/30, 12)
		c = c<<8 | uint32(255*(light-reach*max(-1, min(k-3, 9-k, 1))))
	}
	return layer(c, part[3].n)
}

// channel is a number, or with share a percentage.
type channel struct {
	n     float64
	share bool
}

// drawn is the colour of a background image: pictured, unless it is a gradient between colours that look the same.
func drawn(v []byte) uint32 {
	name := []byte("gradient(")
	_, rest, ok := bytes.Cut(v, name)
	if !ok || bytes.Count(v, []byte("(")) > maxStops || hasAny(v, "url(") || bytes.Contains(rest, name) {
		return pictured
	}
	all := uint32(noColour)
	for len(rest) > 0 {
		one := rest
		switch end := outside(rest, ",)"); {
		case end < 0:
			rest = nil
		case rest[end] == ')':
			one, rest = rest[:end], nil
		default:
			one, rest = rest[:end], rest[end+1:]
		}
		if end := bytes.IndexByte(one, ')'); end >= 0 {
			one = one[:end+1] // What stands behind it says where.
		}
		switch c := colour(one); {
		case c == noColour: // A direction.
		case c > 0xffffff, all != noColour && !alike(c, all):
			return pictured
		case all == noColour:
			all = c
		}
	}
	if all == noColour {
		return pictured
	}
	return all
}

// layer is a colour with an alpha channel from 0 to 1.
func layer(c uint32, alpha float64) uint32 {
	switch {
	case alpha < faint:
		return clear
	case alpha < .9:
		return c | thin
	}
	return c
}

// channels reads the numbers in parentheses. The fourth is 1 if it is not there.
func channels(v []byte) (part [4]channel, n int) {
	part[3].n = 1
	v = v[bytes.IndexByte(v, '(')+1:]
	for one := range bytes.FieldsFuncSeq(v, func(r rune) bool { return r == ' ' || r == ',' || r == ')' || r == '/' }) {
		x := number(one)
		if string(one) == "none" {
			x = 0
		}
		if n == len(part) || x == nothing {
			return part, n
		}
		part[n] = channel{x, one[len(one)-1] == '%'}
		if n == 3 && part[n].share {
			part[n].n /= 100
		}
		n++
	}
	return part, n
}

// alike tells if what is written in one colour on another cannot be read.
func alike(ink, paper uint32) bool {
	if ink == clear {
		return true
	}
	if ink > 0xffffff || paper > 0xffffff {
		return false
	}
	const nearly = 24
	for shift := 0; shift < 24; shift += 8 {
		a, b := int(ink>>shift&0xff), int(paper>>shift&0xff)
		if a-b > nearly || b-a > nearly {
			return false
		}
	}
	return true
}

// dark tells if a colour is one of the dark squares of a QR code rather than of the light ones.
func dark(c uint32) bool {
	return 299*(c>>16&0xff)+587*(c>>8&0xff)+114*(c&0xff) < 128_000
}
