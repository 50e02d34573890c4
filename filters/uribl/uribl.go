// SPDX-License-Identifier: Apache-2.0

// Package uribl is the filter that asks DNS lists about what a message names: the domains and addresses of its links and texts, the domains of From,
// Reply-To, MAIL FROM, HELO and of the client's name, and mail addresses by their hash. It follows no link.
package uribl

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnslist"
	"github.com/mailweir/mailweir/unpack"
)

// Codes of findings.
const (
	codeListed     = "uribl.listed"
	codeEmail      = "uribl.email"
	codeConclusive = "uribl.conclusive"
	codeUnasked    = "uribl.unasked"
	codeNoAnswer   = "uribl.no_answer"
	codeFailure    = "failure.uribl"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	return filters.Kind{
		Name: "uribl",
		Codes: []filters.Code{
			{Name: codeListed, Class: filters.Spam},
			{Name: codeEmail, Class: filters.Spam},
			{Name: codeConclusive, Class: filters.Listed},
			{Name: codeUnasked, Class: filters.Spam},
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

// filter is the filter of names.
type filter struct {
	options  *Options
	lists    []*list       // By name of the zone.
	longest  time.Duration // That an answer of one of them is waited for.
	ignore   *ignore
	seed     maphash.Seed
	resolver *resolver.Resolver
	unpacker *unpack.Unpacker
	metrics  *metrics
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
	zones := slices.Sorted(maps.Keys(o.Zones))
	m, err := newMetrics(d.Registerer, zones, d.Log)
	if err != nil {
		return nil, err
	}
	f := &filter{
		options: o, ignore: newIgnore(o.Ignore, o.Shipped), seed: maphash.MakeSeed(), resolver: d.Resolver, unpacker: d.Unpacker, metrics: m,
	}
	for _, name := range zones {
		l, err := f.newList(name, d)
		if err != nil {
			return nil, fmt.Errorf("zones.%s: %w", name, err)
		}
		f.lists = append(f.lists, l)
		f.longest = max(f.longest, o.timeout(l.zone))
	}
	return f, nil
}

func (f *filter) newList(name string, d filters.Deps) (*list, error) {
	l := &list{zone: f.options.Zones[name]}
	var err error
	if l.codes, err = dnslist.NewCodes(l.zone.Score, l.zone.Codes); err != nil {
		return nil, err
	}
	label, err := l.zone.testLabel()
	if err != nil {
		return nil, err
	}
	l.List = dnslist.New(dnslist.Config{
		Zone: name, Listed: label, Unlisted: l.zone.notListed(), Timeout: f.options.timeout(l.zone), Resolver: d.Resolver, Now: d.Now,
		Switched: f.metrics.Switched(name),
	})
	return l, nil
}

var errNoMessage = errors.New("there is no message")

// Inspect gathers what the message names, and asks all lists about it side by side.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	c := newCollector(f.ignore, f.seed, env)
	c.envelope(env)
	c.header(msg.Header())
	r := reader{c: c, msg: msg, left: maxTexts, qr: f.options.QR}
	if err := r.content(ctx, f.unpacker); err != nil {
		return nil, err
	}
	s := newSession(f, c)
	s.run(ctx)
	return s.findings(), s.incomplete(ctx)
}
