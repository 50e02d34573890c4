// SPDX-License-Identifier: Apache-2.0

package cab

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// frameLen is how many octets a block unpacks to at most.
const frameLen = 32 << 10

// block is one, packed.
type block struct {
	data []byte
	size int // When unpacked.
}

// blocks reads the blocks of a folder one after another.
type blocks struct {
	c    *Cabinet
	next int64
	left int
	buf  []byte
}

// read gives the next block, good until the next call; io.EOF if there is none.
func (b *blocks) read() (block, error) {
	if b.left == 0 {
		return block{}, io.EOF
	}
	b.left--
	h, err := b.c.octets(b.next, blockLen)
	if err != nil {
		return block{}, err
	}
	packed, size := int64(binary.LittleEndian.Uint16(h[4:])), int(binary.LittleEndian.Uint16(h[6:]))
	off := b.next + blockLen + b.c.blockMore
	b.next = off + packed
	if size == 0 {
		return block{}, ErrSet
	}
	if size > frameLen {
		return block{}, fmt.Errorf("%w: a block of %d octets", ErrFormat, size)
	}
	if int64(cap(b.buf)) < packed {
		b.buf = make([]byte, 64<<10)
	}
	data := b.buf[:packed]
	if off > b.c.size-packed {
		return block{}, fmt.Errorf("%w: a block is cut short", ErrFormat)
	}
	if _, err := b.c.r.ReadAt(data, off); err != nil {
		return block{}, fmt.Errorf("read block: %w", err)
	}
	return block{data, size}, nil
}

// stored reads blocks that are not packed.
type stored struct {
	blocks *blocks
	out    []byte
}

func (s *stored) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		b, err := s.blocks.read()
		if err != nil {
			return 0, err
		}
		s.out = b.data
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	return n, nil
}

// mszip reads blocks of MS-MCI: deflate, with the block before as dictionary.
type mszip struct {
	blocks *blocks
	flate  io.ReadCloser
	frame  [frameLen]byte
	before []byte // What the last block unpacked to.
	out    []byte
}

func (z *mszip) Read(p []byte) (int, error) {
	for len(z.out) == 0 {
		if err := z.unpack(); err != nil {
			return 0, err
		}
	}
	n := copy(p, z.out)
	z.out = z.out[n:]
	return n, nil
}

func (z *mszip) unpack() error {
	b, err := z.blocks.read()
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(b.data, []byte("CK")) {
		return fmt.Errorf("%w: a block is not MSZIP", ErrFormat)
	}
	src := bytes.NewReader(b.data[2:])
	if r, ok := z.flate.(flate.Resetter); ok {
		err = r.Reset(src, z.before)
	} else {
		z.flate = flate.NewReaderDict(src, z.before)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	n, err := io.ReadFull(z.flate, z.frame[:b.size])
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: a block breaks off: %w", ErrFormat, err)
	}
	if n == 0 && err != nil {
		return err
	}
	// What came out before a block broke is handed out; the next call finds no magic where it is.
	z.before = append(z.before[:0], z.frame[:n]...)
	z.out = z.before
	if err != nil {
		z.blocks.left = 0
	}
	return nil
}
