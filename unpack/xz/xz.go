// SPDX-License-Identifier: Apache-2.0

// Package xz reads the xz format (The .xz File Format 1.2.0): several streams, padding between them, LZMA2 with the delta and x86
// filters. It reads no octet behind the end of a stream. Package unpack calls it.
package xz

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"slices"

	"github.com/mailweir/mailweir/unpack/lzma"
)

// Errors that are not of reading.
var (
	ErrFormat      = errors.New("xz data is damaged")
	ErrUnsupported = errors.New("xz data needs what is not supported")
)

// Magic begins every stream.
const Magic = "\xfd7zXZ\x00"

const footerMagic = "YZ"

// Reader reads one stream. It is not safe for several goroutines.
type Reader struct {
	in     *counter
	check  byte // The kind of checksum, section 2.1.1.2.
	sum    hash.Hash
	block  io.Reader // Decompressed octets of the block at hand; nil between blocks.
	start  int64     // Where its compressed data began.
	blocks int64
	err    error
}

// NewReader reads a stream from r, and no octet behind its end.
func NewReader(r io.Reader) *Reader { return &Reader{in: &counter{r: r}} }

// counter counts octets and gives them one at a time where it must.
type counter struct {
	r   io.Reader
	n   int64
	one [1]byte
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	if b, ok := c.r.(io.ByteReader); ok {
		v, err := b.ReadByte()
		if err == nil {
			c.n++
		}
		return v, err
	}
	_, err := io.ReadFull(c, c.one[:])
	return c.one[0], err
}

// Read gives decompressed octets; io.EOF at the end of the stream.
func (r *Reader) Read(p []byte) (int, error) {
	for r.err == nil {
		if r.block == nil {
			r.err = r.begin()
			continue
		}
		n, err := r.block.Read(p)
		r.sum.Write(p[:n])
		if errors.Is(err, io.EOF) {
			err = r.end()
		} else if err != nil && !errors.Is(err, lzma.ErrDictionary) {
			err = fmt.Errorf("%w: %w", ErrFormat, err)
		}
		if r.err = err; n > 0 {
			return n, nil
		}
	}
	return 0, r.err
}

// full reads exactly len(p) octets.
func (r *Reader) full(p []byte) error {
	if _, err := io.ReadFull(r.in, p); err != nil {
		return fmt.Errorf("%w: cut short: %w", ErrFormat, err)
	}
	return nil
}

// begin reads what stands before a block, or the end of the stream.
func (r *Reader) begin() error {
	if r.in.n == 0 {
		if err := r.header(); err != nil {
			return err
		}
	}
	first, err := r.in.ReadByte()
	if err != nil {
		return fmt.Errorf("%w: cut short: %w", ErrFormat, err)
	}
	if first == 0 {
		return r.index()
	}
	// Section 3.1: the size of the block header, in units of four octets.
	h := make([]byte, (int(first)+1)*4)
	h[0] = first
	if err := r.full(h[1:]); err != nil {
		return err
	}
	if body := h[:len(h)-4]; crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(h[len(body):]) {
		return fmt.Errorf("%w: checksum of a block header", ErrFormat)
	}
	return r.open(h[1 : len(h)-4])
}

// header reads that of the stream.
func (r *Reader) header() error {
	var h [12]byte
	if err := r.full(h[:]); err != nil {
		return err
	}
	if string(h[:6]) != Magic || crc32.ChecksumIEEE(h[6:8]) != binary.LittleEndian.Uint32(h[8:]) {
		return fmt.Errorf("%w: stream header", ErrFormat)
	}
	r.check = h[7]
	switch {
	case h[6] != 0 || h[7] > 15:
		return fmt.Errorf("%w: stream flags %#x", ErrUnsupported, h[6:8])
	case r.check == 1:
		r.sum = crc32.NewIEEE()
	case r.check == 4:
		r.sum = crc64.New(crc64.MakeTable(crc64.ECMA))
	case r.check == 10:
		r.sum = sha256.New()
	default:
		r.sum = none{crc32.NewIEEE()}
	}
	return nil
}

