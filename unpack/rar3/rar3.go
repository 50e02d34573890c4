// SPDX-License-Identifier: Apache-2.0

// Package rar3 unpacks what RAR 2.9 to 4 pack: LZ77 with Huffman codes, PPMd, and the filters that RAR has. The library for RAR archives takes a
// third of a gigabyte for a model if the data ask for it, and runs any program in the data as a filter, without an end in sight; here the memory is
// bounded, and other programs than RAR's own are not run, as in RAR since version 5.2. Package unpack calls it.
package rar3

import (
	"bufio"
	"errors"
	"io"

	"github.com/mailweir/mailweir/unpack/huff"
	"github.com/mailweir/mailweir/unpack/ppmd"
)

// Window is how many octets are looked back at.
const Window = 4 << 20

// Errors that are not of reading.
var (
	ErrFormat  = errors.New("RAR data is damaged")
	ErrProgram = errors.New("RAR data has a filter that is not one of RAR's own")
)

// Unpacker unpacks the files of an archive, one after another. It is not safe for several goroutines.
type Unpacker struct {
	// Ask is asked for leave to take so many octets for a model of PPMd, instead of those of the one before. Its error is handed on.
	Ask func(octets int64) error

	in     *bits
	window []byte
	done   int64 // Octets that were unpacked, of all files of a solid run.
	out    int64 // Octets that were handed out, before filters.
	begun  int64 // Where the file at hand begins.

	tables bool // The next block needs no header.
	text   bool // The block is of PPMd.
	last   bool // All of the file was unpacked.
	lz     lz
	model  ppmd.Model
	escape byte

	filters []filter // That wait for their data, in order.
	kinds   []kind   // Those that the archive has told of,
	lengths []uint32 // and how long the last data of each was.
	latest  int
	ready   []byte // What a filter has made.
	err     error
}

// Open begins a file whose packed data r reads. A solid one goes on where the one before ended.
func (u *Unpacker) Open(r io.Reader, solid bool) {
	u.in = &bits{in: bufio.NewReader(r)}
	if u.window == nil {
		u.window = make([]byte, Window)
	}
	u.err, u.last, u.ready = nil, false, nil
	if !solid {
		u.tables, u.escape, u.done = false, 2, 0
		u.lz = lz{}
		u.lz.slots()
		u.forgetFilters()
	}
	u.filters = nil
	u.out, u.begun = u.done, u.done
}

// step is how many octets are unpacked at once.
const step = 64 << 10

// Read gives unpacked octets; io.EOF behind the last one.
func (u *Unpacker) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if n := u.take(p); n > 0 {
			return n, nil
		}
		if u.err != nil {
			return 0, u.err
		}
		u.err = u.more()
	}
	return 0, nil
}

// take hands out what is ready.
func (u *Unpacker) take(p []byte) int {
	if len(u.ready) > 0 {
		n := copy(p, u.ready)
		u.ready = u.ready[n:]
		return n
	}
	end := u.done
	if len(u.filters) > 0 {
		end = min(end, u.filters[0].start)
	}
	if end <= u.out {
		return 0
	}
	at := u.out % Window
	n := copy(p[:min(int64(len(p)), end-u.out)], u.window[at:])
	u.out += int64(n)
	return n
}

// more unpacks some octets, or applies the filter that is next.
func (u *Unpacker) more() error {
	if len(u.filters) > 0 {
		if f := &u.filters[0]; f.start == u.out && f.start+int64(f.length) <= u.done {
			return u.apply()
		}
	}
	if u.last && len(u.filters) > 0 {
		u.filters = nil // Their data end too soon, and are given as they are.
		return nil
	}
	if u.last {
		return io.EOF
	}
	err := u.unpack(min(u.done+step, u.out+Window-maxMatch))
	switch {
	case u.in.err != nil && !errors.Is(u.in.err, io.EOF):
		return u.in.err
	case u.in.ended():
		return io.ErrUnexpectedEOF
	}
	return err
}

// unpack goes on until so many octets were unpacked, a filter came or the file ends.
func (u *Unpacker) unpack(until int64) error {
	if u.done >= until {
		return ErrFormat // A filter waits for more than the window holds.
	}
	waiting := len(u.filters)
	for u.done < until && !u.last && len(u.filters) == waiting && !u.in.ended() {
		if !u.tables {
			if err := u.header(); err != nil {
				return err
			}
			continue
		}
		symbol := u.symbol
		if u.text {
			symbol = u.textSymbol
		}
		if err := symbol(); err != nil {
			return err
		}
	}
	return nil
}

// header reads that of a block.
func (u *Unpacker) header() error {
	u.in.align()
	u.tables = true
	if u.text = u.in.read(1) == 1; u.text {
		return u.startModel()
	}
	return u.lz.read(u.in)
}

// startModel reads how the model of a block is.
func (u *Unpacker) startModel() error {
	const reset, newEscape = 0x20, 0x40
	flags := u.in.read(7)
	var size int64
	if flags&reset != 0 {
		size = (int64(u.in.octet()) + 1) << 20
	}
	if flags&newEscape != 0 {
		u.escape = u.in.octet()
	}
	if flags&reset == 0 {
		return u.model.Resume(u.in.octet)
	}
	order := int(flags&0x1f) + 1
	if order > 16 {
		order = 16 + (order-16)*3
	}
	if err := u.Ask(size); err != nil {
		return err
	}
	return u.model.Start(order, uint32(size), u.in.octet)
}

// textSymbol decodes an octet of a block of PPMd, or what an escape stands for.
func (u *Unpacker) textSymbol() error {
	c, err := u.model.ReadByte()
	if err != nil {
		return err
	}
	if c != u.escape {
		u.put(c)
		return nil
	}
	if c, err = u.model.ReadByte(); err != nil {
		return err
	}
	switch c {
	case 0:
		u.tables = false
	case 2:
		u.tables, u.last = false, true
	case 3:
		return u.filterCode(u.model.ReadByte)
	case 4, 5:
		return u.textMatch(c == 4)
	default:
		u.put(u.escape)
	}
	return nil
}

// textMatch repeats octets, of which a block of PPMd says how far back they are, or those right before.
func (u *Unpacker) textMatch(far bool) error {
	distance, length := uint32(0), 4
	if far {
		for range 3 {
			c, err := u.model.ReadByte()
			if err != nil {
				return err
			}
			distance = distance<<8 | uint32(c)
		}
		distance, length = distance+1, 32
	}
	c, err := u.model.ReadByte()
	if err == nil {
		u.copy(int64(distance)+1, length+int(c))
	}
	return err
}

func (u *Unpacker) put(c byte) {
	u.window[u.done%Window] = c
	u.done++
}

// maxMatch is the longest match.
const maxMatch = 512

// copy repeats n octets from that far back. There are zeros before the first one.
func (u *Unpacker) copy(distance int64, n int) {
	for range n {
		var c byte
		if distance <= u.done {
			c = u.window[(u.done-distance)%Window]
		}
		u.put(c)
	}
}

// code decodes a symbol.
func (u *Unpacker) code(t *huff.Table) (int, error) { return decode(u.in, t) }

func decode(in *bits, t *huff.Table) (int, error) {
	symbol, n, ok := t.Lookup(in.peek())
	if !ok {
		return 0, ErrFormat
	}
	in.read(n)
	return symbol, nil
}
