// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/lookalike"
	"github.com/mailweir/mailweir/urls"
)

// header judges who the message says it is from.
func (s *session) header() {
	for _, m := range s.sender.from {
		for _, name := range m.names() {
			if m.name = name; s.displayName(m) {
				break
			}
		}
		s.splitName(m)
		s.fromHost(m.host, "From")
	}
	for _, m := range s.sender.replyTo {
		s.fromHost(m.host, "Reply-To")
	}
	s.replies()
}

// fromHost judges the domain of an address field like that of a link.
func (s *session) fromHost(host, field string) {
	if host == "" || s.safe.has(host) {
		return
	}
	v, ok := s.f.names.Host(host)
	switch {
	case !ok:
	case v.How == lookalike.Scripts || v.How == lookalike.Signs || v.How == lookalike.Letters:
		if s.f.options.Homograph {
			s.say(codeHomograph, filters.Phishing, 0, field+": "+explain(&v, host))
		}
	case s.f.options.Lookalike:
		s.say(codeLookalike, filters.Phishing, 0, field+": "+explain(&v, host))
	}
	if s.bad.has(host) {
		s.say(codeBadSite, filters.Phishing, 0, field+": "+host+" is on a list of bad sites")
	}
}

// splitName finds a name that stands as a sender of its own before the one with the address, so that clients show it without one. If it is an address
// itself, that is no slip.
func (s *session) splitName(m mailbox) {
	for _, name := range m.split {
		host := hostOfAddress(addressIn(name))
		if !s.f.options.DisplayName || m.domain == "" || host == "" || !urls.DomainOf(host).Known || s.registrable(host) == m.domain || s.safe.has(m.host) {
			continue
		}
		s.say(codeDisplayName, filters.Phishing, 0, fmt.Sprintf("an address at %s stands in From as a name, beside one %s", host, m.at()))
		return
	}
	if len(m.split) > 0 && m.addr != "" && s.f.options.NameScore > 0 {
		s.say(codeSplitName, filters.Spam, s.f.options.NameScore, fmt.Sprintf("%q stands in From without an address, beside one %s", cut(m.split[0]), m.at()))
	}
}

// displayName judges a display name: another address, a person or a house that the address does not belong to, letters that look like others. It
// tells if it is a finding.
func (s *session) displayName(m mailbox) bool {
	if m.name == "" || s.safe.has(m.host) {
		return false
	}
	before := len(s.found)
	s.judgeName(m)
	return len(s.found) > before
}

func (s *session) judgeName(m mailbox) {
	if s.f.options.Homograph {
		for w := range strings.FieldsFuncSeq(m.name[:min(len(m.name), maxShownName)], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) }) {
			if lookalike.Mixed(w) && lookalike.LooksLatin(w) {
				s.say(codeHomograph, filters.Phishing, 0, fmt.Sprintf("the display name %q has letters of several scripts in one word", cut(m.name)))
				return
			}
		}
	}
	if s.f.options.DisplayName && s.person(m) {
		return
	}
	if a := addressIn(m.name); a != "" && s.addressName(m, a) {
		return
	}
	if n, ok := s.f.names.Name(m.name); ok {
		s.houseName(m, n)
	}
}

// maxShownName is the number of octets of a display name that anybody sees.
const maxShownName = 256

// person tells if somebody outside writes in the name of a protected person.
func (s *session) person(m mailbox) bool {
	if len(s.f.people) == 0 || s.f.names.Protected(m.domain) {
		return false
	}
	if !s.f.people[personKey(m.name)] || s.sender.bulk {
		return false
	}
	s.say(codeDisplayName, filters.Phishing, 0, fmt.Sprintf("%q writes from %s", cut(m.name), m.host))
	return true
}

