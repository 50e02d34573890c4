// SPDX-License-Identifier: Apache-2.0

package rar3

import (
	"bytes"
	"testing"
)

// TestLong: what is packed well is unpacked, over more than one window, and as the library does it: that takes a filter over the end of a window for
// other octets than were packed.
func TestLong(t *testing.T) {
	for seed := range uint64(6) {
		long := Window / 8
		if seed < 2 {
			long = Window + Window/4
		}
		p := pack(seed, long, seed%2 == 1)
		size := len(p.plain)
		got, err := own(p.b, size)
		if len(got) != size || err != nil {
			t.Fatalf("seed %d: got %d octets of %d: %v", seed, len(got), size, err)
		}
		if same := common(got, p.plain); same < size {
			t.Errorf("seed %d: right up to %d of %d", seed, same, size)
		}
		least := size
		if len(p.filters) > 0 {
			least = min(size, Window-maxData)
		}
		if same := common(got, library(t, p.b, size)); same < least {
			t.Errorf("seed %d, %d filters: the library gives the same up to %d of %d", seed, len(p.filters), same, least)
		}
	}
}

// common is how many octets are the same.
func common(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// TestParity: RAR knows its own programs by a parity, too, and takes none that has not got it.
func TestParity(t *testing.T) {
	own := ownPrograms[3]
	code := forged(own.n, own.sum)
	read := func(code []byte) kind {
		w := &writer{}
		w.number(len(code))
		for _, c := range code {
			w.put(int(c), 8)
		}
		k, err := program(&bits{in: bytes.NewReader(append(w.b, 0, 0))})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	if k := read(code); k != delta {
		t.Errorf("got %d", k)
	}
	for forging := uint16(1); parity(code) == 0; forging++ {
		code = forgedFrom(forging, own.n, own.sum)
	}
	if k := read(code); k != noProgram {
		t.Errorf("without its parity: got %d", k)
	}
}
