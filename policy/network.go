// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"net/netip"

	"github.com/mailweir/mailweir/mail"
)

// networks is a compiled list of prefixes: one map lookup for each length that occurs, however long the list is.
type networks struct {
	set  map[netip.Prefix]struct{}
	bits map[int]struct{} // Lengths that occur, of IPv4 and IPv6 together.
}

func compileNetworks(list []netip.Prefix) *networks {
	n := &networks{set: make(map[netip.Prefix]struct{}), bits: make(map[int]struct{})}
	for _, p := range list {
		p = unmapPrefix(p).Masked()
		n.set[p] = struct{}{}
		n.bits[p.Bits()] = struct{}{}
	}
	return n
}

// unmapPrefix makes ::ffff:192.0.2.0/120 the IPv4 prefix that it means, because mail.Client.IP unmaps addresses.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

func (n *networks) contains(a netip.Addr) bool {
	a = a.WithZone("")
	for bits := range n.bits {
		p, err := a.Prefix(bits)
		if err != nil { // Longer than the address, or no address at all.
			continue
		}
		if _, ok := n.set[p]; ok {
			return true
		}
	}
	return false
}

// covers tells if every address in other is in one prefix of n.
func (n *networks) covers(other *networks) bool {
	for p := range other.set {
		if !n.coversPrefix(p) {
			return false
		}
	}
	return true
}

func (n *networks) coversPrefix(p netip.Prefix) bool {
	for bits := range n.bits {
		if bits > p.Bits() {
			continue
		}
		wider, err := p.Addr().Prefix(bits)
		if err != nil {
			continue
		}
		if _, ok := n.set[wider]; ok {
			return true
		}
	}
	return false
}

// direction is the way that the message goes; see Direction.
func (n *networks) direction(c mail.Client) Direction {
	if c.Local() || n.contains(c.IP()) {
		return Outbound
	}
	return Inbound
}
