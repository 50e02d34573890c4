// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mailweir/mailweir/notices"
	"github.com/mailweir/mailweir/urls"
)

// maxShown is the number of addresses in the text of a link that are compared.
const maxShown = 3

// mismatch compares what a link shows with where it leads.
func (s *session) mismatch(j *judged, text, title string) (hit, bool) {
	if s.f.options.Mismatch == off {
		return hit{}, false
	}
	if j.url.Scheme == "mailto" {
		return s.mailto(j, text)
	}
	if !j.target.IsWeb() {
		return hit{}, false
	}
	shown := shownIn(text)
	if len(shown) == 0 {
		shown = shownIn(title)
	}
	if len(shown) == 0 {
		return hit{}, false
	}
	for i := range shown {
		if s.same(&shown[i], j) {
			return hit{}, false
		}
	}
	if s.ordinary(&shown[0], j) {
		return hit{}, false
	}
	return hit{codeMismatch, notices.Differs, shown[0].Host, j.target.Host, fmt.Sprintf("shows %s, leads to %s", shown[0].Host, j.target.Host)}, true
}

// shownIn finds the addresses that a text shows: those with a scheme or www. wherever they stand, a bare name only if it is all of the text.
func shownIn(text string) []urls.URL {
	text = strings.Map(sign, text)
	if len(text) < 4 || !strings.ContainsAny(text, ".。．") {
		return nil
	}
	var all []urls.URL
	for _, f := range urls.Text(text, maxShown) {
		u := f.URL
		if !u.IsWeb() || u.Odd.Has(urls.Defanged) {
			continue
		}
		bare := u.Odd.Has(urls.Bare) && !strings.HasPrefix(u.Host, "www.")
		if bare && (strings.ContainsFunc(text[:f.Start]+text[f.End:], isWord) || isFileName(u.Host)) {
			continue
		}
		if !u.Odd.Has(urls.Bare) { // Bare names are only found if they are names.
			if d := urls.DomainOf(u.Host); !d.Known && !u.Odd.Has(urls.Numeric) || d.Registrable == d.Suffix {
				continue
			}
		}
		all = append(all, u)
	}
	return all
}

