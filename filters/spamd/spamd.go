// SPDX-License-Identifier: Apache-2.0

// Package spamd is the filter that asks SpamAssassin's daemon about a message, and makes points of its answer. It speaks the SPAMC protocol, version 1.5,
// over TCP or a unix socket; package breaker keeps servers that are dead or slow from holding up mail. A Learner tells the daemon what is spam and what
// is not.
package spamd

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// Codes of findings.
const (
	codeScore    = "spamd.score"
	codeRule     = "spamd.rule"
	codeSize     = "spamd.size"
	codeNoAnswer = "spamd.no_answer"
	codeFailure  = "failure.spamd"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	return filters.Kind{
		Name: "spamd",
		Codes: []filters.Code{
			{Name: codeScore, Class: filters.Spam},
			{Name: codeRule, Class: filters.Spam},
			{Name: codeSize, Class: filters.Spam},
			{Name: codeNoAnswer, Class: filters.Spam},
			{Name: codeFailure, Class: filters.Failure},
		},
		Spam:    true,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// filter is the filter spamd.
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
	return &filter{options: o, servers: breaker.NewServers(&o.Options, ping, m, now)}, nil
}

var errNoMessage = errors.New("there is no message")

// Inspect asks one of the servers. No answer is a finding without points, or a failure if the options say so.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	size, found := f.options.part(msg.Size())
	if size == 0 && msg.Size() > 0 {
		return found, nil
	}
	key, err := breaker.Key(msg.Reader(), msg.Size())
	if err != nil {
		return nil, err
	}
	q := query{
		command: commands()[f.options.Command], user: f.options.userFor(env), top: returnPath(env, msg), content: msg.Reader(), size: size, compress: f.options.Compress,
	}
	var v verdict
	server, err := f.servers.Ask(ctx, key, func(ctx context.Context, address string) (err error) {
		v, err = check(ctx, address, &q)
		return err
	})
	switch {
	case err == nil:
		return append(f.options.findings(server, &v), found...), nil
	case ctx.Err() != nil:
		return found, ctx.Err()
	case errors.Is(err, breaker.ErrOurs):
		return found, err
	}
	return append(found, f.options.unanswered(err)), nil
}

// maxPath is how many octets of a reverse-path are told (RFC 5321 section 4.5.3.1.3 has 256).
const maxPath = 1 << 10

// returnPath is the field that final delivery would put on top (RFC 5321 section 4.4). SpamAssassin takes the reverse-path from there, so without ours it
// would believe one that the sender has written.
func returnPath(env *mail.Envelope, msg *mail.Message) string {
	if env == nil || len(env.MailFrom.Address) > maxPath {
		return ""
	}
	if strings.ContainsFunc(env.MailFrom.Address, unicode.IsControl) {
		return ""
	}
	return "Return-Path: " + env.MailFrom.String() + msg.LineEnd()
}
