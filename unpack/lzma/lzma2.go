// SPDX-License-Identifier: Apache-2.0

package lzma

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Reader2 decompresses LZMA2. It is not safe for several goroutines.
type Reader2 struct {
	decoder
	in    io.Reader
	data  []byte // Of the chunk at hand.
	left  int64  // Octets that come of it.
	short bool   // It is cut off.
	plain bool   // It is not compressed.
	needs reset
	props bool // There were properties.
	err   error
}

// reset is what the next chunk has to begin with.
type reset int

const (
	nothing reset = iota
	state
	dictionary
)

// Dict2 is how many octets data may look back at that has the octet in its header; ok is false if that makes no sense.
func Dict2(b byte) (octets uint32, ok bool) {
	switch {
	case b > 40:
		return 0, false
	case b == 40:
		return math.MaxUint32, true
	}
	return uint32(2|b&1) << (b/2 + 11), true
}

// NewReader2 reads data from in up to its end mark. dict is how many octets it may look back at, as a header says.
func NewReader2(in io.Reader, dict uint32) *Reader2 {
	r := &Reader2{in: in, needs: dictionary}
	r.window.bound(dict)
	return r
}

// Read gives decompressed octets; io.EOF at the end of the data.
func (r *Reader2) Read(p []byte) (int, error) {
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

func (r *Reader2) fill() error {
	if r.left == 0 {
		return r.chunk()
	}
	limit := r.window.room(r.left)
	n := limit - r.window.w
	if r.plain {
		copy(r.window.buf[r.window.w:limit], r.data)
		r.data = r.data[n:]
		r.window.w = limit
		r.window.have = min(r.window.have+n, r.window.max)
		r.pos += uint32(n)
	} else {
		end, err := r.run(limit)
		if err != nil {
			return err
		}
		if end {
			return fmt.Errorf("%w: a marker in it", ErrFormat)
		}
	}
	switch r.left -= int64(n); {
	case r.left > 0:
		return nil
	case r.pending > 0:
		return fmt.Errorf("%w: length of a chunk", ErrFormat)
	case r.short:
		return io.ErrUnexpectedEOF
	}
	return nil
}

// chunk reads what stands before a chunk, and the chunk.
func (r *Reader2) chunk() error {
	var h [6]byte
	if err := r.full(h[:1]); err != nil {
		return err
	}
	control := h[0]
	r.plain = control < 0x80
	switch {
	case control == 0:
		return io.EOF
	case control > 2 && r.plain:
		return fmt.Errorf("%w: chunk of kind %#x", ErrFormat, control)
	case r.plain:
		return r.stored(control == 1)
	}
	kind := control >> 5 & 3
	rest := h[1:5]
	if kind >= 2 {
		rest = h[1:6]
	}
	if err := r.full(rest); err != nil {
		return err
	}
	if err := r.begin(kind, rest); err != nil {
		return err
	}
	r.left = int64(control&0x1f)<<16 + int64(binary.BigEndian.Uint16(rest)) + 1
	if err := r.load(int(binary.BigEndian.Uint16(rest[2:])) + 1); err != nil {
		return err
	}
	packed := chunk(r.data)
	return r.code.start(&packed)
}

// begin forgets what a compressed chunk says it does.
func (r *Reader2) begin(kind byte, head []byte) error {
	if kind == 3 {
		r.forget()
	}
	switch {
	case r.needs == dictionary, r.needs == state && kind == 0, kind < 2 && !r.props:
		return fmt.Errorf("%w: a chunk without what is before it", ErrFormat)
	case kind >= 2:
		// Section 5.3.1: no more than four bits of lc and lp together.
		if v := head[4] % 45; v%9+v/9 > 4 {
			return fmt.Errorf("%w: properties", ErrFormat)
		}
		if err := r.properties(head[4]); err != nil {
			return err
		}
		r.props = true
	case kind == 1:
		r.reset()
	}
	r.needs = nothing
	return nil
}

// stored begins a chunk that is not compressed.
func (r *Reader2) stored(first bool) error {
	if first {
		r.forget()
	}
	if r.needs == dictionary {
		return fmt.Errorf("%w: a chunk without what is before it", ErrFormat)
	}
	var h [2]byte
	if err := r.full(h[:]); err != nil {
		return err
	}
	if err := r.load(int(binary.BigEndian.Uint16(h[:])) + 1); err != nil {
		return err
	}
	r.left = int64(len(r.data))
	return nil
}

// forget begins a new dictionary.
func (r *Reader2) forget() {
	r.window.have, r.pos = 0, 0
	if r.needs == dictionary {
		r.needs = state
	}
}

// load reads a chunk. Of one that is cut off it takes what is there, as those do who unpack as they read.
func (r *Reader2) load(n int) error {
	if cap(r.data) < n {
		r.data = make([]byte, n)
	}
	n, err := io.ReadFull(r.in, r.data[:n])
	r.data = r.data[:n]
	if r.short = errors.Is(err, io.ErrUnexpectedEOF); r.short {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// full reads exactly len(p) octets.
func (r *Reader2) full(p []byte) error {
	_, err := io.ReadFull(r.in, p)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
