// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/lookalike"
	"github.com/mailweir/mailweir/mail"
)

// signs makes the findings that take the header section and the links together. All of them are points.
func (s *session) signs() {
	o := s.f.options
	subject := mail.DecodeWords(s.msg.Header().Get("Subject"))
	if o.NameScore > 0 {
		s.disguised("the subject", subject)
		for _, m := range s.sender.from {
			s.disguised("the display name", m.name)
		}
		s.subjectName(subject)
	}
	s.mixed("the subject", subject)
	if o.HostingScore > 0 {
		s.listed(codeShortener, "links to addresses that a service shortened: ", s.short)
		s.listed(codeRedirector, "links that go over somebody else's redirector: ", s.redirected)
	}
}

// listed says where links lead.
func (s *session) listed(code, text string, hosts []string) {
	slices.Sort(hosts)
	if hosts = slices.Compact(hosts); len(hosts) > 0 {
		s.say(code, filters.Spam, s.f.options.HostingScore, text+strings.Join(hosts[:min(len(hosts), maxDetails)], ", "))
	}
}

// maxHidden is the number of hosts of one kind that are remembered.
const maxHidden = 100

// veiled notes a link that does not tell where it leads: by a shortener, or over a redirector that is open to anybody.
func (s *session) veiled(j *judged) {
	if s.safe.has(j.target.Host) {
		return
	}
	if u := j.target; u.IsShort() && !s.sender.domains[s.registrable(u.Host)] && len(s.short) < maxHidden {
		s.short = append(s.short, u.Host)
	}
	if len(j.hops) < 2 || len(s.redirected) >= maxHidden {
		return
	}
	first, h := &j.hops[0].URL, &j.hops[1]
	if h.Known && isOpen(h.By) && !s.sender.domains[s.registrable(first.Host)] && !s.sender.domains[s.registrable(j.target.Host)] {
		s.redirected = append(s.redirected, first.Host+" to "+j.target.Host)
	}
}

// isOpen tells if a redirector leads anybody anywhere, and is neither a service that guards links nor one that counts clicks.
func isOpen(name string) bool {
	switch name {
	case "Google", "Google AMP", "AMP", "Bing", "Bing AMP", "Yahoo", "DuckDuckGo", "YouTube", "LinkedIn":
		return true
	}
	return false
}

// subjectName finds a name of the list in the subject of a message that neither comes from there nor leads there, but elsewhere than
// home.
func (s *session) subjectName(subject string) {
	if s.sender.bulk || len(s.linked) == 0 {
		return
	}
	n, ok := s.f.names.Name(subject)
	if !ok || !s.f.names.Guarded(n.Name) {
		return
	}
	abroad := false
	for _, set := range []map[string]bool{s.linked, s.sender.domains} {
		for d := range set {
			if d == n.Name || s.f.names.SameOwner(d, n.Name) {
				return
			}
			abroad = abroad || !s.sender.domains[d]
		}
	}
	if abroad {
		s.say(codeSubjectName, filters.Spam, s.f.options.NameScore/2, fmt.Sprintf("the subject names %s, no link leads there", n.Name))
	}
}

// mixed finds a name of the list written with letters of several scripts in one word: "Binаnсе" with three Cyrillic ones.
func (s *session) mixed(where, text string) {
	text = text[:min(len(text), maxVisible)]
	if !s.f.options.Homograph || !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return
	}
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) }) {
		if !lookalike.Mixed(w) {
			continue
		}
		if n, ok := s.f.names.Name(w); ok && n.How == lookalike.Letters {
			s.say(codeHomograph, filters.Phishing, 0, fmt.Sprintf("%s has %q, with letters that look like others: like %s", where, cut(w), n.Name))
			return
		}
	}
}

// Letters that have to be disguised before it is told.
const (
	minStyled    = 3 // Of an alphabet for mathematics.
	minScratched = 2 // With a mark over them that no language has.
	minSplit     = 2 // With something that cannot be seen between them.
)

// disguised finds letters that a person reads and a program does not.
func (s *session) disguised(where, text string) {
	styled, scratched, split := 0, 0, 0
	var last rune
	unseen := false
	for _, r := range text[:min(len(text), maxShownName)] {
		switch {
		case r >= 0x1d400 && r <= 0x1d7ff:
			styled++
		case isScratch(r):
			scratched++
			continue
		case lookalike.Invisible(r):
			unseen = true
			continue
		case unseen && isLatin(last) && isLatin(r):
			split++
		}
		last, unseen = r, false
	}
	if styled >= minStyled || scratched >= minScratched || split >= minSplit {
		s.say(codeDisguised, filters.Spam, s.f.options.NameScore, where+" has letters in disguise")
	}
}

func isLatin(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

// isScratch tells if a combining mark is none that a language is written with: strokes over letters, and marks of phonetics.
func isScratch(r rune) bool {
	return r >= 0x0334 && r <= 0x0338 || r >= 0x033d && r <= 0x0357 && r != 0x034f || r >= 0x0359 && r <= 0x035b || r >= 0x0362 && r <= 0x036f
}
