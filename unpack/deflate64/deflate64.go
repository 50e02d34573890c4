// SPDX-License-Identifier: Apache-2.0

// Package deflate64 reads data in Enhanced Deflate, method 9 of zip files (APPNOTE.TXT section 4.4.5) and coder 04 01 09 of 7z. It is
// Deflate (RFC 1951) with a window of 64 KiB, two more distance codes, and a longest match of 65,538 octets. Package unpack calls it.
package deflate64

import (
	"errors"
	"fmt"
	"io"
)

// windowSize is how far back a match reaches.
const windowSize = 64 << 10

// CorruptError is where the data is not as the format says: the count of octets read before.
type CorruptError int64

func (e CorruptError) Error() string {
	return fmt.Sprintf("corrupt deflate64 data before offset %d", int64(e))
}

// Reader decompresses. It takes 64 KiB and a few more, whatever the data says, and reads nothing behind the end of the data.
type Reader struct {
	in    io.ByteReader
	taken int64 // Octets read from in.
	bits  uint32
	nbits uint

	window   [windowSize]byte
	at       int   // Where the next octet goes in the window.
	given    int   // What the window holds up to here was handed out.
	total    int64 // Octets decompressed.
	copying  int   // Octets of the match that are still to be copied,
	distance int   // from so far back.

	final  bool // The block is the last one.
	stored int  // Octets of a stored block to come.
	state  func(*Reader) error
	lit    huffman
	dist   huffman
	err    error
}

// NewReader reads what in holds in Enhanced Deflate.
func NewReader(in io.ByteReader) *Reader {
	return &Reader{in: in, state: (*Reader).header}
}

// Read reads decompressed octets. Data that ends early gives io.ErrUnexpectedEOF, wrong data a CorruptError, and errors of the
// source come as they are.
func (z *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for z.given == z.at {
		if z.err != nil {
			return 0, z.err
		}
		if z.at == windowSize {
			z.at, z.given = 0, 0
		}
		z.err = z.fill()
	}
	n := copy(p, z.window[z.given:z.at])
	z.given += n
	return n, nil
}

// fill decompresses up to the end of the window.
func (z *Reader) fill() error {
	for z.at < windowSize {
		if z.copying > 0 {
			z.copyMatch()
			continue
		}
		if err := z.state(z); err != nil {
			if errors.Is(err, io.EOF) && z.state != nil {
				return io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}

// header reads the header of a block (RFC 1951 section 3.2.3).
func (z *Reader) header() error {
	if z.final {
		z.state = nil
		return io.EOF
	}
	v, err := z.take(3)
	if err != nil {
		return err
	}
	z.final = v&1 != 0
	switch v >> 1 {
	case 0:
		return z.storedHeader()
	case 1:
		z.fixed()
	case 2:
		if err := z.dynamic(); err != nil {
			return err
		}
	default:
		return z.corrupt()
	}
	z.state = (*Reader).symbol
	return nil
}

func (z *Reader) storedHeader() error {
	z.bits, z.nbits = 0, 0 // What is left of the octet is not used.
	n, err := z.take(16)
	if err != nil {
		return err
	}
	not, err := z.take(16)
	if err != nil {
		return err
	}
	if n != not^0xffff {
		return z.corrupt()
	}
	z.stored, z.state = int(n), (*Reader).copyStored
	return nil
}

func (z *Reader) copyStored() error {
	for ; z.stored > 0 && z.at < windowSize; z.stored-- {
		c, err := z.octet()
		if err != nil {
			return err
		}
		z.put(c)
	}
	if z.stored == 0 {
		z.state = (*Reader).header
	}
	return nil
}

// symbol reads literals up to the next match, the end of the block or of the window.
func (z *Reader) symbol() error {
	for z.at < windowSize {
		s, err := z.decode(&z.lit)
		if err != nil {
			return err
		}
		switch {
		case s < endOfBlock:
			z.put(byte(s))
		case s == endOfBlock:
			z.state = (*Reader).header
			return nil
		default:
			return z.match(s)
		}
	}
	return nil
}

// match reads the rest of a match of which the first symbol was s.
func (z *Reader) match(s int) error {
	if s -= endOfBlock + 1; s >= len(lengthBase) {
		return z.corrupt()
	}
	more, err := z.take(lengthExtra[s])
	if err != nil {
		return err
	}
	d, err := z.decode(&z.dist)
	if err != nil {
		return err
	}
	if d >= len(distanceBase) {
		return z.corrupt()
	}
	far, err := z.take(distanceExtra[d])
	if err != nil {
		return err
	}
	z.distance = distanceBase[d] + int(far)
	if int64(z.distance) > z.total {
		return z.corrupt()
	}
	z.copying = lengthBase[s] + int(more)
	return nil
}

func (z *Reader) copyMatch() {
	from := (z.at - z.distance) & (windowSize - 1)
	n := min(z.copying, windowSize-z.at)
	for range n {
		z.window[z.at] = z.window[from]
		z.at, from = z.at+1, (from+1)&(windowSize-1)
	}
	z.copying -= n
	z.total += int64(n)
}

func (z *Reader) put(c byte) {
	z.window[z.at] = c
	z.at++
	z.total++
}

// take reads n bits, at most 16.
func (z *Reader) take(n uint) (uint32, error) {
	for z.nbits < n {
		if err := z.more(); err != nil {
			return 0, err
		}
	}
	v := z.bits & (1<<n - 1)
	z.bits >>= n
	z.nbits -= n
	return v, nil
}

func (z *Reader) more() error {
	c, err := z.octet()
	if err != nil {
		return err
	}
	z.bits |= uint32(c) << z.nbits
	z.nbits += 8
	return nil
}

func (z *Reader) octet() (byte, error) {
	c, err := z.in.ReadByte()
	if err == nil {
		z.taken++
	}
	return c, err
}

func (z *Reader) corrupt() error { return CorruptError(z.taken) }
