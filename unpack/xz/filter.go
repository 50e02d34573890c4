// SPDX-License-Identifier: Apache-2.0

package xz

import (
	"bufio"
	"errors"
	"io"
)

// delta undoes the delta filter: each octet is the difference to the one distance before.
type delta struct {
	r        io.Reader
	distance int
	history  [256]byte
	at       byte
}

func (d *delta) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	for i := range p[:n] {
		p[i] += d.history[byte(int(d.at)-d.distance)]
		d.history[d.at] = p[i]
		d.at++
	}
	return n, err
}

// x86 undoes the filter for x86 programs, which makes the targets of calls and jumps absolute.
type x86 struct {
	r    *bufio.Reader
	pos  uint32 // Of the next octet of r.
	mask uint32 // Which of the last octets looked like an instruction.
	last uint32 // Where one was last seen.
	out  []byte
	buf  [5]byte
	some bool
}

func (x *x86) Read(p []byte) (int, error) {
	if !x.some {
		x.some, x.last = true, ^uint32(4)
	}
	for n := range p {
		if len(x.out) == 0 {
			if err := x.step(); err != nil {
				if n > 0 && errors.Is(err, io.EOF) {
					return n, nil
				}
				return n, err
			}
		}
		p[n], x.out = x.out[0], x.out[1:]
	}
	return len(p), nil
}

// step makes the next octet or instruction.
func (x *x86) step() error {
	b, err := x.r.ReadByte()
	if err != nil {
		return err
	}
	x.buf[0], x.out = b, x.buf[:1]
	pos := x.pos
	x.pos++
	if b&0xfe != 0xe8 {
		return nil
	}
	operand, err := x.r.Peek(4)
	if err != nil {
		return nil //nolint:nilerr // the last four octets of a block are as they are
	}
	since := pos - x.last
	x.last = pos
	if since > 5 {
		x.mask = 0
	} else {
		for range since {
			x.mask = x.mask & 0x77 << 1
		}
	}
	high := operand[3]
	if near := x.mask >> 1; high != 0 && high != 0xff || near >= 0x10 || !allowed[near&7] {
		x.mask |= 1
		if high == 0 || high == 0xff {
			x.mask |= 0x10
		}
		return nil
	}
	return x.convert(operand, pos)
}

// convert makes the operand of an instruction at pos relative again.
func (x *x86) convert(operand []byte, pos uint32) error {
	src := uint32(operand[3])<<24 | uint32(operand[2])<<16 | uint32(operand[1])<<8 | uint32(operand[0])
	var dest uint32
	for {
		dest = src - (pos + 5)
		if x.mask == 0 {
			break
		}
		shift := bitNumber[x.mask>>1&7] * 8
		b := byte(dest >> (24 - shift))
		if b != 0 && b != 0xff {
			break
		}
		src = dest ^ (1<<(32-shift) - 1)
	}
	dest &= 0x01ffffff
	dest |= -(dest & 0x01000000)
	x.buf[1], x.buf[2], x.buf[3], x.buf[4] = byte(dest), byte(dest>>8), byte(dest>>16), byte(dest>>24)
	x.out = x.buf[:]
	if _, err := x.r.Discard(4); err != nil {
		return err
	}
	x.pos += 4
	x.mask = 0
	return nil
}

// What the mask of the octets before says of an instruction: if it may be one, and which of its octets they were.
var (
	allowed   = [8]bool{true, true, true, false, true, false, false, false}
	bitNumber = [8]uint32{0, 1, 2, 2, 3, 3, 3, 3}
)
