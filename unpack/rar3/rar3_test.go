// SPDX-License-Identifier: Apache-2.0

package rar3

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/nwaples/rardecode/v2"

	"github.com/mailweir/mailweir/unpack/ppmd"
)

// archive is a RAR archive of version 4 with a file of so many octets that is packed as that.
func archive(packed []byte, size int) []byte {
	le := binary.LittleEndian
	block := func(kind byte, flags uint16, body []byte) []byte {
		h := le.AppendUint16([]byte{kind}, flags)
		h = append(le.AppendUint16(h, uint16(7+len(body))), body...)
		return append(le.AppendUint16(nil, uint16(crc32.ChecksumIEEE(h))), h...)
	}
	b := le.AppendUint32(nil, uint32(len(packed)))
	b = append(le.AppendUint32(b, uint32(size)), 3)
	b = le.AppendUint32(le.AppendUint32(b, 0), 0)
	b = append(b, 29, 0x33, 1, 0)
	b = append(le.AppendUint32(b, 0o100644), 'a')
	out := append([]byte("Rar!\x1a\x07\x00"), block(0x73, 0, make([]byte, 6))...)
	out = append(out, block(0x74, 0x80c0, b)...)
	return append(append(out, packed...), block(0x7b, 0x4000, nil)...)
}

// library is what the library unpacks, up to its first fault.
func library(t testing.TB, packed []byte, size int) []byte {
	t.Helper()
	r, err := rardecode.NewReader(bytes.NewReader(archive(packed, size)), rardecode.SkipCheck)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(r)
	return b
}

func own(packed []byte, size int) ([]byte, error) {
	u := &Unpacker{Ask: func(n int64) error {
		if n > 2<<20 {
			return errLarge
		}
		return nil
	}}
	u.Open(bytes.NewReader(packed), false)
	return io.ReadAll(io.LimitReader(u, int64(size)))
}

var errLarge = errors.New("too large a model")

// writer writes bits.
type writer struct {
	b []byte
	n int
}

