// SPDX-License-Identifier: Apache-2.0

// Package dnslist asks DNS lists (RFC 5782) whether an address, a name or a hash is on them. It watches that a list is what it says: a list that
// is dead, that answers everything, or that does not answer us, is switched off for a while, and its answers are failures, never listings and never
// "not listed". The filters dnsbl and uribl call it; what a listing means is theirs to say.
package dnslist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/mailweir/mailweir/resolver"
)

// Why a list gives no answer, for errors.Is. Failures of the resolver are errors of package resolver.
var (
	ErrOff      = errors.New("the list is switched off")
	ErrBlocked  = errors.New("the list does not answer our name server")                   // 127.255.255.0/24, 127.0.0.0, 127.0.0.1, 127.0.0.255.
	ErrNonsense = errors.New("the answer is outside of 127.0.0.0/8, the list may be gone") // RFC 5782 section 2.1.
	ErrLiar     = errors.New("the list has what must not be listed, or all")               // RFC 5782 section 5.
	ErrEmpty    = errors.New("the list does not have its test entry, it may be dead")      // RFC 5782 section 5.
	ErrUntested = errors.New("the list could not be tested yet, its answers do not count")
)

// Config is what a list is made of.
type Config struct {
	Zone     string        // Name of the list.
	Listed   string        // Labels in front of the zone that have to be listed; "" if the list has none.
	Unlisted []string      // Labels that must not be listed, of each kind of thing that the list is asked about.
	Timeout  time.Duration // For one question.
	Resolver *resolver.Resolver
	Now      func() time.Time         // Nil for time.Now.
	Switched func(on bool, why error) // Is told when the list is switched off and on again. It must not wait. Nil for nobody.
}

// List is one list. Ask may be called by many goroutines at once.
type List struct {
	config Config
	turn   chan struct{} // Has room for the one who tests the list.

	mu    sync.Mutex
	state state
}

// New makes a list. It asks nothing yet.
func New(c Config) *List {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Switched == nil {
		c.Switched = func(bool, error) {}
	}
	return &List{config: c, turn: make(chan struct{}, 1)}
}

// Zone is the name of the list.
func (l *List) Zone() string { return l.config.Zone }

// Ask asks if a label is listed. codes are the addresses that the list answers with, in order and all in 127.0.0.0/8; none if it is not listed. An
// error is no answer. At the first question, and every ten minutes, the list is tested at the same time; so it is before a listing is believed, if
// the last test was more than a minute ago.
func (l *List) Ask(ctx context.Context, label string) (codes []netip.Addr, err error) {
	tests, seen, err := l.admit()
	if err != nil {
		return nil, err
	}
	hurried := isHurried(ctx, l.config.Timeout)
	inner, cancel := context.WithTimeout(ctx, l.config.Timeout)
	defer cancel()
	tested := make(chan error, 1)
	if tests {
		go func() { tested <- l.prove(inner, seen, hurried) }()
	}
	codes, err = l.query(inner, label)
	if gone(ctx, hurried, err) {
		cancel() // The test is not waited for either.
	}
	var testErr error
	switch {
	case tests:
		testErr = <-tested
	case len(codes) > 0 && l.doubts():
		tests, testErr = true, l.prove(inner, seen, hurried)
	}
	if gone(ctx, hurried, err) || gone(ctx, hurried, testErr) {
		l.release(tests)
		return nil, cmp.Or(err, testErr)
	}
	if err := l.note(err, tests, testErr); err != nil {
		return nil, err
	}
	return codes, nil
}

// isHurried tells that whoever asks has less than half of the time that the list may take, so that its silence tells nothing.
func isHurried(ctx context.Context, timeout time.Duration) bool {
	end, ok := ctx.Deadline()
	return ok && time.Until(end) < timeout/2
}

// gone tells that an error is not the list's: whoever asked does not wait any more, had no time to begin with, or may not ask more.
func gone(ctx context.Context, hurried bool, err error) bool {
	return err != nil && (errors.Is(ctx.Err(), context.Canceled) || hurried && errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, resolver.ErrLimit) || errors.Is(err, resolver.ErrBadName))
}

// query asks one question.
func (l *List) query(ctx context.Context, label string) ([]netip.Addr, error) {
	a, err := l.config.Resolver.A(ctx, label+"."+l.config.Zone)
	switch {
	case resolver.NotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	slices.SortFunc(a.Values, netip.Addr.Compare)
	codes := slices.Compact(a.Values)
	for _, c := range codes {
		if err := meaning(c); err != nil {
			return nil, fmt.Errorf("%w: %v", err, c)
		}
	}
	return codes, nil
}

// meaning tells if an answer is a listing: it is one if it is in 127.0.0.0/8, but for what lists say to those whom they do not want to answer:
// Spamhaus and others 127.255.255.0/24, SURBL and URIBL 127.0.0.1, DNSWL 127.0.0.255.
func meaning(code netip.Addr) error {
	b := code.As4()
	switch {
	case b[0] != 127:
		return ErrNonsense
	case b[1] == 255 && b[2] == 255, b[1] == 0 && b[2] == 0 && (b[3] <= 1 || b[3] == 255):
		return ErrBlocked
	}
	return nil
}
