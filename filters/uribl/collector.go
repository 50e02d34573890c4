// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"hash/maphash"
	"net/netip"
	"strings"

	"github.com/mailweir/mailweir/authn/author"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// collector gathers what a message names.
type collector struct {
	ignore    *ignore
	seed      maphash.Seed
	own       map[string]bool // Mail addresses of the recipients, and their domains.
	domains   targets[string]
	addresses targets[netip.Addr]
	hosts     targets[string] // Of links, for their addresses.
	emails    targets[string]
	sites     map[string]site // Of hosts.
	unread    int             // Texts and images that were not read to their end.
}

func newCollector(ig *ignore, seed maphash.Seed, env *mail.Envelope) *collector {
	c := &collector{
		ignore: ig, seed: seed, own: map[string]bool{}, sites: map[string]site{},
		domains: targets[string]{seed: seed}, addresses: targets[netip.Addr]{seed: seed}, hosts: targets[string]{seed: seed}, emails: targets[string]{seed: seed},
	}
	if env == nil {
		return c
	}
	for _, p := range env.RcptTo {
		if local, domain, ok := splitEmail(p.Address); ok {
			c.own[normal(local, domain)] = true
			c.own[urls.Registrable(domain)] = true
		}
	}
	return c
}

// host notes the host of a link, in canonical form: a name or an address.
func (c *collector) host(host string, from places, where string) {
	if c.domain(host, from, where) {
		c.hosts.add(host, from, where)
	}
}

// domain notes the domain of a host in canonical form, or the host itself if it is an address. ok tells that it is a name and lists are asked about it.
func (c *collector) domain(host string, from places, where string) (ok bool) {
	if a, err := netip.ParseAddr(host); err == nil {
		if a = a.Unmap(); a.IsGlobalUnicast() && !a.IsPrivate() {
			c.addresses.add(a, from, where)
		}
		return false
	}
	name := c.site(host).domain
	if name == "" {
		return false
	}
	if t := c.domains.add(name, from, where); host != name && isName(host) {
		t.name(host, c.seed)
	}
	return true
}

// site is where a host belongs.
type site struct {
	domain string // Registrable; "" if lists are not asked about it, because it is not public, is to be ignored, or is the recipients' own.
	public bool   // It can be a name of the public network.
}

// site finds out where a host belongs. A host that is itself a suffix below which others may register names, as github.io is, has an owner too: it is
// its own domain.
func (c *collector) site(host string) site {
	if s, ok := c.sites[host]; ok {
		return s
	}
	d := urls.DomainOf(host)
	s := site{public: d.Known && isName(d.Registrable)}
	if s.public && !c.own[d.Registrable] && !c.ignore.has(host) && (d.Registrable != d.Suffix || isPrivate(d.Suffix)) {
		s.domain = d.Registrable
	}
	if len(c.sites) < 2*maxKept {
		c.sites[host] = s
	}
	return s
}

// isPrivate tells if a public suffix is somebody's own, and none of ICANN's.
func isPrivate(suffix string) bool {
	below := urls.DomainOf("x." + suffix)
	return below.Operator != below.Registrable
}

// email notes a mail address, and its domain.
func (c *collector) email(local, domain string, from places, where string) {
	host, ok := hostOf(domain)
	if !ok {
		return
	}
	c.domain(host, from, where)
	if local == "" || !isAtoms(local) || !c.site(host).public || c.ignore.named(host) {
		return
	}
	if key := normal(local, host); !c.own[key] {
		c.emails.add(key, from, where)
	}
}

// hostOf is the canonical form of a domain as it stands in an address or behind HELO: a name, or an address literal (RFC 5321 section 4.1.3).
func hostOf(s string) (host string, ok bool) {
	inner, literal := strings.CutPrefix(s, "[")
	if !literal {
		return urls.Host(s)
	}
	inner = strings.TrimPrefix(strings.ToLower(strings.TrimSuffix(inner, "]")), "ipv6:")
	a, err := netip.ParseAddr(inner)
	return a.WithZone("").String(), err == nil
}

// envelope notes the domains of MAIL FROM, HELO and the name of the client.
func (c *collector) envelope(env *mail.Envelope) {
	if env == nil {
		return
	}
	emails(env.MailFrom.Address, func(local, domain string) bool {
		c.email(local, domain, inEnvelope, "MAIL FROM")
		return true
	})
	if h, ok := hostOf(env.Client.HELO); ok {
		c.domain(h, inEnvelope, "HELO")
	}
	if h, ok := urls.Host(env.Client.Name); ok {
		c.domain(h, inEnvelope, "name of the client")
	}
}

// Limits of address fields.
const (
	maxField     = 16 << 10 // Octets of one field that are read.
	maxAddresses = 1000     // Of all fields of one name.
)

// header notes every address in every From and Reply-To field, wherever in the field a client may see one: also where comments and blanks stand in it,
// in a display name, in an encoded word (docs/reference/evasions.md, numbers 24, 27, 28 and 30).
func (c *collector) header(h mail.Header) {
	for _, name := range [...]string{"From", "Reply-To"} {
		left := maxAddresses
		for _, v := range h.Values(name) {
			if len(v) > maxField {
				v = v[:maxField]
				c.unread++
			}
			texts := append(author.Read([]string{v}).Addresses, v)
			if decoded := mail.DecodeWords(v); decoded != v {
				texts = append(texts, decoded)
			}
			for _, text := range texts {
				emails(text, func(local, domain string) bool {
					if left--; left < 0 {
						c.domains.lost++
						return false
					}
					c.email(local, domain, inHeader, name)
					return true
				})
			}
		}
	}
}
