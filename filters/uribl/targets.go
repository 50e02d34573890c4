// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// places are where something stands in a message.
type places uint8

const (
	inEnvelope places = 1 << iota // MAIL FROM, HELO, the client's name.
	inHeader                      // From, Reply-To.
	inLinks                       // Links, and addresses in texts.
	clickable                     // Of inLinks: what a reader may follow.
)

// maxKept bounds the names, addresses and mail addresses of one message, each, among which those are chosen that are asked about.
const maxKept = 5000

// target is something that lists are asked about.
type target[K comparable] struct {
	key   K
	from  places
	where string   // The first place, for the log.
	hosts []string // Of a domain: full names below it, each once.
}

// maxNames bounds the full names that are kept for one domain.
const maxNames = 4

// targets are all of one kind, in the order in which they were found.
type targets[K comparable] struct {
	all  []*target[K]
	byID map[K]*target[K]
	lost int // Not kept.
}

func (t *targets[K]) add(key K, from places, where string) *target[K] {
	if one, ok := t.byID[key]; ok {
		one.from |= from
		return one
	}
	if len(t.all) == maxKept {
		t.lost++
		return nil
	}
	if t.byID == nil {
		t.byID = map[K]*target[K]{}
	}
	one := &target[K]{key: key, from: from, where: where}
	t.byID[key] = one
	t.all = append(t.all, one)
	return one
}

// choose gives those that are asked about, at most most, and tells how many are left out. What stands in the envelope and the header comes first, then what
// can be followed. Among equals chance decides, so that nobody can hide a bad name behind many good ones; for one message it decides alike each time.
func (t *targets[K]) choose(most int, seed maphash.Seed) (chosen []*target[K], left int) {
	if len(t.all) <= most {
		return t.all, t.lost
	}
	rank := func(x *target[K]) (int, uint64) {
		switch {
		case x.from&(inEnvelope|inHeader) != 0:
			return 0, 0
		case x.from&clickable != 0:
			return 1, maphash.Comparable(seed, x.key)
		}
		return 2, maphash.Comparable(seed, x.key)
	}
	sorted := slices.Clone(t.all)
	slices.SortStableFunc(sorted, func(a, b *target[K]) int {
		ra, ha := rank(a)
		rb, hb := rank(b)
		switch {
		case ra != rb:
			return ra - rb
		case ha < hb:
			return -1
		case ha > hb:
			return 1
		}
		return 0
	})
	return sorted[:most], t.lost + len(sorted) - most
}

// collector gathers what a message names.
type collector struct {
	ignore    *ignore
	own       map[string]bool // Mail addresses of the recipients, and their domains.
	domains   targets[string]
	addresses targets[netip.Addr]
	hosts     targets[string] // Of links, for their addresses.
	emails    targets[string]
	names     map[string]string // Registrable domain of each host; "" if it is not asked about.
}

func newCollector(ig *ignore, env *mail.Envelope) *collector {
	c := &collector{ignore: ig, own: map[string]bool{}, names: map[string]string{}}
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

// host notes a host in canonical form: a name or an address.
func (c *collector) host(host string, from places, where string) {
	if a, err := netip.ParseAddr(host); err == nil {
		if a = a.Unmap(); a.IsGlobalUnicast() && !a.IsPrivate() {
			c.addresses.add(a, from, where)
		}
		return
	}
	domain, ok := c.names[host]
	if !ok {
		domain = c.domainOf(host)
		if len(c.names) < 2*maxKept {
			c.names[host] = domain
		}
	}
	if domain == "" {
		return
	}
	if t := c.domains.add(domain, from, where); t != nil && host != domain && len(t.hosts) < maxNames && !slices.Contains(t.hosts, host) {
		t.hosts = append(t.hosts, host)
	}
	if from&inLinks != 0 {
		c.hosts.add(host, from, where)
	}
}

// domainOf is the registrable domain of a host, "" if lists are not asked about it: it is none of the public network, it is to be ignored, or it is the
// recipients' own.
func (c *collector) domainOf(host string) string {
	d := urls.DomainOf(host)
	if !d.Known || d.Registrable == d.Suffix || !isName(d.Registrable) || c.own[d.Registrable] || c.ignore.has(host) {
		return ""
	}
	return d.Registrable
}

// email notes a mail address, and its domain.
func (c *collector) email(local, domain string, from places, where string) {
	host, ok := hostOf(domain)
	if !ok {
		return
	}
	c.host(host, from, where)
	if local == "" || domain[0] == '[' || !isAtoms(local) {
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

// envelope notes what Postfix says of the client and of who sends.
func (c *collector) envelope(env *mail.Envelope) {
	if env == nil {
		return
	}
	emails(env.MailFrom.Address, func(local, domain string) bool {
		c.email(local, domain, inEnvelope, "MAIL FROM")
		return true
	})
	if h, ok := hostOf(env.Client.HELO); ok {
		c.host(h, inEnvelope, "HELO")
	}
	if h, ok := urls.Host(env.Client.Name); ok {
		c.host(h, inEnvelope, "name of the client")
	}
}

// Limits of address fields.
const (
	maxField     = 16 << 10 // Octets of one field that are read.
	maxAddresses = 50       // Of one field.
)

// header notes every address in every From and Reply-To field, wherever in the field a client may see one: also in a display name, also in an encoded word
// (docs/reference/evasions.md, numbers 24, 27, 28 and 30).
func (c *collector) header(h mail.Header) {
	for _, name := range [...]string{"From", "Reply-To"} {
		for _, v := range h.Values(name) {
			v = v[:min(len(v), maxField)]
			for _, text := range slices.Compact([]string{v, mail.DecodeWords(v)}) {
				n := 0
				emails(text, func(local, domain string) bool {
					c.email(local, domain, inHeader, name)
					n++
					return n < maxAddresses
				})
			}
		}
	}
}
