// SPDX-License-Identifier: Apache-2.0

// Package breaker keeps a server that is dead, slow or lying from holding up mail: a circuit breaker for each server, a bound on the questions to it
// that are under way, and a choice among several. It knows no protocol. The filters spamd and rspamd ask their servers through it.
package breaker

import (
	"errors"
	"sync"
	"time"
)

// ErrOpen is the error of a server that is not asked because it has failed too often.
var ErrOpen = errors.New("switched off, as it gave no answer before")

// Config is what a breaker is made of.
type Config struct {
	Failures int                      // In a row, that open it; at least 1.
	Wait     time.Duration            // How long it is open at first. It doubles each time the probe fails.
	MaxWait  time.Duration            // The longest that it is open without a probe.
	Now      func() time.Time         // The clock; nil for time.Now.
	Changed  func(up bool, why error) // Told when it opens and closes. It must neither wait nor call the breaker. Nil for nobody.
}

// Breaker is the circuit breaker of one server. Closed, it lets every question through. After some failures in a row it opens and lets none through
// for a while. Then it is half open: one question, the probe, is let through, and what becomes of it closes the breaker or opens it for twice the
// time. It has no goroutine and no timer, and is safe for many goroutines.
type Breaker struct {
	config Config

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

// New makes a breaker, closed. Failures below 1 count as 1, a MaxWait below Wait as Wait.
func New(c Config) *Breaker {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Changed == nil {
		c.Changed = func(bool, error) {}
	}
	c.Failures, c.MaxWait = max(c.Failures, 1), max(c.MaxWait, c.Wait)
	return &Breaker{config: c}
}

// Pass is the leave to ask one question. Done has to be called once.
type Pass struct {
	Probe bool // On this question it hangs whether the server is asked again.

	breaker *Breaker
	era     uint64
}

// Outcome is what became of a question.
type Outcome int

// The outcomes.
const (
	Unknown Outcome = iota // Nobody waited for the end: it says nothing about the server.
	Worked
	Failed
)

// Enter asks for leave to ask the server something. The error is ErrOpen if there is none.
func (b *Breaker) Enter() (Pass, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == closed:
		return Pass{breaker: b, era: b.era}, nil
	case b.state == halfOpen || b.config.Now().Before(b.until):
		return Pass{}, ErrOpen
	}
	b.become(halfOpen)
	return Pass{Probe: true, breaker: b, era: b.era}, nil
}

// Open tells if Enter would give no leave now.
func (b *Breaker) Open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state == halfOpen || b.state == open && b.config.Now().Before(b.until)
}

// Done tells what became of the question. why is the error of Failed.
func (p Pass) Done(o Outcome, why error) {
	b := p.breaker
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.era != b.era {
		return
	}
	switch {
	case p.Probe && o == Worked:
		b.become(closed)
		b.failed, b.closed = 0, b.config.Now()
		b.config.Changed(true, nil)
	case p.Probe && o == Failed:
		b.openFor(min(2*b.wait, b.config.MaxWait))
	case p.Probe:
		b.become(open) // Its time is over already: the next question is the probe.
	case o == Worked:
		b.failed = 0
	case o == Failed:
		b.fail(why)
	}
}

// fail counts a failure while the breaker is closed. A server that fails again soon after it came back is left alone for longer than the last time.
func (b *Breaker) fail(why error) {
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

func (b *Breaker) openFor(d time.Duration) {
	b.become(open)
	b.wait, b.until = d, b.config.Now().Add(d)
}

func (b *Breaker) become(s state) {
	b.state = s
	b.era++
}
