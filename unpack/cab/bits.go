// SPDX-License-Identifier: Apache-2.0

package cab

import (
	"fmt"

	"github.com/mailweir/mailweir/unpack/huff"
)

// bits reads the packed octets of a folder: words of 16 bits, most significant bit first.
type bits struct {
	blocks *blocks
	data   []byte
	acc    uint32
	have   uint
	empty  int // Words that were wanted behind the end of the block.
	err    error
}

// begin goes on to the next block and gives the size of its frame. Each frame begins at a word.
func (b *bits) begin() (size int, err error) {
	b.have, b.acc, b.empty = 0, 0, 0
	block, err := b.blocks.read()
	if err != nil {
		return 0, err
	}
	b.data = block.data
	return block.size, nil
}

var errLZXCut = fmt.Errorf("%w: LZX data breaks off", ErrFormat)

// need has n bits ready, up to 16. Two words behind the end are zeros, as a decoder may look ahead.
func (b *bits) need(n uint) {
	for b.have < n {
		var word uint32
		switch {
		case len(b.data) > 1:
			word = uint32(b.data[0]) | uint32(b.data[1])<<8
			b.data = b.data[2:]
		case len(b.data) == 1:
			word = uint32(b.data[0])
			b.data = nil
		default:
			if b.empty++; b.empty > 2 && b.err == nil {
				b.err = errLZXCut
			}
		}
		b.acc |= word << (16 - b.have)
		b.have += 16
	}
}

// read takes n bits, up to 17.
func (b *bits) read(n uint) uint32 {
	if n > 16 {
		high := b.read(n - 16)
		return high<<16 | b.read(16)
	}
	if n == 0 {
		return 0
	}
	b.need(n)
	v := b.acc >> (32 - n)
	b.acc <<= n
	b.have -= n
	return v
}

// align passes over the bits up to the next word, at least one.
func (b *bits) align() {
	b.need(1) // It is called behind a header, where no word is read ahead.
	b.have, b.acc = 0, 0
}

// octet takes one that stands as it is.
func (b *bits) octet() byte {
	if len(b.data) == 0 {
		if b.err == nil {
			b.err = errLZXCut
		}
		return 0
	}
	c := b.data[0]
	b.data = b.data[1:]
	return c
}

// symbol takes one of a tree.
func (b *bits) symbol(t *huff.Table) (int, error) {
	b.need(huff.MaxBits)
	sym, n, ok := t.Lookup(uint16(b.acc >> 16))
	if !ok {
		return 0, fmt.Errorf("%w: LZX code that stands for nothing", ErrFormat)
	}
	b.acc <<= n
	b.have -= n
	if b.err != nil {
		return 0, b.err
	}
	return sym, nil
}
