// SPDX-License-Identifier: Apache-2.0

package known

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/seen"
)

// What may become of a correspondent who could be learned, as the metric has it.
const (
	resultNew   = "new"
	resultKnown = "known"
	resultLimit = "limit"
)

// metrics counts who writes, and what is kept of it.
type metrics struct {
	recipients *prometheus.CounterVec
	learned    *prometheus.CounterVec
	entries    *prometheus.GaugeVec
	failures   prometheus.Counter
}

// entryNames are the classes of entries as the metric has them.
func entryNames() []string {
	return []string{classPair: "correspondent", classSent: "sent", classDay: "day"}
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		recipients: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_known_recipients_total",
			Help: "Recipients of mail from outside by how the author is known to them.",
		}, []string{"result"}),
		learned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_known_learned_total",
			Help: "Recipients of mail of our own by what was learned: a new correspondent, one who is known, or none because of the limit per day.",
		}, []string{"result"}),
		entries: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mailweir_known_entries",
			Help: "Entries that are kept, by class.",
		}, []string{"class"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_known_save_failures_total",
			Help: "Times that saving to the file has begun to fail.",
		}),
	}
	for _, c := range codes() {
		m.recipients.WithLabelValues(c[len("known."):])
	}
	for _, r := range []string{resultNew, resultKnown, resultLimit} {
		m.learned.WithLabelValues(r)
	}
	for _, c := range entryNames() {
		m.entries.WithLabelValues(c)
	}
	return m, errors.Join(filters.Register(reg, &m.recipients), filters.Register(reg, &m.learned), filters.Register(reg, &m.entries), filters.Register(reg, &m.failures))
}

func (m *metrics) count(s *seen.Store) {
	for class, name := range entryNames() {
		m.entries.WithLabelValues(name).Set(float64(s.Len(class)))
	}
}
