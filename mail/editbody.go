// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
)

// BodyChange puts With in the place of the octets from Start to End of Source.Text; it inserts where they are the same.
type BodyChange struct {
	Start, End int64
	With       string
}

// EditBody changes the text of one leaf. Several of one part, from several filters, are taken together: where their changes overlap, the range
// is that of both, with the texts one behind the other; changes that are alike count once. In text parts a line end in With becomes that of the
// message. The body is written in the transfer encoding that it has, unless that cannot hold it.
type EditBody struct {
	Part    PartID
	Changes []BodyChange
}

// RewriteBody gives a leaf a new body, before its transfer encoding; the header section stays but for the transfer encoding if it must change.
// EditBody of the same part is void then; two different ones are an error of Write.
type RewriteBody struct {
	Part PartID
	Body []byte
}

var _ = []Edit{EditBody{}, RewriteBody{}}

var (
	errNoEntity   = errors.New("there is no such entity")
	errNoLeaf     = errors.New("it holds other entities")
	errProtected  = errors.New("it is signed or encrypted")
	errUnread     = errors.New("a limit kept it from being read")
	errTwoRewrite = errors.New("it has another new body already")
)

func (e EditBody) String() string {
	return fmt.Sprintf("edit body of %s, %d changes", e.Part, len(e.Changes))
}

// Apply adds the changes to d.
func (e EditBody) Apply(d *Draft) error {
	r, err := d.revise(e.Part)
	if err != nil {
		return err
	}
	for _, c := range e.Changes {
		if c.Start < 0 || c.Start > c.End {
			return fmt.Errorf("octets %d to %d of a body", c.Start, c.End)
		}
	}
	r.changes = append(r.changes, e.Changes...)
	return nil
}

func (e RewriteBody) String() string {
	return fmt.Sprintf("rewrite body of %s, %d octets", e.Part, len(e.Body))
}

// GoString tells different bodies apart without writing them out.
func (e RewriteBody) GoString() string {
	return fmt.Sprintf("mail.RewriteBody{Part:%q, Body:%d octets, SHA-256 %x}", e.Part, len(e.Body), sha256.Sum256(e.Body))
}

// Apply adds the change to d.
func (e RewriteBody) Apply(d *Draft) error {
	r, err := d.revise(e.Part)
	if err != nil {
		return err
	}
	if r.rewritten && string(r.body) != string(e.Body) {
		return errTwoRewrite
	}
	r.body, r.rewritten = e.Body, true
	return nil
}

// revise finds what is to become of a leaf.
func (d *Draft) revise(id PartID) (*revision, error) {
	p := d.msg.Part(id)
	switch {
	case p == nil:
		return nil, errNoEntity
	case !p.IsLeaf():
		return nil, errNoLeaf
	case p.opaque:
		return nil, errUnread
	case p.sealed():
		return nil, errProtected
	}
	return d.revision(p), nil
}

// merged is what several changes that overlap come to.
type merged struct {
	start, end int64
	with       []byte
}

// mergeChanges puts changes in order and unites those that overlap.
func mergeChanges(list []BodyChange) []merged {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b BodyChange) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	kept := make([]merged, 0, len(list))
	seen := make(map[BodyChange]bool, len(list))
	for _, c := range list {
		if seen[c] {
			continue
		}
		seen[c] = true
		if n := len(kept); n > 0 && c.Start < kept[n-1].end {
			last := &kept[n-1]
			last.end = max(last.end, c.End)
			last.with = append(last.with, c.With...)
			continue
		}
		kept = append(kept, merged{c.Start, c.End, []byte(c.With)})
	}
	return kept
}

// applied is text with changes, which are in order. It fails if one is not inside the text.
func applied(text []byte, list []merged) ([]byte, error) {
	if n := len(list); n > 0 && list[n-1].end > int64(len(text)) {
		return nil, fmt.Errorf("octets %d to %d of a body of %d", list[n-1].start, list[n-1].end, len(text))
	}
	size := len(text)
	for _, c := range list {
		size += len(c.with) - int(c.end-c.start)
	}
	out := make([]byte, 0, size)
	off := int64(0)
	for _, c := range list {
		out = append(out, text[off:c.start]...)
		out = append(out, c.with...)
		off = c.end
	}
	return append(out, text[off:]...), nil
}
