// SPDX-License-Identifier: Apache-2.0

package filters

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what the filters do. Labels are bounded: names of filters are from the config, classes and reasons are ours.
type metrics struct {
	duration *prometheus.HistogramVec
	findings *prometheus.CounterVec
	failures *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, stages []Stage) (*metrics, error) {
	m := &metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "mailweir_filter_duration_seconds",
			Help:    "Time a filter looked at a message.",
			Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"filter"}),
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_filter_findings_total",
			Help: "Findings by filter and class. The filter mail stands for the reading of the message.",
		}, []string{"filter", "class"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_filter_failures_total",
			Help: "Messages that a filter gave no answer about, by reason.",
		}, []string{"filter", "reason"}),
	}
	err := errors.Join(Register(reg, &m.duration), Register(reg, &m.findings), Register(reg, &m.failures))
	if err != nil {
		return nil, err
	}
	m.findings.WithLabelValues(reader, string(Unscannable))
	m.findings.WithLabelValues(reader, string(Ambiguous))
	m.findings.WithLabelValues(reader, string(Encrypted))
	for _, name := range names(stages) {
		m.duration.WithLabelValues(name)
		for _, c := range Classes() {
			m.findings.WithLabelValues(name, string(c))
		}
		for _, r := range []string{reasonError, reasonPanic, reasonTimeout, reasonLeft} {
			m.failures.WithLabelValues(name, r)
		}
	}
	return m, nil
}

// Register registers a collector. If an equal one is there already, as after a reload of the config, that one takes its
// place. A nil reg registers nothing.
func Register[C prometheus.Collector](reg prometheus.Registerer, c *C) error {
	if reg == nil {
		return nil
	}
	err := reg.Register(*c)
	if there, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if old, ok := there.ExistingCollector.(C); ok {
			*c = old
			return nil
		}
	}
	return err
}

func (m *metrics) observe(filter string, a answer) {
	m.duration.WithLabelValues(filter).Observe(float64(a.took) / float64(time.Second))
	if r := a.reason(); r != "" {
		m.failures.WithLabelValues(filter, r).Inc()
	}
}

// counted counts the findings and hands them on.
func (m *metrics) counted(found []Finding) []Finding {
	for _, f := range found {
		m.findings.WithLabelValues(f.Filter, string(f.Class)).Inc()
	}
	return found
}
