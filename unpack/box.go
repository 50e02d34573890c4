// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/mail"
)

// format is one kind of container.
type format struct {
	name  string
	holds Holder             // Archive or Document.
	sniff func(h *head) bool // Tells cheaply, by content, if it may be one.

	// open takes out what is in it through the methods of the box. Errors of the box are handed on as they came; damage is a
	// Problem and no error.
	open func(b *box) error
}

func anything(*head) bool { return true }

// hasLine tells of content with a line of the kind somewhere.
func hasLine(k lineKind) func(*head) bool {
	return func(h *head) bool { return h.leaf.signs.lines[k] >= 0 }
}

// headSize is how many of its first octets a leaf is judged by.
const headSize = 4 << 10

// head is the beginning of a leaf.
type head struct {
	leaf  *Leaf
	octet []byte // The first octets, at most headSize.
}

// has tells if the leaf has the text at the offset, anywhere in it.
func (h *head) has(off int64, text string) bool {
	n := int64(len(text))
	switch {
	case off < 0 || off+n > h.leaf.Size:
		return false
	case off+n <= int64(len(h.octet)):
		return string(h.octet[off:off+n]) == text
	}
	b := make([]byte, n)
	got, _ := h.leaf.Content.ReadAt(b, off)
	return int64(got) == n && string(b) == text
}

// open opens a leaf as all that it may be.
func (w *walk) open(l *Leaf) error {
	if l.Size == 0 {
		return nil
	}
	h := &head{leaf: l, octet: make([]byte, min(l.Size, headSize))}
	if n, err := l.Content.ReadAt(h.octet, 0); n < len(h.octet) {
		return fmt.Errorf("read: %w", orUnexpected(err))
	}
	leaves, problems := len(w.contents.Leaves), len(w.contents.Problems)
	for _, f := range w.formats {
		if !f.sniff(h) {
			continue
		}
		b := w.box(l, f)
		if err := b.openAll(); err != nil {
			return err
		}
		l.Empty = l.Empty || b.empty
	}
	l.Empty = l.Empty && len(w.contents.Leaves) == leaves
	said := len(w.contents.Leaves) > leaves || l.Empty || slices.ContainsFunc(w.contents.Problems[problems:], func(p Problem) bool { return p.Kind != Damaged })
	if !said && l.Type.Group == filetype.Archive && l.Size > maxEmpty && l.Kept != Reading {
		w.problem(l.Place, Unscannable, "a file of type "+l.Type.Name+" of which nothing could be read")
	}
	return nil
}

// maxEmpty is how many octets an archive may have that nothing is said of: no file fits into them.
const maxEmpty = 64

func (w *walk) box(l *Leaf, f format) *box {
	return &box{walk: w, leaf: l, format: f, kept: f.holds, tap: &tap{walk: w, r: l.Content, size: l.Size}}
}

// openAll opens a leaf as the format of the box.
func (b *box) openAll() error {
	err := b.try()
	if b.tap.fault != nil {
		// The reader of the format may have taken it for damage.
		err = b.tap.fault
	}
	return b.spent(b.leaf.Place, err)
}

