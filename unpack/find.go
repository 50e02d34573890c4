// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"errors"
	"io"
)

// signature is the third octet of a zip signature; the fourth is one more ("PK\x03\x04").
type signature byte

const (
	sigDirectory  signature = 1 // Central directory file header.
	sigLocal      signature = 3 // Local file header.
	sigEnd        signature = 5 // End of central directory record.
	sigDescriptor signature = 7 // Data descriptor; at the very start, a multi-volume archive.
)

// finder looks for zip signatures in content, through a window that moves forward.
type finder struct {
	walk  *walk
	c     content
	page  *[]byte
	win   []byte // Octets of the content at start.
	start int64
}

func (w *walk) finder(l *Leaf) *finder {
	return &finder{walk: w, c: content{r: l.Content, size: l.Size}}
}

func (f *finder) close() {
	if f.page != nil {
		f.walk.u.pages.Put(f.page)
		f.page, f.win = nil, nil
	}
}

// next finds the first signature at off or behind it. At the end of the content it returns io.EOF.
func (f *finder) next(off int64) (at int64, sig signature, err error) {
	for {
		w, err := f.peek(off, 4)
		if err != nil {
			return 0, 0, err
		}
		i := bytes.Index(w, []byte("PK"))
		switch {
		case i < 0:
			off += int64(len(w)) - 1 // The last octet may be a P.
			continue
		case i+4 > len(w):
			off += int64(i) // The rest of it is behind the window.
			continue
		}
		if s := w[i+2]; (s == 1 || s == 3 || s == 5 || s == 7) && w[i+3] == s+1 {
			return off + int64(i), signature(s), nil
		}
		off += int64(i) + 2
	}
}

// peek gives the octets at off that are in the window, at least n; io.EOF if the content ends before.
func (f *finder) peek(off, n int64) ([]byte, error) {
	if off < 0 || off > f.c.size-n {
		return nil, io.EOF
	}
	if off < f.start || off+n > f.start+int64(len(f.win)) {
		if err := f.fill(off); err != nil {
			return nil, err
		}
	}
	return f.win[off-f.start:], nil
}

// fill moves the window to off.
func (f *finder) fill(off int64) error {
	if err := f.walk.stopped(); err != nil {
		return err
	}
	if f.page == nil {
		f.page = f.walk.u.page()
	}
	want := min(pageSize, f.c.size-off)
	n, err := f.c.r.ReadAt((*f.page)[:want], off)
	if int64(n) < want {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	f.win, f.start = (*f.page)[:want], off
	return nil
}

// find gives the offsets of the text in the content, in order, at most limit of them.
func (b *box) find(text string, limit int) ([]int64, error) { return b.findFrom(0, text, limit) }

// findFrom looks from the offset on.
func (b *box) findFrom(off int64, text string, limit int) ([]int64, error) {
	var at []int64
	f := b.finder(b.leaf)
	defer f.close()
	for len(at) < limit {
		w, err := f.peek(off, int64(len(text)))
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		i := bytes.Index(w, []byte(text))
		if i < 0 {
			off += int64(len(w) - len(text) + 1)
			continue
		}
		at = append(at, off+int64(i))
		off += int64(i) + 1
	}
	return at, nil
}
