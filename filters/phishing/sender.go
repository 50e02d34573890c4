// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// sender is what a message says of where it comes from. Nothing of it is proven: it makes ordinary mail ordinary, and is no reason to trust.
type sender struct {
	from    []mailbox
	replyTo []mailbox
	domains map[string]bool // Registrable domains that the message claims to be from.
	own     map[string]bool // Those of From, and of the envelope.
	bulk    bool            // Says of itself that it was sent to many: RFC 2369, RFC 2919, Precedence.
	to      []string        // Addresses of the recipients, in lower case.
}

// maxRecipients is the number of recipients whose addresses are looked for in links.
const maxRecipients = 50

func newSender(env *mail.Envelope, h mail.Header) *sender {
	s := &sender{domains: map[string]bool{}, own: map[string]bool{}}
	for _, v := range h.Values("From") {
		s.from = append(s.from, mailboxes(v)...)
	}
	for _, v := range h.Values("Reply-To") {
		s.replyTo = append(s.replyTo, mailboxes(v)...)
	}
	for _, m := range s.from {
		s.claim(m.domain, true)
	}
	for _, name := range [...]string{"Sender", "Reply-To", "Return-Path", "Resent-From"} {
		for _, v := range h.Values(name) {
			for _, m := range mailboxes(v) {
				s.claim(m.domain, false)
			}
		}
	}
	if env != nil {
		s.claimHost(env.MailFrom.Domain(), true)
		for _, p := range env.RcptTo[:min(len(env.RcptTo), maxRecipients)] {
			if strings.IndexByte(p.Address, '@') > 0 {
				s.to = append(s.to, strings.ToLower(p.Address))
			}
		}
	}
	s.list(h)
	for _, v := range h.Values("DKIM-Signature") {
		s.signature(v)
	}
	return s
}

// list reads what makes a message one of many.
func (s *sender) list(h mail.Header) {
	for i := range h {
		name := strings.ToLower(h[i].Name)
		switch {
		case name == "precedence":
			v := strings.ToLower(h[i].Value())
			s.bulk = s.bulk || v == "bulk" || v == "list" || v == "junk"
		case strings.HasPrefix(name, "list-"), name == "mailing-list", name == "x-mailing-list", name == "feedback-id", name == "x-campaignid":
			s.bulk = true
			v := h[i].Value()
			for _, f := range urls.Text(v[:min(len(v), maxField)], maxAddresses) {
				s.claim(urls.Registrable(f.URL.Host), false)
			}
			if name == "list-id" {
				if a, b := strings.LastIndexByte(v, '<'), strings.LastIndexByte(v, '>'); a >= 0 && b > a {
					s.claimHost(v[a+1:b], false)
				}
			}
		}
	}
}

// signature takes the domain of a DKIM signature, which may be anybody's.
func (s *sender) signature(v string) {
	for tag := range strings.SplitSeq(v[:min(len(v), maxField)], ";") {
		if k, d, ok := strings.Cut(tag, "="); ok && strings.TrimSpace(k) == "d" {
			s.claimHost(d, false)
		}
	}
}

func (s *sender) claimHost(host string, own bool) {
	if h, ok := urls.Host(host); ok {
		s.claim(urls.Registrable(h), own)
	}
}

func (s *sender) claim(domain string, own bool) {
	if domain == "" {
		return
	}
	s.domains[domain] = true
	if own {
		s.own[domain] = true
	}
}
