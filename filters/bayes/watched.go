// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
)

// watched is a model that follows what others learn.
type watched struct {
	store   *store.Store // Nil if there is nothing to read.
	owner   string
	every   time.Duration
	now     func() time.Time
	log     logrus.FieldLogger
	learned *prometheus.GaugeVec // By class; nil for a user's.
	empty   *learn.Model         // Serves until the database was read.
	reader  reader

	mu   sync.Mutex
	have *learn.Model
	next time.Time // When to look again.
}

// Bounds of reading.
const (
	maxRead = 20 * time.Second // How long it may take, beside the messages.
	maxWait = time.Second      // How long the message whose turn it is waits for a file, which takes a few milliseconds unless another program has it locked.
)

// model is the model, at most a little old. It is read beside the messages: if the database cannot be read, what was read before goes on to serve, and before anything was, a model that
// knows nothing.
func (w *watched) model(ctx context.Context) *learn.Model {
	if _, due := w.current(); due && w.store != nil {
		w.reader.look(ctx, func(ctx context.Context) { _ = w.read(ctx) })
	}
	if m, _ := w.current(); m != nil {
		return m
	}
	return w.empty
}

// read reads the database, or keeps what was read before. The error is in the log.
func (w *watched) read(ctx context.Context) error {
	fresh, err := w.store.Model(ctx, w.owner)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = w.now().Add(w.every)
	if err != nil {
		w.log.WithError(err).Warn("learned data cannot be read; what was read before is used")
		return err
	}
	w.have = fresh
	w.count()
	return nil
}

// reader has one at a time read a database, beside the messages.
type reader struct {
	remote  bool            // A server has to be asked, which may be slow or dead: no message waits for it.
	readers *sync.WaitGroup // Those that read.
	reading sync.Mutex
}

// look has do done, unless somebody is at it. The message that it is for waits a little, if it is a file that is read.
func (r *reader) look(ctx context.Context, do func(context.Context)) {
	if !r.reading.TryLock() {
		return
	}
	done := make(chan struct{})
	r.readers.Go(func() {
		defer close(done)
		defer r.reading.Unlock()
		own, cancel := context.WithTimeout(context.Background(), maxRead)
		defer cancel()
		do(own)
	})
	if r.remote {
		return
	}
	late := time.NewTimer(maxWait)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	case <-ctx.Done():
	}
}

func (w *watched) current() (m *learn.Model, due bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.have, !w.now().Before(w.next)
}

// counts are the messages that the model has learned from, as it was read last.
func (w *watched) counts() (ham, spam int) {
	m, _ := w.current()
	if m == nil {
		return 0, 0
	}
	return m.Counts()
}

func (w *watched) count() {
	if w.learned == nil {
		return
	}
	ham, spam := w.have.Counts()
	w.learned.WithLabelValues("ham").Set(float64(ham))
	w.learned.WithLabelValues("spam").Set(float64(spam))
}

// maxUsers bounds the users whose models are watched.
const maxUsers = store.DefaultUsers

// users are the models of recipients.
type users struct {
	like *watched // How they are watched; nil if they are not.
	mu   sync.Mutex
	by   map[string]*watched
}

func newUsers(o *Options, like *watched) *users {
	if !o.Users {
		return &users{}
	}
	return &users{like: like, by: map[string]*watched{}}
}

// model is that of the recipient, if there is just one; nil if there is none. A finding holds for all recipients, so what one of several has learned counts for nobody.
func (u *users) model(ctx context.Context, env *mail.Envelope) *learn.Model {
	if u.like == nil || env == nil || len(env.RcptTo) != 1 || env.RcptTo[0].IsNull() {
		return nil
	}
	return u.of(strings.ToLower(env.RcptTo[0].Address)).model(ctx)
}

func (u *users) of(owner string) *watched {
	u.mu.Lock()
	defer u.mu.Unlock()
	w := u.by[owner]
	if w == nil {
		if len(u.by) >= maxUsers {
			clear(u.by)
		}
		w = &watched{store: u.like.store, owner: owner, every: u.like.every, now: u.like.now, log: u.like.log, empty: u.like.empty}
		w.reader.remote, w.reader.readers = u.like.reader.remote, u.like.reader.readers
		u.by[owner] = w
	}
	return w
}
