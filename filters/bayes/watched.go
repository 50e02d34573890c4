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

	mu   sync.Mutex
	some bool      // Whether a model was read last. It is with the store, where a user's may have to make room: then it is time to look again.
	next time.Time // When to look again.
}

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
	if err != nil {
		w.log.WithError(err).Warn("learned data cannot be read; what was read before is used")
		return err
	}
	w.count(fresh)
	return nil
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
