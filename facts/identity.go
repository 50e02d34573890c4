// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"cmp"
	"strings"

	"github.com/mailweir/mailweir/lookalike"
	"github.com/mailweir/mailweir/urls"
)

// identity compares whom the message claims to come from, and whom it comes from.
func (s *session) identity() {
	h := &s.h
	if h.author.address == "" && h.author.name == "" || h.list {
		return
	}
	claimed := s.claimed()
	if v, ok := s.judged(h.author.domain); ok && h.author.domain != "" {
		s.note("from_imitates", v)
	}
	s.roles()
	s.ownName()
	if claimed == "" {
		return
	}
	links, buttons := 0, 0 // Links to whom the name belongs, and those to others that the reader is to follow.
	for i := range s.b.links {
		l := &s.b.links[i]
		if l.url.Host == "" {
			continue
		}
		same := l.org == claimed || s.t.judge.SameOwner(l.org, claimed)
		if same {
			links++
		}
		if l.button && !same {
			buttons++
		}
	}
	s.when(links == 0 && buttons > 0, "brand_not_linked")
	s.when(links > 0 && buttons > 0, "brand_linked_beside")
	s.when(links == 0 && buttons == 0, "brand_no_link")
}

// claimed is the main domain of the well-known name that the message shows, if it does not come from its owner; "" if there is none.
func (s *session) claimed() string {
	a := &s.h.author
	var claimed string
	look := func(text, fact string) {
		n, ok := s.t.judge.Name(text)
		if !ok || s.owns(n.Name) {
			return
		}
		odd := strings.ContainsFunc(n.Word, func(r rune) bool { return r > 0x7f || isDigit(byte(r)) })
		if n.How == lookalike.Letters || n.How == lookalike.Digits && odd {
			s.note("brand_disguised", string(n.How))
		}
		s.note(fact, n.Name)
		s.when(n.Alone && fact == "brand_in_name", "brand_is_name")
		claimed = cmp.Or(claimed, n.Name)
	}
	look(a.name, "brand_in_name")
	look(strings.Map(separators, a.local), "brand_in_local_part")
	look(s.h.subject, "brand_in_subject")
	look(cut(s.b.all, textStart), "brand_in_text")
	if t := s.b.all; len(t) > 2*textStart {
		look(t[len(t)-textEnd:], "brand_in_text_end")
	}
	return claimed
}

// Octets of a text in which a well-known name is taken for whom it comes from: the greeting, and the name below.
const (
	textStart = 400
	textEnd   = 150
)

// owns tells if the author writes from a domain of that name.
func (s *session) owns(name string) bool {
	org := s.h.author.org
	return org == name || s.t.judge.SameOwner(org, name)
}

func separators(r rune) rune {
	if r == '.' || r == '_' || r == '-' || r == '+' {
		return ' '
	}
	return r
}

// roleWords are those that names of offices and services are made of.
var roleWords = setOf(`
	support service services admin administrator helpdesk help desk security team account accounts billing customer care center centre
	department dept it mail email e-mail mailbox webmail server system notification notifications notice alert alerts noreply no-reply
	update updates info information office hr payroll payment payments finance invoice delivery express online verification verify
	protection postmaster host hosting cloud storage message messages voicemail fax scan document documents manager management official
	member members bank banking kundenservice kundendienst sicherheit konto rechnung service-client client clients compte atendimento
	cliente clientes suporte seguranca servicio soporte seguridad cuenta assistenza servizio klantenservice beveiliging the your my via do
	not reply quarantine spam report workspace webmaster domain
`)

// roles tells if the name beside the address is that of an office and no person's.
func (s *session) roles() {
	a := &s.h.author
	words, role := 0, 0
	for _, w := range tokens(nil, plainForm(a.name), 20) {
		words++
		if roleWords[w] {
			role++
		}
	}
	if words == 0 {
		return
	}
	s.when(role == words, "name_is_role")
	s.when(role > 0 && freemail(a.org), "name_role_freemail")
	if freemail(a.org) && words == 2 && role == 0 {
		s.when(!sharesName(a.name, a.local), "freemail_other_name")
	}
}

// sharesName tells if the local-part has something of the name beside it.
func sharesName(name, local string) bool {
	for _, w := range tokens(nil, plainForm(name), 10) {
		if len(w) >= 3 && strings.Contains(local, w[:3]) || len(w) > 0 && len(w) < 3 && strings.Contains(local, w) {
			return true
		}
	}
	return !isASCII(name)
}

// ownName looks for the recipient's own domain in what an outsider calls himself.
func (s *session) ownName() {
	a := &s.h.author
	for _, m := range s.h.to[:min(len(s.h.to), 5)] {
		if m.address == "" || m.org == a.org {
			continue
		}
		label, _, _ := strings.Cut(m.org, ".")
		named := len(label) >= 4 && !freemail(m.org) && strings.Contains(plainForm(a.name), label)
		s.when(named || strings.Contains(strings.ToLower(a.name), m.address), "name_has_recipient_domain")
		// The same label below another suffix is mostly the same owner.
		theirs, _, _ := strings.Cut(a.org, ".")
		s.when(len(label) >= 4 && !freemail(m.org) && theirs != label && strings.Contains(theirs, label), "from_domain_has_recipient_domain")
	}
	// A name that is an address of the site itself is one of the oldest tricks.
	if at := strings.LastIndexByte(a.name, '@'); at > 0 {
		shown := urls.Registrable(strings.ToLower(strings.Trim(a.name[at+1:], "\"'<> ")))
		for _, m := range s.h.to {
			s.when(m.org != "" && m.org == shown && m.org != a.org, "name_is_our_address")
		}
	}
}
