// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"

	"github.com/mailweir/mailweir/mail"
)

// maxEmbedded is how many archives of one format are looked at in one leaf, by their headers.
const maxEmbedded = 16

// embedded picks from the offsets of headers in the content, as programs find an archive behind another one that unpacks it, or behind an
// image. Those of archives that were taken out of the content already are left out.
func (b *box) embedded(kind string, at []int64) ([]int64, error) {
	const same = 64 // Octets by which an archive is known again.
	if len(at) > maxEmbedded {
		b.problem(Unscannable, fmt.Sprintf("limit of %s archives in one file (%d) exceeded", kind, maxEmbedded))
		at = at[:maxEmbedded]
	}
	var own []int64
	for _, off := range at {
		if off > 0 && b.leaf.covered.has(off) {
			continue
		}
		begin := make([]byte, min(same, b.leaf.Size-off))
		if n, err := b.leaf.Content.ReadAt(begin, off); n < len(begin) {
			return nil, orUnexpected(err)
		}
		if off == 0 || !b.holds(kind, string(begin)) {
			own = append(own, off)
		}
	}
	return own, nil
}

// holds tells if something of the kind that was taken out of the container begins with the text.
func (b *box) holds(kind, begin string) bool {
	all := b.contents.Leaves
	for i := len(all) - 1; i >= 0 && all[i] != b.leaf; i-- {
		if all[i].Type.Name == kind && (&head{leaf: all[i]}).has(0, begin) {
			return true
		}
	}
	return false
}

// bomb gives the limit that a member exceeds if it unpacks to as much as it says itself: that need not be tried. A program that unpacks it finds
// either that much or damage.
func (b *box) bomb(size int64) error {
	l := b.budget.Limits()
	switch {
	case size > l.Octets:
		return &mail.LimitError{Limit: "octets", Max: l.Octets}
	case size > l.Octets/16 && size/max(b.leaf.Size, 1) > l.Ratio:
		return &mail.LimitError{Limit: "ratio", Max: l.Ratio}
	}
	return nil
}
