// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/store"
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
	site    *watched // Of a user: the site's. Nil for the site itself.

	mu   sync.Mutex
	some bool      // Whether a model was read last. It is with the store, where a user's may have to make room: then it is time to look again.
	next time.Time // When to look again.
	told time.Time // When it was logged last that it cannot be read; zero if it can.
}

// tellEvery is how often it is logged that what was learned cannot be read. It is looked for every few seconds.
const tellEvery = 10 * time.Minute

// model is the model, at most a little old. It is read beside the messages: if the database cannot be read, what was read before goes on to serve, and before anything was, a model that
// knows nothing.
func (w *watched) model(ctx context.Context) *learn.Model {
	if _, due := w.current(); due && w.store != nil {
		w.reader.look(ctx, w.log, func(ctx context.Context) { _ = w.read(ctx) })
	}
	if m, _ := w.current(); m != nil {
		return m
	}
	return w.empty
}

// read reads the database, or keeps what was read before. The error is in the log.
func (w *watched) read(ctx context.Context) error {
	var fresh *learn.Model
	defer func() { // After a panic, too.
		w.mu.Lock()
		defer w.mu.Unlock()
		w.some, w.next = fresh != nil, w.now().Add(w.every)
	}()
	fresh, err := w.store.Model(ctx, w.owner)
	w.tell(err)
	if err != nil {
		return err
	}
	w.count(fresh)
	return nil
}

// tell logs that the database cannot be read, once for all whose data is in it, and again now and then; and when it can be read again.
func (w *watched) tell(err error) {
	if w.site != nil && w.site.failing() {
		return
	}
	w.mu.Lock()
	before, now := w.told, w.now()
	due := before.IsZero() || now.Sub(before) >= tellEvery
	switch {
	case err == nil:
		w.told = time.Time{}
	case due:
		w.told = now
	}
	w.mu.Unlock()
	switch {
	case err == nil && !before.IsZero():
		w.log.Info("learned data can be read again")
	case err != nil && due:
		w.log.WithError(err).Warn("learned data cannot be read; what was read before is used")
	}
}

// failing tells if the last reading failed.
func (w *watched) failing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.told.IsZero()
}

// current is what was read last, and whether it is time to look again; nil if there is nothing.
func (w *watched) current() (m *learn.Model, due bool) {
	if w.store != nil {
		m = w.store.Held(w.owner)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return m, !w.now().Before(w.next) || w.some && m == nil
}

// counts are the messages that the model has learned from, as it was read last.
func (w *watched) counts() (ham, spam int) {
	m, _ := w.current()
	if m == nil {
		return 0, 0
	}
	return m.Counts()
}

func (w *watched) count(m *learn.Model) {
	if w.learned == nil {
		return
	}
	ham, spam := m.Counts()
	w.learned.WithLabelValues("ham").Set(float64(ham))
	w.learned.WithLabelValues("spam").Set(float64(spam))
}
