// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
)

// ErrMessageClosed is returned by Shared once the message was closed.
var ErrMessageClosed = errors.New("message is closed")

// Shared gives what derive makes of the message under the key: it is made once, however many ask for it and at what time, and lives
// until the message is closed. Who waits leaves when ctx is done; the work goes on for the others, with a context of the message's
// own that ends with Close. A value that is an io.Closer is closed then. An error is kept like a value; a panic of derive is one in
// each caller, so that it is seen where panics are dealt with. Keys are compared like those of a map.
func Shared[T any](ctx context.Context, m *Message, key any, derive func(context.Context) (T, error)) (T, error) {
	d, err := m.shared.begin(key, func(ctx context.Context) (any, error) { return derive(ctx) })
	var none T
	if err != nil {
		return none, err
	}
	select {
	case <-d.done:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	if d.panicked != nil {
		panic(d.panicked)
	}
	v, ok := d.value.(T)
	if !ok && d.err == nil {
		return none, fmt.Errorf("shared %v: is a %T", key, d.value)
	}
	return v, d.err
}

// Known gives what Shared has made under the key; ok is false if nobody has asked for it, or it is not made yet, or was an error.
func Known[T any](m *Message, key any) (v T, ok bool) {
	m.shared.mu.Lock()
	d := m.shared.byKey[key]
	m.shared.mu.Unlock()
	if d == nil {
		return v, false
	}
	select {
	case <-d.done:
		v, ok = d.value.(T)
		return v, ok && d.err == nil
	default:
		return v, false
	}
}

// Close ends what is still being derived from the message, waits for it, and closes what was. The octets of the message belong to
// whoever called Parse. A second Close does nothing.
func (m *Message) Close() error {
	return m.shared.close()
}

// Busy tells if something is still being derived, so that Close would have to wait.
func (m *Message) Busy() bool { return m.shared.active.Load() > 0 }

// shared is what was derived from a message.
type shared struct {
	active  atomic.Int32
	mu      sync.Mutex
	byKey   map[any]*derived
	order   []*derived // As they were begun.
	ctx     context.Context
	cancel  context.CancelFunc
	closed  bool
	running sync.WaitGroup
}

// derived is one of them. The rest is written before done is closed and read after it.
type derived struct {
	done     chan struct{}
	value    any
	err      error
	panicked error // Nil if derive returned.
}

// begin finds what is or is being derived under the key, or begins with it.
func (s *shared) begin(key any, derive func(context.Context) (any, error)) (*derived, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrMessageClosed
	}
	if d := s.byKey[key]; d != nil {
		return d, nil
	}
	if s.byKey == nil {
		s.byKey = map[any]*derived{}
		s.ctx, s.cancel = context.WithCancel(context.Background())
	}
	d := &derived{done: make(chan struct{})}
	s.byKey[key] = d
	s.order = append(s.order, d)
	ctx := s.ctx
	s.active.Add(1)
	s.running.Go(func() {
		defer s.active.Add(-1)
		d.run(ctx, derive)
	})
	return d, nil
}

func (d *derived) run(ctx context.Context, derive func(context.Context) (any, error)) {
	defer close(d.done)
	defer func() {
		if v := recover(); v != nil {
			d.panicked = fmt.Errorf("%v\n%s", v, debug.Stack())
		}
	}()
	d.value, d.err = derive(ctx)
}

// close closes the values, the last one first, as it may rest on those before it.
func (s *shared) close() error {
	s.mu.Lock()
	if s.closed || s.byKey == nil {
		s.closed = true
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.running.Wait()
	var errs []error
	for _, v := range slices.Backward(s.order) {
		if c, ok := v.value.(io.Closer); ok && v.err == nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}
