// SPDX-License-Identifier: Apache-2.0

package tnef

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// RTF begins with these octets in the dictionary, MS-OXRTFCP section 2.1.2.1.
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial` +
	"Times New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

const (
	rtfHeader     = 16
	rtfCompressed = 0x75465a4c // "LZFu".
	rtfPlain      = 0x414c454d // "MELA".
	rtfWindow     = 4096
)

// Expand reads compressed RTF as MS-OXRTFCP has it.
func Expand(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 4<<10)
	var h [rtfHeader]byte
	if _, err := io.ReadFull(in, h[:]); err != nil {
		return nil, fmt.Errorf("%w: header of compressed RTF: %w", ErrFormat, err)
	}
	size := int64(binary.LittleEndian.Uint32(h[4:]))
	switch binary.LittleEndian.Uint32(h[8:]) {
	case rtfPlain:
		return io.LimitReader(in, size), nil
	case rtfCompressed:
		z := &rtfReader{in: in, left: size, at: len(rtfDictionary)}
		copy(z.window[:], rtfDictionary)
		return z, nil
	}
	return nil, fmt.Errorf("%w: no compressed RTF", ErrFormat)
}

// rtfReader goes by control octets, least significant bit first: a literal, or 12 bits of place and 4 of length in the window.
type rtfReader struct {
	in      *bufio.Reader
	left    int64 // Octets to be made.
	window  [rtfWindow]byte
	at      int
	control byte
	bits    int // Of control that are left.
	from    int // Of a reference.
	run     int // Octets of it that are left.
	done    bool
}

func (z *rtfReader) Read(p []byte) (n int, err error) {
	for n < len(p) && z.left > 0 && !z.done {
		if z.run == 0 {
			if err := z.token(); err != nil {
				return n, err
			}
			continue
		}
		c := z.window[z.from]
		z.from = (z.from + 1) % rtfWindow
		z.run--
		p[n] = z.put(c)
		n++
	}
	if n == 0 && (z.left <= 0 || z.done) {
		return 0, io.EOF
	}
	return n, nil
}

func (z *rtfReader) put(c byte) byte {
	z.window[z.at] = c
	z.at = (z.at + 1) % rtfWindow
	z.left--
	return c
}

// token reads what the next control bit tells of. A literal is a reference to itself.
func (z *rtfReader) token() error {
	if z.bits == 0 {
		c, err := z.in.ReadByte()
		if err != nil {
			return rtfCut(err)
		}
		z.control, z.bits = c, 8
	}
	reference := z.control&1 != 0
	z.control >>= 1
	z.bits--
	first, err := z.in.ReadByte()
	if err != nil {
		return rtfCut(err)
	}
	if !reference {
		z.window[z.at] = first
		z.from, z.run = z.at, 1
		return nil
	}
	second, err := z.in.ReadByte()
	if err != nil {
		return rtfCut(err)
	}
	z.from, z.run = int(first)<<4|int(second)>>4, int(second&0x0f)+2
	if z.from == z.at {
		z.done = true // A reference to what comes next is the end.
	}
	return nil
}

func rtfCut(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: compressed RTF: %w", ErrFormat, err)
}
