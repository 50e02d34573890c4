// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"net/netip"
	"strings"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/author"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/mail"
)

// senders is who a message is from, as far as lists go.
type senders struct {
	names []name
	host  string     // Name of the client, which Postfix has checked; "" if there is none.
	addr  netip.Addr // Of the client; the zero Addr if it is not known.
}

// name is an address that the message says it is from.
type name struct {
	address
	author bool // It stands in From; else it is the reverse-path.
}

// String tells where the name is from.
func (n name) String() string {
	if n.author {
		return "From " + n.full
	}
	return "reverse-path " + n.full
}

// address is an address in the form that is compared: small letters, the local-part without quotes, the domain as authn.Domain gives it if it is one.
type address struct {
	full   string // local@domain; <> for the null reverse-path.
	domain string // "" if there is none.
}

// maxAddress bounds the octets of an address that is compared.
const maxAddress = 512

func newAddress(s string) address {
	if s == "" {
		return address{full: nullPath}
	}
	s = shortened(s)
	local, domain, ok := authn.SplitAddress(s)
	if !ok {
		if i := strings.LastIndexByte(s, '@'); i >= 0 {
			domain = strings.ToLower(strings.TrimSuffix(s[i+1:], "."))
		}
	}
	return address{full: strings.ToLower(mail.UnquoteLocal(local)) + "@" + domain, domain: domain}
}

// shortened is an address within the limit. It is the local-part that is cut, so that nobody hides a domain behind a long one.
func shortened(s string) string {
	if i := strings.LastIndexByte(s, '@'); len(s) > maxAddress && i >= 0 && len(s)-i < maxAddress {
		return s[:maxAddress-(len(s)-i)] + s[i:]
	}
	return s[:min(len(s), maxAddress)]
}

// nullPath is what stands for the null reverse-path.
const nullPath = "<>"

// sendersOf are the reverse-path, and all authors of all From fields: it is not known which of them a mail client shows.
func sendersOf(env *mail.Envelope, msg *mail.Message) *senders {
	s := &senders{addr: env.Client.IP().WithZone("")}
	if host, ok := domainName(env.Client.Name); ok && env.Client.Name != "" {
		s.host = host
	}
	s.names = append(s.names, name{address: newAddress(env.MailFrom.Address)})
	for _, a := range author.Read(msg.Header().Bodies("From")).Addresses {
		s.names = append(s.names, name{newAddress(a), true})
	}
	return s
}

// vouched tells if the name is right: an author's if SPF or DKIM of the same organisation has passed, a reverse-path if SPF of its domain has.
func (n name) vouched(r *check.Report) bool {
	if n.author {
		return r.Authenticated(n.domain)
	}
	return n.domain != "" && r.MailFrom.Result == authn.Pass && r.MailFrom.Domain == n.domain
}
