// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"fmt"
	"io"
)

const (
	windowSize = 64 << 10 // Octets that are read at a time.
	lineHead   = 2 << 10  // Octets of a line that are looked at to tell what it is.
)

// window looks at a message through a piece of it that moves, or at the whole if that is in memory.
type window struct {
	r    io.ReaderAt
	size int64
	base int64  // Offset of buf.
	buf  []byte // What is in view.
	page []byte // Memory for buf; nil if the whole message is in view.
	head []byte // Memory for the head of a line that is longer than the window.
	err  error  // Of r. Everything behind it looks like the end of the message.
}

func newWindow(r io.ReaderAt, size int64) window {
	if m, ok := r.(interface{ Bytes() []byte }); ok {
		if b := m.Bytes(); int64(len(b)) >= size && b != nil {
			return window{size: size, buf: b[:size]}
		}
	}
	return window{r: r, size: size, page: make([]byte, min(windowSize, size))}
}

// from gives what is in view from off on: at least n octets, unless the message ends before. n is at most windowSize.
// It is valid until the next call.
func (w *window) from(off int64, n int) []byte {
	if w.err != nil || off >= w.size {
		return nil
	}
	end := w.base + int64(len(w.buf))
	if off < w.base || min(off+int64(n), w.size) > end {
		w.load(off)
	}
	return w.buf[off-w.base:]
}

func (w *window) load(off int64) {
	w.base, w.buf = off, w.page[:min(int64(len(w.page)), w.size-off)]
	n, err := w.r.ReadAt(w.buf, off)
	if n == len(w.buf) {
		return
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	w.err = fmt.Errorf("read message at %d: %w", off, err)
	w.buf = nil
}

// line measures the line at off with its line end, which is the octet eol, and gives the first octets of it, at most
// lineHead. A line of more than most octets is measured no further than that.
func (w *window) line(off int64, eol byte, most int64) (head []byte, n int64) {
	b := w.from(off, lineHead)
	i := bytes.IndexByte(b, eol)
	if i < 0 {
		b = w.from(off, windowSize)
		i = bytes.IndexByte(b, eol)
	}
	if i >= 0 {
		return b[:min(i+1, lineHead)], int64(i + 1)
	}
	w.head = append(w.head[:0], b[:min(len(b), lineHead)]...)
	for n = int64(len(b)); n <= most; {
		b = w.from(off+n, 1)
		if len(b) == 0 {
			break
		}
		if i = bytes.IndexByte(b, eol); i >= 0 {
			return w.head, n + int64(i) + 1
		}
		n += int64(len(b))
	}
	return w.head, n
}

// text copies the octets from start to end.
func (w *window) text(start, end int64) string {
	if w.err != nil || start >= end {
		return ""
	}
	if start >= w.base && end <= w.base+int64(len(w.buf)) {
		return string(w.buf[start-w.base : end-w.base])
	}
	b := make([]byte, end-start)
	if n, err := w.r.ReadAt(b, start); n < len(b) {
		w.err = fmt.Errorf("read message at %d: %w", start, err)
		return ""
	}
	return string(b)
}
