// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/miekg/dns"
)

// Limits that are not options.
const (
	maxServers = 8    // Servers of a config.
	maxRecords = 1000 // Records in the answer section; what has more is ErrLimit.
	maxChain   = 12   // CNAME records that one answer may go through.
	maxStray   = 16   // Datagrams for one query that are no answer to it, before the query is sent by TCP.
	maxRounds  = 2    // How often each server is asked in one look-up.

	udpSize  = 1232 // Octets of a datagram that we offer by EDNS(0): they fit every path without fragments.
	readSize = 4096 // Octets of a datagram that we read, for servers that send what they like.
)

// Config is what a resolver is made of. Zero values mean the defaults of DefaultConfig, except for Servers, Observer and Now.
type Config struct {
	Servers        []netip.AddrPort // Recursive name servers in the order of preference; at least one, at most 8.
	Timeout        time.Duration    // For one try at one server; the second round waits twice as long.
	LookupTimeout  time.Duration    // For a whole look-up, over all servers and tries.
	CacheEntries   int              // Answers that are kept.
	CacheOctets    int64            // Octets of memory of the answers that are kept, as far as they can be counted.
	MaxTTL         time.Duration    // An answer is kept no longer, whatever its TTL.
	MaxNegativeTTL time.Duration    // The same for "no such name" and "no data" (RFC 2308 section 5).
	FailureTTL     time.Duration    // How long a failure is kept (RFC 9520 section 3.2: at least a second, at most five minutes).
	MaxInFlight    int              // Look-ups under way at once; others wait.
	Observer       Observer         // Nil for none.
	Now            func() time.Time // Nil for time.Now.
}

// DefaultConfig has every default and no server.
func DefaultConfig() Config {
	return Config{
		Timeout: 1500 * time.Millisecond, LookupTimeout: 5 * time.Second,
		CacheEntries: 50_000, CacheOctets: 32 << 20,
		MaxTTL: 24 * time.Hour, MaxNegativeTTL: time.Hour, FailureTTL: 5 * time.Second,
		MaxInFlight: 1000,
	}
}

// withDefaults is c with defaults in the place of zeros.
func (c Config) withDefaults() Config {
	d := DefaultConfig()
	fill(&c.Timeout, d.Timeout)
	fill(&c.LookupTimeout, d.LookupTimeout)
	fill(&c.CacheEntries, d.CacheEntries)
	fill(&c.CacheOctets, d.CacheOctets)
	fill(&c.MaxTTL, d.MaxTTL)
	fill(&c.MaxNegativeTTL, d.MaxNegativeTTL)
	fill(&c.FailureTTL, d.FailureTTL)
	fill(&c.MaxInFlight, d.MaxInFlight)
	if c.Observer == nil {
		c.Observer = noObserver{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func fill[T comparable](v *T, with T) {
	var zero T
	if *v == zero {
		*v = with
	}
}

// Validate tells what is wrong with the config, zeros taken for defaults.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	if n := len(c.Servers); n == 0 || n > maxServers {
		errs = append(errs, fmt.Errorf("servers: have %d, want 1 to %d", n, maxServers))
	}
	for _, s := range c.Servers {
		if !s.IsValid() || s.Port() == 0 || s.Addr().IsUnspecified() || s.Addr().IsMulticast() {
			errs = append(errs, fmt.Errorf("servers: %v is not the address of a name server", s))
		}
	}
	for _, d := range []struct {
		name      string
		have      time.Duration
		low, high time.Duration
	}{
		{"timeout", c.Timeout, 10 * time.Millisecond, time.Minute},
		{"lookup_timeout", c.LookupTimeout, c.Timeout, time.Minute},
		{"max_ttl", c.MaxTTL, time.Second, 7 * 24 * time.Hour},
		{"max_negative_ttl", c.MaxNegativeTTL, time.Second, 24 * time.Hour},
		{"failure_ttl", c.FailureTTL, time.Second, 5 * time.Minute},
	} {
		if d.have < d.low || d.have > d.high {
			errs = append(errs, fmt.Errorf("%s: have %v, want %v to %v", d.name, d.have, d.low, d.high))
		}
	}
	if c.CacheEntries < 1 || c.CacheOctets < 1 || c.MaxInFlight < 1 {
		errs = append(errs, errors.New("cache_entries, cache_octets, max_in_flight: want at least 1"))
	}
	return errors.Join(errs...)
}

// SystemServers reads the name servers of a file such as /etc/resolv.conf (resolv.conf(5)). It takes at most the first 8, and leaves out what
// is no address.
func SystemServers(file string) ([]netip.AddrPort, error) {
	c, err := dns.ClientConfigFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("read name servers: %w", err)
	}
	port, err := strconv.ParseUint(c.Port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("read name servers: port %.20q", c.Port)
	}
	var all []netip.AddrPort
	for _, s := range c.Servers {
		a, err := netip.ParseAddr(s)
		switch {
		case err != nil: // The C library leaves it out, too.
			continue
		case a == netip.IPv4Unspecified(): // Stands for this host, as it does for the C library.
			a = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		case a == netip.IPv6Unspecified():
			a = netip.IPv6Loopback()
		}
		all = append(all, netip.AddrPortFrom(a, uint16(port)))
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("read name servers: %s names none that can be asked", file)
	}
	return all[:min(len(all), maxServers)], nil
}
