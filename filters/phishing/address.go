// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// Limits of address fields.
const (
	maxField     = 16 << 10 // Octets of a field body that are read.
	maxAddresses = 50       // Of one field.
)

// mailbox is one address of a field as a mail client shows it.
type mailbox struct {
	name   string   // Display name, decoded; "" if there is none.
	split  []string // The pieces of a name that commas without quotes cut into several.
	addr   string   // As given.
	angle  bool     // The address stands in angle brackets, which may be empty.
	host   string   // Domain in canonical form; "" if it is none.
	domain string   // Registrable domain of it.
}

// mailboxes reads an address field leniently (RFC 5322 section 3.4): what is in angle brackets is the address, what is before it the name. What has
// no address, because a comma cuts it off, belongs to the name of the address that follows, or else of the one before: mail clients show it
// as a sender.
func mailboxes(body string) []mailbox {
	if len(body) > maxField {
		body = body[:maxField]
	}
	var all []mailbox
	var loose []string
	s := scanner{s: body}
	for len(all) < maxAddresses && len(loose) < maxAddresses && s.i < len(s.s) {
		m, ok := s.mailbox()
		switch {
		case !ok:
		case !m.angle && m.addr == "":
			loose = append(loose, m.name)
		default:
			all = append(all, m.with(loose))
			loose = nil
		}
	}
	switch n := len(all); {
	case len(loose) == 0:
	case n > 0:
		all[n-1] = all[n-1].with(loose)
	default:
		all = []mailbox{{name: strings.Join(loose, ", ")}}
	}
	return all
}

// with is the mailbox with more pieces of its name.
func (m mailbox) with(pieces []string) mailbox {
	if len(pieces) == 0 {
		return m
	}
	if m.name != "" {
		pieces = append(pieces, m.name)
	}
	m.name, m.split = strings.Join(pieces, ", "), append(m.split, pieces...)
	return m
}

// names are all that may be shown as the name, pieces first.
func (m *mailbox) names() []string {
	if m.name == "" {
		return nil
	}
	return append(slices.Clip(m.split), m.name)
}

// at says where the address is, for the log.
func (m *mailbox) at() string {
	if m.host == "" {
		return "at no host"
	}
	return "at " + m.host
}

// scanner goes through an address field.
type scanner struct {
	s  string
	i  int
	at bool // The mailbox has an @ that is not quoted.
}

// mailbox reads up to the next comma that is not quoted.
func (s *scanner) mailbox() (mailbox, bool) {
	var text, angle, comment strings.Builder
	found := false
	s.at = false
	for s.i < len(s.s) {
		switch c := s.s[s.i]; c {
		case ',', ';':
			s.i++
			return s.newMailbox(text.String(), angle.String(), comment.String(), found)
		case '"':
			s.quoted(&text)
		case '(':
			s.comment(&comment)
		case '<':
			end := strings.IndexByte(s.s[s.i:], '>')
			if end < 0 {
				end = len(s.s) - s.i
			}
			angle.Reset()
			angle.WriteString(s.s[s.i+1 : s.i+end])
			found = true
			s.i = min(s.i+end+1, len(s.s))
		case ':':
			// The name of a group, unless it is part of an address.
			if !strings.Contains(text.String(), "@") {
				text.Reset()
			}
			s.i++
		default:
			s.at = s.at || c == '@'
			text.WriteByte(c)
			s.i++
		}
	}
	return s.newMailbox(text.String(), angle.String(), comment.String(), found)
}

func (s *scanner) quoted(to *strings.Builder) {
	for s.i++; s.i < len(s.s); s.i++ {
		switch s.s[s.i] {
		case '\\':
			if s.i+1 < len(s.s) {
				s.i++
			}
		case '"':
			s.i++
			return
		}
		to.WriteByte(s.s[s.i])
	}
}

func (s *scanner) comment(to *strings.Builder) {
	depth := 0
	for ; s.i < len(s.s); s.i++ {
		switch s.s[s.i] {
		case '\\':
			if s.i+1 < len(s.s) {
				s.i++
			}
		case '(':
			depth++
			continue
		case ')':
			if depth--; depth == 0 {
				s.i++
				return
			}
			continue
		}
		to.WriteByte(s.s[s.i])
	}
}

func (s *scanner) newMailbox(text, angle, comment string, found bool) (mailbox, bool) {
	text, comment = strings.TrimSpace(text), strings.TrimSpace(comment)
	m := mailbox{name: text, addr: strings.TrimSpace(angle), angle: found}
	switch {
	case found:
	case s.at:
		m.name, m.addr = comment, text
	case text == "":
		m.name = comment
	}
	m.name = strings.TrimSpace(mail.DecodeWords(m.name))
	if m.addr == "" && m.name == "" {
		return mailbox{}, false
	}
	if i := strings.LastIndexByte(m.addr, '@'); i >= 0 {
		if h, ok := urls.Host(strings.Trim(m.addr[i+1:], " \t[]")); ok {
			m.host, m.domain = h, urls.Registrable(h)
		}
	}
	return m, true
}
