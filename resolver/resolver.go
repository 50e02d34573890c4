// SPDX-License-Identifier: Apache-2.0

// Package resolver is the one DNS resolver of the house. It asks recursive name servers, a local one or those of the provider, and keeps what they
// say as long as they allow. It does not walk down from the root itself, validates no signatures of DNSSEC, and reads no hosts file.
//
// Not knowing is never "no": a server that is dead, slow, lame or does not make sense gives ErrTemporary, and only what a server said gives
// ErrNoName or ErrNoData. Each look-up ends with its context, and at the latest after Config.LookupTimeout.
package resolver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Resolver looks up names. Its methods may be called by many goroutines at once.
type Resolver struct {
	config   Config
	servers  []*upstream
	cache    *cache
	flights  *flights
	slots    chan struct{} // Has room for the look-ups under way.
	observer Observer
	now      func() time.Time
	connect  func(ctx context.Context, network, address string) (net.Conn, error)
}

// New makes a resolver. It asks nothing yet. One that is no longer used holds nothing but memory once its look-ups have ended, each after LookupTimeout at the
// latest, so that it may be left alone: those who still use it get their answers.
func New(c Config) (*Resolver, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("resolver: %w", err)
	}
	c = c.withDefaults()
	r := &Resolver{
		config: c, servers: newUpstreams(c.Servers), cache: newCache(c.CacheEntries, c.CacheOctets), flights: newFlights(),
		slots: make(chan struct{}, c.MaxInFlight), observer: c.Observer, now: c.Now, connect: new(net.Dialer).DialContext,
	}
	for _, u := range r.servers {
		r.observer.Server(u.name, true, nil)
	}
	return r, nil
}

// Close ends all look-ups, which then fail, and waits for them.
func (r *Resolver) Close() error {
	r.flights.close()
	return nil
}

// lookup gives what is known of a name, or finds it out.
func (r *Resolver) lookup(ctx context.Context, name string, qtype uint16) (*entry, Source, error) {
	fail := func(kind, cause error) *Error {
		return &Error{Kind: kind, Name: name, Type: dns.TypeToString[qtype], Cause: cause}
	}
	canon, ok := canonicalName(name)
	if !ok {
		return nil, FromNobody, fail(ErrBadName, nil)
	}
	q := question{canon, qtype}
	var e *entry
	from := FromCache
	if !isFresh(ctx) {
		e = r.cache.get(q, r.now())
	}
	if e == nil {
		if err := ctx.Err(); err != nil {
			return nil, FromNobody, fail(ErrTemporary, err)
		}
		if err := pay(ctx); err != nil {
			return nil, FromNobody, fail(ErrLimit, err)
		}
		ctx, cancel := within(ctx)
		defer cancel()
		var err error
		q.name = strings.Clone(canon) // It is kept, and is not to keep the text that it was found in.
		if e, from, err = r.fly(ctx, q); err != nil {
			kind := ErrTemporary
			if errors.Is(err, errCrowded) || errors.Is(err, errTime) {
				kind = ErrLimit
			}
			failed := fail(kind, err)
			failed.Shared = from == FromFlight
			return nil, from, failed
		}
	}
	if e.kind != nil {
		err := fail(e.kind, e.cause)
		err.Server, err.Shared = e.server, from != FromServer
		return nil, from, err
	}
	return e, from, nil
}

// fly has a question asked, or waits for somebody who asks it already.
func (r *Resolver) fly(ctx context.Context, q question) (*entry, Source, error) {
	fresh := isFresh(ctx)
	e, shared, err := r.flights.do(ctx, q, func(ctx context.Context, fl *flight) *entry {
		if e := r.cache.get(q, r.now()); e != nil && !fresh {
			return e // Another flight landed between our look into the cache and this one.
		}
		return r.ask(ctx, fl, q)
	})
	if shared {
		return e, FromFlight, err
	}
	return e, FromServer, err
}

var errCrowded = errors.New("its turn did not come, as too many look-ups are under way")

