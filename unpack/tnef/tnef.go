// SPDX-License-Identifier: Apache-2.0

// Package tnef reads the Transport Neutral Encapsulation Format (MS-OXTNEF): winmail.dat, by any name. It tells where attachments and
// bodies are and by what names; it neither opens nor keeps them. What is wrong, it passes over where it can, as mail programs
// do. Package unpack calls it.
package tnef

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrFormat is wrapped by errors that tell of octets that are not as the format has them; other errors are those of reading.
var ErrFormat = errors.New("tnef is damaged")

// Limits of what is read at once.
const (
	MaxNames = 16      // Of one attachment.
	MaxName  = 4 << 10 // Octets of one of them.
	MaxData  = 16      // Pieces of data of one attachment.
)

const (
	signature = "\x78\x9f\x3e\x22"
	version   = "\x01\x06\x90\x08\x00\x04\x00\x00\x00" // The attribute that all streams begin with.
)

// Is tells if head, the first octets of a file, is the beginning of a TNEF stream: the signature, or the first attribute behind one that was
// changed.
func Is(head []byte) bool {
	return len(head) >= headerLen && (bytes.HasPrefix(head, []byte(signature)) || bytes.HasPrefix(head[headerLen:], []byte(version)))
}

// Kind is what an item is.
type Kind string

// The kinds.
const (
	Attachment Kind = "attachment" // A file; or a TNEF stream or an OLE2 file, if it is a message or an object.
	Picture    Kind = "picture"    // How an attachment is shown.
	Text       Kind = "text"       // A body as text.
	HTML       Kind = "html"       // A body as HTML.
	RTF        Kind = "rtf"        // A body as compressed RTF.
)

// Item is some content in a stream.
type Item struct {
	Kind         Kind
	Names        []string // All that are written for it.
	Offset, Size int64    // Octets, in the stream.
}

// Identifiers of attributes, MS-OXTNEF section 2.1.3.1, without their types.
const (
	attBody          = 0x800c
	attAttachData    = 0x800f
	attAttachTitle   = 0x8010
	attAttachMeta    = 0x8011
	attTransportName = 0x9001
	attRenderData    = 0x9002
	attMAPIProps     = 0x9003
	attAttachment    = 0x9005
)

const (
	headerLen = 6 // Signature and key.
	attrLen   = 9 // Before the data of an attribute: level, identifier, size.
)

// Reader finds the items one after another. It is not safe for several goroutines.
type Reader struct {
	r         io.ReaderAt
	size      int64
	next      int64
	ready     []Item
	names     []string // Of the attachment at hand.
	pieces    []Item   // Its data.
	extension string   // That it has apart from its names.
	fault     error
	ended     bool
	wrong     int // Attributes with wrong checksums.
	scratch   [4 << 10]byte
}

// New reads the stream of size octets that r holds.
func New(r io.ReaderAt, size int64) *Reader { return &Reader{r: r, size: size, next: headerLen} }

// Next finds the next item. Behind the last one it returns io.EOF, or an error that wraps ErrFormat if something was wrong on the way.
func (r *Reader) Next() (*Item, error) {
	for len(r.ready) == 0 {
		if r.ended {
			return nil, r.last()
		}
		if err := r.attribute(); err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, io.EOF) {
				return nil, err
			}
			if errors.Is(err, ErrFormat) && r.fault == nil {
				r.fault = err
			}
			r.flush()
			r.ended = true
		}
	}
	item := r.ready[0]
	r.ready = r.ready[1:]
	return &item, nil
}

func (r *Reader) last() error {
	switch {
	case r.fault != nil:
		return r.fault
	case r.wrong > 0:
		return fmt.Errorf("%w: %d attributes with wrong checksums", ErrFormat, r.wrong)
	}
	return io.EOF
}

// flush ends the attachment at hand. One that is elsewhere has names only.
func (r *Reader) flush() {
	if len(r.pieces) == 0 && len(r.names) > 0 {
		r.pieces = []Item{{Kind: Attachment}}
	}
	if len(r.names) > 0 && !slices.ContainsFunc(r.names, r.hasExtension) {
		r.name(r.names[0] + r.extension)
	}
	for _, p := range r.pieces {
		if p.Names = r.names; p.Kind == Picture {
			p.Names = []string{"picture"}
		}
		r.ready = append(r.ready, p)
	}
	r.pieces, r.names, r.extension = nil, nil, ""
}

