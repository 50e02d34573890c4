// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// flight is one question that a server is being asked, for all who want to know. It ends early when the last of them has gone.
type flight struct {
	cancel  context.CancelFunc
	waiting int         // Guarded by flights.mu.
	asking  atomic.Bool // Servers are being asked; before that it waits for its turn.
	done    chan struct{}
	entry   *entry // Set before done is closed.
}

// flights are all questions under way, each once.
type flights struct {
	mu     sync.Mutex
	closed bool
	open   map[question]*flight
	wg     sync.WaitGroup
}

var errClosed = errors.New("the resolver is closed")

func newFlights() *flights { return &flights{open: map[question]*flight{}} }

// do gives the entry that ask finds, or that it is finding for somebody else already. It ends with ctx; the error is errCrowded if its time
// was over before a server was asked.
func (f *flights) do(ctx context.Context, q question, ask func(context.Context, *flight) *entry) (e *entry, shared bool, err error) {
	fl, shared, err := f.join(q, ask)
	if err != nil {
		return nil, false, err
	}
	defer f.leave(q, fl)
	select {
	case <-fl.done:
		return fl.entry, shared, nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && !fl.asking.Load() {
			return nil, shared, fmt.Errorf("%w: %w", errCrowded, context.Cause(ctx))
		}
		return nil, shared, context.Cause(ctx)
	}
}

// join takes part in the flight for q, and starts it if there is none.
func (f *flights) join(q question, ask func(context.Context, *flight) *entry) (fl *flight, shared bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, false, errClosed
	}
	if fl, shared = f.open[q]; shared {
		fl.waiting++
		return fl, true, nil
	}
	ctx, cancel := context.WithCancel(context.Background()) // It outlives the one who asked first, if others wait.
	fl = &flight{cancel: cancel, waiting: 1, done: make(chan struct{})}
	f.open[q] = fl
	f.wg.Go(func() {
		defer cancel()
		e := ask(ctx, fl)
		f.mu.Lock()
		defer f.mu.Unlock()
		fl.entry = e
		f.forget(q, fl)
		close(fl.done)
	})
	return fl, false, nil
}

// leave ends a part in a flight; the last who leaves ends the flight.
func (f *flights) leave(q question, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl.waiting--; fl.waiting == 0 {
		fl.cancel()
		f.forget(q, fl) // Whoever asks from now on does not join what is being given up.
	}
}

func (f *flights) forget(q question, fl *flight) {
	if f.open[q] == fl {
		delete(f.open, q)
	}
}

// close ends all flights and waits for them.
func (f *flights) close() {
	f.mu.Lock()
	f.closed = true
	for _, fl := range f.open {
		fl.cancel()
	}
	f.mu.Unlock()
	f.wg.Wait() // Those that were given up before are cancelled already.
}
