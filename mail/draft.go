// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
)

// Edit is one change, as a value: it can be listed, compared by its String, and left undone.
type Edit interface {
	fmt.Stringer
	Apply(d *Draft) error
}

// Draft is a message with the changes so far. An Edit adds its own through Replace and Insert. Edits do not see one another's
// changes: all offsets are those of the message as it came. A Draft belongs to one Write and to its goroutine.
type Draft struct {
	msg     *Message
	changes []change
	edit    Edit         // That which is being applied.
	top     [][]byte     // Fields for the top, in order.
	topEdit Edit         // Which brought the first of them.
	wrap    *WrapMessage // The last step, if asked for.
	rebuild bool         // The very last step, if asked for.

	revisions map[*Part]*revision // What edits ask for one entity on its own.
	placed    map[*Part]placement // Entities that are replaced or dropped.
	left      map[*Part]int       // Number of body parts left of a multipart that lost some.
	ended     map[*Part]bool      // An edit has put the missing empty line behind the header section.
	kept      int                 // Octets of new bodies in changes.
	completed bool                // An edit has put the missing line end behind the message.
}

// change puts with in the place of the octets from start to end.
type change struct {
	start, end int64
	with       []byte
	edit       Edit
	late       *revision // Makes with anew when it is written; nil if with is there.
}

// Message is the message as it came.
func (d *Draft) Message() *Message { return d.msg }

// Replace puts with in the place of the octets from start to end. That two edits replace the same octet is an error of Write, unless
// both take out the same octets.
func (d *Draft) Replace(start, end int64, with []byte) error {
	if start < 0 || start > end || end > d.msg.size {
		return fmt.Errorf("octets %d to %d of a message of %d", start, end, d.msg.size)
	}
	d.changes = append(d.changes, change{start: start, end: end, with: with, edit: d.edit})
	return nil
}

// Insert puts b before the octet at the offset. What several edits insert at one place comes in the order of the edits.
func (d *Draft) Insert(at int64, b []byte) error { return d.Replace(at, at, b) }

// Write writes the message with the edits. Octets that no edit replaces are written as they came; without edits that is all.
// An edit that cannot be applied, and two that overlap, are errors, and nothing is written then; other errors are those of w and of
// reading the message.
func (m *Message) Write(w io.Writer, edits []Edit) error {
	d := Draft{msg: m}
	for _, e := range edits {
		d.edit = e
		if err := e.Apply(&d); err != nil {
			return fmt.Errorf("edit %q: %w", e, err)
		}
	}
	if err := d.finish(); err != nil {
		return err
	}
	if d.rebuild {
		return d.writeRebuilt(w)
	}
	return d.write(w)
}

// finish makes changes of all that is asked for and puts them in order, with what goes on top.
func (d *Draft) finish() error {
	if err := d.takeSteps(); err != nil {
		return err
	}
	if d.wrap != nil {
		return d.finishWrapped()
	}
	if len(d.top) > 0 {
		at, bodyFollows := d.topOffset()
		top := bytes.Join(d.top, nil)
		if bodyFollows {
			top = append(top, d.endHeader(d.msg.root)...)
		}
		d.changes = slices.Insert(d.changes, 0, change{start: at, end: at, with: top, edit: d.topEdit})
	}
	return d.order()
}

// finishWrapped puts the wrapping around all other changes.
func (d *Draft) finishWrapped() error {
	if err := d.order(); err != nil {
		return err
	}
	head, tail := d.wrap.envelop(d)
	top := append(bytes.Join(d.top, nil), head...)
	d.changes = slices.Insert(d.changes, 0, change{with: top, edit: *d.wrap})
	d.changes = append(d.changes, change{start: d.msg.size, end: d.msg.size, with: tail, edit: *d.wrap})
	return nil
}

// order sorts the changes, leaves out those that are in twice, and finds overlaps.
func (d *Draft) order() error {
	slices.SortStableFunc(d.changes, func(a, b change) int {
		if a.start != a.end && b.start != b.end {
			return cmp.Compare(a.start, b.start)
		}
		// What is inserted comes before what is replaced.
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	kept := d.changes[:0]
	for _, c := range d.changes {
		if n := len(kept); n > 0 && kept[n-1].end > c.start {
			last := kept[n-1]
			if last.start == c.start && last.end == c.end && len(last.with)+len(c.with) == 0 && last.late == nil && c.late == nil {
				continue
			}
			return fmt.Errorf("edits %q and %q overlap at octet %d", last.edit, c.edit, c.start)
		}
		kept = append(kept, c)
	}
	d.changes = kept
	return nil
}

// write writes the message with the changes, which are in order.
func (d *Draft) write(w io.Writer) error {
	c := copier{w: w, r: d.msg.r}
	off := int64(0)
	for _, ch := range d.changes {
		if err := c.copy(off, ch.start); err != nil {
			return err
		}
		with := ch.with
		if ch.late != nil {
			body, err := ch.late.encode(d)
			if err != nil {
				return err
			}
			with = body.changes[0].with
		}
		if _, err := w.Write(with); err != nil {
			return err
		}
		off = ch.end
	}
	return c.copy(off, d.msg.size)
}

// edited gives a field with the changes inside it, which are in order.
func (d *Draft) edited(f Field) []byte {
	raw := []byte(f.Raw)
	var b []byte
	off := f.Offset
	for _, ch := range d.changes {
		if ch.start < off || ch.start >= f.end() || ch.end > f.end() {
			continue
		}
		b = append(b, raw[off-f.Offset:ch.start-f.Offset]...)
		b = append(b, ch.with...)
		off = ch.end
	}
	return append(b, raw[off-f.Offset:]...)
}

// copier copies sections of the message.
type copier struct {
	w   io.Writer
	r   io.ReaderAt
	buf []byte
}

func (c *copier) copy(start, end int64) error {
	if start >= end {
		return nil
	}
	if m, ok := c.r.(interface{ Bytes() []byte }); ok {
		if b := m.Bytes(); int64(len(b)) >= end {
			_, err := c.w.Write(b[start:end])
			return err
		}
	}
	if c.buf == nil {
		c.buf = make([]byte, min(windowSize, end-start))
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{c.w}, io.NewSectionReader(c.r, start, end-start), c.buf)
	if err == nil && n < end-start {
		err = io.ErrUnexpectedEOF
	}
	return err
}
