// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"context"
	"html"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/qr/pictures"
	"github.com/mailweir/mailweir/unpack"
	"github.com/mailweir/mailweir/urls"
)

// Limits of one message.
const (
	maxText   = 512 << 10 // Octets of one text.
	maxTexts  = 2 << 20   // Octets of all texts.
	maxLinks  = 60_000    // Links of one text, and mail addresses.
	maxMailto = 4 << 10   // Octets of a mailto: link.
)

// reader finds links in what a message shows.
type reader struct {
	c    *collector
	msg  *mail.Message
	left int // Octets of maxTexts.
	qr   bool
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
	if r.qr {
		return r.codes(ctx, u)
	}
	return nil
}

// codes notes where QR codes lead.
func (r *reader) codes(ctx context.Context, u *unpack.Unpacker) error {
	found, err := pictures.Read(ctx, u, r.msg)
	if err != nil {
		return err
	}
	for _, c := range found.All {
		for _, p := range c.Payloads {
			where := "a QR code in " + c.Leaf.String()
			if link, ok := urls.Parse(strings.TrimSpace(p)); ok {
				r.parsed(link, inLinks|clickable, where)
			}
			// A visiting card or a message to be sent looks like a link of its own scheme.
			most := r.most()
			r.text(p[:min(len(p), most)], len(p) > most, inLinks|clickable, where)
		}
	}
	r.c.unread += found.Skipped
	return nil
}

// document notes the links of HTML, and the addresses in its text, which many clients make links of.
func (r *reader) document(d *markup.Document) {
	where := "a link in " + d.Leaf.String()
	for i := range d.Links {
		k := &d.Links[i]
		from := inLinks
		switch k.Kind {
		case "a", "area", "base", "button", "form", "refresh", "svg":
			from |= clickable
		}
		r.link(k.URL, from, where)
		if len(k.URL)+utf8.UTFMax > markup.MaxURL && d.Source != nil {
			r.long(string(d.Source.Text[k.AttrStart:k.AttrEnd]), from, where)
		}
	}
	visible, _ := d.Text(r.most())
	r.text(visible, len(visible)+utf8.UTFMax > r.most(), inLinks|clickable, "the text of "+d.Leaf.String())
	switch {
	case d.Source == nil:
		r.c.unread++
	case d.Unreadable != "" || hasOther(d.Source.Text):
		source := d.Source.Text[:min(len(d.Source.Text), r.most())]
		r.text(html.UnescapeString(string(source)), len(source) < len(d.Source.Text), inLinks, "the source of "+d.Leaf.String())
	}
}

// long notes the host of a link that is longer than others read it: it may stand behind a user name that is longer still. attr is the attribute.
func (r *reader) long(attr string, from places, where string) {
	_, link, _ := strings.Cut(html.UnescapeString(attr), ":")
	link = strings.TrimLeft(link, `/\`)
	if end := strings.IndexAny(link, `/\?#`); end >= 0 {
		link = link[:end]
	}
	if i := strings.LastIndexByte(link, '@'); i >= 0 {
		r.link("http://"+strings.Trim(link[i+1:], "\"' "), from, where)
	}
}

// hasOther tells if HTML may have addresses that are not among its links: srcset and srcdoc, ping, @import.
func hasOther(source []byte) bool {
	for i, c := range source {
		word := ""
		switch c {
		case 's', 'S':
			word = "src" // With "set" or "doc" behind it.
		case 'p', 'P':
			word = "ping"
		case '@':
			word = "@import"
		default:
			continue
		}
		if i > 0 && isAlnum(source[i-1]) || i+len(word)+3 > len(source) || !strings.EqualFold(string(source[i:i+len(word)]), word) {
			continue
		}
		next := string(source[i+len(word) : i+len(word)+3])
		if word != "src" || strings.EqualFold(next, "set") || strings.EqualFold(next, "doc") {
			return true
		}
	}
	return false
}

// leaf notes what is in a leaf that is not HTML.
func (r *reader) leaf(l *unpack.Leaf, asHTML bool) error {
	if l.Sealed != "" {
		return nil
	}
	if !asHTML {
		for _, raw := range l.Links {
			r.link(raw, inLinks|clickable, "a link in "+l.String())
		}
	}
	part := r.msg.Part(l.Part)
	whole := part != nil && part.IsLeaf() && l.Within == nil && l.Kept == unpack.Entity
	most := r.most()
	var text string
	switch {
	case whole && strings.HasPrefix(part.MediaType, "text/") && (!asHTML || part.MediaType == "text/plain"):
		var err error
		if text, err = part.Text(int64(most)); err != nil {
			return err
		}
	case !asHTML && (l.Type.Group == "text" || l.Type.Group == "shortcut"):
		b, err := io.ReadAll(io.LimitReader(l.Reader(), int64(most)))
		if err != nil {
			return err
		}
		text = string(b)
	default:
		return nil
	}
	r.text(text, l.Size > int64(most), inLinks|clickable, "the text of "+l.String())
	if part != nil {
		if shown := markup.PartText(part, text); shown != text {
			most := r.most()
			r.text(shown[:min(len(shown), most)], len(shown) > most, inLinks|clickable, "the text of "+l.String())
		}
	}
	return nil
}

// most is the number of octets of the next text that are read.
func (r *reader) most() int { return min(maxText, r.left) }

// text notes the links and mail addresses in a text. cut tells that it goes on behind its end.
func (r *reader) text(s string, cut bool, from places, where string) {
	r.left -= min(len(s), r.left)
	found := urls.Text(s, maxLinks)
	for i := range found {
		if !found[i].URL.Odd.Has(urls.Defanged) { // Those who warn of a site write it so.
			r.parsed(found[i].URL, from, where)
		}
	}
	n := 0
	emails(s, func(local, domain string) bool {
		r.c.email(local, domain, inLinks, where)
		n++
		return n < maxLinks
	})
	if cut || len(found) == maxLinks || n == maxLinks {
		r.c.unread++
	}
}

// link notes an absolute link. A relative one leads to the base, which is a link of its own.
func (r *reader) link(raw string, from places, where string) {
	if u, ok := urls.Parse(raw); ok {
		r.parsed(u, from, where)
	}
}

// parsed notes where a link leads, and where it goes on to if it is a redirector that says so, or opens a program that goes there.
func (r *reader) parsed(u urls.URL, from places, where string) {
	if u.Scheme == "mailto" {
		r.mailto(u.Path+"?"+u.Query, where)
		return
	}
	for _, hop := range urls.Unwrap(u) {
		if hop.URL.Host != "" {
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
