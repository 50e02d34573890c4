// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strconv"
)

// colour reads a colour; noColour if it is none that is known.
func colour(v []byte) uint32 {
	v = trim(v)
	if n := bytes.IndexAny(v, " \t!"); n > 0 && !starts(v, "rgb") {
		v = v[:n]
	}
	if len(v) == 0 || len(v) > 32 {
		return noColour
	}
	if v[0] == '#' {
		return hexColour(v[1:])
	}
	if starts(v, "rgb") {
		return rgbColour(v)
	}
	var buf [maxName]byte
	switch string(fold(buf[:0], v)) {
	case "white":
		return 0xffffff
	case "black":
		return 0
	case "red":
		return 0xff0000
	case "green":
		return 0x008000
	case "blue":
		return 0x0000ff
	case "yellow":
		return 0xffff00
	case "gray", "grey":
		return 0x808080
	case "silver":
		return 0xc0c0c0
	}
	return noColour
}

// hexColour reads RGB or RRGGBB, and those with an alpha channel, which is left out.
func hexColour(v []byte) uint32 {
	n, err := strconv.ParseUint(string(v), 16, 32)
	if err != nil {
		return noColour
	}
	c := uint32(n)
	switch len(v) {
	case 4:
		c >>= 4
		fallthrough
	case 3:
		return c>>8*0x110000 | c>>4&0xf*0x1100 | c&0xf*0x11
	case 8:
		return c >> 8
	case 6:
		return c
	}
	return noColour
}

// rgbColour reads rgb(1, 2, 3) and rgba.
func rgbColour(v []byte) uint32 {
	c, n := uint32(0), 0
	for i := 0; i < len(v) && n < 3; i++ {
		if !isDigit(v[i]) {
			continue
		}
		one := uint32(0)
		for ; i < len(v) && isDigit(v[i]); i++ {
			one = min(one*10+uint32(v[i]-'0'), 255)
		}
		c = c<<8 | one
		n++
	}
	if n < 3 {
		return noColour
	}
	return c
}

// dark tells if a colour is one of the dark squares of a QR code rather than of the light ones.
func dark(c uint32) bool {
	return 299*(c>>16&0xff)+587*(c>>8&0xff)+114*(c&0xff) < 128_000
}
