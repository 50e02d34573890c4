// SPDX-License-Identifier: Apache-2.0

// Package cpio reads cpio archives: newc, crc, odc, and the old binary format in both octet orders. It tells where members
// are; it neither opens nor keeps them. Package unpack calls it.
package cpio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// ErrFormat is wrapped by errors that tell of octets that are not as the format has them; other errors are those of reading.
var ErrFormat = errors.New("cpio archive is damaged")

// MaxName is how many octets of a name are read; a longer one is cut.
const MaxName = 4 << 10

// trailer is the name of the entry that ends an archive.
const trailer = "TRAILER!!!"

// Bits of a mode.
const (
	modeType    = 0o170000
	modeDir     = 0o040000
	modeSymlink = 0o120000
)

// layout is how one of the formats writes its headers.
type layout struct {
	header           int64 // Octets.
	align            int64 // Of name and content, from the header on.
	mode, name, size func(h []byte) (int64, bool)
}

// Member is one entry of an archive.
type Member struct {
	Name         string
	Offset, Size int64 // Octets, in the archive.
	Dir          bool
	Symlink      bool // The content is the path that it points to.
}

// Reader finds the members one after another. It is not safe for several goroutines.
type Reader struct {
	r    io.ReaderAt
	size int64
	next int64
}

// New reads the archive of size octets that r holds.
func New(r io.ReaderAt, size int64) *Reader { return &Reader{r: r, size: size} }

// Is tells if head, the first octets of a file, is the beginning of an archive: a header that makes sense.
func Is(head []byte) bool {
	l, ok := layoutOf(head)
	if !ok || int64(len(head)) <= l.header {
		return false
	}
	name, ok := l.name(head)
	if !ok || name < 2 || name > MaxName {
		return false
	}
	end := l.header + name - 1
	return end >= int64(len(head)) || head[end] == 0
}

// End is the offset behind the last entry that was read.
func (r *Reader) End() int64 { return min(r.next, r.size) }

// Next finds the next entry; io.EOF behind the trailer. An entry that is cut short comes with an error that wraps ErrFormat.
func (r *Reader) Next() (*Member, error) {
	if r.next >= r.size {
		return nil, fmt.Errorf("%w: the archive has no end", ErrFormat)
	}
	var head [maxHeader]byte
	n, err := r.r.ReadAt(head[:min(maxHeader, r.size-r.next)], r.next)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read header: %w", err)
	}
	l, ok := layoutOf(head[:n])
	if !ok || int64(n) < l.header {
		return nil, fmt.Errorf("%w: no header at offset %d", ErrFormat, r.next)
	}
	mode, ok1 := l.mode(head[:])
	nameLen, ok2 := l.name(head[:])
	size, ok3 := l.size(head[:])
	if !ok1 || !ok2 || !ok3 || nameLen == 0 {
		return nil, fmt.Errorf("%w: no numbers in the header at offset %d", ErrFormat, r.next)
	}
	return r.entry(l, mode, nameLen, size)
}

// entry reads the name behind a header and finds the content.
func (r *Reader) entry(l layout, mode, nameLen, size int64) (*Member, error) {
	start := r.next + l.header
	if nameLen > r.size-start {
		return nil, fmt.Errorf("%w: name is cut short", ErrFormat)
	}
	name := make([]byte, min(nameLen, MaxName))
	if _, err := r.r.ReadAt(name, start); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read name: %w", err)
	}
	name, _, _ = bytes.Cut(name, []byte{0})
	m := &Member{
		Name: string(name), Offset: min(align(start+nameLen, r.next, l.align), r.size), Size: size,
		Dir: mode&modeType == modeDir, Symlink: mode&modeType == modeSymlink,
	}
	if m.Name == trailer && size == 0 {
		r.next = m.Offset
		return nil, io.EOF
	}
	if rest := r.size - m.Offset; m.Size > rest {
		r.next = r.size
		m.Size = rest
		return m, fmt.Errorf("%w: entry is cut short by %d octets", ErrFormat, size-rest)
	}
	r.next = align(m.Offset+m.Size, r.next, l.align)
	return m, nil
}

// align goes on to a multiple of n from base on.
func align(off, base, n int64) int64 { return base + (off-base+n-1)/n*n }

const maxHeader = 110

// layoutOf knows a format by its magic.
func layoutOf(head []byte) (layout, bool) {
	switch {
	case bytes.HasPrefix(head, []byte("070701")), bytes.HasPrefix(head, []byte("070702")):
		return layout{header: maxHeader, align: 4, mode: hexAt(14), size: hexAt(54), name: hexAt(94)}, true
	case bytes.HasPrefix(head, []byte("070707")):
		return layout{header: 76, align: 1, mode: octAt(18, 6), name: octAt(59, 6), size: octAt(65, 11)}, true
	case bytes.HasPrefix(head, []byte{0xc7, 0x71}):
		return binaryLayout(binary.LittleEndian), true
	case bytes.HasPrefix(head, []byte{0x71, 0xc7}):
		return binaryLayout(binary.BigEndian), true
	}
	return layout{}, false
}

func hexAt(off int) func([]byte) (int64, bool) {
	return func(h []byte) (int64, bool) { return number(h, off, 8, 16) }
}

func octAt(off, n int) func([]byte) (int64, bool) {
	return func(h []byte) (int64, bool) { return number(h, off, n, 8) }
}

// number reads digits; spaces and NUL before and behind them are left out as other readers do.
func number(h []byte, off, n, base int) (int64, bool) {
	if len(h) < off+n {
		return 0, false
	}
	v, err := strconv.ParseUint(string(bytes.Trim(h[off:off+n], " \x00")), base, 62)
	return int64(v), err == nil
}

// binaryLayout is the old format: 16-bit words, long numbers with the more significant word first.
func binaryLayout(order binary.ByteOrder) layout {
	word := func(off int) func([]byte) (int64, bool) {
		return func(h []byte) (int64, bool) {
			if len(h) < off+2 {
				return 0, false
			}
			return int64(order.Uint16(h[off:])), true
		}
	}
	return layout{header: 26, align: 2, mode: word(6), name: word(20), size: func(h []byte) (int64, bool) {
		high, ok1 := word(22)(h)
		low, ok2 := word(24)(h)
		return high<<16 | low, ok1 && ok2
	}}
}
