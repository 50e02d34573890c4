// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/resolver"
)

// DNS says whom the one resolver of all filters asks, and what it keeps.
type DNS struct {
	Servers        []NameServer  `yaml:"servers" default:"those of /etc/resolv.conf" doc:"Recursive name servers in the order of preference, at most 8: addresses, with a port or on 53. One of one's own is advised, because many lists do not answer those that everybody uses."`
	Timeout        time.Duration `yaml:"timeout" min:"10ms" max:"1m" doc:"One try at one server; the second round waits twice as long."`
	LookupTimeout  time.Duration `yaml:"lookup_timeout" min:"10ms" max:"1m" doc:"A whole look-up, over all servers and tries."`
	CacheEntries   int           `yaml:"cache_entries" min:"1" max:"100000000" doc:"Answers that are kept."`
	CacheOctets    mail.Size     `yaml:"cache_octets" min:"1KiB" doc:"Memory of the answers that are kept."`
	MaxTTL         time.Duration `yaml:"max_ttl" min:"1s" max:"7d" doc:"An answer is kept no longer, whatever its TTL."`
	MaxNegativeTTL time.Duration `yaml:"max_negative_ttl" min:"1s" max:"1d" doc:"The same for no such name and no data."`
	FailureTTL     time.Duration `yaml:"failure_ttl" min:"1s" max:"5m" doc:"How long it is remembered that no server had an answer."`
	MaxInFlight    int           `yaml:"max_in_flight" min:"1" max:"100000" doc:"Look-ups under way at once; others wait."`
	PerMessage     int           `yaml:"per_message" min:"1" max:"100000" doc:"Look-ups that are not answered from memory, by all filters for one message."`
	MessageTimeout time.Duration `yaml:"message_timeout" min:"100ms" max:"10m" doc:"From the first to the last look-up for one message."`
}

func defaultDNS() DNS {
	d := resolver.DefaultConfig()
	return DNS{
		Timeout: d.Timeout, LookupTimeout: d.LookupTimeout, CacheEntries: d.CacheEntries, CacheOctets: mail.Size(d.CacheOctets),
		MaxTTL: d.MaxTTL, MaxNegativeTTL: d.MaxNegativeTTL, FailureTTL: d.FailureTTL, MaxInFlight: d.MaxInFlight,
		PerMessage: 300, MessageTimeout: 30 * time.Second,
	}
}

// Resolver is the config of the resolver. Its servers are empty if the file names none.
func (d DNS) Resolver() resolver.Config {
	c := resolver.Config{
		Timeout: d.Timeout, LookupTimeout: d.LookupTimeout, CacheEntries: d.CacheEntries, CacheOctets: int64(d.CacheOctets),
		MaxTTL: d.MaxTTL, MaxNegativeTTL: d.MaxNegativeTTL, FailureTTL: d.FailureTTL, MaxInFlight: d.MaxInFlight,
	}
	for _, s := range d.Servers {
		c.Servers = append(c.Servers, netip.AddrPort(s))
	}
	return c
}

// validateDNS holds the values against one another.
func (d *decoder) validateDNS(c *Config) {
	rc := c.DNS.Resolver()
	rc.Servers = slices.DeleteFunc(rc.Servers, func(s netip.AddrPort) bool { return !s.IsValid() }) // The decoder has told.
	if len(rc.Servers) == 0 {
		// The host's own are not ours to judge.
		rc.Servers = []netip.AddrPort{netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), dnsPort)}
	}
	for _, err := range split(rc.Validate()) {
		d.optionFault("dns", &c.DNS, err.Error())
	}
}

// NameServer is the address of a name server.
type NameServer netip.AddrPort

const dnsPort = 53

// String is the server as the config writes it.
func (s NameServer) String() string { return netip.AddrPort(s).String() }

// MarshalText writes a server as UnmarshalText reads it.
func (s NameServer) MarshalText() ([]byte, error) { return netip.AddrPort(s).MarshalText() }

// UnmarshalText reads an address, with a port or without. A name would need a name server to be found.
func (s *NameServer) UnmarshalText(text []byte) error {
	if a, err := netip.ParseAddr(string(text)); err == nil {
		*s = NameServer(netip.AddrPortFrom(a, dnsPort))
		return nil
	}
	a, err := netip.ParseAddrPort(string(text))
	if err != nil || a.Port() == 0 {
		return errors.New("want the address of a name server, such as 127.0.0.1 or [::1]:5353")
	}
	*s = NameServer(a)
	return nil
}
