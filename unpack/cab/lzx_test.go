// SPDX-License-Identifier: Apache-2.0

package cab

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

// bitWriter writes words of 16 bits, most significant bit first.
type bitWriter struct {
	out  []byte
	acc  uint32
	have uint
}

func (w *bitWriter) put(v uint32, n uint) {
	for ; n > 0; n-- {
		w.acc = w.acc<<1 | v>>(n-1)&1
		if w.have++; w.have == 16 {
			w.out = binary.LittleEndian.AppendUint16(w.out, uint16(w.acc))
			w.acc, w.have = 0, 0
		}
	}
}

func (w *bitWriter) align() {
	if w.have > 0 {
		w.put(0, 16-w.have)
	}
}

// lzxTree writes a tree in which the n symbols have codes of length octets, whose lengths were before.
func (w *bitWriter) lzxTree(n int, length, before byte) {
	// A pretree with one code for the difference.
	delta := (int(before) - int(length) + 17) % 17
	for i := range lzxPre {
		if i == delta || i == (delta+1)%17 {
			w.put(1, 4)
		} else {
			w.put(0, 4)
		}
	}
	for range n {
		if delta < (delta+1)%17 {
			w.put(0, 1)
		} else {
			w.put(1, 1)
		}
	}
}

// lzxBlocks packs text: a frame of a verbatim block with literals and matches of what is six octets before, or of uncompressed octets, by
// turns. The window has 15 bits, so there are 496 symbols, of nine bits each.
func lzxBlocks(text string) (all []packed) {
	w := &bitWriter{}
	w.put(0, 1)
	before, lengthsBefore := byte(0), byte(0)
	for i, f := range frames(text) {
		if i%2 == 1 {
			w.put(lzxUncompressed, 3)
			w.put(uint32(len(f)), 24)
			if w.have == 0 {
				w.put(0, 16)
			}
			w.align()
			for range 3 {
				w.out = binary.LittleEndian.AppendUint32(w.out, 1)
			}
			w.out = append(w.out, f...)
			if len(f)%2 == 1 {
				w.out = append(w.out, 0)
			}
		} else {
			w.put(lzxVerbatim, 3)
			w.put(uint32(len(f)), 24)
			w.lzxTree(256, 9, before)
			w.lzxTree(240, 9, before)
			w.lzxTree(lzxLengths, 8, lengthsBefore)
			before, lengthsBefore = 9, 8
			w.lzxSymbols(f)
		}
		w.align()
		all = append(all, packed{string(w.out), len(f)})
		w.out = nil
	}
	return all
}

func (w *bitWriter) lzxSymbols(f string) {
	const distance, length = 6, 10
	for i := 0; i < len(f); {
		if i >= distance && i+length <= len(f) && f[i-distance:i-distance+length] == f[i:i+length] {
			// Slot 6 has the distances from 6 on, in two bits; seven and more are told by the tree of lengths.
			w.put(256+6<<3|7, 9)
			w.put(length-lzxMinMatch-7, 8)
			w.put(0, 2)
			i += length
			continue
		}
		w.put(uint32(f[i]), 9)
		i++
	}
}

// Calls are made relative again: the operand is absolute in what was packed.
func TestLZXTranslation(t *testing.T) {
	w := &bitWriter{}
	w.put(1, 1)
	w.put(0, 16)
	w.put(1000, 16) // Size of the program.
	text := "0123\xe8\x24\x00\x00\x00 and so on, to the end of it"
	w.put(lzxUncompressed, 3)
	w.put(uint32(len(text)), 24)
	w.align()
	for range 3 {
		w.out = binary.LittleEndian.AppendUint32(w.out, 1)
	}
	w.out = append(w.out, text...)
	data := cabinet(0x0f03, 0, []packed{{string(w.out), len(text)}}, "a", text)
	c, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.Next()
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Open(f)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	want := "0123\xe8\x20\x00\x00\x00 and so on, to the end of it"
	if err != nil || string(got) != want {
		t.Errorf("got %q and %v, want %q", got, err, want)
	}
}

func TestLZXDamaged(t *testing.T) {
	const text = "some text, some text, some text, some text"
	good := lzxBlocks(text)
	for at := range len(good[0].data) {
		for name, bad := range map[string]string{
			"cut":     good[0].data[:at],
			"changed": good[0].data[:at] + string(good[0].data[at]^0x55) + good[0].data[at+1:],
		} {
			data := cabinet(0x0f03, 0, []packed{{bad, len(text)}}, "a", text)
			_, err := read(t, data)
			if err != nil && !errors.Is(err, ErrFormat) {
				t.Errorf("%s at %d: got %v, want damage", name, at, err)
			}
		}
	}
}
