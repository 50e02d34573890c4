// SPDX-License-Identifier: Apache-2.0

// Package rpm reads packages of the RPM package manager as far as to tell where the payload is, a compressed cpio archive. It does
// not open that. Package unpack calls it.
package rpm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrFormat is wrapped by errors that tell of octets that are not as the format has them; other errors are those of reading.
var ErrFormat = errors.New("rpm package is damaged")

// Limits of a header, as rpm itself has them.
const (
	MaxEntries = 0xffff   // Of the index.
	MaxStore   = 64 << 20 // Octets of the data behind it.
	MaxText    = 256      // Octets of one string.
)

const (
	leadMagic   = "\xed\xab\xee\xdb"
	headerMagic = "\x8e\xad\xe8\x01"
	leadLen     = 96
	introLen    = 16 // Of a header: magic, reserved, two counts.
	entryLen    = 16
)

// Tags of the entries that are read.
const (
	tagName       = 1000
	tagVersion    = 1001
	tagFormat     = 1124
	tagCompressor = 1125
)

// typeString is that of an entry which is one string.
const typeString = 6

// Package is what is known of a package.
type Package struct {
	Name, Version      string // As the header says; "" if it does not.
	Format, Compressor string // Of the payload, "cpio" and "gzip" for example; "" if the header does not say.
	Offset, Size       int64  // Octets of the payload.
}

// Is tells if head, the first octets of a file, is the beginning of a package.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte(leadMagic)) }

// Read reads the headers of the package of size octets that r holds.
func Read(r io.ReaderAt, size int64) (*Package, error) {
	var lead [4]byte
	if size < leadLen {
		return nil, fmt.Errorf("%w: too short", ErrFormat)
	}
	if _, err := r.ReadAt(lead[:], 0); err != nil {
		return nil, fmt.Errorf("read lead: %w", err)
	}
	if !Is(lead[:]) {
		return nil, fmt.Errorf("%w: no lead", ErrFormat)
	}
	p := &Package{}
	// The first header has the signatures and is filled up to eight octets.
	off, err := p.header(r, leadLen, size, false)
	if err != nil {
		return nil, err
	}
	off, err = p.header(r, (off+7)&^7, size, true)
	if err != nil {
		return nil, err
	}
	p.Offset, p.Size = off, size-off
	return p, nil
}

// header reads the header at off and gives the offset behind it.
func (p *Package) header(r io.ReaderAt, off, size int64, keep bool) (end int64, err error) {
	var intro [introLen]byte
	if off > size-introLen {
		return 0, fmt.Errorf("%w: cut short", ErrFormat)
	}
	if _, err := r.ReadAt(intro[:], off); err != nil {
		return 0, fmt.Errorf("read header: %w", err)
	}
	entries, store := int64(binary.BigEndian.Uint32(intro[8:])), int64(binary.BigEndian.Uint32(intro[12:]))
	if string(intro[:4]) != headerMagic || entries > MaxEntries || store > MaxStore {
		return 0, fmt.Errorf("%w: no header at offset %d", ErrFormat, off)
	}
	data := off + introLen + entries*entryLen
	if end = data + store; end > size {
		return 0, fmt.Errorf("%w: header is cut short", ErrFormat)
	}
	if !keep {
		return end, nil
	}
	index := make([]byte, entries*entryLen)
	if _, err := r.ReadAt(index, off+introLen); err != nil {
		return 0, fmt.Errorf("read index: %w", err)
	}
	for ; len(index) > 0; index = index[entryLen:] {
		if err := p.entry(io.NewSectionReader(r, data, store), index[:entryLen]); err != nil {
			return 0, err
		}
	}
	return end, nil
}

// entry keeps what an entry of the index says, if it is wanted.
func (p *Package) entry(store *io.SectionReader, entry []byte) error {
	var to *string
	switch binary.BigEndian.Uint32(entry) {
	case tagName:
		to = &p.Name
	case tagVersion:
		to = &p.Version
	case tagFormat:
		to = &p.Format
	case tagCompressor:
		to = &p.Compressor
	default:
		return nil
	}
	if binary.BigEndian.Uint32(entry[4:]) != typeString {
		return nil
	}
	b := make([]byte, MaxText)
	n, err := store.ReadAt(b, int64(binary.BigEndian.Uint32(entry[8:])))
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read string: %w", err)
	}
	b, _, _ = bytes.Cut(b[:n], []byte{0})
	*to = string(b)
	return nil
}