func orUnexpected(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// box is a container being opened.
type box struct {
	*walk
	leaf   *Leaf
	format format
	kept   Holder // What its members are kept in.
	tap    *tap
	deep   bool // The budget's depth was asked for.
	empty  bool // It was read to its end, and there is nothing in it. The reader of the format says so.
}

// try opens it. A reader that panics gives no answer, and that is said.
func (b *box) try() (err error) {
	defer func() {
		if v := recover(); v != nil {
			b.problem(Unscannable, fmt.Sprintf("the reader of %s broke off: %.100v", b.format.name, v))
			err = nil
		}
	}()
	return b.format.open(b)
}

// content is what is to be opened. Reading it fails when the walk is stopped or it was read too often.
func (b *box) content() (io.ReaderAt, int64) { return b.tap, b.leaf.Size }

// members are the leaves that were taken out of the container so far, by all formats.
func (b *box) members() []*Leaf {
	var in []*Leaf
	for i := len(b.contents.Leaves) - 1; i >= 0 && b.contents.Leaves[i] != b.leaf; i-- {
		if l := b.contents.Leaves[i]; l.Within == b.leaf {
			in = append(in, l)
		}
	}
	for i, j := 0, len(in)-1; i < j; i, j = i+1, j-1 {
		in[i], in[j] = in[j], in[i]
	}
	return in
}

// problem notes a problem of the container itself.
func (b *box) problem(k Kind, detail string) { b.walk.problem(b.leaf.Place, k, detail) }

func (b *box) fact(code, detail string) { b.leaf.fact(code, detail) }

func (b *box) link(uri string) { b.walk.link(b.leaf, uri) }

// member is one file in a container.
type member struct {
	names  []string // All that programs may show, the usual one first.
	size   int64    // Octets, or -1; a hint that may lie.
	open   func() (io.Reader, error)
	sealed Kind   // Not "": there is no content, for the reason that detail gives.
	detail string // Of a sealed member.
}

// enter asks for leave to look at one more member. ok is false if it lies too deep, which is a Problem.
func (b *box) enter() (ok bool, err error) {
	if err := b.budget.Depth(b.leaf.Depth + 1); err != nil {
		if !b.deep {
			// Not spent for good: what lies less deep may still be opened.
			b.problem(Unscannable, err.Error())
			b.deep = true
		}
		return false, nil
	}
	if !b.deep {
		b.deep = true
		b.budget.Packed(b.leaf.Size)
	}
	if err := b.budget.Entry(); err != nil {
		return false, err
	}
	return true, b.stopped()
}

// member takes a file out, keeps it, and looks into it. That it cannot be read, or not to its end, is a Problem.
func (b *box) member(m member) error {
	ok, err := b.enter()
	if !ok || err != nil {
		return err
	}
	o := b.leaf.member(b.format.name, b.kept, m.names...)
	if m.sealed != "" {
		b.seal(o, m.sealed, m.detail)
		return nil
	}
	r, err := m.open()
	if err != nil {
		if b.tap.fault != nil {
			return b.tap.fault
		}
		b.seal(o, Unscannable, "cannot be read: "+cleanName(err.Error()))
		return nil
	}
	c, broken, err := b.spool(r)
	if err != nil {
		return err
	}
	if broken != nil {
		b.walk.problem(o.Place, faultKind(broken), "breaks off: "+cleanName(broken.Error()))
	}
	b.octets += c.size
	return b.walk.leaf(o, c)
}

// section is a member that stands in the container as it is.
func (b *box) section(names []string, off, size int64) error {
	ok, err := b.enter()
	if !ok || err != nil {
		return err
	}
	o := b.leaf.member(b.format.name, b.kept, names...)
	if off < 0 || off > b.leaf.Size {
		b.seal(o, Damaged, "lies outside of the file")
		return nil
	}
	if size < 0 || size > b.leaf.Size-off {
		b.walk.problem(o.Place, Damaged, "breaks off")
		size = b.leaf.Size - off
	}
	// Sections may overlap: what is looked at counts as if it were unpacked.
	if err := b.budget.Octets(size); err != nil {
		return err
	}
	b.leaf.covered.add(off, off+size)
	return b.walk.leaf(o, content{r: io.NewSectionReader(b.leaf.Content, off, size), size: size, base: b.leaf, at: off})
}

// message takes a message out and looks at its leaves.
func (b *box) message(name string, r io.Reader) error {
	ok, err := b.enter()
	if !ok || err != nil {
		return err
	}
	o := b.leaf.member(b.format.name, b.kept, name)
	c, broken, err := b.spool(r)
	if err != nil {
		return err
	}
	if broken != nil {
		b.walk.problem(o.Place, faultKind(broken), "breaks off: "+cleanName(broken.Error()))
	}
	return b.walk.message(b.add(o, c))
}

// spool keeps what r reads. broken is an error of the format; err is one that ends the walk of the entity.
func (b *box) spool(r io.Reader) (c content, broken, err error) {
	page := b.u.page()
	defer b.u.pages.Put(page)
	arena := b.contents.arena
	start := arena.Size()
	for {
		n, err := r.Read(*page)
		if b.tap.fault != nil {
			return content{}, nil, b.tap.fault
		}
		if err := b.budget.Octets(int64(n)); err != nil {
			return content{}, nil, err
		}
		if err := b.stopped(); err != nil {
			return content{}, nil, err
		}
		if _, err := arena.Write((*page)[:n]); err != nil {
			return content{}, nil, err
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return b.walk.kept(start), nil, nil
		default:
			if _, ok := errors.AsType[*mail.LimitError](err); ok {
				return content{}, nil, err
			}
			return b.walk.kept(start), err, nil
		}
	}
}
