// SPDX-License-Identifier: Apache-2.0

// Package lists is the filter that knows the site's own allow and block lists: of senders, of their domains, and of the hosts that mail comes from. An
// entry holds for the whole site, or for some recipients or their domains. A name on an allow list counts only if something vouches for it.
package lists

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/reload"
)

// Codes of the findings.
const (
	codeBlocked  = "lists.blocked"
	codeAllowed  = "lists.allowed"
	codeUnproven = "lists.unproven"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	return filters.Kind{
		Name: "lists",
		Codes: []filters.Code{
			{Name: codeBlocked, Class: filters.Listed}, {Name: codeAllowed, Class: filters.Spam}, {Name: codeUnproven, Class: filters.Spam},
		},
		Spam:    true,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// filter is the filter lists.
type filter struct {
	options *Options
	checker *check.Checker
	entries *reload.Files[index]
	metrics *metrics
}

var _ filters.Filter = (*filter)(nil)

var (
	errNoMessage  = errors.New("there is no message")
	errNoResolver = errors.New("there is no name server to ask if a name on an allow list is right; say unverified, or name hosts")
)

// checkEvery is how often, at most, files are looked at for a change.
const checkEvery = 5 * time.Second

// New makes the filter and reads its files.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if d.Resolver == nil {
		return newFilter(o, d, nil)
	}
	return newFilter(o, d, d.Resolver)
}

func newFilter(o *Options, d filters.Deps, r authn.Resolver) (*filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if r == nil && o.asks() {
		return nil, errNoResolver
	}
	m, err := newMetrics(d.Registerer)
	if err != nil {
		return nil, err
	}
	f := &filter{options: o, metrics: m, checker: &check.Checker{Resolver: r, Now: d.Now, Timeout: check.DefaultTimeout}}
	log := filters.LogOrNone(d.Log).WithField("filter", "lists")
	f.entries, err = reload.Open(o.files(), reload.Options{
		Every: checkEvery, MaxOctets: maxFile, Now: d.Now,
		Failed: func(err error) {
			m.failures.Inc()
			log.WithError(err).Error("a list cannot be read; what was read before is used")
		},
	}, func(files []*os.File) (*index, error) { return newIndex(o, files) })
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Inspect tells for each recipient if the sender or the client is on a list.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil || env == nil {
		return nil, errNoMessage
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := sendersOf(env, msg)
	hits := f.entries.Current().match(s)
	if err := f.prove(ctx, env, msg, s, hits); err != nil {
		return nil, err
	}
	v := newVerdicts(len(env.RcptTo))
	for i, rcpt := range env.RcptTo {
		f.metrics.recipients.WithLabelValues(v.judge(i, rcpt, hits)).Inc()
	}
	return v.findings(), nil
}

// prove finds out which of the hits count, and by which names.
func (f *filter) prove(ctx context.Context, env *mail.Envelope, msg *mail.Message, s *senders, hits []*hit) error {
	var report *check.Report
	for _, h := range hits {
		sure := !h.entry.allow || h.entry.unverified || h.entry.hosts
		if !sure && report == nil {
			var err error
			if report, err = f.checker.Shared(ctx, env, msg); err != nil {
				return fmt.Errorf("who sent it: %w", err)
			}
		}
		h.proven, h.rank = sure, h.host
		for _, n := range h.names {
			if sure || s.names[n.name].vouched(report) {
				h.proven, h.rank = true, max(h.rank, n.rank)
			}
		}
	}
	return nil
}