// personKey is a name of a person for comparing: what is seen of its words, in any order.
func personKey(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) })
	for i, w := range words {
		words[i] = lookalike.Skeleton(w)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// addressIn is the mail address in a display name; "" if there is none.
func addressIn(name string) string {
	i := strings.IndexByte(name, '@')
	if i <= 0 || len(name) > maxShownName {
		return ""
	}
	from := strings.LastIndexAny(name[:i], " \t<([\"',;:") + 1
	end := strings.IndexAny(name[i:], " \t>)]\"',;:")
	if end < 0 {
		end = len(name) - i
	}
	if from == i {
		return ""
	}
	return name[from : i+end]
}

// addressName judges an address in a display name.
func (s *session) addressName(m mailbox, addr string) bool {
	host := hostOfAddress(addr)
	domain := s.registrable(host)
	switch {
	case host == "" || !urls.DomainOf(host).Known || domain == m.domain || s.f.names.SameOwner(domain, m.domain):
		return false
	case s.sender.bulk || s.relayed(m):
		return false
	case s.f.options.DisplayName && (s.f.names.Protected(domain) || s.f.names.Guarded(domain) && !s.f.freemail.has(domain) || s.imitates(host)):
		s.say(codeDisplayName, filters.Phishing, 0, fmt.Sprintf("the display name is an address at %s, the address is %s", host, m.at()))
	case s.f.options.NameScore > 0:
		s.say(codeSenderName, filters.Spam, s.f.options.NameScore, fmt.Sprintf("the display name is an address at %s, the address is %s", host, m.at()))
	}
	return true
}

// imitates tells if a host looks like a name of the list.
func (s *session) imitates(host string) bool {
	_, ok := s.f.names.Host(host)
	return ok
}

// relayed tells if a display name says itself that somebody else sends for the one it names.
func (s *session) relayed(m mailbox) bool {
	low := strings.ToLower(m.name)
	for _, mark := range []string{" via ", "[via ", "(via ", " über ", " par ", " on behalf of ", " im auftrag ", " through "} {
		if strings.Contains(low, mark) {
			return true
		}
	}
	return false
}

// houseName judges a display name with a name of the list in it.
func (s *session) houseName(m mailbox, n lookalike.Named) {
	if s.f.names.SameOwner(m.domain, n.Name) || m.domain == n.Name || s.sender.own[n.Name] {
		return
	}
	switch {
	case n.How == lookalike.Letters:
		if s.f.options.Homograph {
			s.say(codeHomograph, filters.Phishing, 0, fmt.Sprintf("the display name %q has letters that look like others: like %s", cut(m.name), n.Name))
		}
	case s.relayed(m) || strings.HasPrefix(m.domain, strings.ToLower(n.Word)+"."): // Its own, below a suffix that is not on the list; fromHost judges those that are for anybody.
	case s.f.names.Protected(n.Name):
		if s.f.options.DisplayName && !s.sender.bulk {
			s.say(codeDisplayName, filters.Phishing, 0, fmt.Sprintf("the display name %q is that of %s, the address is %s", cut(m.name), n.Name, m.at()))
		}
	case n.Alone && s.f.options.DisplayName:
		s.say(codeDisplayName, filters.Phishing, 0, fmt.Sprintf("the display name %q is that of %s, the address is %s", cut(m.name), n.Name, m.at()))
	case s.f.options.NameScore > 0:
		s.say(codeSenderName, filters.Spam, s.f.options.NameScore, fmt.Sprintf("the display name %q is that of %s, the address is %s", cut(m.name), n.Name, m.at()))
	}
}

// replies judges where replies go.
func (s *session) replies() {
	if len(s.sender.from) != 1 || len(s.sender.replyTo) == 0 || s.sender.bulk {
		return
	}
	from, to := s.sender.from[0], s.sender.replyTo[0]
	if from.domain == "" || to.domain == "" || from.domain == to.domain || s.safe.has(to.host) || s.f.names.SameOwner(from.domain, to.domain) {
		return
	}
	free := s.f.freemail.has(to.host)
	detail := fmt.Sprintf("from %s, replies go to %s", from.host, to.host)
	switch {
	case s.f.options.ReplyTo && s.f.names.Protected(from.domain) && free:
		s.say(codeReplyTo, filters.Phishing, 0, detail)
	case s.f.options.ReplyScore > 0 && free && !s.f.freemail.has(from.host):
		s.say(codeReplyFree, filters.Spam, s.f.options.ReplyScore, detail)
	}
}

// cut shortens a name for the log.
func cut(s string) string {
	if len(s) <= 80 {
		return s
	}
	return strings.ToValidUTF8(s[:80], "") + "..."
}
