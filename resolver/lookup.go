// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// Answer is what a name has of one type: at least one value, in the order of the server's answer. The caller may change it.
type Answer[T any] struct {
	Values []T
	TTL    time.Duration // How long it may still be kept, the shortest of all records on the way.
	Cached bool          // It was known; nobody was asked.
}

// A looks up the IPv4 addresses of a name.
func (r *Resolver) A(ctx context.Context, name string) (Answer[netip.Addr], error) {
	return find[netip.Addr](ctx, r, name, dns.TypeA)
}

// AAAA looks up the IPv6 addresses of a name.
func (r *Resolver) AAAA(ctx context.Context, name string) (Answer[netip.Addr], error) {
	return find[netip.Addr](ctx, r, name, dns.TypeAAAA)
}

// TXT looks up the texts of a name, the strings of each record put together (RFC 7208 section 3.3). They may hold any octets.
func (r *Resolver) TXT(ctx context.Context, name string) (Answer[string], error) {
	return find[string](ctx, r, name, dns.TypeTXT)
}

// MX looks up the mail exchangers of a domain. They are in no order of preference.
func (r *Resolver) MX(ctx context.Context, name string) (Answer[MX], error) {
	return find[MX](ctx, r, name, dns.TypeMX)
}

// PTR looks up the names of an address, in lower case without a full stop at the end. Whoever has the address chooses them: they count only
// if they have the address in turn.
func (r *Resolver) PTR(ctx context.Context, a netip.Addr) (Answer[string], error) {
	return find[string](ctx, r, reverseName(a), dns.TypePTR)
}

// find looks up values of the type that entries of qtype have.
func find[T any](ctx context.Context, r *Resolver, name string, qtype uint16) (Answer[T], error) {
	e, from, err := r.lookup(ctx, name, qtype)
	r.observer.Lookup(from, resultOf(err))
	if err != nil {
		return Answer[T]{}, err
	}
	a := Answer[T]{Values: slices.Clone(e.values.([]T)), TTL: e.ttl, Cached: from == FromCache}
	if !e.expires.IsZero() {
		a.TTL = max(e.expires.Sub(r.now()), 0)
	}
	return a, nil
}