// sign gives the plain sign for one that looks like a part of an address, and a blank for others that are none.
func sign(r rune) rune {
	switch r {
	case '\u2024', '\ufe52':
		return '.'
	case '\ua789', '\u2236', '\u02d0', '\ufe55', '\uff1a':
		return ':'
	case '\u2044', '\u2215', '\u29f8', '\uff0f':
		return '/'
	case '。', '．', '｡':
		return r
	}
	if r < utf8.RuneSelf || isWord(r) || unicode.IsMark(r) {
		return r
	}
	return ' '
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isFileName tells if a bare name may as well be that of a file or of a program.
func isFileName(host string) bool {
	switch host[strings.LastIndexByte(host, '.')+1:] {
	case "py", "sh", "pl", "rs", "md", "zip", "mov", "ps", "cc", "so", "pm", "ml", "am", "net":
		return strings.Count(host, ".") == 1
	}
	return false
}

// same tells if an address that is shown is one that the link leads to, or over.
func (s *session) same(shown *urls.URL, j *judged) bool {
	want := s.registrable(shown.Host)
	for i := range j.hops {
		h := &j.hops[i]
		if !h.Known {
			continue
		}
		if s.f.options.Mismatch == strict {
			if strings.TrimPrefix(h.URL.Host, "www.") == strings.TrimPrefix(shown.Host, "www.") {
				return true
			}
			continue
		}
		got := s.registrable(h.URL.Host)
		if got == want || strings.TrimLeft(want, "w.") == strings.TrimLeft(got, "w.") || s.f.names.SameOwner(got, want) || label(got) == label(want) && s.sender.domains[got] {
			return true
		}
	}
	return false
}

// label is the first label of a registrable name: a house has its name below several suffixes.
func label(domain string) string {
	l, _, _ := strings.Cut(domain, ".")
	return l
}

// ordinary tells if senders do so every day, to count clicks: with an address of the sender's own, by a service for that, in mail to many. What
// pretends to be a bank or the like is never ordinary, unless the sender is that.
func (s *session) ordinary(shown *urls.URL, j *judged) bool {
	to := j.target.Host
	if s.safe.has(to) || s.safe.has(shown.Host) {
		return true
	}
	if s.f.options.Mismatch == strict {
		return false
	}
	tracker := s.f.trackers.has(to)
	want, got := s.registrable(shown.Host), s.registrable(to)
	if s.f.names.Guarded(want) {
		return tracker && s.sender.own[want] || s.ownedBySender(want)
	}
	return tracker || s.sender.bulk || s.sender.domains[want] || s.sender.domains[got] || s.counts(to)
}

// Limits of what is looked at to find a host that counts clicks.
const (
	minCounted = 3    // Registrable names that links to it show.
	maxCounted = 2000 // Links of one document.
)

// counts tells if a host counts clicks: links of the document that show addresses of several houses all lead to it. Who pretends to be
// another one shows his address.
func (s *session) counts(host string) bool {
	if s.counted == nil && s.doc != nil {
		s.counted = map[string][]string{}
		for i := range s.doc.Links[:min(len(s.doc.Links), maxCounted)] {
			s.counted.link(s, i)
		}
	}
	return len(s.counted[host]) >= minCounted
}

// counted are the first registrable names that links to a host show.
type counted map[string][]string

// link notes what one link of the document shows.
func (c counted) link(s *session, i int) {
	k := &s.doc.Links[i]
	if k.Kind != "a" && k.Kind != "area" {
		return
	}
	shown := shownIn(seen(content(s.doc.Links, i).Text))
	if len(shown) == 0 {
		return
	}
	j := s.address(k.URL, k.Kind)
	if j == nil {
		return
	}
	to, want := j.target.Host, s.registrable(shown[0].Host)
	if len(c[to]) < minCounted && want != s.registrable(to) && !slices.Contains(c[to], want) {
		c[to] = append(c[to], want)
	}
}

// ownedBySender tells if the sender has a domain of the owner of another one, and the envelope is no other's.
func (s *session) ownedBySender(domain string) bool {
	if len(s.sender.own) == 0 {
		return false
	}
	for d := range s.sender.own {
		if d != domain && !s.f.names.SameOwner(d, domain) && !s.f.trackers.has(d) {
			return false
		}
	}
	return true
}

// mailto compares a mail address that is shown with the one that a link is for.
func (s *session) mailto(j *judged, text string) (hit, bool) {
	if !s.f.options.Mailto {
		return hit{}, false
	}
	text = strings.TrimSpace(text)
	text = strings.TrimSpace(strings.TrimPrefix(strings.ToLower(text), "mailto:"))
	if strings.Count(text, "@") != 1 || strings.ContainsAny(text, " \t\r\n,;") {
		return hit{}, false
	}
	shown := hostOfAddress(strings.Trim(text, "<>()[].\"'"))
	path, _, _ := strings.Cut(j.url.Path, ",")
	leads := hostOfAddress(strings.ReplaceAll(path, "%40", "@"))
	if shown == "" || leads == "" || !urls.DomainOf(shown).Known {
		return hit{}, false
	}
	want, got := s.registrable(shown), s.registrable(leads)
	if want == got || s.safe.has(leads) || s.f.names.SameOwner(want, got) || s.f.options.Mismatch == relaxed && (s.sender.bulk || s.sender.domains[got]) && !s.f.names.Guarded(want) {
		return hit{}, false
	}
	return hit{codeMismatch, notices.Differs, text, strings.ToLower(path), fmt.Sprintf("shows an address at %s, writes to one at %s", shown, leads)}, true
}

// hostOfAddress is the host of a mail address; "" if it has none.
func hostOfAddress(addr string) string {
	i := strings.LastIndexByte(addr, '@')
	if i <= 0 {
		return ""
	}
	h, ok := urls.Host(addr[i+1:])
	if !ok {
		return ""
	}
	return h
}
