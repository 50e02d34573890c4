// SPDX-License-Identifier: Apache-2.0

// Package binhex decodes BinHex 4.0 (RFC 1741 section 4): Macintosh files in text. Package unpack calls it.
package binhex

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Begin is what the line says that stands before a file.
const Begin = "(This file must be converted with BinHex"

// ErrFormat is wrapped by errors that tell of octets that are not as the format has them; other errors are those of reading.
var ErrFormat = errors.New("binhex is damaged")

const alphabet = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"

// IsCharacter tells if the encoding has the character.
func IsCharacter(c byte) bool {
	_, ok := value(c)
	return ok
}

// File is a file that is read from its beginning to its end: the data fork, then the resource fork.
type File struct {
	Name           string
	Type, Creator  string // Four octets each.
	Data, Resource int64  // Octets of the forks.

	in *runs
}

// Open reads up to the header of a file; it begins at the first colon that a line begins with.
func Open(r io.Reader) (*File, error) {
	d := &decoder{in: bufio.NewReaderSize(r, 4<<10)}
	if err := d.start(); err != nil {
		return nil, err
	}
	in := &runs{in: d}
	n, err := in.ReadByte()
	if err != nil {
		return nil, cut(err)
	}
	// Name, version, type, creator, flags, two sizes, checksum.
	h := make([]byte, int(n)+1+4+4+2+4+4+2)
	if _, err := io.ReadFull(in, h); err != nil {
		return nil, cut(err)
	}
	rest := h[int(n)+1:]
	f := &File{
		Name: string(h[:n]), Type: string(rest[:4]), Creator: string(rest[4:8]),
		Data: int64(binary.BigEndian.Uint32(rest[10:])), Resource: int64(binary.BigEndian.Uint32(rest[14:])), in: in,
	}
	body := append([]byte{n}, h[:len(h)-2]...)
	if want := binary.BigEndian.Uint16(h[len(h)-2:]); crc(crc(0, body), []byte{0, 0}) != want {
		return f, fmt.Errorf("%w: checksum of the header is wrong", ErrFormat)
	}
	return f, nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: breaks off: %w", ErrFormat, err)
}

// Next reads the next fork, of size octets. It must be read to its end before the one behind it.
func (f *File) Next(size int64) io.Reader { return &fork{in: f.in, left: size} }

// fork reads a fork and compares the checksum behind it.
type fork struct {
	in   *runs
	left int64
	sum  uint16
	done bool
}

func (k *fork) Read(p []byte) (int, error) {
	if k.left == 0 {
		return 0, k.end()
	}
	n, err := k.in.Read(p[:min(int64(len(p)), k.left)])
	k.left -= int64(n)
	k.sum = crc(k.sum, p[:n])
	if err != nil {
		err = cut(err)
	}
	return n, err
}

func (k *fork) end() error {
	if k.done {
		return io.EOF
	}
	k.done = true
	var want [2]byte
	if _, err := io.ReadFull(k.in, want[:]); err != nil {
		return cut(err)
	}
	if crc(k.sum, []byte{0, 0}) != binary.BigEndian.Uint16(want[:]) {
		return fmt.Errorf("%w: checksum is wrong", ErrFormat)
	}
	return io.EOF
}

// crc is CRC-CCITT as it is computed by feeding bits.
func crc(sum uint16, b []byte) uint16 {
	for _, c := range b {
		for i := 7; i >= 0; i-- {
			high := sum&0x8000 != 0
			sum = sum<<1 | uint16(c>>i&1)
			if high {
				sum ^= 0x1021
			}
		}
	}
	return sum
}

// runs undoes the packing of runs: 0x90 and a count repeat the octet before; a count of zero stands for 0x90.
type runs struct {
	in   *decoder
	last byte
	left int
}

const runMark = 0x90

func (r *runs) ReadByte() (byte, error) {
	if r.left > 0 {
		r.left--
		return r.last, nil
	}
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != runMark {
			r.last = c
			return c, nil
		}
		n, err := r.in.ReadByte()
		if err != nil {
			return 0, err
		}
		switch {
		case n == 0:
			r.last = runMark
			return runMark, nil
		case n > 1:
			r.left = int(n) - 2
			return r.last, nil
		}
	}
}

func (r *runs) Read(p []byte) (int, error) {
	for n := range p {
		c, err := r.ReadByte()
		if err != nil {
			return n, err
		}
		p[n] = c
	}
	return len(p), nil
}

// decoder decodes characters of six bits, up to a colon.
type decoder struct {
	in   *bufio.Reader
	acc  uint32
	have uint
	done bool
}

// start passes over what stands before the first colon at the beginning of a line.
func (d *decoder) start() error {
	for before := byte('\n'); ; {
		c, err := d.in.ReadByte()
		if err != nil {
			return cut(err)
		}
		if c == ':' && (before == '\n' || before == '\r') {
			return nil
		}
		before = c
	}
}

func (d *decoder) ReadByte() (byte, error) {
	for d.have < 8 {
		if d.done {
			return 0, io.EOF
		}
		c, err := d.in.ReadByte()
		if err != nil {
			return 0, err
		}
		if c == ':' {
			d.done = true
			continue
		}
		v, ok := value(c)
		if !ok {
			continue // Line ends, and what others put in.
		}
		d.acc = d.acc<<6 | uint32(v)
		d.have += 6
	}
	d.have -= 8
	return byte(d.acc >> d.have), nil
}

// value is what a character stands for.
func value(c byte) (v int, ok bool) {
	low, high := 0, len(alphabet)
	for low < high {
		mid := (low + high) / 2
		if alphabet[mid] < c {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(alphabet) && alphabet[low] == c
}
