// SPDX-License-Identifier: Apache-2.0

package msg

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// errRTF is returned for what is no compressed Rich Text.
var errRTF = errors.New("not compressed Rich Text")

// dictionary is what the window has in it before the first octet (MS-OXRTFCP section 2.1.2.1).
const dictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

const (
	windowSize   = 4096
	headerSize   = 16
	compressed   = 0x75465A4C // "LZFu"
	uncompressed = 0x414C454D // "MELA"
)

// Decompress unpacks compressed Rich Text (MS-OXRTFCP). The checksum is not looked at: nobody does.
func Decompress(r io.Reader) (io.Reader, error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("%w: %w", errRTF, err)
	}
	size := int64(binary.LittleEndian.Uint32(head[4:]))
	switch binary.LittleEndian.Uint32(head[8:]) {
	case uncompressed:
		return io.LimitReader(r, size), nil
	case compressed:
		d := &lzfu{in: bufio.NewReader(r), write: len(dictionary)}
		copy(d.window[:], dictionary)
		return d, nil
	}
	return nil, errRTF
}

// lzfu is compressed Rich Text being read.
type lzfu struct {
	in     *bufio.Reader
	window [windowSize]byte
	write  int    // Where in the window the next octet goes.
	out    []byte // Not handed out yet.
	buf    [8 * 17]byte
	err    error
}

func (d *lzfu) Read(p []byte) (int, error) {
	for len(d.out) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		d.out = d.buf[:0]
		d.err = d.run()
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

// run reads a control octet and the eight tokens behind it.
func (d *lzfu) run() error {
	flags, err := d.in.ReadByte()
	if err != nil {
		return err
	}
	for bit := range 8 {
		b, err := d.in.ReadByte()
		if err != nil {
			return err
		}
		if flags>>bit&1 == 0 {
			d.put(b)
			continue
		}
		low, err := d.in.ReadByte()
		if err != nil {
			return err
		}
		from, n := int(b)<<4|int(low)>>4, int(low&15)+2
		if from == d.write {
			return io.EOF // The end is a reference to what comes next.
		}
		for i := range n {
			d.put(d.window[(from+i)%windowSize])
		}
	}
	return nil
}

func (d *lzfu) put(b byte) {
	d.out = append(d.out, b)
	d.window[d.write] = b
	d.write = (d.write + 1) % windowSize
}
