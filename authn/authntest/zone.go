// SPDX-License-Identifier: Apache-2.0

// Package authntest answers questions to the DNS from memory, for tests.
package authntest

import (
	"context"
	"net"
	"strings"
	"sync"

	"github.com/mailweir/mailweir/authn"
)

// maxAliases is how many aliases lead to a name.
const maxAliases = 8

// Zone is all that the DNS knows, by name in lower case without a dot at the end. What is not there does not exist. It is not to be changed once
// it is in use.
type Zone struct {
	TXT   map[string][]string
	MX    map[string][]*net.MX
	IP    map[string][]string // Addresses of hosts.
	PTR   map[string][]string // Names of addresses.
	CNAME map[string]string   // Names that stand for others.
	Errs  map[string]error    // What is said where there is no record.

	mu    sync.Mutex
	asked []string // Names, in order.
}

var _ authn.Resolver = (*Zone)(nil)

// Asked are the names that were asked for so far, in order.
func (z *Zone) Asked() []string {
	z.mu.Lock()
	defer z.mu.Unlock()
	return append([]string(nil), z.asked...)
}

// NotFound is the answer that there is no such name or record.
func NotFound(name string) error {
	return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// Temporary is no answer.
func Temporary(name string) error {
	return &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
}

// LookupTXT gives the TXT records.
func (z *Zone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return ask(ctx, z, z.TXT, name)
}

// LookupMX gives the MX records.
func (z *Zone) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return ask(ctx, z, z.MX, name)
}

// LookupAddr gives the names of an address.
func (z *Zone) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return ask(ctx, z, z.PTR, addr)
}

// LookupIPAddr gives the addresses of a host.
func (z *Zone) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	list, err := ask(ctx, z, z.IP, host)
	var addrs []net.IPAddr
	if ip := net.ParseIP(host); ip != nil {
		return []net.IPAddr{{IP: ip}}, nil // As net.Resolver does.
	}
	for _, a := range list {
		addrs = append(addrs, net.IPAddr{IP: net.ParseIP(a)})
	}
	return addrs, err
}

func ask[T any](ctx context.Context, z *Zone, records map[string][]T, name string) ([]T, error) {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	z.mu.Lock()
	z.asked = append(z.asked, name)
	z.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for range maxAliases {
		alias, ok := z.CNAME[name]
		if !ok {
			break
		}
		name = strings.TrimSuffix(strings.ToLower(alias), ".")
	}
	switch err := z.Errs[name]; {
	case len(records[name]) > 0:
		return records[name], nil
	case err != nil:
		return nil, err
	}
	return nil, NotFound(name)
}
