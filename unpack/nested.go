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

// message visits the leaves of a message that is the content of a leaf. depth is that of the message.
func (w *walk) message(at Place, c *content, depth int) error {
	if err := w.budget.Depth(depth); err != nil {
		w.problem(at, Unscannable, err.Error())
		return nil
	}
	msg, err := mail.Parse(c.r, c.size, w.budget)
	if err != nil {
		return err
	}
	w.defects(at, msg, true)
	return w.inside(at, msg, c, depth)
}

// maybeMessage visits the leaves of what may be a message, but for one that is no less than the octets it was found in.
func (w *walk) maybeMessage(at Place, c *content, octets int64, depth int) error {
	if err := w.budget.Depth(depth); err != nil {
		w.problem(at, Unscannable, err.Error())
		return nil
	}
	if err := w.again(at, c.size); err != nil {
		return err
	}
	msg, err := mail.Parse(c.r, c.size, w.budget)
	if err != nil {
		return err
	}
	w.defects(at, msg, false)
	if root := msg.Root(); root.IsLeaf() && root.Raw().Size() >= octets {
		return nil
	}
	return w.inside(at, msg, c, depth)
}

// inside visits the leaves of the message that some content is. depth is that of the message.
func (w *walk) inside(at Place, msg *mail.Message, c *content, depth int) error {
	defer func(outer *content) { w.within = outer }(w.within)
	w.within = c
	return w.tree(msg.Root(), func(p *mail.Part) error {
		inside := at
		if p.IsLeaf() {
			inside = at.member(cmp.Or(cleanName(p.Filename()), "part "+string(p.ID)))
		}
		if err := w.budget.Depth(depth + p.Depth); err != nil {
			w.problem(inside, Unscannable, err.Error())
			return nil
		}
		return w.entity(inside, p, depth+p.Depth)
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
