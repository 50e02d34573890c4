// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"io"
	"sync/atomic"

	"github.com/mailweir/mailweir/mail"
)

// Leaf is some content on its own: the decoded body of an entity or a member of an archive.
type Leaf struct {
	Place
	Content io.ReaderAt // Readable by many goroutines until visit returns or, if it was held, until it is released.
	Size    int64       // Octets.

	held *content
}

// Reader reads the content from its start.
func (l Leaf) Reader() *io.SectionReader { return io.NewSectionReader(l.Content, 0, l.Size) }

// Hold keeps the content readable after visit has returned, until release is called, once. It is called during visit.
func (l Leaf) Hold() (release func()) {
	l.held.refs.Add(1)
	return l.held.release
}

// content is octets that stay readable until the last who holds them lets go.
type content struct {
	r     io.ReaderAt
	size  int64
	spool *mail.Spool // Nil if r is the message itself or a section of other content.
	of    *content    // That other content, held as long as this is; nil if it is none.
	refs  atomic.Int32
}

func newContent(r io.ReaderAt, size int64, spool *mail.Spool) *content {
	c := &content{r: r, size: size, spool: spool}
	c.refs.Store(1)
	return c
}

// section is content that r reads from other content; of is nil if that is the message itself.
func section(r io.ReaderAt, size int64, of *content) *content {
	c := newContent(r, size, nil)
	if of != nil {
		of.refs.Add(1)
		c.of = of
	}
	return c
}

func (c *content) release() {
	if c.refs.Add(-1) > 0 {
		return
	}
	if c.spool != nil {
		// Content that was only read cannot lose anything by a failed close.
		_ = c.spool.Close()
	}
	if c.of != nil {
		c.of.release()
	}
}

// decode keeps what body reads, the decoded form of size octets. A body that has no transfer encoding is not copied. others are the
// ways in which some clients decode it.
func (w *walk) decode(body io.Reader, size int64) (c *content, others []string, err error) {
	if raw, ok := body.(*io.SectionReader); ok {
		return section(raw, raw.Size(), w.within), nil, nil
	}
	spool := w.u.Spooler.New(size * 3 / 4)
	page := w.u.page()
	defer w.u.pages.Put(page)
	if _, err := io.CopyBuffer(spool, &patient{walk: w, r: body}, *page); err != nil {
		return nil, nil, fmt.Errorf("decode: %w", closeAfter(spool, err))
	}
	return newContent(spool, spool.Size(), spool), mail.Others(body), nil
}

// closeAfter closes a spool that is of no use after err.
func closeAfter(s *mail.Spool, err error) error {
	_ = s.Close()
	return err
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
