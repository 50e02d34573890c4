// SPDX-License-Identifier: Apache-2.0

package unpack

import (
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
	for _, d := range msg.Defects() {
		if strings.HasPrefix(d.Code, "limit.") {
			w.problem(at, Unscannable, fmt.Sprintf("limit hit in the message inside: %s", d.Code))
		}
	}
	for p := range msg.Parts() {
		if err := w.nested(at, p, depth); err != nil {
			return err
		}
	}
	return nil
}

// nested visits a leaf of a message inside.
func (w *walk) nested(at Place, p *mail.Part, depth int) error {
	if err := w.stopped(); err != nil {
		return err
	}
	name := cleanName(p.Filename())
	if name == "" {
		name = "part " + string(p.ID)
	}
	at = at.member(name)
	if err := w.budget.Depth(depth + p.Depth); err != nil {
		w.problem(at, Unscannable, err.Error())
		return nil
	}
	c, err := w.decode(p)
	if err != nil {
		return err
	}
	defer c.release()
	if err := w.leaf(at, c, depth+p.Depth); err != nil || !isMessage(p) {
		return err
	}
	return w.message(at, c, depth+p.Depth+1)
}