// none is a checksum that is not known, of the size that its kind has.
type none struct{ hash.Hash }

// checkLen is the size of a checksum, section 2.1.1.2.
func checkLen(kind byte) int {
	if kind == 0 {
		return 0
	}
	return []int{4, 8, 16, 32, 64}[(kind-1)/3]
}

// end reads what stands behind the data of a block: padding and the checksum.
func (r *Reader) end() error {
	r.block = nil
	r.blocks++
	pad := make([]byte, (4-(r.in.n-r.start)%4)%4)
	want := make([]byte, checkLen(r.check))
	if err := r.full(pad); err != nil {
		return err
	}
	if err := r.full(want); err != nil {
		return err
	}
	got := r.sum.Sum(nil)
	r.sum.Reset()
	if _, unknown := r.sum.(none); unknown {
		return nil
	}
	if r.check != 10 {
		for i, j := 0, len(got)-1; i < j; i, j = i+1, j-1 {
			got[i], got[j] = got[j], got[i]
		}
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: checksum of a block", ErrFormat)
	}
	return nil
}

// index reads the index, section 4, and the footer, and ends the stream.
func (r *Reader) index() error {
	start := r.in.n - 1
	count, err := binary.ReadUvarint(r.in)
	if err != nil || count != uint64(r.blocks) {
		return fmt.Errorf("%w: the index lists %d blocks of %d", ErrFormat, count, r.blocks)
	}
	for range 2 * count {
		if _, err := binary.ReadUvarint(r.in); err != nil {
			return fmt.Errorf("%w: index: %w", ErrFormat, err)
		}
	}
	// Padding, checksum of the index, footer.
	rest := make([]byte, (4-(r.in.n-start)%4)%4+4+12)
	if err := r.full(rest); err != nil {
		return err
	}
	if string(rest[len(rest)-2:]) != footerMagic {
		return fmt.Errorf("%w: no stream footer", ErrFormat)
	}
	return io.EOF
}

// Identifiers of filters, section 5.3.
const (
	filterDelta = 0x03
	filterX86   = 0x04
	filterLZMA2 = 0x21
)

// open begins a block; h is its header without size and checksum.
func (r *Reader) open(h []byte) error {
	flags := h[0]
	in := bytes.NewReader(h[1:])
	for _, flag := range []byte{0x40, 0x80} {
		// The sizes are not needed.
		if flags&flag != 0 {
			if _, err := binary.ReadUvarint(in); err != nil {
				return fmt.Errorf("%w: block header", ErrFormat)
			}
		}
	}
	r.start = r.in.n
	var filters []func(io.Reader) io.Reader
	for i := range flags&3 + 1 {
		id, err1 := binary.ReadUvarint(in)
		size, err2 := binary.ReadUvarint(in)
		if err1 != nil || err2 != nil || size > uint64(in.Len()) {
			return fmt.Errorf("%w: block header", ErrFormat)
		}
		props := make([]byte, size)
		if _, err := io.ReadFull(in, props); err != nil {
			return fmt.Errorf("%w: block header", ErrFormat)
		}
		last := i == flags&3
		switch {
		case id == filterLZMA2 && last && size == 1:
			return r.lzma2(props[0], filters)
		case id == filterDelta && size == 1 && !last:
			filters = append(filters, func(r io.Reader) io.Reader { return &delta{r: r, distance: int(props[0]) + 1} })
		case id == filterX86 && size == 0 && !last:
			filters = append(filters, func(r io.Reader) io.Reader { return &x86{r: bufio.NewReaderSize(r, 4<<10)} })
		default:
			return fmt.Errorf("%w: filter %#x", ErrUnsupported, id)
		}
	}
	return nil
}

func (r *Reader) lzma2(prop byte, filters []func(io.Reader) io.Reader) error {
	dict, ok := lzma.Dict2(prop)
	if !ok {
		return fmt.Errorf("%w: dictionary size", ErrFormat)
	}
	r.block = lzma.NewReader2(r.in, dict)
	for _, filter := range slices.Backward(filters) {
		r.block = filter(r.block)
	}
	return nil
}
