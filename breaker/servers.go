// SPDX-License-Identifier: Apache-2.0

package breaker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Why a question has no answer, beside the errors of the servers and errOpen.
var (
	// errBusy is the error of a server that has as many questions under way as it may have.
	errBusy = errors.New("has as many questions under way as it may have")

	// ErrOurs marks an error that is not the server's, such as a message that cannot be read. No other server is asked then.
	ErrOurs = errors.New("the question could not be put")
)

// pingTimeout is how long a server that is to be used again may take to say that it is there.
const pingTimeout = 3 * time.Second

// Result is what came of one server.
type Result string

// The results, as metrics have them.
const (
	Answered Result = "answer"
	NoAnswer Result = "no_answer"
	Off      Result = "off"  // Not asked: switched off.
	Busy     Result = "busy" // Not asked: too many questions under way, or no time left.
)

// Results lists all results.
func Results() []Result { return []Result{Answered, NoAnswer, Off, Busy} }

// Observer is told what goes on. Its methods are called by many goroutines at once and must not wait.
type Observer interface {
	Asked(server string, r Result, took time.Duration) // Took is 0 if it was not asked.
	Switched(server string, up bool, why error)
}

// serversConfig is what a set of servers is made of.
type serversConfig struct {
	Addresses []string      // Their addresses, as Dial takes them; they are their names too.
	Spread    bool          // Each message has its own order of servers, by its hash; else all have that of Addresses.
	InFlight  int           // Questions under way to one server, at most; at least 1.
	Timeout   time.Duration // For a question, whatever number of servers is asked.
	Breaker   config        // Changed is not used.
	Ping      Ping          // Nil if the probe is the question itself.
	Observer  Observer
}

// Ping asks a server if it is there. It shall end soon after ctx is done.
type Ping func(ctx context.Context, address string) error

// Servers are servers that any of can answer a question. Ask may be called by many goroutines at once.
type Servers struct {
	config serversConfig
	all    []*server
}

// server is one of them.
type server struct {
	address string
	hash    uint64
	breaker *breaker
	places  chan struct{} // One in it for each question under way.
}

// NewServers makes the set. It connects to none. ping may be nil if the probe is the question itself, and now for time.Now; observer may not.
func NewServers(o *Options, ping Ping, observer Observer, now func() time.Time) *Servers {
	return newServers(serversConfig{
		Addresses: o.Servers, Spread: o.Choose == chooseSpread, InFlight: o.InFlight, Timeout: o.Timeout,
		Breaker: config{Failures: o.Failures, Wait: o.OffFor, MaxWait: o.OffAtMost, Now: now},
		Ping:    ping, Observer: observer,
	})
}

func newServers(c serversConfig) *Servers {
	if c.Breaker.Now == nil {
		c.Breaker.Now = time.Now
	}
	s := &Servers{config: c}
	for _, a := range c.Addresses {
		b := c.Breaker
		b.Changed = func(up bool, why error) { c.Observer.Switched(a, up, why) }
		s.all = append(s.all, &server{address: a, hash: hashOf([]byte(a)), breaker: newBreaker(b), places: make(chan struct{}, max(c.InFlight, 1))})
	}
	return s
}

// Ask puts a question: ask is called with a server's address until it returns nil, in the order of servers, none of them twice. It shall end soon after
// its context is done. The address is that of the server that answered. The time of the question is shared out: a server that says nothing leaves
// time for those behind it. If all are busy, the first of them is waited for. An error says of each server why it did not answer.
func (s *Servers) Ask(ctx context.Context, key uint64, ask func(ctx context.Context, address string) error) (address string, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.budget(ctx))
	defer cancel()
	order := s.order(key)
	var errs failures
	var full *server // The first that had no place for the question; nil once it has one.
	defer func() {
		if full != nil {
			s.config.Observer.Asked(full.address, Busy, 0)
		}
	}()
	for i, sv := range order {
		switch {
		case sv.breaker.isOpen():
			s.config.Observer.Asked(sv.address, Off, 0)
			errs = append(errs, fmt.Errorf("%s: %w", sv.address, errOpen))
			continue
		case !sv.take():
			if full == nil {
				full = sv
			} else {
				s.config.Observer.Asked(sv.address, Busy, 0)
			}
			continue
		}
		err := s.put(ctx, sv, usable(order[i+1:]), ask)
		if err == nil {
			return sv.address, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil || errors.Is(err, ErrOurs) {
			return "", errs
		}
	}
	if full == nil {
		return "", errs
	}
	if err := full.wait(ctx); err != nil {
		return "", append(errs, err)
	}
	last := full
	full = nil
	if err := s.put(ctx, last, 0, ask); err != nil {
		return "", append(errs, err)
	}
	return last.address, nil
}

