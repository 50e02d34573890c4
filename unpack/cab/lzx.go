// SPDX-License-Identifier: Apache-2.0

package cab

import (
	"encoding/binary"
	"fmt"

	"github.com/mailweir/mailweir/unpack/huff"
)

// Bounds of the window, in bits.
const (
	minWindow = 15
	maxWindow = 21
)

// Sizes of the trees, MS-PATCH section 2 (LZX DELTA has the same as LZX).
const (
	lzxLengths  = 249
	lzxPre      = 20
	lzxAligned  = 8
	lzxMinMatch = 2
)

// Types of blocks.
const (
	lzxVerbatim     = 1
	lzxAlignedTree  = 2
	lzxUncompressed = 3
)

// lzx unpacks a folder in LZX. Each block of the cabinet becomes one frame of output.
type lzx struct {
	in     bits
	window []byte
	at     int // In the window.
	frame  []byte
	out    []byte

	main, lengths, aligned huff.Table
	mainLen                []byte
	lengthLen              [lzxLengths]byte
	recent                 [3]int // Offsets of the last matches.

	kind    int
	left    int // Octets of the LZX block that are still to be made.
	odd     bool
	begun   bool
	over    int // Octets of a match that run into the next frame.
	overOff int

	programSize int32 // For the translation of calls; 0 if there is none.
	translating bool
	made        int64
	err         error
}

func newLZX(b *blocks, windowBits int) *lzx {
	slots := windowBits * 2
	switch windowBits {
	case 20:
		slots = 42
	case 21:
		slots = 50
	}
	return &lzx{
		in: bits{blocks: b}, window: make([]byte, 1<<windowBits), frame: make([]byte, frameLen),
		mainLen: make([]byte, 256+slots*8), recent: [3]int{1, 1, 1},
	}
}

func (z *lzx) Read(p []byte) (int, error) {
	for len(z.out) == 0 {
		if z.err != nil {
			return 0, z.err
		}
		z.err = z.next()
	}
	n := copy(p, z.out)
	z.out = z.out[n:]
	return n, nil
}

// next makes the next frame. What was made before an error is handed out.
func (z *lzx) next() error {
	if z.odd && z.left == 0 && len(z.in.data) > 0 {
		z.odd = false // The octet to fill up with is the last one of the block.
	}
	size, err := z.in.begin()
	if err != nil {
		return err
	}
	if !z.begun {
		z.begun = true
		if z.in.read(1) == 1 {
			z.programSize = int32(z.in.read(16)<<16 | z.in.read(16))
		}
	}
	start, n := z.at, 0
	for n < size && err == nil {
		var made int
		made, err = z.run(size - n)
		n += made
		if err == nil && z.in.err != nil {
			err = z.in.err
		}
	}
	for i := range n {
		z.frame[i] = z.window[(start+i)&(len(z.window)-1)]
	}
	z.out = z.frame[:n]
	z.translate(z.out)
	z.made += int64(n)
	return err
}

// run makes up to most octets of the LZX block at hand.
func (z *lzx) run(most int) (int, error) {
	if z.over > 0 {
		n := min(z.over, most)
		z.over -= n
		z.copy(z.overOff, n)
		return n, nil
	}
	if z.left == 0 {
		if err := z.header(); err != nil {
			return 0, err
		}
	}
	most = min(most, z.left)
	if z.kind == lzxUncompressed {
		for range most {
			z.put(z.in.octet())
		}
		z.left -= most
		return most, nil
	}
	return z.symbols(most)
}

// symbols makes up to most octets of literals and matches. What of a match runs into the next frame is kept for that.
func (z *lzx) symbols(most int) (int, error) {
	n := 0
	for n < most && z.in.err == nil {
		sym, err := z.in.symbol(&z.main)
		if err != nil {
			return n, err
		}
		if sym < 256 {
			z.put(byte(sym))
			n++
			continue
		}
		length, offset, err := z.match(sym - 256)
		if err != nil {
			return n, err
		}
		now := min(length, most-n)
		z.copy(offset, now)
		n += now
		if now < length {
			z.over, z.overOff = length-now, offset
		}
	}
	z.left -= n
	if z.over > z.left {
		return n, fmt.Errorf("%w: LZX match runs out of its block", ErrFormat)
	}
	z.left -= z.over
	return n, nil
}

