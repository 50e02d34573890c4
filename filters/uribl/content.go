// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"context"
	"io"
	"net/url"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/unpack"
	"github.com/mailweir/mailweir/urls"
)

// Limits of one message.
const (
	maxText   = 512 << 10 // Octets of one text.
	maxTexts  = 2 << 20   // Octets of all texts.
	maxLinks  = 10_000    // Links of one text.
	maxMailto = 4 << 10   // Octets of a mailto: link.
)

// reader finds links in what a message shows.
type reader struct {
	c    *collector
	msg  *mail.Message
	left int // Octets of maxTexts.
}

// content notes what the links and the texts of the message name.
func (r *reader) content(ctx context.Context, u *unpack.Unpacker) error {
	in, err := u.Contents(ctx, r.msg)
	if err != nil {
		return err
	}
	docs, err := markup.Documents(ctx, u, r.msg)
	if err != nil {
		return err
	}
	asHTML := map[*unpack.Leaf]bool{}
	for _, d := range docs {
		if err := ctx.Err(); err != nil {
			return err
		}
		asHTML[d.Leaf] = true
		r.document(d)
	}
	for _, l := range in.Leaves {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.leaf(l, asHTML[l]); err != nil {
			return err
		}
	}
	return nil
}

// document notes the links of HTML, and the addresses in its text, which many clients make links of.
func (r *reader) document(d *markup.Document) {
	where := "a link in " + d.Leaf.String()
	for i := range d.Links[:min(len(d.Links), maxLinks)] {
		k := &d.Links[i]
		from := inLinks
		switch k.Kind {
		case "a", "area", "button", "form", "refresh", "svg":
			from |= clickable
		}
		r.link(k.URL, from, where)
	}
	if len(d.Links) > maxLinks {
		r.c.domains.lost += len(d.Links) - maxLinks
	}
	if visible, _ := d.Text(min(maxText, r.left)); visible != "" {
		r.text(visible, "the text of "+d.Leaf.String())
	}
}

// leaf notes what is in a leaf that is not HTML.
func (r *reader) leaf(l *unpack.Leaf, asHTML bool) error {
	if l.Sealed != "" {
		return nil
	}
	if !asHTML {
		for _, raw := range l.Links[:min(len(l.Links), maxLinks)] {
			r.link(raw, inLinks|clickable, "a link in "+l.String())
		}
	}
	part := r.msg.Part(l.Part)
	whole := part != nil && part.IsLeaf() && l.Within == nil && l.Kept == unpack.Entity
	most := int64(min(maxText, r.left))
	switch {
	case whole && strings.HasPrefix(part.MediaType, "text/") && (!asHTML || part.MediaType == "text/plain"):
		text, err := part.Text(most)
		if err != nil {
			return err
		}
		r.text(text, "the text of "+l.String())
	case !asHTML && l.Type.Group == "text":
		b, err := io.ReadAll(io.LimitReader(l.Reader(), most))
		if err != nil {
			return err
		}
		r.text(string(b), "the text of "+l.String())
	}
	return nil
}

// text notes the links and mail addresses in a text.
func (r *reader) text(s, where string) {
	r.left -= min(len(s), r.left)
	found := urls.Text(s, maxLinks)
	for i := range found {
		if !found[i].URL.Odd.Has(urls.Defanged) { // Those who warn of a site write it so.
			r.parsed(found[i].URL, inLinks|clickable, where)
		}
	}
	n := 0
	emails(s, func(local, domain string) bool {
		r.c.email(local, domain, inLinks, where)
		n++
		return n < maxLinks
	})
}

// link notes an absolute link. A relative one leads to the base, which is a link of its own.
func (r *reader) link(raw string, from places, where string) {
	if u, ok := urls.Parse(raw); ok {
		r.parsed(u, from, where)
	}
}

// parsed notes where a link leads, and where it goes on to if it is a redirector that says so.
func (r *reader) parsed(u urls.URL, from places, where string) {
	if u.Scheme == "mailto" {
		r.mailto(u.Path+"?"+u.Query, where)
		return
	}
	if !u.IsWeb() {
		return
	}
	for _, hop := range urls.Unwrap(u) {
		if hop.URL.IsWeb() {
			r.c.host(hop.URL.Host, from, where)
		}
	}
}

// mailto notes the addresses of a link that writes a mail (RFC 6068).
func (r *reader) mailto(to, where string) {
	to = to[:min(len(to), maxMailto)]
	if plain, err := url.PathUnescape(to); err == nil {
		to = plain
	}
	emails(to, func(local, domain string) bool {
		r.c.email(local, domain, inLinks|clickable, where)
		return true
	})
}
