// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
)

// The methods in this file have the form of those of net.Resolver, for libraries that take one. Their errors are *net.DNSError, as such libraries look
// for that; errors.Is finds ErrNoName, ErrNoData, ErrTemporary and ErrLimit in them all the same. A limit of ours is temporary there, and a name that
// cannot be asked about is not found.

// LookupTXT is TXT.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	a, err := r.TXT(ctx, name)
	if err != nil {
		return nil, netError(name, err)
	}
	return a.Values, nil
}

// LookupMX is MX, in the order of preference. Hosts end in a full stop.
func (r *Resolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	a, err := r.MX(ctx, name)
	if err != nil {
		return nil, netError(name, err)
	}
	slices.SortStableFunc(a.Values, func(x, y MX) int { return cmp.Compare(x.Preference, y.Preference) })
	out := make([]*net.MX, len(a.Values))
	for i, m := range a.Values {
		host := m.Host
		if host != "." {
			host += "."
		}
		out[i] = &net.MX{Host: host, Pref: m.Preference}
	}
	return out, nil
}

// LookupIPAddr looks up the IPv4 and the IPv6 addresses of a host, side by side. If one of the two could not be found out, that is an error: the other
// half may be the one that matters. An address literal is its own answer.
func (r *Resolver) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []net.IPAddr{{IP: a.AsSlice(), Zone: a.Zone()}}, nil
	}
	type half struct {
		answer Answer[netip.Addr]
		err    error
	}
	six := make(chan half, 1)
	go func() {
		a, err := r.AAAA(ctx, host)
		six <- half{a, err}
	}()
	v4, err4 := r.A(ctx, host)
	v6 := <-six
	for _, err := range []error{err4, v6.err} {
		if err != nil && !NotFound(err) {
			return nil, netError(host, err)
		}
	}
	var out []net.IPAddr
	for _, a := range append(v4.Values, v6.answer.Values...) {
		out = append(out, net.IPAddr{IP: a.AsSlice()})
	}
	if len(out) == 0 {
		return nil, netError(host, err4)
	}
	return out, nil
}

// LookupNetIP is LookupIPAddr of one family, which network names: "ip4" or "ip6". What the name servers fail to say about the other one does no harm.
func (r *Resolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	var a Answer[netip.Addr]
	var err error
	switch network {
	case "ip4":
		a, err = r.A(ctx, host)
	case "ip6":
		a, err = r.AAAA(ctx, host)
	default:
		return nil, &net.DNSError{Err: net.UnknownNetworkError(network).Error(), Name: host}
	}
	if err != nil {
		return nil, netError(host, err)
	}
	return a.Values, nil
}

// LookupAddr is PTR of an address in text form. Names end in a full stop.
func (r *Resolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, netError(addr, &Error{Kind: ErrBadName, Name: addr, Type: "PTR"})
	}
	a, err := r.PTR(ctx, ip.WithZone(""))
	if err != nil {
		return nil, netError(addr, err)
	}
	for i := range a.Values {
		a.Values[i] += "."
	}
	return a.Values, nil
}

// netError is err in the form of package net.
func netError(name string, err error) *net.DNSError {
	out := &net.DNSError{UnwrapErr: err, Err: err.Error(), Name: name}
	if e, ok := errors.AsType[*Error](err); ok {
		out.Server = e.Server
		out.Err = e.Kind.Error()
		if e.Cause != nil {
			out.Err += ": " + e.Cause.Error()
		}
	}
	out.IsNotFound = NotFound(err) || errors.Is(err, ErrBadName)
	out.IsTemporary = errors.Is(err, ErrTemporary) || errors.Is(err, ErrLimit)
	out.IsTimeout = errors.Is(err, context.DeadlineExceeded)
	return out
}
