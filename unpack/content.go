// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"io"

	"github.com/mailweir/mailweir/mail"
)

// content is octets that stay readable until the message is closed: a section of the message, or of the arena that all that is
// decoded and unpacked is written to. So a message costs one file at the most, however much is in it.
type content struct {
	r    io.ReaderAt
	size int64

	base *Leaf // What it is a section of; nil if it is none.
	at   int64 // Where in that.
}

// nothing is content of no octets.
type nothing struct{}

func (nothing) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

// decode keeps what body reads, the decoded form of an entity's body. A body that has no transfer encoding is not copied. others are
// the ways in which some clients decode it.
func (w *walk) decode(body io.Reader) (c content, others []string, err error) {
	if raw, ok := body.(*io.SectionReader); ok {
		return content{r: raw, size: raw.Size()}, nil, nil
	}
	page := w.u.page()
	defer w.u.pages.Put(page)
	arena := w.contents.arena
	start := arena.Size()
	if _, err := io.CopyBuffer(struct{ io.Writer }{arena}, &patient{walk: w, r: body}, *page); err != nil {
		return content{}, nil, fmt.Errorf("decode: %w", err)
	}
	return w.kept(start), mail.Others(body), nil
}

// kept is what was written to the arena from start on.
func (w *walk) kept(start int64) content {
	size := w.contents.arena.Size() - start
	return content{r: io.NewSectionReader(w.contents.arena, start, size), size: size}
}

// patient ends a long read when the walk is stopped.
type patient struct {
	walk *walk
	r    io.Reader
}

func (c *patient) Read(p []byte) (int, error) {
	if err := c.walk.stopped(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
