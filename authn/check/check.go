// SPDX-License-Identifier: Apache-2.0

// Package check tells who sent a message by all methods together: SPF, DKIM, ARC and DMARC. What comes out are facts; which of them count for how much is for
// filters and policy. Filters that need to know if a name is authenticated ask here, and it is found out once for all of them.
package check

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/arc"
	"github.com/mailweir/mailweir/authn/author"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/dmarc"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/authn/spf"
	"github.com/mailweir/mailweir/mail"
)

// Limits.
const (
	DefaultTimeout = 10 * time.Second // For all questions about one message; of the filters lists and known, and of auth if it is not told another.
	maxAuthors     = 5                // Author domains whose policies are looked for.
	forAlignment   = 5                // One part in so many of the time is left for whose the domains are that pass, however slow others' servers are.
)

// Checker checks messages. Safe for many goroutines; its fields do not change.
type Checker struct {
	Resolver      authn.Resolver
	Now           func() time.Time // Nil for time.Now.
	Timeout       time.Duration    // 0 for DefaultTimeout.
	MaxSignatures int              // 0 for dkim.DefaultMaxSignatures.
}

// Report is what was found out about one message. It is not to be changed: many may have it.
type Report struct {
	MailFrom spf.Check // SPF of the reverse-path.
	HELO     spf.Check // SPF of the HELO name.
	DKIM     []dkim.Signature
	ARC      arc.Chain
	Authors  author.Authors
	DMARC    []dmarc.Outcome // One for each author domain.
	Shifted  bool            // Others see the end of the header section at another place than the signatures do.
	TooLarge bool            // The header section is too large for signatures to be looked at.
	Spoofed  bool            // A line that is no header field looks like From.
}

// reportKey is what a message keeps its report under.
type reportKey struct{}

// Shared is the report on a message, made by whoever asks first and kept for as long as the message is. It has its own time, whatever is left to those who ask; what
// it looks up is paid for by what the ctx of the first says (resolver.Budget). The error is that of ctx or of reading the message.
func (c *Checker) Shared(ctx context.Context, env *mail.Envelope, msg *mail.Message) (*Report, error) {
	return mail.Shared(ctx, msg, reportKey{}, func(own context.Context) (*Report, error) {
		paid, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		stop := context.AfterFunc(own, cancel)
		defer stop()
		return c.Check(paid, env, msg)
	})
}

// Known is the report if there is one by now.
func Known(msg *mail.Message) (*Report, bool) { return mail.Known[*Report](msg, reportKey{}) }

var errNothing = errors.New("there is no message")

// Check makes a report. Questions that have no answer by the deadline are results of their own, and no error.
func (c *Checker) Check(ctx context.Context, env *mail.Envelope, msg *mail.Message) (*Report, error) {
	if env == nil || msg == nil {
		return nil, errNothing
	}
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	dns, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	methods, done := context.WithTimeout(dns, timeout-timeout/forAlignment)
	defer done()
	r := &Report{Authors: author.Read(msg.Header().Bodies("From")), Spoofed: hiddenFrom(msg.Header())}
	searches := make([]*dmarc.Search, min(len(r.Authors.Domains), maxAuthors))
	var readErr error
	work := []func(){
		func() { r.MailFrom, r.HELO = c.spf(methods, env) },
		func() { readErr = c.signatures(ctx, methods, msg, r) },
	}
	for i := range searches {
		work = append(work, func() { searches[i] = dmarc.Find(methods, c.Resolver, r.Authors.Domains[i]) })
	}
	authn.Together(work...)
	if readErr != nil {
		return nil, readErr
	}
	m := r.identifiers()
	m.Sample, m.NoAddress = sample(env.ID), !env.Client.IP().IsValid()
	for _, s := range searches {
		r.DMARC = append(r.DMARC, s.Judge(dns, m))
	}
	r.refuse()
	return r, ctx.Err()
}