// reserve is kept of the caller's time, at most, so that he learns in time that there is no answer, and can say so.
const reserve = time.Second

// budget is the time for a question.
func (s *Servers) budget(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return s.config.Timeout
	}
	left := time.Until(deadline)
	return min(s.config.Timeout, left-min(left/10, reserve))
}

// failures says of several servers why they did not answer.
type failures []error

func (f failures) Error() string {
	var b strings.Builder
	for i, err := range f {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(err.Error())
	}
	return b.String()
}

func (f failures) Unwrap() []error { return f }

// usable counts the servers that may be asked.
func usable(list []*server) int {
	n := 0
	for _, sv := range list {
		if !sv.breaker.isOpen() {
			n++
		}
	}
	return n
}

// take takes a place if there is one.
func (sv *server) take() bool {
	select {
	case sv.places <- struct{}{}:
		return true
	default:
		return false
	}
}

// wait waits for a place.
func (sv *server) wait(ctx context.Context) error {
	select {
	case sv.places <- struct{}{}:
		if ctx.Err() == nil {
			return nil
		}
		<-sv.places // Both were ready.
	case <-ctx.Done():
	}
	return fmt.Errorf("%s: %w", sv.address, errBusy)
}

// put asks one server, in which a place was taken, and gives the place back. others is how many servers may be asked after it.
func (s *Servers) put(ctx context.Context, sv *server, others int, ask func(context.Context, string) error) (err error) {
	defer func() { <-sv.places }()
	share := s.left(ctx) / time.Duration(others+1)
	if share < s.config.Timeout/leastShare {
		s.config.Observer.Asked(sv.address, Busy, 0)
		return fmt.Errorf("%s: %w", sv.address, errNoTime)
	}
	pass, err := sv.breaker.enter()
	if err != nil {
		s.config.Observer.Asked(sv.address, Off, 0)
		return fmt.Errorf("%s: %w", sv.address, err)
	}
	outcome := unknown // Also if ask panics.
	defer func() { pass.done(outcome, err) }()

	inner, cancel := context.WithTimeout(ctx, share)
	defer cancel()
	began := s.config.Breaker.Now()
	err = s.exchange(inner, pass.probe, sv.address, ask)
	took := s.config.Breaker.Now().Sub(began)
	if err == nil {
		outcome = worked
		s.config.Observer.Asked(sv.address, Answered, took)
		return nil
	}
	outcome = s.judge(ctx, inner, err, took)
	s.config.Observer.Asked(sv.address, NoAnswer, took)
	if ctx.Err() == nil && inner.Err() != nil {
		err = fmt.Errorf("no answer within %v: %w", share.Round(time.Millisecond), err)
	}
	return fmt.Errorf("%s: %w", sv.address, err)
}

// leastShare is the part of the timeout that a server has to be given: less is not worth asking it.
const leastShare = 100

var errNoTime = errors.New("no time is left to ask")

// left is the time that is left for the question.
func (s *Servers) left(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return s.config.Timeout
}

// enough is the part of its time from the timeout alone that a server must have had for its silence to count.
const enough = 4

// judge tells what an error says about the server: nothing if whoever asked went away, if the question could not be put, or if the server had much less
// time than it would have from the timeout alone.
func (s *Servers) judge(ctx, inner context.Context, err error, took time.Duration) outcome {
	switch {
	case errors.Is(err, ErrOurs), errors.Is(ctx.Err(), context.Canceled):
		return unknown
	case inner.Err() != nil && took < s.config.Timeout/time.Duration(enough*len(s.all)):
		return unknown
	}
	return failed
}

// exchange asks one server. One that was switched off is first asked if it is there, so that a question does not wait for the dead.
func (s *Servers) exchange(ctx context.Context, probe bool, address string, ask func(context.Context, string) error) error {
	if probe && s.config.Ping != nil {
		pinging, cancel := context.WithTimeout(ctx, pingTimeout)
		defer cancel()
		if err := s.config.Ping(pinging, address); err != nil {
			return fmt.Errorf("ping: %w", err)
		}
	}
	return ask(ctx, address)
}
