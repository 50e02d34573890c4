// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"slices"
	"strings"

	"github.com/mailweir/mailweir/lookalike"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/urls"
)

// document judges the links of HTML, and the addresses in its text, which many clients make links of.
func (s *session) document(d *markup.Document) {
	s.doc, s.counted = d, nil
	base := s.base(d)
	x := &fixer{doc: d, warn: htmlWarning, shown: map[string]bool{}}
	if p := s.msg.Part(d.Leaf.Part); p != nil && p.MediaType == "text/plain" && d.Source != nil {
		x.warn = plainWarning(holdsUnicode(d.Source)) // Most clients show the markup.
	}
	for i := range d.Links {
		k := &d.Links[i]
		if !s.more(d.Leaf.Part) {
			return
		}
		j := s.address(absolute(k.URL, base), k.Kind)
		if j == nil {
			continue
		}
		s.note(j, k.Kind)
		if hits := s.followed(j, k, content(d.Links, i)); len(hits) > 0 {
			s.report(d.Leaf, hits, x.link(k, content(d.Links, i)))
		}
	}
	s.visible(d, x)
	for _, m := range d.Matrices {
		s.codes(d.Leaf, m)
	}
}

// absolute is what a link leads to from the base, which may be nil.
func absolute(raw string, base *urls.URL) string {
	if base != nil {
		if to := base.Resolve(raw); to != "" {
			return to
		}
	}
	return raw
}

// followed gives all that is wrong with a link that shows what content does.
func (s *session) followed(j *judged, k, content *markup.Link) []hit {
	hits := slices.Clip(j.hits)
	switch k.Kind {
	case "a", "area", "button", "form", "svg":
	default:
		return hits
	}
	text := seen(content.Text)
	if h, ok := s.numeric(j, hits, text); ok {
		hits = append(hits, h)
	}
	if h, ok := s.mismatch(j, text, seen(content.Title)); ok {
		hits = append(hits, h)
	}
	if !strings.Contains(text, j.target.Host) {
		s.veiled(j)
	}
	return hits
}

// content is the link of the same tag that has the text: several attributes of one tag may be links.
func content(links []markup.Link, i int) *markup.Link {
	for n := i; n < len(links) && links[n].Start == links[i].Start; n++ {
		if links[n].Text != "" {
			return &links[n]
		}
	}
	return &links[i]
}

// visible judges the addresses in the text of HTML.
func (s *session) visible(d *markup.Document, x *fixer) {
	visible, _ := d.Text(maxVisible)
	s.text(d.Leaf, seen(visible), x.text)
	s.mixed("the text", visible)
	s.drawn(d.Leaf, visible)
	s.drawn(d.Leaf, preformatted(d))
}

// base is what relative links are relative to; nil if the document does not say so: by an element, or by a field of the entity (RFC 2557 section 5;
// Content-Base is of the RFC before it).
func (s *session) base(d *markup.Document) *urls.URL {
	for i := range d.Links {
		if d.Links[i].Kind == "base" {
			if u, ok := urls.Parse(d.Links[i].URL); ok && u.IsWeb() {
				return &u
			}
		}
	}
	p := s.msg.Part(d.Leaf.Part)
	if p == nil {
		return nil
	}
	for _, name := range [...]string{"Content-Base", "Content-Location"} {
		if u, ok := urls.Parse(strings.Trim(p.Header.Get(name), ` "`)); ok && u.IsWeb() {
			return &u
		}
	}
	return nil
}

// seen is a text as it is seen: without what has no shape, and turned round if it is written backwards.
func seen(text string) string {
	return turned(strings.Map(func(r rune) rune {
		if lookalike.Invisible(r) {
			return -1
		}
		return r
	}, markup.InOrder(text)))
}

// turned turns a text round whose address only makes sense so: markup may change the direction of writing.
func turned(text string) string {
	if strings.Contains(text, "//:ptth") || strings.Contains(text, "//:sptth") {
		return reversed(text)
	}
	return text
}

func reversed(text string) string {
	r := []rune(text)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}
