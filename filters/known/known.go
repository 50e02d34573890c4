// SPDX-License-Identifier: Apache-2.0

// Package known is the filter that knows whom our users have written to. It learns that from their own mail, as keyed hashes, and takes points off mail
// that comes back from there; of all other mail it tells that it is a first contact. It believes no name that nothing vouches for.
package known

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/seen"
)

// Codes of the findings.
const (
	codeAnswer        = "known.answer"
	codeCorrespondent = "known.correspondent"
	codeDomain        = "known.domain"
	codeThread        = "known.thread"
	codeUnproven      = "known.unproven"
	codeFirstContact  = "known.first_contact"
)

// codes are all of them, in the order of the documents.
func codes() []string {
	return []string{codeAnswer, codeCorrespondent, codeDomain, codeThread, codeUnproven, codeFirstContact}
}

// Kind is this kind of filter. It is not left out for outbound mail, because that is what it learns from.
func Kind() filters.Kind {
	k := filters.Kind{
		Name:    "known",
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
	for _, name := range codes() {
		k.Codes = append(k.Codes, filters.Code{Name: name, Class: filters.Spam})
	}
	return k
}

// Classes of entries.
const (
	classPair = iota // A user has written to an address, or to somebody in a domain.
	classSent        // A user has sent a message.
	classDay         // A user has found Count new correspondents on a day.
)

// filter is the filter known.
type filter struct {
	options *Options
	checker *check.Checker // Nil if there is no name server to ask.
	shared  map[string]bool
	secret  *seen.Secret
	store   *seen.Store
	now     func() time.Time
	log     logrus.FieldLogger
	metrics *metrics
}

var _ filters.Follower = (*filter)(nil)

var errNoMessage = errors.New("there is no message")

// New makes the filter. It reads what was kept, and makes the file with the secret if there is none.
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
	f := &filter{options: o, shared: sharedDomains(o.SharedDomains), now: d.Now, log: filters.LogOrNone(d.Log)}
	if f.now == nil {
		f.now = time.Now
	}
	if r != nil {
		f.checker = &check.Checker{Resolver: r, Now: f.now, Timeout: check.DefaultTimeout}
	}
	var err error
	f.secret, f.store, err = seen.OpenKeyed(o.File, d.Look, seen.Options{
		Max: o.MaxEntries, Now: f.now,
		Classes: []seen.Class{
			classPair: {Keep: o.Keep, Share: o.MaxEntries / 2},
			classSent: {Keep: o.KeepSent, Share: o.MaxEntries / 4},
			classDay:  {Keep: 48 * time.Hour, Share: o.MaxEntries / 20},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("file: %w", err)
	}
	f.metrics, err = newMetrics(d.Registerer)
	return f, err
}

// Inspect tells for each recipient how the author is known. Of mail of our own it tells nothing.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil || env == nil {
		return nil, errNoMessage
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if env.Outbound || env.Client.Local() {
		return nil, nil
	}
	l := f.letterOf(msg)
	p, err := f.prove(ctx, env, msg, l)
	if err != nil {
		return nil, err
	}
	who := map[string][]int{}
	for i, rcpt := range env.RcptTo {
		code := f.lookUp(l, rcpt).code(p)
		f.metrics.recipients.WithLabelValues(code[len("known."):]).Inc()
		who[code] = append(who[code], i)
	}
	return f.findings(l, p, who, len(env.RcptTo)), nil
}

func (f *filter) findings(l *letter, p proof, who map[string][]int, all int) []filters.Finding {
	var found []filters.Finding
	for _, code := range codes() {
		rcpts := who[code]
		if len(rcpts) == 0 {
			continue
		}
		found = append(found, filters.Finding{
			Code: code, Class: filters.Spam, Score: f.options.Points.of(code), For: filters.ForSome(rcpts, all), Detail: l.told(code, p, len(rcpts), all),
		})
	}
	return found
}

// Close saves what is not saved yet.
func (f *filter) Close() error { return f.store.Close() }
