// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"

	"github.com/mailweir/mailweir/urls"
)

// sender looks at From and the reverse-path.
func (s *session) sender() {
	h := &s.h
	if h.count["from"] == 0 {
		s.note("no_from", "")
		return
	}
	a := &h.author
	if h.redacted {
		return
	}
	s.when(a.address == "", "from_no_address")
	with := 0
	for _, m := range h.from {
		if m.address != "" {
			with++
		}
	}
	s.when(with > 1, "from_several")
	s.when(with > 0 && len(h.from) > with, "from_malformed")
	s.when(a.address != "" && !strings.Contains(a.domain, "."), "from_no_domain")
	s.when(needless(a.raw, a.name), "from_name_encoded_needlessly")
	s.when(strings.ContainsFunc(a.name, isPicture), "from_name_picture")
	s.when(a.address != "" && a.name == "", "from_no_name")
	l := lettersOf(a.name)
	s.when(l.lower == 0 && l.upper >= 6 && strings.Contains(a.name, " "), "from_name_shouting")
	s.counted(len(a.name) > 60, "from_name_long", len(a.name))
	s.when(endsInID(a.name), "from_name_ends_in_id")
	s.nameAddress()
	if a.address == "" {
		return
	}
	s.when(random(a.local), "from_local_random")
	s.when(lettersOf(a.local).digits >= 5, "from_local_digits")
	label, _, _ := strings.Cut(a.org, ".")
	s.when(random(label), "from_domain_random")
	s.when(lettersOf(label).digits >= 3, "from_domain_digits")
	s.when(cheapSuffix(a.domain), "from_cheap_suffix")
	s.when(strings.Count(a.domain, ".") >= 3, "from_domain_deep")
	s.when(tenant(a.domain), "from_tenant_domain")
	s.when(freemail(a.org), "from_freemail")
	s.reversePath()
}

// nameAddress looks for an address in the name beside the address.
func (s *session) nameAddress() {
	a := &s.h.author
	at := strings.IndexByte(a.name, '@')
	if at <= 0 || at == len(a.name)-1 {
		return
	}
	domain := a.name[at+1:]
	if i := strings.IndexFunc(domain, func(r rune) bool { return r != '.' && r != '-' && !isAlnum(r) }); i >= 0 {
		domain = domain[:i]
	}
	d := urls.DomainOf(strings.ToLower(strings.Trim(domain, ".")))
	if !d.Known || !strings.Contains(domain, ".") {
		return
	}
	s.when(d.Registrable != a.org, "from_name_other_address")
}

func isAlnum(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= 0x80
}

// reversePath compares the reverse-path with From.
func (s *session) reversePath() {
	h := &s.h
	m, a := &h.mailFrom, &h.author
	if s.env != nil && s.env.MailFrom.IsNull() || s.env == nil && strings.TrimSpace(s.value("Return-Path")) == "<>" {
		s.when(s.msg.Root().MediaType != "multipart/report" && h.count["auto-submitted"] == 0, "null_path_no_report")
		return
	}
	if m.address == "" || h.list {
		return
	}
	other := operator(m.org) != operator(a.org)
	s.when(other, "mail_from_other_domain")
	s.when(other && freemail(m.org), "mail_from_freemail")
	s.when(other && freemail(a.org), "freemail_by_other_path")
	label, _, _ := strings.Cut(m.org, ".")
	s.when(other && random(label), "mail_from_random")
	s.when(tenant(m.domain), "mail_from_tenant_domain")
	for _, to := range h.to {
		// A path that names the recipient (VERP) is how those who write to many learn who is gone.
		s.when(to.local != "" && len(to.local) > 2 && strings.Contains(m.local, to.local+"="), "mail_from_per_recipient")
	}
}

// replyTo looks at where answers go.
func (s *session) replyTo() {
	h := &s.h
	if len(h.replyTo) == 0 || h.replyTo[0].address == "" || h.list {
		return
	}
	r, a := &h.replyTo[0], &h.author
	s.when(len(h.replyTo) > 1, "reply_to_several")
	if r.address == a.address {
		s.note("reply_to_same", "")
		return
	}
	other := operator(r.org) != operator(a.org)
	s.when(other, "reply_to_other_domain")
	s.when(freemail(r.org) && !freemail(a.org), "reply_to_freemail")
	s.when(freemail(r.org) && freemail(a.org), "reply_to_second_freemail")
	s.when(other && !freemail(r.org) && freemail(a.org), "reply_to_from_freemail")
	s.when(random(r.local), "reply_to_random")
}

// random tells if a name reads like nothing that a person would choose: with many consonants in a row, hardly a vowel, or letters and digits in turns.
func random(w string) bool {
	if len(w) < 6 || !isASCII(w) {
		return false
	}
	run, longest, vowels, letters := 0, 0, 0, 0
	for i := range len(w) {
		c := w[i] | 0x20
		switch {
		case c < 'a' || c > 'z':
			run = 0
		case strings.IndexByte("aeiouy", c) >= 0:
			vowels++
			letters++
			run = 0
		default:
			letters++
			run++
			longest = max(longest, run)
		}
	}
	if alternations(w) >= 4 && len(w) >= 8 {
		return true
	}
	return longest >= 6 || letters >= 8 && vowels*6 < letters
}
