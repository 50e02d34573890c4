// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// Bounds of reading.
const (
	maxRead = 20 * time.Second // How long it may take, beside the messages.
	maxWait = time.Second      // How long the message whose turn it is waits for a file, which takes a few milliseconds unless another program has it locked.
)

// readers are those that read. Its zero value is ready.
type readers struct {
	mu    sync.Mutex
	ended bool
	all   sync.WaitGroup
}

// begin has do done beside the caller, unless nobody is to begin any more: a message of a config that was replaced may still ask.
func (r *readers) begin(do func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.all.Go(do)
	}
	return !r.ended
}

// end waits for those that read. Nobody begins after that.
func (r *readers) end() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.all.Wait()
}

// reader has one at a time read a database, beside the messages.
type reader struct {
	remote  bool          // A server has to be asked, which may be slow or dead: no message waits for it.
	readers *readers      // Those that read.
	places  chan struct{} // Of those that may read at once, shared with other readers; nil if there is no limit.
	reading sync.Mutex
}

// look has do done, unless somebody is at it, or too many others are at theirs. The message that it is for waits a little, if it is a file that is read.
func (r *reader) look(ctx context.Context, log logrus.FieldLogger, do func(context.Context)) {
	if !r.reading.TryLock() {
		return
	}
	late := time.NewTimer(maxWait)
	defer late.Stop()
	if !r.enter(ctx, late.C) {
		r.reading.Unlock()
		return
	}
	done := make(chan struct{})
	began := r.readers.begin(func() {
		defer close(done)
		defer r.leave()
		own, cancel := context.WithTimeout(context.Background(), maxRead)
		defer cancel()
		defer func() {
			if v := recover(); v != nil {
				log.WithFields(logrus.Fields{"err": v, "stack": string(debug.Stack())}).Error("reading what was learned panicked")
			}
		}()
		do(own)
	})
	if !began {
		r.leave()
	}
	if !began || r.remote {
		return
	}
	select {
	case <-done:
	case <-late.C:
	case <-ctx.Done():
	}
}

// enter takes a place among those that read. A message waits for one only where it would wait for the answer, too.
func (r *reader) enter(ctx context.Context, late <-chan time.Time) bool {
	if r.places == nil {
		return true
	}
	select {
	case r.places <- struct{}{}:
		return true
	default:
	}
	if r.remote {
		return false
	}
	select {
	case r.places <- struct{}{}:
		return true
	case <-late:
	case <-ctx.Done():
	}
	return false
}

func (r *reader) leave() {
	if r.places != nil {
		<-r.places
	}
	r.reading.Unlock()
}
