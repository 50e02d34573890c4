// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strings"
)

// link adds a link whose URL is raw, with character references.
func (s *scanner) link(l Link, raw []byte) {
	if s.flat || s.bare || len(raw) == 0 {
		return
	}
	if len(s.page.Links) == MaxLinks {
		s.page.Unreadable = "too many links"
		return
	}
	if l.End == 0 {
		l.Start, l.End = int64(s.tag.start), int64(s.tag.end)
	}
	l.TextEnd = l.End
	l.URL = s.browserURL(raw)
	s.page.Links = append(room(s.page.Links), l)
}

// follow adds a link that an attribute holds.
func (s *scanner) follow(t *tag, a *attr) {
	if s.flat || s.bare || a.valStart == a.valEnd {
		return
	}
	before := len(s.page.Links)
	s.link(Link{
		Kind: kindOfLink(t.local), Start: int64(t.start), End: int64(t.end), AttrStart: int64(a.start), AttrEnd: int64(a.end),
	}, s.text[a.valStart:a.valEnd])
	if len(s.page.Links) == before {
		return
	}
	l := &s.page.Links[before]
	if l.Kind != "link" {
		if title := s.attr(t, "title"); title != nil {
			l.Title = s.words(title)
		}
	}
	if l.Kind == "a" || l.Kind == "button" {
		s.pending = len(s.page.Links)
	}
}

func kindOfLink(element []byte) string {
	switch string(element) {
	case "a":
		return "a"
	case "area":
		return "area"
	case "form":
		return "form"
	case "base":
		return "base"
	case "link":
		return "link"
	case "button", "input":
		return "button"
	case "img", "image", "imagedata", "fill", "td", "table", "body", "th", "tr":
		return "img"
	case "object", "embed", "applet", "iframe", "frame":
		return "object"
	case "video", "audio", "source", "track":
		return "media"
	}
	return "svg"
}

// opens makes the element that is entered the one of the link just found.
func (s *scanner) opens(t *tag, e *element) {
	if s.pending == 0 {
		return
	}
	if s.page.Links[s.pending-1].Start == int64(t.start) {
		if n := len(s.links); n > 0 && string(t.local) == "a" {
			s.endLink(s.links[n-1], t.start) // A link ends where the next begins.
		}
		e.link = s.pending
		s.links = append(s.links, s.pending-1)
		s.linkText.Reset()
	}
	s.pending = 0
}

// opensAgain goes on with a link that ended before its end tag.
func (s *scanner) opensAgain(e *element, link int) {
	if link == 0 || len(s.links) > 0 {
		return
	}
	e.link = link
	s.links = append(s.links, link-1)
	s.linkText.Reset()
	s.linkText.WriteString(s.page.Links[link-1].Text)
}

// endLink ends a link at the offset, if it is still open.
func (s *scanner) endLink(i, at int) {
	n := len(s.links)
	if n == 0 || s.links[n-1] != i {
		return
	}
	s.links = s.links[:n-1]
	l := &s.page.Links[i]
	l.TextEnd = int64(max(at, int(l.End)))
	l.Text = strings.TrimSpace(strings.ToValidUTF8(s.linkText.String(), "\uFFFD"))
}

// linkShown adds to the text of the link that is open.
func (s *scanner) linkShown(from, to int) {
	if len(s.links) == 0 || s.linkText.Len() >= MaxShown || s.hidden() {
		return
	}
	raw := s.text[from:min(to, from+4*MaxShown)]
	b := unescape(s.spare[:0], raw, false)
	s.spare = b[:0]
	for _, c := range b[:min(len(b), MaxShown-s.linkText.Len())] {
		if isSpace(c) {
			s.linkGap()
		} else {
			s.linkText.WriteByte(c)
		}
	}
}

// linkGap puts a blank between words.
func (s *scanner) linkGap() {
	if n := s.linkText.Len(); n > 0 && s.linkText.Bytes()[n-1] != ' ' {
		s.linkText.WriteByte(' ')
	}
}

// words is the value of an attribute as text to be shown.
func (s *scanner) words(a *attr) string {
	b := unescape(nil, s.text[a.valStart:min(a.valEnd, a.valStart+4*MaxShown)], true)
	b = bytes.Join(bytes.Fields(b), []byte(" "))
	return strings.ToValidUTF8(string(b[:min(len(b), MaxShown)]), "\uFFFD")
}

// browserURL is a URL as a browser takes it from an attribute (URL standard, section 4.4, steps 1 to 3).
func (s *scanner) browserURL(raw []byte) string {
	raw = raw[:min(len(raw), 4*MaxURL)]
	b := unescape(s.spare[:0], raw, true)
	s.spare = b[:0]
	b = bytes.TrimFunc(b, func(r rune) bool { return r <= ' ' })
	if bytes.ContainsAny(b, "\t\r\n") {
		kept := b[:0]
		for _, c := range b {
			if c != '\t' && c != '\r' && c != '\n' {
				kept = append(kept, c)
			}
		}
		b = kept
	}
	return strings.ToValidUTF8(string(b[:min(len(b), MaxURL)]), "\uFFFD")
}
