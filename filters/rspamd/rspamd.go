// SPDX-License-Identifier: Apache-2.0

// Package rspamd is the filter that asks rspamd about a message, and makes points of its answer. It speaks rspamd's HTTP, over TCP or a unix socket, and
// hands over what is known of the envelope; package breaker keeps servers that are dead or slow from holding up mail. A Learner tells rspamd's
// controller what is spam and what is not.
package rspamd

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// Codes of findings.
const (
	codeScore      = "rspamd.score"
	codeRule       = "rspamd.rule"
	codeReject     = "rspamd.reject"
	codeSoftReject = "rspamd.soft_reject"
	codeGreylist   = "rspamd.greylist"
	codeAction     = "rspamd.action"
	codeSize       = "rspamd.size"
	codeNoAnswer   = "rspamd.no_answer"
	codeFailure    = "failure.rspamd"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	k := filters.Kind{
		Name:    "rspamd",
		Codes:   []filters.Code{{Name: codeFailure, Class: filters.Failure}},
		Spam:    true,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
	for _, name := range []string{codeScore, codeRule, codeReject, codeSoftReject, codeGreylist, codeAction, codeSize, codeNoAnswer} {
		k.Codes = append(k.Codes, filters.Code{Name: name, Class: filters.Spam})
	}
	return k
}

// filter is the filter rspamd.
type filter struct {
	options *Options
	servers *breaker.Servers
}

var _ filters.Filter = (*filter)(nil)

// New makes the filter. It connects to no server.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	m, err := newMetrics(d.Registerer, o.Servers, d.Log)
	if err != nil {
		return nil, err
	}
	now := d.Now
	if now == nil {
		now = time.Now
	}
	if o.MTAName == "" {
		named := *o
		named.MTAName, _ = os.Hostname() // Without a name rspamd does without.
		o = &named
	}
	return &filter{options: o, servers: breaker.NewServers(&o.Options, ping, m, now)}, nil
}

var errNoMessage = errors.New("there is no message")

// Inspect asks one of the servers. No answer is a finding without points, or a failure if the options say so.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	if msg.Size() > int64(f.options.MaxSize) {
		return f.options.tooLarge(msg.Size()), nil
	}
	key, err := breaker.Key(msg.Reader(), msg.Size())
	if err != nil {
		return nil, err
	}
	q := request{method: "POST", path: "/checkv2", header: f.options.facts(env), content: msg.Reader(), size: msg.Size()}
	var v *verdict
	server, err := f.servers.Ask(ctx, key, func(ctx context.Context, address string) (err error) {
		v, err = check(ctx, address, &q)
		return err
	})
	switch {
	case err == nil:
		return f.options.findings(server, v), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, breaker.ErrOurs):
		return nil, err
	}
	return []filters.Finding{f.options.unanswered(err)}, nil
}
