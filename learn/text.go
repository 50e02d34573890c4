// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/urls"
)

// plainText takes plain text apart.
func (s *session) plainText(p *mail.Part) error {
	s.texts++
	text, err := p.Text(maxText)
	if err != nil {
		return err
	}
	text = markup.PartText(p, text)
	s.number(Trace, "textsize", bucket(int64(len(text))))
	s.letters(text)
	s.words(text, "", Text, Pairs)
	found := urls.Text(text, maxURLs)
	s.number(Trace, "texturls", min(bucket(int64(len(found))), 12))
	for i := range found {
		s.url(&found[i].URL)
	}
	return nil
}

// words takes the words of a text, and the pairs of those that follow each other or have one between them; of what is hidden, no pairs. kind keeps
// them apart from the words of other texts.
func (s *session) words(text, kind string, single, pair View) {
	start := hashStart.string(kind)
	var before, last hash // Of the last word but one, and of the last; 0 if there is none.
	var beforeName, lastName string
	n := 0
	words(plain(text), func(w string) bool {
		if len(w) > maxWord {
			w = "long " + strconv.Itoa(bucket(int64(len(w))))
		}
		h := start.string(w)
		s.bag.add(single, h, func() string { return kind + w })
		if pair != Hidden && last != 0 {
			s.bag.add(pair, last.with(h), func() string { return kind + lastName + " " + w })
		}
		if pair != Hidden && before != 0 {
			s.bag.add(pair, before.with(h).with(1), func() string { return kind + beforeName + " _ " + w })
		}
		before, beforeName, last, lastName = last, lastName, h, w
		n++
		return n < maxWords
	})
}

// letters keeps the beginning of the visible text, of which grams are made.
func (s *session) letters(text string) {
	blank := true
	for i := 0; i < len(text) && len(s.start) < maxOctets; i++ {
		c := text[i]
		if c <= ' ' {
			if blank {
				continue
			}
			c = ' '
		}
		blank = c == ' '
		s.start = append(s.start, c)
	}
}

// html takes a text in HTML apart.
func (s *session) html(p *mail.Part) error {
	s.texts++
	if s.source >= maxSource {
		return nil
	}
	src, err := p.Text(maxHTML)
	if err != nil {
		return err
	}
	s.source += len(src)
	page := markup.Scan([]byte(src), p.MediaType)
	visible, hidden := page.Text(maxText)
	s.number(Trace, "htmlsize", bucket(int64(len(src))))
	s.number(Trace, "htmltext", bucket(int64(len(visible))))
	s.number(Trace, "htmlratio", 8*len(visible)/(len(src)+1))
	s.number(Trace, "hiddensize", bucket(int64(len(hidden))))
	s.number(Trace, "images", min(bucket(int64(len(page.Images))), 12))
	s.number(Trace, "links", min(bucket(int64(len(page.Links))), 12))
	s.letters(visible)
	s.words(visible, "", Text, Pairs)
	s.words(hidden, "hidden ", Hidden, Hidden)
	base := facts.Base(page.Links)
	for _, l := range page.Links[:min(len(page.Links), maxURLs)] {
		if base != nil && l.Kind != "base" {
			l.URL = cmp.Or(base.Resolve(l.URL), l.URL)
		}
		s.link(&l)
	}
	return nil
}

func (s *session) link(l *markup.Link) {
	u, ok := urls.Parse(l.URL)
	if !ok {
		s.add(Links, "bad", l.Kind)
		return
	}
	s.add(Links, "kind", l.Kind+" "+cut(u.Scheme, 20))
	s.url(&u)
	if l.Kind != "a" || !strings.Contains(l.Text, ".") {
		return
	}
	if found := urls.Text(cut(l.Text, 200), 1); len(found) > 0 && found[0].URL.Host != "" {
		s.add(Links, "shown", strconv.FormatBool(urls.Registrable(found[0].URL.Host) == urls.Registrable(u.Host)))
	}
}

// url takes an address apart.
func (s *session) url(u *urls.URL) {
	if u.Host == "" {
		s.add(Links, "scheme", cut(u.Scheme, 20))
		if u.Scheme == "mailto" {
			s.add(Links, "mailto", strings.ToLower(cut(u.Path, 60)))
		}
		return
	}
	s.add(Links, "host", u.Host)
	s.add(Links, "domain", urls.Registrable(u.Host))
	s.add(Links, "tld", u.Host[strings.LastIndexByte(u.Host, '.')+1:])
	s.number(Links, "odd", int(u.Odd&^urls.Bare))
	if u.Port != "" {
		s.add(Links, "port", u.Port)
	}
	s.number(Links, "labels", min(strings.Count(u.Host, "."), 6))
	s.add(Links, "pathshape", shape(cut(u.Path, 60)))
	if u.Query != "" {
		s.add(Links, "queryshape", shape(cut(u.Query, 60)))
	}
	n := 0
	words(strings.ToLower(cut(u.Path, 200)), func(w string) bool {
		if len(w) <= maxWord {
			s.add(Links, "path", w)
		}
		n++
		return n < 12
	})
}

// shape is s with a, A, 9 and u for small letters, capitals, digits and what is not US-ASCII. Of a run of the same a single one is left.
func shape(s string) string {
	b := make([]byte, 0, 32)
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
			c = 'a'
		case c >= 'A' && c <= 'Z':
			c = 'A'
		case c >= '0' && c <= '9':
			c = '9'
		case c >= 0x80:
			c = 'u'
		}
		if n := len(b); n == 0 || b[n-1] != c {
			b = append(b, c)
		}
	}
	return string(b)
}
