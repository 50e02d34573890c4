// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"cmp"
	"slices"

	"github.com/mailweir/mailweir/mail"
)

// arrange puts the dangers in order.
func (p *Page) arrange() {
	slices.SortStableFunc(p.Dangers, func(a, b Danger) int { return cmp.Compare(a.Change.Start, b.Change.Start) })
}

// Disarm is the text with the changes of all dangers of the kinds made.
func (p *Page) Disarm(kinds ...Kind) []byte {
	out := make([]byte, 0, len(p.text)+len(p.text)/16)
	off, last := int64(0), mail.BodyChange{Start: -1}
	for _, d := range p.Dangers {
		c := d.Change
		if !slices.Contains(kinds, d.Kind) || c == last {
			continue
		}
		last = c
		if c.Start > off {
			out = append(out, p.text[off:c.Start]...)
		}
		out = append(out, c.With...)
		off = max(off, c.End)
	}
	return append(out, p.text[off:]...)
}

// change makes one.
func change(from, to int, with string) mail.BodyChange {
	return mail.BodyChange{Start: int64(from), End: int64(to), With: with}
}
