// SPDX-License-Identifier: Apache-2.0

package huff

import (
	"errors"
	"testing"
)

func TestLookup(t *testing.T) {
	var table Table
	if err := table.Make([]byte{2, 0, 1, 3, 12, 13, 13}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		next   uint16
		symbol int
		length uint
	}{
		{0b0_000000000000000, 2, 1},
		{0b10_11111111111111, 0, 2},
		{0b110_0000000000000, 3, 3},
		{0b111000000000_1111, 4, 12},
		{0b1110000000010_000, 5, 13},
		{0b1110000000011_111, 6, 13},
	}
	for _, tt := range tests {
		symbol, length, ok := table.Lookup(tt.next)
		if !ok || symbol != tt.symbol || length != tt.length {
			t.Errorf("%016b: got %d in %d bits, %v; want %d in %d", tt.next, symbol, length, ok, tt.symbol, tt.length)
		}
	}
	if _, _, ok := table.Lookup(0xffff); ok {
		t.Error("a code that is not there has a symbol")
	}
}

func TestOnly(t *testing.T) {
	var table Table
	table.Only(77)
	if symbol, length, ok := table.Lookup(0x1234); !ok || symbol != 77 || length != 0 {
		t.Errorf("got %d in %d bits, %v", symbol, length, ok)
	}
}

func TestMakeTooMany(t *testing.T) {
	var table Table
	for _, lengths := range [][]byte{{1, 1, 1}, {17}, {1, 2, 3, 3, 16}} {
		if err := table.Make(lengths); !errors.Is(err, ErrTree) {
			t.Errorf("%v: got %v, want ErrTree", lengths, err)
		}
	}
	if err := table.Make(nil); err != nil {
		t.Errorf("no symbols: %v", err)
	}
	if _, _, ok := table.Lookup(0); ok {
		t.Error("no symbols, but one is found")
	}
}

// FuzzTable: no panic; each code that is found is the one that the lengths say.
func FuzzTable(f *testing.F) {
	f.Add([]byte{2, 0, 1, 3, 12, 13, 13}, uint16(0xe000))
	f.Fuzz(func(t *testing.T, lengths []byte, next uint16) {
		var table Table
		if len(lengths) > 1<<12 || table.Make(lengths) != nil {
			return
		}
		if symbol, length, ok := table.Lookup(next); ok && (symbol >= len(lengths) || uint(lengths[symbol]) != length) {
			t.Fatalf("symbol %d in %d bits", symbol, length)
		}
	})
}
