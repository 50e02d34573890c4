// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
)

// revision is all that edits ask for one entity on its own. It is collected first and made into changes of the message at the end, so that
// filters that know nothing of one another can change the same body part.
type revision struct {
	part      *Part
	by        Edit // The first that asked.
	changes   []BodyChange
	body      []byte // Before its transfer encoding, if rewritten.
	rewritten bool
	name      string // If renamed.
	renamed   bool
}

// revision is that of p in the draft.
func (d *Draft) revision(p *Part) *revision {
	if r := d.revisions[p]; r != nil {
		return r
	}
	if d.revisions == nil {
		d.revisions = map[*Part]*revision{}
	}
	r := &revision{part: p, by: d.edit}
	d.revisions[p] = r
	return r
}

// takeSteps makes changes of what edits ask for entities, unless one around it is replaced or dropped, in the order in which they stand in
// the message: where two begin at one place, the outer one has to come first.
func (d *Draft) takeSteps() error {
	parts := slices.Collect(maps.Keys(d.placed))
	for p := range d.revisions {
		if _, ok := d.placed[p]; !ok {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, func(a, b *Part) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Depth, b.Depth)) })
	for _, p := range parts {
		if d.within(p) {
			continue
		}
		step, ok := d.placed[p]
		if !ok {
			r := d.revisions[p]
			step = placement{r.by, func() error { return r.apply(d) }}
		}
		d.edit = step.edit
		if err := step.do(); err != nil {
			return fmt.Errorf("edit %q: %w", step.edit, err)
		}
	}
	return nil
}

// apply makes changes of the message out of r.
func (r *revision) apply(d *Draft) error {
	head := newHead(r.part)
	body, err := r.encode(d)
	if err != nil {
		return err
	}
	if body.charset != "" {
		head.charset(body.charset)
	}
	if r.renamed {
		head.rename(r.name)
	}
	if body.encoding != "" {
		head.set("Content-Transfer-Encoding", body.encoding)
	}
	if err := head.apply(d, len(body.changes) > 0); err != nil {
		return err
	}
	for _, c := range body.changes {
		if err := d.Replace(r.part.Body+c.start, r.part.Body+c.end, c.with); err != nil {
			return err
		}
		if d.kept += len(c.with); body.whole && d.kept > maxKept {
			d.kept -= len(c.with)
			last := &d.changes[len(d.changes)-1]
			last.with, last.late = nil, r
		}
	}
	return nil
}

// maxKept bounds the octets of new text that are kept until the message is written. Bodies written as a whole beyond that are made anew then, so that there
// is one at a time.
const maxKept = 24 << 20

// encodedBody is what becomes of a body: changes of it as it stands in the message, and what its header section has to say then.
type encodedBody struct {
	changes  []merged
	encoding string // Transfer encoding, if the field must change.
	charset  string // Charset, if the field must change.
	whole    bool   // There is one change, of all octets.
}

// encode finds the least changes of the raw body.
func (r *revision) encode(d *Draft) (encodedBody, error) {
	var out encodedBody
	p := r.part
	if !r.rewritten && len(r.changes) == 0 {
		return out, nil
	}
	raw := make([]byte, p.End-p.Body)
	if _, err := io.ReadFull(p.Raw(), raw); err != nil {
		return out, err
	}
	w := bodyWriter{part: p, raw: raw, lineEnd: d.msg.lineEnd, charset: p.Params["charset"]}
	body, list := r.body, []merged(nil)
	if !r.rewritten {
		src, err := p.Source(int64(len(raw))*maxGrowth + 1)
		if err != nil {
			return out, err
		}
		w.charset = src.Charset
		list = mergeChanges(r.changes)
		w.fitLineEnds(list, src.Text)
		if src.Recoded {
			out.charset = src.Charset
		} else if changes, ok := w.inPlace(src.Text, list); ok {
			out.changes = changes
			return out, nil
		}
		if body, err = applied(src.Text, list); err != nil {
			return out, err
		}
	}
	text, encoding := w.whole(body)
	if encoding != p.Encoding || len(p.OtherEncodings()) > 0 {
		out.encoding = encoding
	}
	if len(text) > 0 && p.next == p.End && p.next < d.msg.size {
		text = append(text, w.lineEnd...) // A delimiter line follows with no line end of its own before it.
	}
	out.changes, out.whole = []merged{{0, int64(len(raw)), text}}, true
	return out, nil
}

// maxGrowth bounds how many times longer than its octets a body may be in UTF-8.
const maxGrowth = 8
