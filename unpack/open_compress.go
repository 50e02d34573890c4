// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"io"
)

func isCompress(h *head) bool {
	return h.has(0, "\x1f\x9d") && len(h.octet) > 3 && h.octet[2]&0x1f >= 9 && h.octet[2]&0x1f <= 16 && h.octet[2]&0x60 == 0
}

func openCompress(b *box) error {
	return openStreams(b, func(f *feed) (*stream, error) {
		if !f.begins("\x1f\x9d") || f.at() > 0 {
			return nil, nil
		}
		h := make([]byte, 3)
		if _, err := io.ReadFull(f, h); err != nil {
			return nil, err
		}
		return &stream{Reader: newLZW(f, h[2])}, nil
	}, ".Z>", ".taz>.tar")
}

var errLZW = errors.New("compress data makes no sense")

// lzw undoes compress(1): codes of 9 to 16 bits, least significant bit first, in groups of eight of one width.
type lzw struct {
	in       io.ByteReader
	most     uint // Bits of a code.
	block    bool // Code 256 clears the table.
	width    uint
	bits     uint32
	have     uint
	group    int // Codes of this group that were read.
	next     int // The first free code.
	last     int // The code before; -1 after the table was cleared.
	first    byte
	prefix   [1 << 16]uint16
	suffix   [1 << 16]byte
	out      []byte // Of one code, last octet first.
	overflow error
}

const (
	lzwClear = 256
	minWidth = 9
)

func newLZW(in io.ByteReader, flags byte) *lzw {
	z := &lzw{in: in, most: uint(flags & 0x1f), block: flags&0x80 != 0, width: minWidth, last: -1, next: lzwClear}
	if z.block {
		z.next++
	}
	return z
}

func (z *lzw) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(z.out) == 0 {
			if z.overflow == nil {
				z.overflow = z.step()
			}
			if z.overflow != nil {
				return n, z.overflow
			}
			continue
		}
		p[n] = z.out[len(z.out)-1]
		z.out = z.out[:len(z.out)-1]
		n++
	}
	return n, nil
}

// code reads one; io.EOF if there are not enough bits for it.
func (z *lzw) code() (int, error) {
	for z.have < z.width {
		c, err := z.in.ReadByte()
		if err != nil {
			return 0, err
		}
		z.bits |= uint32(c) << z.have
		z.have += 8
	}
	code := int(z.bits & (1<<z.width - 1))
	z.bits >>= z.width
	z.have -= z.width
	z.group = (z.group + 1) & 7
	return code, nil
}

// align passes over what is left of a group: codes are written in groups, and a change of width begins a new one.
func (z *lzw) align() error {
	for z.group != 0 {
		if _, err := z.code(); err != nil {
			return err
		}
	}
	return nil
}

// step reads a code and makes what it stands for.
func (z *lzw) step() error {
	if z.next > 1<<z.width-1 && z.width < z.most {
		if err := z.align(); err != nil {
			return err
		}
		z.width++
	}
	code, err := z.code()
	if err != nil {
		return err
	}
	if code == lzwClear && z.block {
		err := z.align()
		z.width, z.next, z.last = minWidth, lzwClear+1, -1
		return err
	}
	if z.last < 0 {
		if code > 255 {
			return errLZW
		}
		z.last, z.first = code, byte(code)
		z.out = append(z.out, z.first)
		return nil
	}
	at := code
	if code > z.next {
		return errLZW
	}
	if code == z.next {
		z.out = append(z.out, z.first)
		at = z.last
	}
	for at > 255 {
		z.out = append(z.out, z.suffix[at])
		at = int(z.prefix[at])
	}
	z.first = byte(at)
	z.out = append(z.out, z.first)
	if z.next < 1<<z.most {
		z.prefix[z.next], z.suffix[z.next] = uint16(z.last), z.first
		z.next++
	}
	z.last = code
	return nil
}
