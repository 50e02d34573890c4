// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/scanners"
)

// verdictError is the verdict label of a scan without an answer.
const verdictError = "error"

// metrics counts what the scanners do. Names of scanners are from the config, verdicts are ours.
type metrics struct {
	scans    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	hits     prometheus.Counter
	misses   prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, names []string) (*metrics, error) {
	m := &metrics{
		scans: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_scanner_scans_total",
			Help: "Scans by scanner and verdict; what the cache knew is not among them.",
		}, []string{"scanner", "verdict"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "mailweir_scanner_duration_seconds",
			Help:    "Time a scanner took for one scan.",
			Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"scanner"}),
		hits: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_virus_cache_hits_total",
			Help: "Leaves whose verdict was known, or in the making for an identical one.",
		}),
		misses: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_virus_cache_misses_total",
			Help: "Leaves whose verdict was not known.",
		}),
	}
	for _, name := range names {
		m.duration.WithLabelValues(name)
		for _, v := range []string{"clean", "infected", "unscannable", verdictError} {
			m.scans.WithLabelValues(name, v)
		}
	}
	return m, errors.Join(
		filters.Register(reg, &m.scans), filters.Register(reg, &m.duration),
		filters.Register(reg, &m.hits), filters.Register(reg, &m.misses),
	)
}

func (m *metrics) scanned(scanner string, v scanners.Verdict, err error, took time.Duration) {
	verdict := v.String()
	if err != nil {
		verdict = verdictError
	}
	m.scans.WithLabelValues(scanner, verdict).Inc()
	m.duration.WithLabelValues(scanner).Observe(took.Seconds())
}

func (m *metrics) cached(hit bool) {
	if hit {
		m.hits.Inc()
	} else {
		m.misses.Inc()
	}
}