// ask asks the servers, and keeps what they say.
func (r *Resolver) ask(ctx context.Context, fl *flight, q question) *entry {
	ctx, cancel := context.WithTimeout(ctx, r.config.LookupTimeout)
	defer cancel()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return &entry{question: q, kind: ErrLimit, cause: fmt.Errorf("%w: %w", errCrowded, ctx.Err())}
	}
	fl.asking.Store(true)
	e, known := r.askAll(ctx, q)
	if known && e.ttl > 0 {
		e.expires = r.now().Add(e.ttl)
		r.observer.Cache(r.cache.put(e))
	}
	return e
}

// askAll asks one server after the other until one says something about the question. known is false if that is not to be kept: those who
// asked have gone.
func (r *Resolver) askAll(ctx context.Context, q question) (e *entry, known bool) {
	e = &entry{question: q, kind: ErrTemporary, cause: errors.New("no server was asked"), ttl: r.config.FailureTTL}
	servers, rounds := choose(r.servers, r.now())
	said := make([]bool, len(servers)) // Which have answered, though with nothing of use.
	for round := range rounds {
		for i, u := range servers {
			if said[i] {
				continue
			}
			if ctx.Err() != nil {
				u.spared()
				continue
			}
			v, answered := r.try(ctx, u, q, r.config.Timeout<<round)
			e = r.entry(q, u, v)
			if !errors.Is(e.kind, ErrTemporary) {
				for _, rest := range servers[i+1:] {
					rest.spared()
				}
				return e, true
			}
			said[i] = answered
		}
	}
	return e, !errors.Is(ctx.Err(), context.Canceled)
}

// try asks one server once. answered tells that it said something, though it may be of no use.
func (r *Resolver) try(ctx context.Context, u *upstream, q question, timeout time.Duration) (v verdict, answered bool) {
	began := r.now()
	inner, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	v, err := r.hear(inner, u, q)
	r.observer.Query(u.name, resultOf(v.kind), r.now().Sub(began))
	switch {
	case err != nil && ctx.Err() != nil && r.now().Sub(began) < silence:
		u.spared() // Nobody waits any more, or the time of the look-up was over, too soon to blame the server.
	case err != nil || isRefusal(v.cause):
		if u.failed(r.now(), began) {
			r.observer.Server(u.name, false, v.cause)
		}
	default:
		if u.answered(r.now()) {
			r.observer.Server(u.name, true, nil)
		}
	}
	return v, err == nil
}

// hear is what a server says about a question. What the library or we cannot cope with is no answer.
func (r *Resolver) hear(ctx context.Context, u *upstream, q question) (v verdict, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %v", errMalformed, p)
		}
		if err != nil {
			v = verdict{kind: ErrTemporary, cause: err}
		}
	}()
	msg, err := r.exchange(ctx, u, q)
	if err != nil {
		return verdict{}, err
	}
	return judge(msg, q), nil
}

// isRefusal tells if a server does not want to answer us at all. SERVFAIL is about the name: somebody else's servers do not answer.
func isRefusal(err error) bool {
	var code rcodeError
	return errors.Is(err, errLame) || errors.As(err, &code) && code != dns.RcodeServerFailure
}

// entry is what a server said, with the time that it may be kept.
func (r *Resolver) entry(q question, u *upstream, v verdict) *entry {
	e := &entry{question: q, kind: v.kind, cause: v.cause, server: u.name, values: v.values, size: v.size}
	switch {
	case v.kind == nil:
		e.ttl = min(v.ttl, r.config.MaxTTL)
	case NotFound(v.kind):
		e.ttl = min(v.ttl, r.config.MaxNegativeTTL)
	default:
		e.ttl = r.config.FailureTTL
	}
	return e
}

func resultOf(err error) Result {
	switch {
	case err == nil:
		return Found
	case errors.Is(err, ErrNoName):
		return NoName
	case errors.Is(err, ErrNoData):
		return NoData
	case errors.Is(err, ErrLimit):
		return Limit
	case errors.Is(err, ErrBadName):
		return BadName
	}
	return Temporary
}