func (z *lzx) put(c byte) {
	z.window[z.at] = c
	z.at = (z.at + 1) & (len(z.window) - 1)
}

func (z *lzx) copy(offset, n int) {
	for range n {
		z.put(z.window[(z.at-offset)&(len(z.window)-1)])
	}
}

// header reads that of an LZX block.
func (z *lzx) header() error {
	if z.odd {
		z.odd = false
		z.in.octet() // Uncompressed octets are filled up to two.
	}
	z.kind = int(z.in.read(3))
	z.left = int(z.in.read(16)<<8 | z.in.read(8))
	if z.in.err != nil {
		return z.in.err
	}
	if z.left == 0 {
		return fmt.Errorf("%w: LZX block of nothing", ErrFormat)
	}
	switch z.kind {
	case lzxAlignedTree:
		var lens [lzxAligned]byte
		for i := range lens {
			lens[i] = byte(z.in.read(3))
		}
		if err := z.aligned.Make(lens[:]); err != nil {
			return badTree(err)
		}
		return z.trees()
	case lzxVerbatim:
		return z.trees()
	case lzxUncompressed:
		z.translating = true
		z.odd = z.left&1 != 0
		z.in.align()
		for i := range z.recent {
			var b [4]byte
			for j := range b {
				b[j] = z.in.octet()
			}
			z.recent[i] = int(binary.LittleEndian.Uint32(b[:]))
		}
		return z.in.err
	}
	return fmt.Errorf("%w: LZX block of type %d", ErrFormat, z.kind)
}

// match reads the rest of a match.
func (z *lzx) match(sym int) (length, offset int, err error) {
	length = sym & 7
	if length == 7 {
		more, err := z.in.symbol(&z.lengths)
		if err != nil {
			return 0, 0, err
		}
		length += more
	}
	length += lzxMinMatch
	r := &z.recent
	switch slot := sym >> 3; slot {
	case 0:
	case 1:
		r[0], r[1] = r[1], r[0]
	case 2:
		r[0], r[2] = r[2], r[0]
	default:
		offset, err := z.offset(slot)
		if err != nil {
			return 0, 0, err
		}
		r[0], r[1], r[2] = offset, r[0], r[1]
	}
	if r[0] < 1 || r[0] > len(z.window) {
		return 0, 0, fmt.Errorf("%w: LZX match from outside of the window", ErrFormat)
	}
	return length, r[0], nil
}

// offset reads the bits that a position slot leaves open.
func (z *lzx) offset(slot int) (int, error) {
	base, extra := slotBase(slot)
	base -= 2
	if z.kind != lzxAlignedTree || extra < 3 {
		return base + int(z.in.read(extra)), nil
	}
	base += int(z.in.read(extra-3)) << 3
	low, err := z.in.symbol(&z.aligned)
	return base + low, err
}

// slotBase is the first position of a slot, and how many bits tell a position in it.
func slotBase(slot int) (base int, extra uint) {
	if slot < 4 {
		return slot, 0
	}
	extra = min(uint(slot/2-1), 17)
	if slot < 36 {
		return (2 + slot&1) << extra, extra
	}
	return (slot - 34) << 17, extra
}

// translate makes the targets of calls relative again, which were made absolute before packing, if the folder is of programs.
func (z *lzx) translate(frame []byte) {
	const last = 10 // Octets at the end of a frame that are never changed.
	if !z.translating || z.programSize == 0 || z.made >= frameLen*frameLen || len(frame) <= last {
		return
	}
	pos := int32(z.made)
	for i := 0; i < len(frame)-last; i++ {
		if frame[i] != 0xe8 {
			continue
		}
		at := pos + int32(i)
		target := int32(binary.LittleEndian.Uint32(frame[i+1:]))
		if target >= -at && target < z.programSize {
			if target >= 0 {
				target -= at
			} else {
				target += z.programSize
			}
			binary.LittleEndian.PutUint32(frame[i+1:], uint32(target))
		}
		i += 4
	}
}
