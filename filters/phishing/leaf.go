// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
	"github.com/mailweir/mailweir/urls"
)

// Limits of one text.
const (
	maxText    = 4 << 20   // Octets of a text that are looked at.
	maxVisible = 512 << 10 // Octets of the visible text of HTML in which addresses are looked for.
	maxWords   = 16 << 10  // Octets of text that tell the language.
)

// leaf judges the links of one leaf that is not HTML, or not only.
func (s *session) leaf(l *unpack.Leaf, asHTML bool) error {
	if l.Sealed != "" {
		return nil
	}
	for _, raw := range l.Links {
		if _, ok := s.seen[raw]; ok && asHTML {
			continue // Found in its place, where it can be changed.
		}
		if !s.more(l.Part) {
			return nil
		}
		s.link(l, raw, "document", unfixed)
	}
	part := s.msg.Part(l.Part)
	whole := part != nil && part.IsLeaf() && l.Within == nil && l.Kept == unpack.Entity
	if l.Type.Group == "image" {
		return nil // Their QR codes come later.
	}
	if whole && strings.HasPrefix(part.MediaType, "text/") && (!asHTML || part.MediaType == "text/plain") {
		return s.entity(l, part)
	}
	if asHTML || whole && part.MediaType == "text/html" || !isText(l) {
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(l.Reader(), maxText))
	if err != nil {
		return err
	}
	text, _ := unfolded(l, "", string(b))
	s.text(l, text, nil)
	return nil
}

// isText tells if a leaf is read as text by a person or by a program that opens links.
func isText(l *unpack.Leaf) bool {
	switch l.Type.Group {
	case "text":
		return true
	case "shortcut":
		return l.Type.Name != "lnk"
	default:
		return false
	}
}

// entity judges the text of a body part, which can be changed.
func (s *session) entity(l *unpack.Leaf, part *mail.Part) error {
	src, err := part.Source(maxText)
	if errors.Is(err, mail.ErrTooLarge) {
		b, err := io.ReadAll(io.LimitReader(l.Reader(), maxText))
		s.text(l, string(b), nil)
		return err
	}
	if err != nil {
		return err
	}
	text, same := unfolded(l, part.MediaType, string(src.Text))
	if s.words == "" && part.MediaType == "text/plain" {
		s.words = text[:min(len(text), maxWords)]
	}
	s.mixed("the text", text)
	var fixed func(urls.Found) *fix
	if same && !part.Protected() {
		fixed = func(f urls.Found) *fix { return plainFix(text, f, holdsUnicode(src)) }
	}
	s.text(l, text, fixed)
	if joined, ok := unflowed(part, text); ok {
		s.text(l, joined, nil)
	}
	s.drawn(l, text)
	return nil
}

// unflowed joins the lines that a mail client joins without a blank (RFC 3676 section 4.1, DelSp). ok tells that there are any.
func unflowed(part *mail.Part, text string) (joined string, ok bool) {
	if !strings.EqualFold(part.Params["format"], "flowed") || !strings.EqualFold(part.Params["delsp"], "yes") {
		return "", false
	}
	joined = strings.NewReplacer(" \r\n", "", " \n", "").Replace(text)
	return joined, len(joined) != len(text)
}

// unfolded undoes the line folding of calendars and cards (RFC 5545 section 3.1, RFC 6350 section 3.2). same tells that there was none to undo.
func unfolded(l *unpack.Leaf, media, text string) (unfolded string, same bool) {
	ext := strings.ToLower(path.Ext(l.File))
	if media != "text/calendar" && media != "text/vcard" && media != "text/x-vcard" && ext != ".ics" && ext != ".vcf" && ext != ".vcs" {
		return text, true
	}
	out := strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "").Replace(text)
	return out, len(out) == len(text)
}

// text judges the addresses in text. fixed is nil if it cannot be changed.
func (s *session) text(l *unpack.Leaf, text string, fixed func(urls.Found) *fix) {
	for _, found := range urls.Text(text, max(s.f.options.MaxLinks-s.links, 0)+1) {
		if !s.more(l.Part) {
			return
		}
		if found.URL.Odd.Has(urls.Defanged) {
			continue // Nobody follows it by mistake: those who warn of phishing write so.
		}
		s.link(l, found.URL.Raw, "text", func() *fix {
			if fixed == nil {
				return nil
			}
			return fixed(found)
		})
	}
}

// link judges one address of a leaf that shows nothing else than itself.
func (s *session) link(l *unpack.Leaf, raw, kind string, fixed func() *fix) {
	j := s.address(raw, kind)
	if j == nil {
		return
	}
	s.note(j, kind)
	s.veiled(j)
	hits := j.hits
	if kind == "document" || kind == "qr" {
		if h, ok := s.numeric(j, hits, ""); ok {
			hits = append(slices.Clip(hits), h)
		}
	}
	if len(hits) > 0 {
		s.report(l, hits, fixed())
	}
}

// note remembers where links lead.
func (s *session) note(j *judged, kind string) {
	if j.target.Host == "" {
		return
	}
	set := s.linked
	if kind == "qr" {
		set = s.qr
	}
	if len(set) < maxNoted {
		set[s.registrable(j.target.Host)] = true
	}
}

// maxNoted is the number of names that are remembered.
const maxNoted = 10_000

// unfixed is for links in what cannot be changed.
func unfixed() *fix { return nil }
