// SPDX-License-Identifier: Apache-2.0

package rar3

import "io"

// bits reads bits, the most significant first. Behind the end of the data there are zeros, for a while.
type bits struct {
	in   io.ByteReader
	acc  uint64
	n    uint // Bits in acc.
	over int  // Octets read behind the end.
	err  error
}

func (b *bits) fill() {
	for b.n <= 56 {
		var c byte
		if b.err == nil {
			c, b.err = b.in.ReadByte()
		}
		if b.err != nil {
			b.over++
		}
		b.acc = b.acc<<8 | uint64(c)
		b.n += 8
	}
}

// ended tells if bits were used that are not there.
func (b *bits) ended() bool { return b.over*8 > int(b.n) }

// peek gives the next 16 bits.
func (b *bits) peek() uint16 {
	if b.n < 16 {
		b.fill()
	}
	return uint16(b.acc >> (b.n - 16))
}

// read reads n bits, at most 32.
func (b *bits) read(n uint) uint32 {
	if b.n < n {
		b.fill()
	}
	b.n -= n
	return uint32(b.acc >> b.n & (1<<n - 1))
}

func (b *bits) octet() byte { return byte(b.read(8)) }

// align passes over what is left of an octet.
func (b *bits) align() { b.n &^= 7 }

// number reads a number as filters have it.
func (b *bits) number() uint32 {
	switch b.read(2) {
	case 0:
		return b.read(4)
	case 1:
		n := b.read(4)
		if n == 0 {
			return b.read(8) | 0xffffff00
		}
		return n<<4 | b.read(4)
	case 2:
		return b.read(16)
	}
	return b.read(32)
}
