// SPDX-License-Identifier: Apache-2.0

// Package dnsbl is the filter that asks DNS lists about the address of the client, and if told so about the relays before it. It takes addresses
// from XFORWARD and from the Received fields of hosts that are trusted; it looks at nothing else of the message.
package dnsbl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnslist"
	"github.com/mailweir/mailweir/resolver/dnsmetrics"
)

// Codes of findings.
const (
	codeListed     = "dnsbl.listed"
	codeConclusive = "dnsbl.conclusive"
	codeThreshold  = "dnsbl.threshold"
	codeAllowed    = "dnsbl.allowed"
	codeRelay      = "dnsbl.relay"
	codeNoAnswer   = "dnsbl.no_answer"
	codeFailure    = "failure.dnsbl"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	return filters.Kind{
		Name: "dnsbl",
		Codes: []filters.Code{
			{Name: codeListed, Class: filters.Spam},
			{Name: codeConclusive, Class: filters.Listed},
			{Name: codeThreshold, Class: filters.Listed},
			{Name: codeAllowed, Class: filters.Spam},
			{Name: codeRelay, Class: filters.Spam},
			{Name: codeNoAnswer, Class: filters.Spam},
			{Name: codeFailure, Class: filters.Failure},
		},
		Spam:    true,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// list is one DNS list and what its answers mean.
type list struct {
	*dnslist.List
	zone  Zone
	codes dnslist.Codes
}

// takes tells if the list is asked about addresses of that family.
func (l *list) takes(a netip.Addr) bool {
	return l.zone.Family != familyIPv4 && l.zone.Family != familyIPv6 || (l.zone.Family == familyIPv4) == a.Is4()
}

// clears tells if whoever is on the list is good, whatever the others say.
func (l *list) clears() bool { return l.zone.Allow && l.zone.Conclusive }

// filter is the DNS list filter.
type filter struct {
	options *Options
	lists   []*list        // By name of the zone.
	trusted []netip.Prefix // Those of the options, and our own networks.
	metrics *dnsmetrics.Lists
}

var _ filters.Filter = (*filter)(nil)

var errNoResolver = errors.New("there is no name server to ask")

// New makes the filter. It asks the resolver of d.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if d.Resolver == nil {
		return nil, errNoResolver
	}
	m, err := newMetrics(d.Registerer, slices.Sorted(maps.Keys(o.Zones)), d.Log)
	if err != nil {
		return nil, err
	}
	f := &filter{options: o, trusted: trustedBy(slices.Concat(o.Trusted, d.Trusted)...), metrics: m}
	for _, name := range slices.Sorted(maps.Keys(o.Zones)) {
		l, err := newList(name, o, d, m)
		if err != nil {
			return nil, fmt.Errorf("zones.%s: %w", name, err)
		}
		f.lists = append(f.lists, l)
	}
	return f, nil
}

func newList(name string, o *Options, d filters.Deps, m *dnsmetrics.Lists) (*list, error) {
	l := &list{zone: o.Zones[name]}
	var err error
	if l.codes, err = dnslist.NewCodes(l.zone.Score, l.zone.Codes); err != nil {
		return nil, err
	}
	c := dnslist.Config{Zone: name, Timeout: cmp.Or(l.zone.Timeout, o.Timeout), Resolver: d.Resolver, Now: d.Now, Switched: m.Switched(name)}
	if c.Now == nil {
		c.Now = time.Now
	}
	// The test entries of RFC 5782 section 5. Those of lists of IPv6 addresses are ::FFFF:7F00:2 and ::FFFF:7F00:1.
	in, out := resolver.ReverseLabels(netip.AddrFrom4([4]byte{127, 0, 0, 2})), resolver.ReverseLabels(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	if l.zone.Family == familyIPv6 {
		in, out = testIPv6('2'), testIPv6('1')
	}
	if l.zone.Test != testNone {
		c.Unlisted = []string{out}
	}
	if l.zone.Test == "" || l.zone.Test == testBoth {
		c.Listed = in
	}
	l.List = dnslist.New(c)
	return l, nil
}

// testIPv6 are the labels of ::ffff:7f00:n.
func testIPv6(n byte) string {
	return string(n) + ".0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"
}

var errNoMessage = errors.New("there is no message")

// Inspect asks all lists side by side. Mail that Postfix calls local, or whose client is not on the public network, is asked about nowhere.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	if env == nil || env.Client.Local() {
		return nil, nil
	}
	who := f.parties(env, msg)
	if len(who) == 0 {
		return nil, nil
	}
	answers := f.ask(ctx, who)
	return f.findings(answers), f.incomplete(ctx, answers)
}
