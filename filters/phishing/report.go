// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/notices"
	"github.com/mailweir/mailweir/unpack"
)

// Limits of what is told.
const (
	maxGroups  = 500  // Findings of one message.
	maxDetails = 3    // Links that one finding names.
	maxDetail  = 1000 // Octets of a detail.
)

// groupKey is what one finding is about: all links of an entity with one thing wrong.
type groupKey struct {
	part mail.PartID
	code string
}

// group is a finding in the making.
type group struct {
	key     groupKey
	file    string
	details []string
	more    int
	changes []mail.BodyChange
	unfixed bool // There is a link that changes cannot make harmless.
}

// report notes what is wrong with one link.
func (s *session) report(l *unpack.Leaf, hits []hit, x *fix) {
	var changes []mail.BodyChange
	if x != nil {
		changes = x.changes(s.warning(hits))
	}
	for _, h := range hits {
		g := s.group(l, h.code)
		if g == nil {
			return
		}
		detail := h.detail
		if len(l.Names) > 0 {
			detail = l.String() + ": " + detail
		}
		g.add(detail)
		g.changes = append(g.changes, changes...)
		g.unfixed = g.unfixed || x == nil
	}
}

// group finds the finding that a link belongs to; nil if there are too many.
func (s *session) group(l *unpack.Leaf, code string) *group {
	key := groupKey{l.Part, code}
	g := s.groups[key]
	if g != nil {
		return g
	}
	switch {
	case len(s.order) < maxGroups:
		g = &group{key: key, file: l.File}
		s.order = append(s.order, g)
	case len(s.order) == maxGroups:
		s.order = append(s.order, nil)
		s.found = append(s.found, filters.Finding{Code: codeTooMany, Class: filters.Unscannable, Detail: "more bad links than are told"})
		return nil
	default:
		return nil
	}
	s.groups[key] = g
	return g
}

func (g *group) add(detail string) {
	switch {
	case slices.Contains(g.details, detail):
	case len(g.details) < maxDetails:
		g.details = append(g.details, detail)
	default:
		g.more++
	}
}

// warning is what stands beside a link: one text, for the worst of what is wrong with it.
func (s *session) warning(hits []hit) string {
	worst := slices.MinFunc(hits, func(a, b hit) int { return cmp.Compare(rank(a.reason), rank(b.reason)) })
	if s.language == "" {
		s.language = s.guessLanguage()
	}
	return notices.Link{Reason: worst.reason, Shown: plain(worst.shown), Real: plain(worst.real)}.Text(s.language)
}

// rank is the order in which reasons are told: those with both addresses first.
func rank(r notices.Reason) int {
	return slices.Index([]notices.Reason{
		notices.Differs, notices.LooksLike, notices.User, notices.Letters, notices.KnownBad, notices.Number, notices.Program, notices.Hidden, notices.Personal,
	}, r)
}

// plain is a name as it may be shown: without what cannot be printed.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), 200)]
}

// guessLanguage tells the language of the message: by its words, by what it says of itself, else that of the options.
func (s *session) guessLanguage() string {
	if lang, ok := notices.Guess(s.words); ok {
		return lang
	}
	for _, d := range s.docs {
		visible, _ := d.Text(maxWords)
		if lang, ok := notices.Guess(visible); ok {
			return lang
		}
	}
	for _, d := range s.docs {
		if lang, ok := notices.ForTag(d.Lang); ok {
			return lang
		}
	}
	if lang, ok := notices.ForTag(s.msg.Header().Get("Content-Language")); ok {
		return lang
	}
	return s.f.options.Language
}

// findings are all of them: those about the message first, then those about its parts.
func (s *session) findings() []filters.Finding {
	for _, g := range s.order {
		if g == nil {
			continue
		}
		f := filters.Finding{Code: g.key.code, Class: filters.Phishing, Part: g.key.part, File: g.file, Detail: oneLine(g.detail())}
		if len(g.changes) > 0 && !g.unfixed {
			f.Remedy = mail.EditBody{Part: g.key.part, Changes: g.changes}
		}
		s.found = append(s.found, f)
	}
	return s.found
}

func (g *group) detail() string {
	d := strings.Join(g.details, "; ")
	if g.more > 0 {
		d += fmt.Sprintf("; and %d more", g.more)
	}
	return d
}

// oneLine makes a detail of one line of characters that can be printed.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxDetail {
		s = strings.ToValidUTF8(s[:maxDetail], "") + "..."
	}
	return s
}
