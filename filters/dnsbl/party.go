// SPDX-License-Identifier: Apache-2.0

package dnsbl

import (
	"net/netip"
	"slices"

	"github.com/mailweir/mailweir/mail"
)

// party is an address that lists are asked about.
type party struct {
	addr  netip.Addr
	relay bool // From a Received field that anybody may have written.
}

// parties gives whom lists are asked about: the host that handed the message to the first of our hosts, and the relays that it says were before it.
// Postfix says who the client is (XFORWARD); if that is a trusted host, its Received field says whom it had the message from, and so on. What a host
// that is not trusted wrote is never believed to be about the client (docs/reference/evasions.md, number 12).
func (f *filter) parties(env *mail.Envelope, msg *mail.Message) []party {
	border := env.Client.IP().WithZone("")
	if !border.IsValid() {
		return nil
	}
	hops := hopsOf(msg.Header())
	// The field on top is that of our own Postfix, about the client itself.
	if len(hops) > 0 && hops[0] == border {
		hops = hops[1:]
	}
	for f.trusts(border) {
		if len(hops) == 0 || !hops[0].IsValid() {
			return nil // It began here, or nobody knows where.
		}
		border, hops = hops[0], hops[1:]
	}
	var who []party
	if public(border) {
		who = append(who, party{addr: border})
	}
	return append(who, f.relays(border, hops)...)
}

// maxReceived is the number of Received fields that are read, from the top.
const maxReceived = 50

// hopsOf are the addresses that the Received fields name, from the newest on; the zero Addr for a field that names none.
func hopsOf(h mail.Header) []netip.Addr {
	var hops []netip.Addr
	for field := range h.All("Received") {
		if len(hops) == maxReceived {
			break
		}
		hops = append(hops, mail.ParseReceived(field.Value()).Addr)
	}
	return hops
}

// relays are the first addresses behind the border that lists can know, each once.
func (f *filter) relays(border netip.Addr, hops []netip.Addr) []party {
	var who []party
	for _, h := range hops {
		if len(who) == f.options.Relays {
			break
		}
		p := party{addr: h, relay: true}
		if public(h) && h != border && !f.trusts(h) && !slices.Contains(who, p) {
			who = append(who, p)
		}
	}
	return who
}

// trusts tells if an address belongs to a host that hands us mail of others, or to our own networks.
func (f *filter) trusts(a netip.Addr) bool {
	return a.IsLoopback() || slices.ContainsFunc(f.trusted, func(p netip.Prefix) bool { return p.Contains(a) })
}

// trustedBy gives networks in the form in which clients are: never ::ffff:192.0.2.0/120, but the IPv4 network that this means.
func trustedBy(all ...netip.Prefix) []netip.Prefix {
	out := slices.Clone(all)
	for i, p := range out {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			out[i] = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
	}
	return out
}

// shared is the address space behind carriers' translators (RFC 6598), which says nothing about who is there.
func shared() netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10) }

// public tells if an address is one that the world knows.
func public(a netip.Addr) bool {
	return a.IsValid() && a.IsGlobalUnicast() && !a.IsPrivate() && !shared().Contains(a)
}
