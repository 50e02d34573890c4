// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// isMessage tells if a leaf is a message that hides in a transfer encoding. RFC 2046 section 5.2.1 allows none there, so mail.Parse does
// not look into it; mail clients do.
func isMessage(p *mail.Part) bool {
	switch p.MediaType {
	case "message/rfc822", "message/global", "message/news":
		return true
	}
	return false
}

// message visits the leaves of the message that a leaf is.
func (w *walk) message(l *Leaf) error {
	if err := w.budget.Depth(l.Depth + 1); err != nil {
		w.problem(l.Place, Unscannable, err.Error())
		return nil
	}
	msg, err := mail.Parse(l.Content, l.Size, w.budget)
	if err != nil {
		return err
	}
	w.defects(l.Place, msg, true)
	return w.inside(l, msg)
}

// maybeMessage visits the leaves of what may be a message that is or begins in the leaf, but for one that is no less than the leaf.
func (w *walk) maybeMessage(l *Leaf, c content) error {
	if err := w.budget.Depth(l.Depth + 1); err != nil {
		w.problem(l.Place, Unscannable, err.Error())
		return nil
	}
	if err := w.again(l.Place, c.size); err != nil {
		return err
	}
	msg, err := mail.Parse(c.r, c.size, w.budget)
	if err != nil {
		return err
	}
	w.defects(l.Place, msg, false)
	if root := msg.Root(); root.IsLeaf() && root.Raw().Size() >= l.Size {
		return nil
	}
	return w.inside(l, msg)
}

// inside visits the leaves of a message that was found in a leaf.
func (w *walk) inside(l *Leaf, msg *mail.Message) error {
	return w.tree(msg.Root(), func(p *mail.Part) error {
		o := origin{Place: l.Place, within: l, by: "message", kept: Letter, depth: l.Depth + 1 + p.Depth}
		if p.IsLeaf() {
			o.Place = l.Place.member(cmp.Or(cleanName(p.Filename()), "part "+string(p.ID)))
		}
		if err := w.budget.Depth(o.depth); err != nil {
			w.problem(o.Place, Unscannable, err.Error())
			return nil
		}
		return w.entity(o, p)
	})
}

// defects makes Problems of the limits hit in a message inside and, if it is declared, of what may hide content.
func (w *walk) defects(at Place, msg *mail.Message, declared bool) {
	seen := map[string]bool{}
	for _, d := range msg.Defects() {
		switch {
		case seen[d.Code]:
		case strings.HasPrefix(d.Code, "limit."):
			w.problem(at, Unscannable, fmt.Sprintf("limit hit in the message inside: %s", d.Code))
		case declared && d.Ambiguous():
			w.problem(at, Ambiguous, fmt.Sprintf("the message inside can be read in two ways: %s", d.Code))
		}
		seen[d.Code] = true
	}
}
