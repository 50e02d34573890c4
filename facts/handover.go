// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"slices"
	"strings"

	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// handover compares the hand-over with the hops before it.
func (s *session) handover(b *mail.Received, before []mail.Received) {
	if len(before) == 0 {
		s.when(public(b.Addr) && !b.Auth && !server(b) && desktop(s.writtenWith()), "program_to_us")
		return
	}
	by := before[0].By
	if s.h.list || !strings.Contains(by, ".") || isNumeric(by) || !urls.DomainOf(by).Known { // A name that is used within a network only may be anything.
		return
	}
	// The server that spoke to us wrote the next field, in its own name.
	for _, name := range [...]string{b.Name, b.HELO} {
		if name == "" || !strings.Contains(name, ".") || isNumeric(name) {
			continue
		}
		if sameSide(name, by) || label(name) == label(by) {
			return
		}
	}
	s.note("hops_do_not_join", "")
}

// server tells if the client looks like a mail server: it has a name of its own, and calls itself so. Some of them take out what fields were there before.
func server(h *mail.Received) bool {
	return strings.Contains(h.HELO, ".") && h.Name != "" && operatorOf(h.Name) == operatorOf(h.HELO) && !dynamic(h.Name, h.Addr)
}

// ownDomain looks for an author of the recipient's own domain whose message came from outside, and by no host of that domain.
func (s *session) ownDomain(b *mail.Received, before []mail.Received) {
	org := s.h.author.org
	if org == "" || s.h.list || freemail(org) || !s.toDomain(org) {
		return
	}
	if r, ok := check.Known(s.msg); ok && r.Authenticated(s.h.author.domain) {
		return
	}
	for _, h := range append([]mail.Received{{Name: b.Name, HELO: b.HELO}}, before...) {
		if urls.Registrable(h.Name) == org || urls.Registrable(h.HELO) == org || urls.Registrable(h.By) == org {
			return
		}
	}
	s.note("author_of_our_domain", "")
}

// toDomain tells if a recipient, or the first of To if there is no envelope, has that registrable domain.
func (s *session) toDomain(org string) bool {
	if s.env == nil {
		return len(s.h.to) > 0 && s.h.to[0].org == org
	}
	return slices.ContainsFunc(s.env.RcptTo, func(p mail.Path) bool { return urls.Registrable(p.Domain()) == org })
}

// before are the hops that were made before that one, the latest first.
func (s *session) before(b *mail.Received) []mail.Received {
	for i := range s.h.hops {
		if h := &s.h.hops[i]; h == b || h.Addr.IsValid() && h.Addr == b.Addr {
			return s.h.hops[i+1:]
		}
	}
	return s.h.hops
}

// desktop tells if a mail program is one of a single user, who has a server that sends for him.
func desktop(mailer string) bool {
	for _, w := range [...]string{"outlook", "thunderbird", "the bat", "eudora", "incredimail", "foxmail", "apple mail", "windows mail", "becky", "pegasus", "mozilla"} {
		if strings.Contains(mailer, w) {
			return true
		}
	}
	return false
}

// label is the first label of the registrable domain: what an organisation calls itself under all suffixes.
func label(name string) string {
	l, _, _ := strings.Cut(urls.Registrable(name), ".")
	return l
}
