// SPDX-License-Identifier: Apache-2.0

// Package breaker keeps a server that is dead, slow or lying from holding up mail: a circuit breaker for each server, a bound on the questions to it
// that are under way, and a choice among several. It knows no protocol. The filters spamd and rspamd ask their servers through it.
package breaker

import (
	"errors"
	"sync"
	"time"
)

// errOpen is the error of a server that is not asked because it has failed too often.
var errOpen = errors.New("switched off, as it gave no answer before")

// config is what a breaker is made of.
type config struct {
	Failures int                      // In a row, that open it; at least 1.
	Wait     time.Duration            // How long it is open at first. It doubles each time the probe fails.
	MaxWait  time.Duration            // The longest that it is open without a probe.
	Now      func() time.Time         // The clock; nil for time.Now.
	Changed  func(up bool, why error) // Told when it opens and closes. It must neither wait nor call the breaker. Nil for nobody.
}

// breaker is the circuit breaker of one server. Closed, it lets every question through. After some failures in a row it opens and lets none through
// for a while. Then it is half open: one question, the probe, is let through, and what becomes of it closes the breaker or opens it for twice the
// time. It has no goroutine and no timer, and is safe for many goroutines.
type breaker struct {
	config config

	mu     sync.Mutex
	state  state
	era    uint64 // Counts changes of state: what was asked before one says nothing after it.
	failed int    // Failures in a row, while closed.
	wait   time.Duration
	until  time.Time // End of the time it is open.
	closed time.Time // When it closed last.
}

// state is where a breaker stands.
type state int

const (
	closed state = iota
	open
	halfOpen // The probe is under way.
)

// newBreaker makes a breaker, closed. Failures below 1 count as 1, a MaxWait below Wait as Wait.
func newBreaker(c config) *breaker {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Changed == nil {
		c.Changed = func(bool, error) {}
	}
	c.Failures, c.MaxWait = max(c.Failures, 1), max(c.MaxWait, c.Wait)
	return &breaker{config: c}
}

// pass is the leave to ask one question. done has to be called once.
type pass struct {
	probe bool // On this question it hangs whether the server is asked again.

	breaker *breaker
	era     uint64
}

// outcome is what became of a question.
type outcome int

// The outcomes.
const (
	unknown outcome = iota // Nobody waited for the end: it says nothing about the server.
	worked
	failed
)

// enter asks for leave to ask the server something. The error is errOpen if there is none.
func (b *breaker) enter() (pass, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == closed:
		return pass{breaker: b, era: b.era}, nil
	case b.state == halfOpen || b.config.Now().Before(b.until):
		return pass{}, errOpen
	}
	b.become(halfOpen)
	return pass{probe: true, breaker: b, era: b.era}, nil
}

// isOpen tells if enter would give no leave now.
func (b *breaker) isOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state == halfOpen || b.state == open && b.config.Now().Before(b.until)
}

// done tells what became of the question. why is the error of failed.
func (p pass) done(o outcome, why error) {
	b := p.breaker
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.era != b.era {
		return
	}
	switch {
	case p.probe && o == worked:
		b.become(closed)
		b.failed, b.closed = 0, b.config.Now()
		b.config.Changed(true, nil)
	case p.probe && o == failed:
		b.openFor(min(2*b.wait, b.config.MaxWait))
	case p.probe:
		b.become(open) // Its time is over already: the next question is the probe.
	case o == worked:
		b.failed = 0
	case o == failed:
		b.fail(why)
	}
}

// fail counts a failure while the breaker is closed. A server that fails again soon after it came back is left alone for longer than the last time.
func (b *breaker) fail(why error) {
	b.failed++
	if b.failed < b.config.Failures {
		return
	}
	wait := b.config.Wait
	if b.wait > 0 && b.config.Now().Sub(b.closed) < b.wait {
		wait = min(2*b.wait, b.config.MaxWait)
	}
	b.openFor(wait)
	b.config.Changed(false, why)
}

func (b *breaker) openFor(d time.Duration) {
	b.become(open)
	b.wait, b.until = d, b.config.Now().Add(d)
}

func (b *breaker) become(s state) {
	b.state = s
	b.era++
}
