// SPDX-License-Identifier: Apache-2.0

package rar3

import (
	"bytes"
	"hash/crc32"
)

// Bounds of filters, as RAR has them.
const (
	maxData     = 0x3c000 // Octets that a filter is for.
	maxKinds    = 1024
	maxCode     = 1 << 16 // Octets of a program.
	maxGlobal   = 0x2000 - 0x40
	maxWaiting  = 8192
	maxChannels = 1024
)

// kind is what a filter undoes.
type kind int

const (
	calls     kind = iota // Targets of calls in x86 programs.
	jumps                 // Those of jumps, too.
	itanium               // Those of Itanium programs.
	delta                 // Differences.
	pixels                // Of an image.
	samples               // Of sound.
	noProgram             // A program that is not RAR's own.
)

// filter is to be applied to some octets.
type filter struct {
	kind
	start  int64 // As done counts.
	length uint32
	r      [7]uint32 // Registers that the program begins with.
}

func (u *Unpacker) forgetFilters() { u.kinds, u.lengths, u.latest = nil, nil, 0 }

// filterCode reads a filter that next gives the octets of, and has it wait for its data.
func (u *Unpacker) filterCode(next func() (byte, error)) error {
	flags, err := next()
	if err != nil {
		return err
	}
	n := int(flags&7) + 1
	if more := n - 6; more > 0 {
		// One octet more tells how many there are, beside seven; or two do.
		n = 7 * (2 - more)
		size := 0
		for range more {
			c, err := next()
			if err != nil {
				return err
			}
			size = size<<8 | int(c)
		}
		n += size
	}
	code := make([]byte, n)
	for i := range code {
		if code[i], err = next(); err != nil {
			return err
		}
	}
	return u.addFilter(flags, &bits{in: bytes.NewReader(code)})
}

// addFilter reads what a filter is for, and its program if that is new.
func (u *Unpacker) addFilter(flags byte, in *bits) error {
	if flags&0x80 != 0 {
		n := in.number()
		if n == 0 {
			u.forgetFilters()
			u.filters = nil
		} else {
			n--
		}
		if n > uint32(len(u.kinds)) || n >= maxKinds {
			return ErrFormat
		}
		u.latest = int(n)
	}
	f := filter{start: u.done + int64(in.number())}
	if flags&0x40 != 0 {
		f.start += 258
	}
	if u.latest == len(u.lengths) {
		u.lengths = append(u.lengths, 0)
	}
	if flags&0x20 != 0 {
		u.lengths[u.latest] = in.number()
	}
	f.length = u.lengths[u.latest]
	f.r[4] = f.length
	if flags&0x10 != 0 {
		mask := in.read(7)
		for i := range f.r {
			if mask>>i&1 != 0 {
				f.r[i] = in.number()
			}
		}
	}
	if u.latest == len(u.kinds) {
		k, err := program(in)
		if err != nil {
			return err
		}
		u.kinds = append(u.kinds, k)
	}
	f.kind = u.kinds[u.latest]
	return u.wait(f, in)
}

// program reads a program, and tells which of RAR's own it is.
func program(in *bits) (kind, error) {
	n := in.number()
	if n == 0 || n > maxCode {
		return 0, ErrFormat
	}
	code := make([]byte, n)
	for i := range code {
		code[i] = in.octet()
	}
	if in.ended() {
		return 0, ErrFormat
	}
	switch sum := crc32.ChecksumIEEE(code); {
	case parity(code) != 0:
	case n == 53 && sum == 0xad576887:
		return calls, nil
	case n == 57 && sum == 0x3cd7e57e:
		return jumps, nil
	case n == 120 && sum == 0x3769893f:
		return itanium, nil
	case n == 29 && sum == 0x0e06077d:
		return delta, nil
	case n == 149 && sum == 0x1c2c5dc8:
		return pixels, nil
	case n == 216 && sum == 0xbc85e701:
		return samples, nil
	}
	return noProgram, nil
}

// parity is 0 if the first octet of a program is that of the others: RAR runs no other.
func parity(code []byte) (sum byte) {
	for _, c := range code {
		sum ^= c
	}
	return sum
}

// wait puts a filter behind those that wait: it begins no sooner.
func (u *Unpacker) wait(f filter, in *bits) error {
	switch n := len(u.filters); {
	case in.ended(), f.length > maxData, f.start < u.out, n == maxWaiting:
		return ErrFormat
	case n > 0 && f.start < u.filters[n-1].start:
		return ErrFormat
	case f.kind == noProgram:
		return ErrProgram
	}
	u.filters = append(u.filters, f)
	return nil
}

// apply makes what the filters that are next make of the data that is there.
func (u *Unpacker) apply() error {
	first := u.filters[0]
	b := make([]byte, first.length)
	for i := range b {
		b[i] = u.window[(u.out+int64(i))%Window]
	}
	for len(u.filters) > 0 && u.filters[0].start == first.start {
		f := u.filters[0]
		if f.length != first.length {
			return ErrFormat
		}
		u.filters = u.filters[1:]
		var ok bool
		if b, ok = f.undo(b, uint32(u.out-u.begun)); !ok {
			return ErrFormat
		}
	}
	u.out += int64(first.length)
	u.ready = b
	return nil
}

func (f *filter) undo(b []byte, at uint32) (_ []byte, ok bool) {
	switch f.kind {
	case calls, jumps:
		undoCalls(b, at, f.kind == jumps)
	case itanium:
		undoItanium(b, at)
	case delta:
		if f.r[0] == 0 || f.r[0] > maxChannels {
			return nil, false
		}
		b = undoDelta(b, int(f.r[0]))
	case pixels:
		width := int64(f.r[0]) - 3
		if width < 0 || width > int64(len(b)) || f.r[1] > 2 {
			return nil, false
		}
		b = undoPixels(b, int(width), int(f.r[1]))
	case samples:
		if f.r[0] == 0 || f.r[0] > maxChannels {
			return nil, false
		}
		b = undoSamples(b, int(f.r[0]))
	case noProgram:
		return nil, false
	}
	return b, true
}
