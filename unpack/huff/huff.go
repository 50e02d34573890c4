// SPDX-License-Identifier: Apache-2.0

// Package huff decodes canonical Huffman codes of up to 16 bits, most significant bit first. The readers of cabinets and of lzh archives
// use it.
package huff

import "errors"

// ErrTree tells of code lengths that are no code: more codes than there are.
var ErrTree = errors.New("huffman tree makes no sense")

// MaxBits is the length of the longest code.
const MaxBits = 16

// fastBits is how many bits are looked up at once.
const fastBits = 9

// Table is a code. The zero value has no symbols.
type Table struct {
	count   [MaxBits + 1]int
	symbols []uint16
	fast    [1 << fastBits]uint16 // Symbol and one, in the high bits, for codes of no more than fastBits; then lens has the length.
	lens    [1 << fastBits]byte
}

// Make makes the code that has these code lengths; 0 is for a symbol that has no code. A code that does not use all bits is one.
func (t *Table) Make(lengths []byte) error {
	*t = Table{symbols: t.symbols[:0]}
	for _, n := range lengths {
		if n > MaxBits {
			return ErrTree
		}
		t.count[n]++
	}
	t.count[0] = 0
	left := 1
	var offsets [MaxBits + 2]int
	for n := 1; n <= MaxBits; n++ {
		left = left<<1 - t.count[n]
		if left < 0 {
			return ErrTree
		}
		offsets[n+1] = offsets[n] + t.count[n]
	}
	total := offsets[MaxBits+1]
	if cap(t.symbols) < total {
		t.symbols = make([]uint16, total)
	}
	t.symbols = t.symbols[:total]
	for sym, n := range lengths {
		if n > 0 {
			t.symbols[offsets[n]] = uint16(sym)
			offsets[n]++
		}
	}
	t.fill()
	return nil
}

// Only makes the code in which no bits stand for one symbol.
func (t *Table) Only(symbol int) {
	*t = Table{symbols: append(t.symbols[:0], uint16(symbol))}
	for i := range t.fast {
		t.fast[i] = 1 // The length stays 0.
	}
}

// fill makes the fast part.
func (t *Table) fill() {
	code, index := 0, 0
	for n := 1; n <= fastBits; n++ {
		for range t.count[n] {
			from := code << (fastBits - n)
			for i := range 1 << (fastBits - n) {
				t.fast[from+i], t.lens[from+i] = uint16(index+1), byte(n)
			}
			code, index = code+1, index+1
		}
		code <<= 1
	}
}

// Lookup gives the symbol that the next 16 bits begin with, and the length of its code. ok is false if there is none.
func (t *Table) Lookup(next uint16) (symbol int, length uint, ok bool) {
	i := next >> (MaxBits - fastBits)
	if index := t.fast[i]; index > 0 {
		return int(t.symbols[index-1]), uint(t.lens[i]), true
	}
	code, first, index := 0, 0, 0
	for n := 1; n <= MaxBits; n++ {
		code |= int(next >> (MaxBits - n) & 1)
		if code-first < t.count[n] {
			return int(t.symbols[index+code-first]), uint(n), true
		}
		index += t.count[n]
		first = (first + t.count[n]) << 1
		code <<= 1
	}
	return 0, 0, false
}
