// SPDX-License-Identifier: Apache-2.0

package tar

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// header is one, as POSIX.1-1988 and its extensions have it.
type header [BlockLen]byte

// valid tells if the checksum is right, as a sum of unsigned octets or, as some old programs have it, signed ones.
func (h *header) valid() bool {
	want, ok := h.number(148, 8)
	if !ok || want == 0 {
		return false
	}
	var sum, signed int64
	for i, b := range h {
		if i >= 148 && i < 156 {
			b = ' '
		}
		sum += int64(b)
		signed += int64(int8(b))
	}
	return want == sum || want == signed
}

func (h *header) text(off, n int) string {
	b, _, _ := bytes.Cut(h[off:off+n], []byte{0})
	return string(b)
}

// name is the one in the header, with the prefix that ustar has.
func (h *header) name() string {
	name := h.text(0, 100)
	if string(h[257:263]) != "ustar\x00" {
		return name
	}
	if prefix := h.text(345, 155); prefix != "" {
		return prefix + "/" + name
	}
	return name
}

// number reads octal digits or, if the first bit is set, octets.
func (h *header) number(off, n int) (int64, bool) {
	b := h[off : off+n]
	if b[0]&0x80 != 0 {
		return base256(b)
	}
	text := strings.Trim(string(b), " \x00")
	if text == "" {
		return 0, true
	}
	if i := strings.IndexAny(text, " \x00"); i >= 0 {
		text = text[:i] // What is behind the end of a number is not of it.
	}
	v, err := strconv.ParseInt(text, 8, 64)
	return v, err == nil
}

// base256 is a number in octets, most significant first, in two's complement.
func base256(b []byte) (int64, bool) {
	v := int64(b[0] & 0x7f)
	if b[0]&0x40 != 0 {
		v -= 0x80
	}
	for _, c := range b[1:] {
		if v > math.MaxInt64>>8 || v < math.MinInt64>>8 {
			return 0, false
		}
		v = v<<8 | int64(c)
	}
	return v, true
}

// maxSize is more than any file; offsets behind it do not overflow.
const maxSize = math.MaxInt64 / 4

// size is that of the data behind the header; 0 with an error if it makes no sense.
func (h *header) size() (int64, error) {
	v, ok := h.number(124, 12)
	if !ok || v < 0 || v > maxSize {
		return 0, fmt.Errorf("%w: the size of %s makes no sense", ErrFormat, h.name())
	}
	return v, nil
}

// blocks is size, filled up to blocks.
func blocks(size int64) int64 { return (size + BlockLen - 1) &^ (BlockLen - 1) }

// lenient reads a number as the most lenient programs do: blanks and a sign may stand before it, anything behind it.
func lenient(s string) (int64, bool) {
	s = strings.TrimPrefix(strings.TrimLeft(s, " \t"), "+")
	return decimal(s[:len(s)-len(strings.TrimLeft(s, "0123456789"))])
}

// decimal reads a number that is not negative.
func decimal(s string) (int64, bool) {
	v, err := strconv.ParseUint(s, 10, 62)
	return int64(v), err == nil && v <= maxSize
}
