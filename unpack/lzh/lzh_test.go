// SPDX-License-Identifier: Apache-2.0

package lzh

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// bitString makes octets of zeros and ones.
func bitString(text string) string {
	text = strings.ReplaceAll(text, " ", "")
	var out []byte
	for i := 0; i < len(text); i += 8 {
		var c byte
		for j := range 8 {
			c <<= 1
			if i+j < len(text) && text[i+j] == '1' {
				c |= 1
			}
		}
		out = append(out, c)
	}
	return string(out)
}

func TestReader(t *testing.T) {
	tests := []struct {
		name string
		open func(r io.Reader) *Reader
		data string
		want string
		bad  bool
	}{
		// One block of two codes, all the same literal, told by no bits.
		{"one literal", lh5(2), bitString("0000000000000010 00000 00000 000000000 001000001 0000 0000"), "AA", false},
		// A code of one length: a match of three, one octet before, which is a space.
		{"match before the beginning", lh5(3), bitString("0000000000000001 00000 00000 000000000 100000000 0000 0000"), "   ", false},
		{"match is cut at the size", lh5(2), bitString("0000000000000001 00000 00000 000000000 100000000 0000 0000"), "  ", false},
		{"fastest", fastest(5), bitString("0 01000001 0 01000010 10 1 0 000000001"), "AB" + "ABA", false},
		{"fastest, from before", fastest(3), bitString("10 0 0 000000000"), "   ", false},
		{"block of nothing", lh5(2), "\x00\x00\x00\x00", "", true},
		{"cut", lh5(2000), bitString("0000000000000010 00000 00000 000000000 001000001 0000 0000"), "AA", true},
		{"too many codes", lh5(2), bitString("0000000000000001 00100 001 001 001 001"), "", true},
		{"empty", lh5(0), "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := io.ReadAll(tt.open(strings.NewReader(tt.data)))
			if string(got) != tt.want || errors.Is(err, ErrFormat) != tt.bad || !tt.bad && err != nil {
				t.Errorf("got %q and %v, want %q and damage %v", got, err, tt.want, tt.bad)
			}
		})
	}
}

func lh5(size int64) func(io.Reader) *Reader {
	return func(r io.Reader) *Reader { return NewReader(r, LH5, size) }
}

func fastest(size int64) func(io.Reader) *Reader {
	return func(r io.Reader) *Reader { return NewFastest(r, size) }
}

// FuzzReader: no panic, no more than was asked for, an end.
func FuzzReader(f *testing.F) {
	f.Add([]byte(bitString("0000000000000010 00000 00000 000000000 001000001 0000 0000")), byte(1))
	f.Add([]byte(bitString("0 01000001 0 01000010 10 1 0 000000001")), byte(4))
	f.Fuzz(func(t *testing.T, data []byte, kind byte) {
		const size = 1 << 16
		z := NewReader(strings.NewReader(string(data)), []Method{LH4, LH5, LH6, LH7, ARJ}[kind%5], size)
		z.fast = kind >= 128
		got, err := io.ReadAll(z)
		if len(got) > size || err == nil && len(got) != size {
			t.Fatalf("%d octets and %v", len(got), err)
		}
	})
}
