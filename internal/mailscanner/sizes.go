// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"cmp"
	"math"
	"slices"

	"github.com/mailweir/mailweir/filters/attachments"
	"github.com/mailweir/mailweir/mail"
)

// sizes fills in the limits of the filter attachments, which are the same for all mail. Policies without a limit deliver what is over it.
func (im *importer) sizes(o *attachments.Options) {
	o.MaxSize = mail.Size(im.limit("maximumattachmentsize", func(a, b int64) int { return cmp.Compare(a, b) }))
	o.MinSize = mail.Size(im.limit("minimumattachmentsize", func(a, b int64) int { return cmp.Compare(b, a) }))
	o.MaxCount = int(im.limit("maximumattachmentspermessage", func(a, b int64) int { return cmp.Compare(a, b) }))
	if o.MaxCount > 100_000 {
		im.note("maximumattachmentspermessage", "is more than a message may have entities; no limit")
		o.MaxCount = 0
	}
	if o.MaxSize > 0 && o.MinSize > o.MaxSize {
		im.warn("minimumattachmentsize", "is over the maximum; left out")
		o.MinSize = 0
	}
}

// limit is the one limit for a setting that may differ: the default's, or if that has none the strictest of the others.
func (im *importer) limit(key string, strict func(a, b int64) int) int64 {
	var all []int64
	for _, v := range im.views {
		if n := v.number(key); n > 0 {
			all = append(all, int64(math.Ceil(min(n, 1e15))))
		}
	}
	if len(all) == 0 {
		return 0
	}
	limit := slices.MinFunc(all, strict)
	if n := im.views[len(im.views)-1].number(key); n > 0 {
		limit = int64(math.Ceil(min(n, 1e15)))
	}
	if slices.ContainsFunc(all, func(n int64) bool { return n != limit }) {
		im.warn(key, "the limit is one for all mail here: %d; policies that had none deliver what is over it", limit)
	}
	return limit
}

// messageSize is the largest message; 0 for no limit.
func (im *importer) messageSize() mail.Size {
	n := im.views[len(im.views)-1].number("maximummessagesize")
	if n < 1 {
		return 0
	}
	im.note("maximummessagesize", "larger messages are refused with 552; MailScanner put a text in their place")
	return mail.Size(min(n, 4<<30)) // Of limits.octets.
}

// depth is the limit of entities and archives inside one another; 0 for mailweir's own.
func (im *importer) depth() int {
	const own, entities = 16, 6 // Mailweir's default; entities that archives stand in.
	n := int(min(im.views[len(im.views)-1].number("maximumarchivedepth"), 90))
	switch {
	case n <= 0:
		return 0
	case n+entities > own:
		return n + entities
	}
	im.noteGiven("maximumarchivedepth", "limits.depth counts entities and archives together, so that of mailweir (%d) stays; what is deeper is unscannable", own)
	return 0
}
