// SPDX-License-Identifier: Apache-2.0

package greylist

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/seen"
)

// metrics counts who comes, and what is kept of it.
type metrics struct {
	recipients *prometheus.CounterVec
	entries    *prometheus.GaugeVec
	failures   prometheus.Counter
}

// entryNames are the classes of entries as the metric has them.
func entryNames() []string {
	return []string{classWaiting: "waiting", classPassed: "passed", classClient: "client"}
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		recipients: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_greylist_recipients_total",
			Help: "Recipients of messages by what is known of who sends to them.",
		}, []string{"state"}),
		entries: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mailweir_greylist_entries",
			Help: "Entries that are kept, by class.",
		}, []string{"class"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_greylist_save_failures_total",
			Help: "Times that saving to the file has begun to fail.",
		}),
	}
	for _, s := range states() {
		m.recipients.WithLabelValues(s.String())
	}
	for _, c := range entryNames() {
		m.entries.WithLabelValues(c)
	}
	return m, errors.Join(filters.Register(reg, &m.recipients), filters.Register(reg, &m.entries), filters.Register(reg, &m.failures))
}

func (m *metrics) count(s *seen.Store) {
	for class, name := range entryNames() {
		m.entries.WithLabelValues(name).Set(float64(s.Len(class)))
	}
}