// refuse takes passes back where it is not known which author a mail client shows: one good name does not make up for another.
func (r *Report) refuse() {
	reason := ""
	switch {
	case r.Authors.Fields > 1 || r.Spoofed:
		reason = "several From fields"
	case r.Authors.Cut:
		reason = "too many authors"
	case r.Authors.Nameless:
		reason = "an author without a domain name"
	case len(r.Authors.Domains) > maxAuthors:
		reason = "too many author domains"
	case slices.ContainsFunc(r.DMARC, func(o dmarc.Outcome) bool { return o.Result != authn.Pass }):
		reason = "several author domains"
	default:
		return
	}
	for i := range r.DMARC {
		if o := &r.DMARC[i]; o.Result == authn.Pass {
			o.Result, o.Reason = authn.PermError, reason
		}
	}
}

// spf checks both identities, side by side unless they are one.
func (c *Checker) spf(ctx context.Context, env *mail.Envelope) (mailFrom, helo spf.Check) {
	s := &spf.Checker{Resolver: c.Resolver}
	ip := env.Client.IP()
	if env.MailFrom.Address == "" {
		mailFrom = s.MailFrom(ctx, ip, env.Client.HELO, "")
		helo = mailFrom
		helo.Identity = spf.HELO
		return mailFrom, helo
	}
	authn.Together(
		func() { mailFrom = s.MailFrom(ctx, ip, env.Client.HELO, env.MailFrom.Address) },
		func() { helo = s.HELO(ctx, ip, env.Client.HELO) },
	)
	return mailFrom, helo
}

// signatures verifies DKIM and ARC, and reads the body once for both. ctx is for reading, dns for questions.
func (c *Checker) signatures(ctx, dns context.Context, msg *mail.Message, r *Report) error {
	m, err := sig.Read(msg.Reader(), msg.Size())
	if errors.Is(err, sig.ErrHeaderTooLarge) {
		r.TooLarge = true
		r.ARC.Result = authn.None
		return nil
	}
	if err != nil {
		return err
	}
	r.Shifted = m.BodyStart != msg.Root().Body
	var bodies sig.Bodies
	var chain *arc.Session
	v := &dkim.Verifier{Resolver: c.Resolver, Now: c.Now, MaxSignatures: c.MaxSignatures}
	signatures := v.Begin(dns, m, &bodies)
	chain = arc.Begin(dns, c.Resolver, m, &bodies, c.now())
	if err := bodies.Read(ctx, m.Body()); err != nil {
		return err
	}
	r.DKIM = signatures.End()
	r.ARC = chain.End(dns)
	return nil
}

func (c *Checker) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// identifiers are the domains that DMARC goes by.
func (r *Report) identifiers() dmarc.Message {
	m := dmarc.Message{SPF: []dmarc.Identifier{{Domain: r.MailFrom.Domain, Result: r.MailFrom.Result}}}
	for _, s := range r.DKIM {
		m.DKIM = append(m.DKIM, dmarc.Identifier{Domain: s.Domain, Result: r.trusted(s)})
	}
	return m
}

// trusted is what a signature is worth: nothing if others see another body than the one that was signed.
func (r *Report) trusted(s dkim.Signature) authn.Result {
	if r.Shifted && s.Result == authn.Pass {
		return authn.Policy
	}
	return s.Result
}

// sample is a number from 0 to 99 for the share of messages that a policy is for. It comes from our own ID, which nobody else chooses.
func sample(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % 100)
}

// Authenticated tells if an author's domain is vouched for: DMARC passes or, where its owner has published nothing, a domain of the same organisation, by the Public
// Suffix List, has passed SPF or DKIM. Where that could not be looked up it has to be the very domain. There has to be one author alone.
func (r *Report) Authenticated(domain string) bool {
	domain, ok := authn.Domain(domain)
	if !ok || !r.Authors.One() || r.Spoofed {
		return false
	}
	same := dmarc.SameOrganisation
	for i := range r.DMARC {
		switch o := &r.DMARC[i]; {
		case o.Author != domain || o.Result == authn.None:
		case o.Result == authn.TempError:
			same = func(a, b string) bool { return a == b }
		default:
			return o.Result == authn.Pass
		}
	}
	m := r.identifiers()
	return slices.ContainsFunc(append(m.SPF, m.DKIM...), func(id dmarc.Identifier) bool { return id.Result == authn.Pass && same(id.Domain, domain) })
}
