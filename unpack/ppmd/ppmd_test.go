// SPDX-License-Identifier: Apache-2.0

package ppmd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nwaples/rardecode/v2"
)

const escape = 2 // The octet that RAR begins its own codes with.

// sample makes data as a packer does, whose symbols are those that the model gives at random places of its range. It gives the data, what they
// unpack to, and how often the memory was full.
func sample(t *testing.T, order int, seed uint64, n int) (data, plain []byte, restarts int) {
	t.Helper()
	const piece = 16
	r := rand.New(rand.NewPCG(seed, 1))
	m := &Model{}
	// What leaves the range at its top is what a packer writes.
	next := func() byte {
		data = append(data, byte(m.code.low>>24))
		return 0
	}
	if err := m.Start(order, 1<<20, next); err != nil {
		t.Fatal(err)
	}
	data = nil // Nothing was packed yet.
	saved, heap, wrote, read := *m, bytes.Clone(m.b), 0, 0
	for len(plain) < n {
		if len(plain) >= read+piece {
			saved, wrote, read = *m, len(data), len(plain)
			copy(heap, m.b)
		}
		x := r.Float64()
		if r.IntN(3) == 0 {
			x = 0.9 + x/11 // An escape, often.
		}
		m.code.code = m.code.low + uint32(x*float64(m.code.wide))
		text := m.text
		c, err := m.ReadByte()
		if err != nil || c == escape {
			b := append(m.b[:0], heap...)
			*m, data, plain = saved, data[:wrote], plain[:read]
			m.b = b
			continue
		}
		if m.text < text-1 {
			restarts++
		}
		plain = append(plain, c)
	}
	for range 4 {
		next()
		m.code.low <<= 8
	}
	return data, plain, restarts
}

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
	return slices.Concat([]byte("Rar!\x1a\x07\x00"), block(0x73, 0, make([]byte, 6)), block(0x74, 0x80c0, b), packed, block(0x7b, 0x4000, nil))
}

// TestLibrary: data are unpacked as the library does, however often the memory is full.
func TestLibrary(t *testing.T) {
	for seed, order := range []int{2, 3, 6, 13, 16, 64} {
		data, plain, restarts := sample(t, order, uint64(seed), 150_000)
		if restarts == 0 {
			t.Errorf("order %d: the memory was never full", order)
		}
		coded := byte(order - 1)
		if order > 16 {
			coded = byte((order-16)/3 + 15)
		}
		packed := slices.Concat([]byte{0xa0 | coded, 0}, data, make([]byte, 8))
		r, err := rardecode.NewReader(bytes.NewReader(archive(packed, len(plain))), rardecode.SkipCheck)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		want, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(plain, want) {
			t.Errorf("order %d: got %d octets, the library %d, %v; full %d times", order, len(plain), len(want), err, restarts)
		}
	}
}

func TestStart(t *testing.T) {
	var m Model
	zero := func() byte { return 0 }
	if err := m.Resume(zero); !errors.Is(err, ErrFormat) {
		t.Errorf("resume nothing: %v", err)
	}
	for _, order := range []int{0, 1, MaxOrder + 1} {
		if err := m.Start(order, 1<<20, zero); !errors.Is(err, ErrFormat) {
			t.Errorf("order %d: %v", order, err)
		}
	}
}

// FuzzModel: noise never leads out of the heap, or into a loop.
func FuzzModel(f *testing.F) {
	f.Add(byte(5), []byte("some noise"))
	f.Add(byte(63), bytes.Repeat([]byte{0xff, 0x00, 0x7f}, 300))
	f.Fuzz(func(t *testing.T, order byte, data []byte) {
		at := 0
		var m Model
		err := m.Start(int(order), 1<<20, func() byte {
			if at == len(data) {
				return 0
			}
			at++
			return data[at-1]
		})
		for n := 0; err == nil && at < len(data) && n < 1<<16; n++ {
			_, err = m.ReadByte()
		}
	})
}

// BenchmarkStart: data may begin a model every few octets.
func BenchmarkStart(b *testing.B) {
	m, zero := &Model{}, func() byte { return 0 }
	for b.Loop() {
		if err := m.Start(4, 1<<20, zero); err != nil {
			b.Fatal(err)
		}
	}
}
