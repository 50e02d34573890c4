// SPDX-License-Identifier: Apache-2.0

package spf

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"github.com/mailweir/mailweir/authn"
)

// Limits on what one check may ask and be answered, beside those of RFC 7208 section 4.6.4.
const (
	maxQueries = 60      // More than any record that is in use; ten terms that each ask for ten hosts would be 110, and a message has two checks.
	maxAnswers = 100     // Records of one answer that are looked at.
	maxRecord  = 4 << 10 // Octets of a record. RFC 7208 section 3.4 advises 450; lists of addresses that are in use have 2,000.

	// maxExpanded is how long the name may be, in octets, that the macros of a term make. The engine keeps all of it, though only the end of it is asked for, and the
	// next record may have it a thousand times.
	maxExpanded = 1 << 10
)

var (
	errQueries = errors.New("too many questions to the DNS")
	errRecord  = errors.New("malformed SPF record")
	errName    = errors.New("name of an SPF term is too long")
)

// guard stands between the engine and the resolver, and belongs to one check. The engine knows errors by their type alone, asks for names as they
// come, and takes what it is given.
type guard struct {
	r      authn.Resolver
	ipv4   bool // The client's address is one.
	hosts  hosts
	asked  int
	failed error // The first failure that was no answer.
}

// ask counts a question and checks the name. A name that cannot exist does not (RFC 7208 section 4.3); one that is too long loses labels at the left
// (section 7.3).
func (g *guard) ask(name string) (string, error) {
	if g.asked++; g.asked > maxQueries {
		return "", errQueries
	}
	if len(name) > maxExpanded {
		return "", errName
	}
	name = strings.TrimSuffix(name, ".")
	for len(name) > authn.MaxDomain {
		_, rest, ok := strings.Cut(name, ".")
		if !ok {
			break
		}
		name = rest
	}
	if !askable(name) {
		return "", &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return name, nil
}

// askable tells if a name can stand in a question. Other than domains that send mail, it may be of any printable characters.
func askable(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return len(name) <= authn.MaxDomain && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r >= 0x7f })
}

// failure makes an error that the engine understands.
func (g *guard) failure(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case authn.IsNotFound(err):
		return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	case g.failed == nil:
		g.failed = err
	}
	return &net.DNSError{Err: "no answer", Name: name, IsTemporary: true}
}

// LookupTXT is for records. One with anything but US-ASCII, or that is wrong anywhere, is an error before any of it counts (RFC 7208 sections 3.1
// and 4.6).
func (g *guard) LookupTXT(ctx context.Context, name string) ([]string, error) {
	q, err := g.ask(name)
	if err != nil {
		return nil, err
	}
	list, err := g.r.LookupTXT(ctx, q)
	list = list[:min(len(list), maxAnswers)]
	var spf []string
	for _, txt := range list {
		if !isSPF(txt) {
			continue
		}
		if len(txt) > maxRecord || !wellFormed(txt) {
			return nil, errRecord
		}
		spf = append(spf, txt)
		g.hosts.read(name, txt)
	}
	return spf, g.failure(q, err)
}

// isSPF tells records from other texts (RFC 7208 section 4.5).
func isSPF(txt string) bool {
	const version = "v=spf1"
	return len(txt) >= len(version) && strings.EqualFold(txt[:len(version)], version) && (len(txt) == len(version) || txt[len(version)] == ' ')
}

// LookupMX gives the hosts, without the one that says that there is none (RFC 7505).
func (g *guard) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	q, err := g.ask(name)
	if err != nil {
		return nil, err
	}
	list, err := g.r.LookupMX(ctx, q)
	var hosts []*net.MX
	for _, mx := range list[:min(len(list), maxAnswers)] {
		if mx != nil && mx.Host != "." && mx.Host != "" {
			hosts = append(hosts, mx)
			g.hosts.add(mx.Host)
		}
	}
	return hosts, g.failure(q, err)
}

// LookupIPAddr gives addresses. An address is no name, though resolvers take it for one: "a:%{i}" would be true for everybody.
func (g *guard) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	q, err := g.ask(host)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(q); err == nil {
		return nil, &net.DNSError{Err: "no such host", Name: q, IsNotFound: true}
	}
	if r, ok := g.r.(familyResolver); ok && (g.ipv4 || !g.hosts.compared(host)) {
		return g.addrs4(ctx, r, q)
	}
	if g.asked++; g.asked > maxQueries { // It is two questions.
		return nil, errQueries
	}
	list, err := g.r.LookupIPAddr(ctx, q)
	return list[:min(len(list), maxAnswers)], g.failure(q, err)
}

// familyResolver is a resolver that can be asked for IPv4 addresses alone, as net.Resolver can.
type familyResolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// addrs4 asks for IPv4 addresses: for a client with such an address nothing else can match, and exists is about nothing else whoever the client is (RFC 7208 sections 5
// and 5.7). A server that fails on AAAA does no harm then.
func (g *guard) addrs4(ctx context.Context, r familyResolver, host string) ([]net.IPAddr, error) {
	list, err := r.LookupNetIP(ctx, "ip4", host)
	var addrs []net.IPAddr
	for _, a := range list[:min(len(list), maxAnswers)] {
		addrs = append(addrs, net.IPAddr{IP: a.Unmap().AsSlice()})
	}
	return addrs, g.failure(host, err)
}

// LookupAddr gives the names of an address.
func (g *guard) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	if g.asked++; g.asked > maxQueries {
		return nil, errQueries
	}
	list, err := g.r.LookupAddr(ctx, addr)
	list = list[:min(len(list), maxAnswers)]
	for _, name := range list {
		g.hosts.add(name)
	}
	return list, g.failure(addr, err)
}
