// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"cmp"
	"context"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/urls"
)

// Limits of what is looked at in bodies. What is behind a limit gives no facts but that, if it may be seen first all the same, there is more.
const (
	maxParts  = 1000     // Leaves.
	maxTexts  = 100      // Leaves that are read as text.
	maxText   = 64 << 10 // Octets of what is seen, or hidden, in all texts of one kind.
	maxSecond = 4 << 10  // Octets of plain text beside HTML.
	maxPlain  = 96 << 10 // Octets of a plain text that are decoded.
	maxPadded = 4 << 20  // Octets of one that begins with nothing but blanks.
	maxHTML   = 2 << 20  // Octets of a source in HTML.
	maxSource = 4 << 20  // Octets of all sources in HTML, with which reading stops.
	maxLinks  = 150      // Links that are looked at.
	maxFiles  = 50       // Attachments.
)

// body is what is in the message, read once.
type body struct {
	parts []*mail.Part // Leaves.
	files []file       // Those that are no texts.
	links []link

	plains int    // Plain texts.
	plain  string // What they show.
	padded bool   // One begins with much blank space.

	htmls   int // Texts in HTML.
	pages   []*markup.Page
	source  int    // Octets of them.
	visible string // What they show.
	hidden  string // What they do not show.
	far     bool   // One pushes something far below what is seen at first.
	behind  bool   // One goes on behind its end.
	more    bool   // There is more of them than is read, or of what they show.
	inHTML  int    // Images that they show.
	remote  int    // Of these, from elsewhere.
	images  int    // Leaves that are images.

	all    string            // What is seen of the texts.
	folded string            // The same as plainForm gives it.
	words  int               // Number of its words.
	judged map[string]string // How a host imitates a well-known name; "" if it does not.
}

// link is an address that the message shows.
type link struct {
	url    urls.URL
	text   string // What is seen of it.
	button bool   // The reader is to follow it; else it is an image or the like.
	org    string // Registrable name of the host.
}

// file is an attachment.
type file struct {
	part  *mail.Part
	ext   string // Lower case, without the full stop.
	media string
	size  int64 // Octets, encoded.
}

// together is all that is seen. Of a plain version beside markup, which mostly says the same, the beginning is enough.
func (b *body) together() string {
	switch {
	case b.visible == "":
		return b.plain
	case b.plain == "":
		return b.visible
	}
	return b.visible + "\n" + cut(b.plain, maxSecond)
}

// seen is the number of octets that a reader sees: of the version that shows more.
func (b *body) seen() int {
	return max(len(strings.TrimSpace(b.plain)), len(strings.TrimSpace(b.visible)))
}

func (s *session) readBody(ctx context.Context) error {
	texts := 0
	for p := range s.msg.Parts() {
		if len(s.b.parts) == maxParts {
			s.b.more = true
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		s.b.parts = append(s.b.parts, p)
		if s.isFile(p) {
			continue
		}
		if texts++; texts > maxTexts {
			s.b.more = true
			continue
		}
		if err := s.readText(p); err != nil {
			return err
		}
	}
	s.b.all = s.b.together()
	s.b.folded = plainForm(s.b.all)
	return nil
}

// isFile tells if a leaf is no text of the message, and notes it then.
func (s *session) isFile(p *mail.Part) bool {
	name := p.Filename()
	if ShownAsPlain(p.MediaType) && p.Disposition != "attachment" && name == "" {
		return false
	}
	isText := p.MediaType == "text/plain" || p.MediaType == "text/html" || p.MediaType == "application/xhtml+xml" || p.MediaType == "text/x-amp-html"
	if isText && p.Disposition != "attachment" && (name == "" || p.Disposition == "inline") {
		return false
	}
	if strings.HasPrefix(p.MediaType, "image/") {
		s.b.images++
	}
	if len(s.b.files) < maxFiles && p.MediaType != "message/delivery-status" && p.MediaType != "text/rfc822-headers" {
		s.b.files = append(s.b.files, file{p, extension(name), p.MediaType, p.End - p.Body})
	}
	return true
}

// ShownAsPlain knows the kinds of text that programs show as plain text: those they do not know are among them (RFC 2046 section 4.1.4).
func ShownAsPlain(media string) bool {
	switch media {
	case "text/html", "text/x-amp-html", "text/calendar", "text/rfc822-headers", "text/vcard", "text/x-vcard", "text/css":
		return false
	}
	return strings.HasPrefix(media, "text/")
}

func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return strings.ToLower(cut(strings.TrimSpace(name[i+1:]), 10))
	}
	return ""
}