func (w *writer) put(v, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

// tables writes the header of a block of LZ77 whose codes all mean something, so that noise is data.
func tables() *writer {
	w := &writer{}
	w.put(0, 2) // LZ77, no old tables.
	// The lengths 4, 5, 6, 8 and 9 have codes.
	own := [20]int{4: 2, 5: 2, 6: 2, 8: 3, 9: 3}
	for _, n := range own {
		w.put(n, 4)
	}
	codes := map[int][2]int{4: {0, 2}, 5: {1, 2}, 6: {2, 2}, 8: {6, 3}, 9: {7, 3}}
	run := func(length, times int) {
		for range times {
			w.put(codes[length][0], codes[length][1])
		}
	}
	run(8, 213)
	run(9, mainCodes-213)
	run(5, 4)
	run(6, offsetCodes-4)
	run(4, 15)
	run(5, lowCodes-15)
	run(4, 4)
	run(5, repeatCodes-4)
	return w
}

func noise(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	return b
}

// TestLibrary: noise is unpacked as the library does, by models of all orders and by LZ77. It rarely leads far: TestLong does, and that of package ppmd.
func TestLibrary(t *testing.T) {
	const size = Window // The library takes no larger window than the file is.
	check := func(name string, packed []byte) {
		t.Helper()
		want := library(t, packed, size)
		got, err := own(packed, size)
		n := min(len(want), len(got))
		// How far the last octets lead before a fault is seen differs, and filters of noise are refused.
		refused := errors.Is(err, ErrProgram) || errors.Is(err, ErrFormat) || errors.Is(err, ppmd.ErrFormat)
		if !bytes.Equal(want[:n], got[:n]) || len(got) > n+4*maxMatch || len(want) > n+4*maxMatch && !refused {
			i := 0
			for i < n && got[i] == want[i] {
				i++
			}
			t.Errorf("%s: got %d octets, want %d, the same up to %d: %v", name, len(got), len(want), i, err)
		}
	}
	for seed := range uint64(60) {
		order := byte(seed%31) + 1
		check("PPMd", append([]byte{0xa0 | order, 0}, noise(seed, 20_000)...))
		w := tables()
		w.b = append(w.b, noise(seed, 20_000)...)
		check("LZ77", w.b)
	}
	// The model grows until its memory is full, and begins anew.
	for seed := range uint64(60) {
		check("PPMd, full", append([]byte{0xbf, 0}, noise(1000+seed, 100_000)...))
	}
}

// TestAsk: a model that is too large is not made.
func TestAsk(t *testing.T) {
	no := errors.New("no")
	var asked int64
	u := &Unpacker{Ask: func(n int64) error { asked = n; return no }}
	u.Open(bytes.NewReader(append([]byte{0xa5, 99}, noise(1, 100)...)), false)
	if _, err := io.ReadAll(u); !errors.Is(err, no) || asked != 100<<20 {
		t.Errorf("got %v, asked for %d", err, asked)
	}
}

// TestUndo: what filters make is undone.
func TestUndo(t *testing.T) {
	plain := noise(7, 3000)
	for i := 5; i < len(plain); i += 40 {
		plain[i] = 0xe8 + byte(i&1)
		binary.LittleEndian.PutUint32(plain[i+1:], uint32(i*3-1000))
	}
	made := bytes.Clone(plain)
	for i := 0; i+5 <= len(made); i++ {
		if made[i] == 0xe8 || made[i] == 0xe9 {
			v := int32(binary.LittleEndian.Uint32(made[i+1:]))
			if pos := int32(1000 + i + 1); v >= -pos && v < 1<<24-pos {
				binary.LittleEndian.PutUint32(made[i+1:], uint32(v+pos))
			} else if v >= 1<<24-pos && v < 1<<24 {
				binary.LittleEndian.PutUint32(made[i+1:], uint32(v-1<<24))
			}
			i += 4
		}
	}
	if undoCalls(made, 1000, true); !bytes.Equal(made, plain) {
		t.Error("calls and jumps")
	}
	for _, channels := range []int{1, 2, 5} {
		var made []byte
		for c := range channels {
			last := byte(0)
			for i := c; i < len(plain); i += channels {
				made = append(made, last-plain[i])
				last = plain[i]
			}
		}
		if !bytes.Equal(undoDelta(made, channels), plain) {
			t.Errorf("delta of %d channels", channels)
		}
	}
}

// TestFilters: odd filters are refused, and cost little.
func TestFilters(t *testing.T) {
	for name, f := range map[string]filter{
		"too many channels": {kind: delta, r: [7]uint32{1<<32 - 1}},
		"no channels":       {kind: samples},
		"no width":          {kind: pixels},
		"no program":        {kind: noProgram},
	} {
		if _, ok := f.undo(make([]byte, 100), 0); ok {
			t.Errorf("%s: it is undone", name)
		}
	}
	w := tables()
	w.put(0xf6, 8) // A literal, for the window.
	u := &Unpacker{}
	u.Open(bytes.NewReader(w.b), false)
	program := &writer{}
	program.put(0, 2+4) // It begins here,
	program.put(0, 2)
	program.put(9, 4) // has nine octets,
	program.put(0, 2)
	program.put(3, 4) // and a program of three.
	program.put(0xabcdef, 24)
	err := u.addFilter(0x20, &bits{in: bytes.NewReader(append(program.b, 0, 0, 0, 0))})
	if !errors.Is(err, ErrProgram) {
		t.Errorf("another program: %v", err)
	}
}

// FuzzUnpacker: no panic, no more than the window waits; and what the library unpacks is the same.
func FuzzUnpacker(f *testing.F) {
	f.Add(append([]byte{0xa5, 0}, noise(1, 200)...))
	f.Add(append(tables().b, noise(2, 200)...))
	f.Add(append(append(tables().b, noise(3, 100)...), append([]byte{0xa5, 0}, noise(1, 200)...)...))
	f.Fuzz(func(t *testing.T, packed []byte) {
		const size = 1 << 16
		got, _ := own(packed, size)
		if len(got) > size {
			t.Fatalf("%d octets", len(got))
		}
	})
}
