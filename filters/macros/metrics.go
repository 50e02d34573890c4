// SPDX-License-Identifier: Apache-2.0

package macros

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
)

// metrics counts findings.
type metrics struct {
	findings *prometheus.CounterVec
	cleaned  prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_macros_findings_total",
			Help: "Findings about documents, by code.",
		}, []string{"code"}),
		cleaned: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_macros_remedies_total",
			Help: "Findings about documents that have a remedy.",
		}),
	}
	for _, c := range codes() {
		m.findings.WithLabelValues(c)
	}
	return m, errors.Join(filters.Register(reg, &m.findings), filters.Register(reg, &m.cleaned))
}

func (m *metrics) found(code string, remedy bool) {
	m.findings.WithLabelValues(code).Inc()
	if remedy {
		m.cleaned.Inc()
	}
}
