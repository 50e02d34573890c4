// SPDX-License-Identifier: Apache-2.0

// Package lzh unpacks what LHA calls lh4 to lh7 and ARJ methods 1 to 3: LZ77 with Huffman codes that change from block to block, as in Haruhiko
// Okumura's ar002; and ARJ method 4, which has fixed codes. The readers of both archives use it.
package lzh

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/mailweir/mailweir/unpack/huff"
)

// ErrFormat is wrapped by errors that tell of octets that are not as the format has them; other errors are those of reading.
var ErrFormat = errors.New("lzh data is damaged")

// Method is one of the variants.
type Method struct {
	window   int  // Octets, a power of two.
	slots    int  // Position codes.
	slotBits uint // Of the number of those.
}

// The methods.
var (
	LH4 = Method{1 << 12, 14, 4}
	LH5 = Method{1 << 13, 14, 4}
	LH6 = Method{1 << 15, 16, 5}
	LH7 = Method{1 << 16, 17, 5}
	ARJ = Method{1 << 15, 17, 5} // Methods 1 to 3, whose window is 26624 octets.
)

const (
	literals   = 256
	codes      = 510 // Literals, and lengths from minMatch on.
	codeBits   = 9
	minMatch   = 3
	lengthLens = 19
	lenBits    = 5
)

// Reader unpacks. It is not safe for several goroutines.
type Reader struct {
	in     bitReader
	method Method
	left   int64 // Octets to be made.
	window []byte
	at     int
	run    int // Octets of a match that are to be copied.
	offset int

	block              int // Codes left in the block.
	code, pos, lengths huff.Table
	fast               bool
}

// NewReader unpacks size octets from r.
func NewReader(r io.Reader, m Method, size int64) *Reader {
	z := &Reader{in: bitReader{r: bufio.NewReaderSize(r, 4<<10)}, method: m, left: size, window: make([]byte, m.window)}
	for i := range z.window {
		z.window[i] = ' ' // What is before the beginning.
	}
	return z
}

// NewFastest unpacks size octets of ARJ method 4 from r.
func NewFastest(r io.Reader, size int64) *Reader {
	z := NewReader(r, ARJ, size)
	z.fast = true
	return z
}

// Read gives unpacked octets.
func (z *Reader) Read(p []byte) (n int, err error) {
	for n < len(p) && z.left > 0 {
		if z.run > 0 {
			p[n] = z.put(z.window[(z.at-z.offset)&(len(z.window)-1)])
			z.run--
			n++
			continue
		}
		sym, err := z.next()
		if err == nil {
			err = z.in.err
		}
		if err != nil {
			return n, err
		}
		if sym >= 0 {
			p[n] = z.put(byte(sym))
			n++
		}
	}
	if n == 0 && z.left == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (z *Reader) put(c byte) byte {
	z.window[z.at] = c
	z.at = (z.at + 1) & (len(z.window) - 1)
	z.left--
	return c
}

// next reads a literal, or a match; then it gives -1.
func (z *Reader) next() (int, error) {
	if z.fast {
		return z.nextFast(), nil
	}
	if z.block == 0 {
		if err := z.header(); err != nil {
			return 0, err
		}
	}
	z.block--
	sym, err := z.in.symbol(&z.code)
	if err != nil || sym < literals {
		return sym, err
	}
	z.run = sym - literals + minMatch
	slot, err := z.in.symbol(&z.pos)
	if err != nil {
		return 0, err
	}
	if z.offset = 1; slot > 0 {
		z.offset += 1<<(slot-1) + int(z.in.read(uint(slot-1)))
	}
	return -1, nil
}

// header reads that of a block: how many codes it has, and what they are.
func (z *Reader) header() error {
	z.block = int(z.in.read(16))
	if z.in.err != nil {
		return z.in.err
	}
	if z.block == 0 {
		return fmt.Errorf("%w: a block of nothing", ErrFormat)
	}
	if err := z.tree(&z.lengths, lengthLens, lenBits, 3); err != nil {
		return err
	}
	if err := z.codeTree(); err != nil {
		return err
	}
	return z.tree(&z.pos, z.method.slots, z.method.slotBits, -1)
}

// tree reads code lengths of three bits or more. Behind the one with the number pause, two bits tell how many are zero.
func (z *Reader) tree(t *huff.Table, most int, bits uint, pause int) error {
	n := int(z.in.read(bits))
	if n == 0 {
		t.Only(int(z.in.read(bits)))
		return z.in.err
	}
	var lens [32]byte
	for i := 0; i < n && i < len(lens); {
		length := z.in.read(3)
		if length == 7 {
			for z.in.read(1) == 1 && z.in.err == nil {
				if length++; length > huff.MaxBits {
					return badTree(huff.ErrTree)
				}
			}
		}
		lens[i] = byte(length)
		if i++; i == pause {
			i += int(z.in.read(2))
		}
	}
	if n > most {
		return badTree(huff.ErrTree)
	}
	return badTree(t.Make(lens[:most]))
}

// codeTree reads the code lengths of literals and lengths, by the codes that tell those.
func (z *Reader) codeTree() error {
	n := int(z.in.read(codeBits))
	if n == 0 {
		z.code.Only(int(z.in.read(codeBits)))
		return z.in.err
	}
	var lens [codes]byte
	for i := 0; i < n; {
		sym, err := z.in.symbol(&z.lengths)
		if err != nil {
			return err
		}
		switch sym {
		case 0:
			i++
		case 1:
			i += int(z.in.read(4)) + 3
		case 2:
			i += int(z.in.read(codeBits)) + 20
		default:
			if i >= codes {
				return badTree(huff.ErrTree)
			}
			lens[i] = byte(sym - 2)
			i++
		}
	}
	return badTree(z.code.Make(lens[:]))
}

func badTree(err error) error {
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return err
}

// nextFast is next for ARJ method 4.
func (z *Reader) nextFast() int {
	length := z.number(0, 7)
	if length == 0 {
		return int(z.in.read(8))
	}
	z.run = length - 1 + minMatch
	z.offset = z.number(9, 13) + 1
	return -1
}

// number reads one whose width is told by ones before it, from bits from to at most to.
func (z *Reader) number(from, to uint) int {
	base := 0
	width := from
	for ; width < to && z.in.read(1) == 1; width++ {
		base += 1 << width
	}
	return base + int(z.in.read(width))
}

// bitReader reads bits, most significant first.
type bitReader struct {
	r     *bufio.Reader
	acc   uint32
	have  uint
	empty int // Octets that were wanted behind the end.
	err   error
}

// need has n bits ready, up to 16. A decoder may look ahead behind the end.
func (b *bitReader) need(n uint) {
	for b.have < n {
		c, err := b.r.ReadByte()
		if err != nil {
			if b.empty++; b.empty > 2 && b.err == nil {
				b.err = fmt.Errorf("%w: breaks off: %w", ErrFormat, err)
			}
		}
		b.acc |= uint32(c) << (24 - b.have)
		b.have += 8
	}
}

// read takes n bits, up to 16.
func (b *bitReader) read(n uint) uint32 {
	if n == 0 {
		return 0
	}
	b.need(n)
	v := b.acc >> (32 - n)
	b.acc <<= n
	b.have -= n
	return v
}

func (b *bitReader) symbol(t *huff.Table) (int, error) {
	b.need(huff.MaxBits)
	sym, n, ok := t.Lookup(uint16(b.acc >> 16))
	if !ok {
		return 0, fmt.Errorf("%w: a code that stands for nothing", ErrFormat)
	}
	b.acc <<= n
	b.have -= n
	return sym, b.err
}
