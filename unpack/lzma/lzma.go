// SPDX-License-Identifier: Apache-2.0

// Package lzma decompresses LZMA and LZMA2 (the LZMA specification of the LZMA SDK; The .xz File Format, section 5.3.1). What it looks back
// at grows with what comes out, up to a bound, so that data which asks for a large dictionary and unpacks to little takes little; and it reads
// no octet behind the end of the data. Package unpack and the readers of formats below it call it.
package lzma

import (
	"errors"
	"fmt"
	"io"
)

// MaxDict is how many octets a decompressor keeps to look back at. Data may ask for more, and is unpacked as long as it does not use it.
const MaxDict = 32 << 20

// Errors that are not of reading.
var (
	ErrFormat     = errors.New("LZMA data is damaged")
	ErrDictionary = fmt.Errorf("limit dictionary (%d octets) exceeded", MaxDict)
)

// Input is what data is read from. *bufio.Reader is one.
type Input interface {
	Peek(n int) ([]byte, error)
	Discard(n int) (int, error)
	Buffered() int
}

// Unknown is the size of data that ends with a marker.
const Unknown = -1

// Reader decompresses LZMA. It is not safe for several goroutines.
type Reader struct {
	decoder
	left int64 // Octets to come; negative if only the marker tells.
	err  error
}

// NewReader reads data from in, and no octet behind its end: it has size octets when it is decompressed, or ends with a marker. props and
// dict are what a header says of it.
func NewReader(in Input, props byte, dict uint32, size int64) (*Reader, error) {
	r := &Reader{left: size}
	if err := r.properties(props); err != nil {
		return nil, err
	}
	r.window.bound(dict)
	if err := r.code.start(piped{in}); err != nil {
		return nil, err
	}
	return r, nil
}

// Read gives decompressed octets; io.EOF at the end of the data.
func (r *Reader) Read(p []byte) (int, error) {
	for {
		if n := r.window.take(p); n > 0 || len(p) == 0 {
			return n, nil
		}
		if r.err != nil {
			r.window.release()
			return 0, r.err
		}
		r.err = r.fill()
	}
}

func (r *Reader) fill() error {
	switch {
	case r.left == 0 && r.pending > 0:
		return r.stop(fmt.Errorf("%w: a match goes beyond the end", ErrFormat))
	case r.left == 0:
		return r.finish()
	}
	limit := r.window.room(r.left)
	before := r.window.w
	end, err := r.run(limit)
	if r.left > 0 {
		r.left -= int64(r.window.w - before)
	}
	switch {
	case err != nil:
		return err
	case end && r.left > 0:
		return r.stop(io.ErrUnexpectedEOF)
	case end:
		return r.stop(io.EOF)
	}
	return nil
}

// finish ends data of a known size. There may be a marker all the same.
func (r *Reader) finish() error {
	if r.code.normalise(); r.code.value == 0 || r.code.err != nil {
		return r.stop(io.EOF)
	}
	limit := r.window.room(1)
	if _, err := r.run(limit); err != nil && !errors.Is(err, ErrFormat) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	r.window.w = r.window.r // Nothing is wanted of it but the marker.
	return r.stop(io.EOF)
}

// stop leaves the input behind the data.
func (r *Reader) stop(err error) error {
	r.code.normalise()
	if fault := r.code.in.close(r.code.at); fault != nil {
		return fault
	}
	return err
}

// properties reads what the octet before the data says (section 3): how many bits of what is around pick the probabilities.
func (d *decoder) properties(b byte) error {
	if b >= 9*5*5 {
		return fmt.Errorf("%w: properties", ErrFormat)
	}
	d.lc, b = uint(b%9), b/9
	d.lpMask, d.pbMask = 1<<(b%5)-1, 1<<(b/5)-1
	n := 0x300 << (d.lc + uint(b%5))
	if cap(d.literal) < n {
		d.literal = make([]uint16, n)
	}
	d.literal = d.literal[:n]
	d.reset()
	return nil
}
