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
	store   *store.Store
	owner   string
	every   time.Duration
	now     func() time.Time
	log     logrus.FieldLogger
	learned *prometheus.GaugeVec // By class; nil for a user's.

	reading sync.Mutex // Of who reads the database; the others go on with what there is.
	mu      sync.Mutex
	have    *learn.Model
	next    time.Time // When to look again.
}

// model is the model, at most a little old. If the database cannot be read, the one that was read before goes on to serve; if there is none, that is an error.
func (w *watched) model(ctx context.Context) (*learn.Model, error) {
	m, due := w.current()
	if m != nil && (!due || !w.reading.TryLock()) {
		return m, nil
	}
	if m == nil {
		w.reading.Lock()
	}
	defer w.reading.Unlock()
	if m, due = w.current(); m != nil && !due {
		return m, nil
	}
	fresh, err := w.store.Model(ctx, w.owner)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = w.now().Add(w.every)
	if err == nil {
		w.have = fresh
		w.count()
		return fresh, nil
	}
	if m != nil {
		w.log.WithError(err).Warn("learned data cannot be read; what was read before is used")
		return m, nil
	}
	return nil, err
}

func (w *watched) current() (m *learn.Model, due bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.have, !w.now().Before(w.next)
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
func (u *users) model(ctx context.Context, env *mail.Envelope) (*learn.Model, error) {
	if u.like == nil || env == nil || len(env.RcptTo) != 1 || env.RcptTo[0].IsNull() {
		return nil, nil //nolint:nilnil // no model is an answer
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
		w = &watched{store: u.like.store, owner: owner, every: u.like.every, now: u.like.now, log: u.like.log}
		u.by[owner] = w
	}
	return w
}
