// SPDX-License-Identifier: Apache-2.0

package smime

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// Bounds of what is read.
const (
	maxDepth  = 32      // Elements inside one another; CMS needs 10.
	maxPieces = 1 << 17 // Elements read in all. Programs cut content into pieces of 1 KiB and more.
)

// Tags (X.690 section 8.1.2), the bit of constructed ones included where these are always.
const (
	tagOctets      = 0x04
	tagOID         = 0x06
	tagSequence    = 0x30
	tagExplicit0   = 0xa0
	tagConstructed = 0x20
)

// ErrFormat is wrapped by errors that tell that the content is no CMS, or breaks off.
var ErrFormat = errors.New("not as CMS is")

// errLimit is wrapped by errors of the bounds above.
var errLimit = errors.New("limit exceeded")

// element is one element in BER: its tag, and where its contents are.
type element struct {
	tag        byte
	start, end int64 // Of the contents; end is unknownEnd if the length is indefinite.
}

// unknownEnd is the end of an element that an end-of-contents element ends.
const unknownEnd = math.MaxInt64

// reader reads elements.
type reader struct {
	r      io.ReaderAt
	size   int64
	pieces int
	short  bool // An element ends behind what it is in.
}

// at reads the element at off. It is cut at limit.
func (r *reader) at(off, limit int64) (element, error) {
	if r.pieces++; r.pieces > maxPieces {
		return element{}, fmt.Errorf("pieces (%d): %w", maxPieces, errLimit)
	}
	limit = min(limit, r.size)
	var b [10]byte
	if off < 0 || off >= limit {
		return element{}, ErrFormat
	}
	n, err := r.r.ReadAt(b[:min(int64(len(b)), limit-off)], off)
	if err != nil && !errors.Is(err, io.EOF) {
		return element{}, err
	}
	if n < 2 || b[0]&0x1f == 0x1f {
		return element{}, ErrFormat // Nothing in CMS has a tag of more than one octet.
	}
	e := element{tag: b[0], start: off + 2}
	switch l := int(b[1]); {
	case l < 0x80:
		e.end = e.start + int64(l)
	case l == 0x80:
		if e.tag&tagConstructed == 0 {
			return element{}, ErrFormat
		}
		e.end = unknownEnd
		return e, nil
	default:
		l &= 0x7f
		if l > 8 || n < 2+l {
			return element{}, ErrFormat
		}
		var v uint64
		for _, c := range b[2 : 2+l] {
			v = v<<8 | uint64(c)
		}
		e.start += int64(l)
		e.end = e.start + int64(min(v, math.MaxInt64/2))
	}
	if e.end > limit {
		// What there is of it is read.
		r.short, e.end = true, limit
	}
	return e, nil
}

// ends tells if e ends at off: there, or because of the end-of-contents element that is there; next is then what is behind it.
func (r *reader) ends(e element, off int64) (next int64, ended bool, err error) {
	if e.end != unknownEnd {
		return off, off >= e.end, nil
	}
	var b [2]byte
	if n, err := r.r.ReadAt(b[:], off); n < 2 {
		if err == nil || errors.Is(err, io.EOF) {
			err = ErrFormat
		}
		return 0, false, err
	}
	return off + 2, b == [2]byte{}, nil
}

// skip is what is behind an element. Those of indefinite length are gone through.
func (r *reader) skip(e element) (int64, error) {
	off, depth := e.start, 0
	if e.end != unknownEnd {
		return e.end, nil
	}
	for {
		// Only elements of indefinite length are gone into, so all ends here are end-of-contents elements.
		next, ended, err := r.ends(element{end: unknownEnd}, off)
		if err != nil {
			return 0, err
		}
		if ended {
			if off = next; depth == 0 {
				return off, nil
			}
			depth--
			continue
		}
		inner, err := r.at(off, r.size)
		if err != nil {
			return 0, err
		}
		off = inner.end
		if inner.end == unknownEnd {
			if depth++; depth > maxDepth {
				return 0, fmt.Errorf("depth (%d): %w", maxDepth, errLimit)
			}
			off = inner.start
		}
	}
}

// child reads the element in parent at off; ok is false at the end of parent.
func (r *reader) child(parent element, off int64) (e element, ok bool, err error) {
	if _, ended, err := r.ends(parent, off); err != nil || ended {
		return element{}, false, err
	}
	e, err = r.at(off, parent.end)
	return e, err == nil, err
}

// need reads an element that has to be there.
func (r *reader) need(parent element, off int64, tag byte) (element, error) {
	e, ok, err := r.child(parent, off)
	switch {
	case err != nil:
		return element{}, err
	case !ok || e.tag != tag:
		return element{}, fmt.Errorf("no element %#02x at %d: %w", tag, off, ErrFormat)
	}
	return e, nil
}

// bytes reads the contents of a short primitive element.
func (r *reader) bytes(e element) ([]byte, error) {
	const most = 64
	if e.end-e.start > most {
		return nil, ErrFormat
	}
	b := make([]byte, e.end-e.start)
	if n, err := r.r.ReadAt(b, e.start); n < len(b) {
		return nil, err
	}
	return b, nil
}

// Span is a run of octets of the content.
type Span struct{ Start, End int64 }

// octets gathers the pieces of an octet string, which may hold others (X.690 section 8.7.3).
func (r *reader) octets(e element, into []Span, depth int) ([]Span, int64, error) {
	switch {
	case e.tag&^tagConstructed != tagOctets && depth > 0:
		return nil, 0, fmt.Errorf("element %#02x in an octet string: %w", e.tag, ErrFormat)
	case e.tag&tagConstructed == 0:
		if e.end > e.start {
			into = append(into, Span{e.start, e.end})
		}
		return into, e.end, nil
	case depth > maxDepth:
		return nil, 0, fmt.Errorf("depth (%d): %w", maxDepth, errLimit)
	}
	off := e.start
	for {
		next, ended, err := r.ends(e, off)
		if err != nil {
			return into, 0, err
		}
		if ended {
			return into, next, nil
		}
		inner, err := r.at(off, e.end)
		if err != nil {
			return into, 0, err
		}
		if into, off, err = r.octets(inner, into, depth+1); err != nil {
			return into, 0, err
		}
	}
}