func (r *Reader) hasExtension(name string) bool {
	return len(name) >= len(r.extension) && strings.EqualFold(name[len(name)-len(r.extension):], r.extension)
}

// attribute reads the next one.
func (r *Reader) attribute() error {
	if r.next >= r.size {
		return io.EOF
	}
	var h [attrLen]byte
	if r.size-r.next < attrLen {
		return io.EOF // Line ends, and what else programs put behind a file.
	}
	if _, err := r.r.ReadAt(h[:], r.next); err != nil {
		return fmt.Errorf("read attribute: %w", err)
	}
	if h[0] != 1 && h[0] != 2 {
		return fmt.Errorf("%w: no attribute at offset %d", ErrFormat, r.next)
	}
	id := binary.LittleEndian.Uint16(h[1:])
	off, size := r.next+attrLen, int64(binary.LittleEndian.Uint32(h[5:]))
	cut := size > r.size-off
	if cut {
		size = r.size - off
	}
	r.next = off + size + 2
	if err := r.content(id, off, size); err != nil && (!errors.Is(err, ErrFormat) || r.fault == nil) {
		if !errors.Is(err, ErrFormat) {
			return err
		}
		r.fault = err
	}
	if cut {
		return fmt.Errorf("%w: attribute %#x is cut short", ErrFormat, id)
	}
	return r.checksum(off, size)
}

// content notes what an attribute holds.
func (r *Reader) content(id uint16, off, size int64) error {
	switch id {
	case attRenderData:
		r.flush()
	case attAttachTitle, attTransportName:
		text, err := r.text(off, size)
		r.name(text)
		return err
	case attAttachData:
		r.piece(Attachment, off, size)
	case attAttachMeta:
		r.piece(Picture, off, size)
	case attBody:
		r.ready = append(r.ready, Item{Kind: Text, Names: []string{"body.txt"}, Offset: off, Size: size})
	case attMAPIProps, attAttachment:
		return r.props(off, size)
	}
	return nil
}

func (r *Reader) piece(k Kind, off, size int64) {
	switch {
	case size <= 0:
	case len(r.pieces) >= MaxData:
		r.fault = fmt.Errorf("%w: limit pieces of an attachment (%d) exceeded", ErrFormat, MaxData)
	default:
		r.pieces = append(r.pieces, Item{Kind: k, Offset: off, Size: size})
	}
}

func (r *Reader) name(text string) {
	switch {
	case text == "" || slices.Contains(r.names, text):
	case len(r.names) >= MaxNames:
		r.fault = fmt.Errorf("%w: limit names of an attachment (%d) exceeded", ErrFormat, MaxNames)
	default:
		r.names = append(r.names, text)
	}
}

// text reads octets up to NUL.
func (r *Reader) text(off, size int64) (string, error) {
	b, err := r.octets(off, min(size, MaxName))
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b), err
}

func (r *Reader) octets(off, size int64) ([]byte, error) {
	if off < 0 || size < 0 || off > r.size-size {
		return nil, fmt.Errorf("%w: cut short", ErrFormat)
	}
	b := make([]byte, size)
	if _, err := r.r.ReadAt(b, off); err != nil && !(errors.Is(err, io.EOF) && size == 0) {
		return nil, fmt.Errorf("read attribute: %w", err)
	}
	return b, nil
}

// checksum compares the sum behind the data of an attribute.
func (r *Reader) checksum(off, size int64) error {
	var sum uint16
	for left := size; left > 0; {
		b := r.scratch[:min(left, int64(len(r.scratch)))]
		if _, err := r.r.ReadAt(b, off+size-left); err != nil {
			return fmt.Errorf("read attribute: %w", err)
		}
		for _, c := range b {
			sum += uint16(c)
		}
		left -= int64(len(b))
	}
	b, err := r.octets(off+size, 2)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint16(b) != sum {
		r.wrong++
	}
	return nil
}
