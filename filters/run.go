// SPDX-License-Identifier: Apache-2.0

package filters

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// Grace is how long a filter may go on after its context is done before the chain goes on without it.
const Grace = time.Second

// errLeftBehind is the error of a filter that did not end within the grace time.
var errLeftBehind = errors.New("did not end when its time was up")

// panicError is the error of a filter that panicked.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// answer is what one filter said of one message.
type answer struct {
	findings []Finding
	err      error
	expired  bool // The filter's context was past its deadline when it ended.
	took     time.Duration
}

// run is one filter at work on one message, in a goroutine of its own.
type run struct {
	named   Named
	began   time.Time
	done    <-chan struct{} // Of the filter's context.
	expired func() bool
	answer  chan answer // Has room for one, so that a filter left behind can end.
}

func start(ctx context.Context, n Named, env *mail.Envelope, msg *mail.Message) *run {
	ctx, cancel := deadline(ctx, n.Timeout)
	r := &run{
		named: n, began: time.Now(), done: ctx.Done(), answer: make(chan answer, 1),
		expired: func() bool { return errors.Is(ctx.Err(), context.DeadlineExceeded) },
	}
	go func() {
		defer cancel()
		a := inspect(ctx, n.Filter, env, msg)
		a.took, a.expired = time.Since(r.began), r.expired()
		r.answer <- a
	}()
	return r
}

func deadline(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}

// inspect calls the filter and turns a panic into an error.
func inspect(ctx context.Context, f Filter, env *mail.Envelope, msg *mail.Message) (a answer) {
	defer func() {
		if v := recover(); v != nil {
			a = answer{err: &panicError{value: v, stack: debug.Stack()}}
		}
	}()
	a.findings, a.err = f.Inspect(ctx, env, msg)
	return a
}

// wait waits for the answer, but not longer than the grace time after the filter's context is done. ended is false
// if the filter is still at work.
func (r *run) wait() (a answer, ended bool) {
	select {
	case a = <-r.answer:
		return a, true
	case <-r.done:
	}
	t := time.NewTimer(Grace)
	defer t.Stop()
	select {
	case a = <-r.answer:
		return a, true
	case <-t.C:
		return answer{err: errLeftBehind, expired: r.expired(), took: time.Since(r.began)}, false
	}
}

// tail waits for the filters that were left behind.
type tail struct {
	answers []<-chan answer
}

func (t *tail) add(a <-chan answer) { t.answers = append(t.answers, a) }

// pending is closed when the last of the filters has ended; nil if there are none.
func (t *tail) pending() <-chan struct{} {
	if len(t.answers) == 0 {
		return nil
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, a := range t.answers {
			<-a
		}
	}()
	return done
}
