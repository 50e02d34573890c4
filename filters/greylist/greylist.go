// SPDX-License-Identifier: Apache-2.0

// Package greylist is the filter that tells if a sender has been here before. A stranger may have to come again a little later, as every mail server does
// and much of what sends spam does not. Whether it has to is for the policy to say, which asks it only of messages that score in between.
package greylist

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/seen"
)

// Codes of the findings.
const (
	codeWait = "greylist.wait"
	codeFull = "greylist.full"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	return filters.Kind{
		Name:    "greylist",
		Codes:   []filters.Code{{Name: codeWait, Class: filters.Grey}, {Name: codeFull, Class: filters.Spam}},
		Spam:    true,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// Classes of entries.
const (
	classWaiting = iota // Came once; Tag is of the queue ID.
	classPassed         // Came back.
	classClient         // An origin of which Count triplets came back.
)

// filter is the greylist filter.
type filter struct {
	options *Options
	trusted []netip.Prefix
	secret  *seen.Secret
	store   *seen.Store
	now     func() time.Time
	log     logrus.FieldLogger
	metrics *metrics
}

var _ filters.Follower = (*filter)(nil)

var errNoMessage = errors.New("there is no message")

// New makes the filter. It reads what was kept, and makes the file with the secret if there is none.
func New(o *Options, d filters.Deps) (filters.Filter, error) { return newFilter(o, d) }

func newFilter(o *Options, d filters.Deps) (*filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	f := &filter{options: o, trusted: d.Trusted, now: d.Now, log: filters.LogOrNone(d.Log)}
	if f.now == nil {
		f.now = time.Now
	}
	var err error
	f.secret, f.store, err = seen.OpenKeyed(o.File, d.Look, seen.Options{
		Max: o.MaxEntries, Now: f.now,
		Classes: []seen.Class{
			classWaiting: {Keep: o.ExpireRetry, Share: o.MaxEntries / 4, Group: o.MaxEntries / 4},
			classPassed:  {Keep: o.Keep, Share: o.MaxEntries / 2, Group: o.MaxEntries / 4},
			classClient:  {Keep: o.Keep, Share: o.MaxEntries / 10},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("file: %w", err)
	}
	f.metrics, err = newMetrics(d.Registerer)
	return f, err
}

// Inspect tells for which recipients the message has to wait. It looks into memory alone, and changes nothing.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil || env == nil {
		return nil, errNoMessage
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t, ok := f.tripletsOf(env, msg)
	if !ok {
		return nil, nil
	}
	var wait, full []int
	var due time.Time
	for i, rcpt := range env.RcptTo {
		st, at := f.stateOf(t, rcpt)
		f.metrics.recipients.WithLabelValues(st.String()).Inc()
		switch st {
		case stateNew, stateEarly:
			wait = append(wait, i)
			if at.After(due) {
				due = at
			}
		case stateFull:
			full = append(full, i)
		case stateBack, statePassed, stateClient:
		}
	}
	var found []filters.Finding
	if len(wait) > 0 {
		detail := fmt.Sprintf("first attempt from %s by this sender for %d of %d recipients; may come again from %s UTC on",
			t.origins[0], len(wait), len(env.RcptTo), due.UTC().Format(time.DateTime))
		found = append(found, filters.Finding{Code: codeWait, Class: filters.Grey, For: filters.ForSome(wait, len(env.RcptTo)), Detail: detail})
	}
	if len(full) > 0 {
		detail := fmt.Sprintf("%s does not have to wait: so much comes that nobody would know it again", t.origins[0])
		found = append(found, filters.Finding{Code: codeFull, Class: filters.Spam, For: filters.ForSome(full, len(env.RcptTo)), Detail: detail})
	}
	return found, nil
}

// Close saves what is not saved yet.
func (f *filter) Close() error { return f.store.Close() }
