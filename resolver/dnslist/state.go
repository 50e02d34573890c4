// SPDX-License-Identifier: Apache-2.0

package dnslist

import (
	"errors"
	"fmt"
	"time"

	"github.com/mailweir/mailweir/resolver"
)

// When a list is switched off, and for how long.
const (
	testEvery   = 10 * time.Minute // How often a list is tested.
	sureFor     = time.Minute      // How long after a test a listing is believed as it is.
	maxFailures = 5                // Questions one after the other without an answer until a list is switched off.
	firstPause  = 30 * time.Second // Of a list that does not answer; twice as long each time that it fails again,
	firstDoubt  = 5 * time.Minute  // of one that lies or does not want to answer us,
	longPause   = time.Hour        // up to this.
)

// state is what is known of a list. It is guarded by List.mu.
type state struct {
	made    int       // Tests that were made.
	last    error     // What the last one came to.
	tested  time.Time // When it passed the test last; the zero time if never.
	testing bool      // Somebody tests it, though it passed before.
	fails   int       // One after the other.
	why     error     // Why it is switched off; nil if it is on.
	until   time.Time // Off until then.
	pause   time.Duration
	trying  bool // The pause is over and somebody finds out if it is well.
}

// admit tells if a question may be asked, if the list is to be tested with it, and how many tests there were so far.
func (l *List) admit() (tests bool, seen int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, now := &l.state, l.config.Now()
	switch {
	case s.why == nil:
	case s.trying || now.Before(s.until):
		return false, s.made, fmt.Errorf("%w: %w", ErrOff, s.why)
	default:
		s.trying = true
		return true, s.made, nil
	}
	if s.tested.IsZero() {
		return true, s.made, nil
	}
	if s.testing || now.Sub(s.tested) < testEvery {
		return false, s.made, nil
	}
	s.testing = true
	return true, s.made, nil
}

// tests tells how many tests were made, and what the last one came to.
func (l *List) tests() (made int, last error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.made, l.state.last
}

// made notes a test. A list that passes is trusted from now on, also by those who have asked in the meantime.
func (l *List) made(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.state
	s.made, s.last = s.made+1, err
	if err == nil && s.why == nil {
		s.tested = l.config.Now()
	}
}

// doubts tells if the list is to be tested before a listing is believed.
func (l *List) doubts() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.config.Now().Sub(l.state.tested) >= sureFor
}

// release notes that nothing was found out.
func (l *List) release(tested bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if tested {
		l.state.testing, l.state.trying = false, false
	}
}

// note takes what a question and a test came to, and gives the error of the question.
func (l *List) note(err error, tests bool, testErr error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.state
	if tests {
		s.testing, s.trying = false, false
	}
	switch {
	case condemns(testErr):
		l.off(testErr, firstDoubt)
		return testErr
	case condemns(err):
		l.off(err, firstDoubt)
		return err
	case err != nil:
		l.fail(err)
		return err
	case !tests && s.why != nil:
		return fmt.Errorf("%w: %w", ErrOff, s.why) // By somebody else in the meantime.
	case testErr != nil && (s.why != nil || l.config.Now().Sub(s.tested) >= testEvery):
		l.fail(testErr)
		return fmt.Errorf("%w: %w", ErrUntested, testErr)
	}
	if tests && testErr == nil {
		s.tested = l.config.Now()
		l.on()
	}
	if s.why == nil {
		s.fails = 0
	}
	return nil
}

// condemns tells if an error is one of the list itself, and not of the way to it.
func condemns(err error) bool {
	return errors.Is(err, ErrLiar) || errors.Is(err, ErrEmpty) || errors.Is(err, ErrNonsense) || errors.Is(err, ErrBlocked)
}

// fail counts a question without an answer, once for all who asked it.
func (l *List) fail(err error) {
	var e *resolver.Error
	var other secondhand
	if errors.As(err, &e) && e.Shared || errors.As(err, &other) {
		return
	}
	l.state.fails++
	if l.state.fails >= maxFailures {
		l.off(err, firstPause)
	}
}

// off switches the list off. While it is off, those who asked before may still come and tell the same: that makes the pause no longer.
func (l *List) off(why error, first time.Duration) {
	s, now := &l.state, l.config.Now()
	if s.why != nil && now.Before(s.until) {
		return
	}
	was := s.why == nil
	s.why, s.pause = why, min(max(2*s.pause, first), longPause)
	s.until = now.Add(s.pause)
	s.tested = time.Time{} // It has to pass the test before its answers count again.
	if was {
		l.config.Switched(false, why)
	}
}

// on switches the list on.
func (l *List) on() {
	s := &l.state
	if s.why == nil {
		return
	}
	s.why, s.pause, s.fails = nil, 0, 0
	l.config.Switched(true, nil)
}