func (s *session) readText(p *mail.Part) error {
	if ShownAsPlain(p.MediaType) {
		return s.readPlain(p)
	}
	s.b.htmls++
	if s.b.source >= maxSource {
		s.b.more = true
		return nil
	}
	src, err := p.Text(maxHTML)
	if err != nil {
		return err
	}
	s.b.source += len(src)
	s.b.behind = s.b.behind || textBehind(src)
	s.b.far = s.b.far || farBelow(src)
	page := markup.Scan([]byte(src), p.MediaType)
	visible, hidden := page.Text(maxText)
	s.b.pages = append(s.b.pages, page)
	s.b.visible = join(s.b.visible, visible)
	s.b.more = s.b.more || longer(p, maxHTML) || len(s.b.visible) > maxText-utf8.UTFMax
	s.b.hidden = join(s.b.hidden, hidden)
	for i := range page.Images {
		s.b.inHTML++
		if strings.HasPrefix(page.Images[i].URL, "http") {
			s.b.remote++
		}
	}
	base := Base(page.Links)
	for _, l := range page.Links {
		if base != nil {
			l.URL = cmp.Or(base.Resolve(l.URL), l.URL)
		}
		s.addLink(&l)
	}
	return nil
}

// longer tells if a body has more octets than that, decoded from its transfer encoding.
func longer(p *mail.Part, most int64) bool {
	if p.End-p.Body <= most {
		return false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(p.Open(), most+1))
	return n > most || err != nil
}

// Base is what the relative links of a page are relative to: the first base element that leads to the web; nil if there is none.
func Base(links []markup.Link) *urls.URL {
	for i := range links {
		if links[i].Kind != "base" {
			continue
		}
		if u, ok := urls.Parse(links[i].URL); ok && u.IsWeb() {
			return &u
		}
	}
	return nil
}

// join puts texts together, within maxText.
func join(a, b string) string {
	switch {
	case a == "":
		return b
	case len(a)+1 >= maxText:
		return a
	case len(a)+1+len(b) > maxText:
		b = strings.ToValidUTF8(b[:maxText-len(a)-1], "")
	}
	return a + "\n" + b
}

func (s *session) addLink(l *markup.Link) {
	if len(s.b.links) >= maxLinks || l.Kind == "css" || l.Kind == "link" || l.Kind == "base" {
		return
	}
	u, ok := urls.Parse(l.URL)
	if !ok {
		return
	}
	button := l.Kind == "a" || l.Kind == "area" || l.Kind == "form" || l.Kind == "button"
	s.b.links = append(s.b.links, link{u, l.Text, button, urls.Registrable(u.Host)})
}

// readPlain reads a text without markup. If it begins with blanks only, what comes behind them is read.
func (s *session) readPlain(p *mail.Part) error {
	s.b.plains++
	if len(s.b.plain) > maxText-utf8.UTFMax {
		return nil
	}
	text, err := p.Text(maxPlain)
	if err != nil {
		return err
	}
	if len(text) > maxPlain/2 && len(strings.TrimSpace(text)) < len(text)/16 {
		s.b.padded = true
		if text, err = p.Text(maxPadded); err != nil {
			return err
		}
		text = cut(strings.TrimSpace(text), maxText)
	}
	text = markup.PartText(p, text)
	s.b.plain = join(s.b.plain, cut(text, maxText))
	for _, f := range urls.Text(text, maxLinks-min(maxLinks, len(s.b.links))) {
		s.b.links = append(s.b.links, link{f.URL, "", true, urls.Registrable(f.URL.Host)})
	}
	return nil
}
