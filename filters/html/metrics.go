// SPDX-License-Identifier: Apache-2.0

package html

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
)

// metrics counts texts.
type metrics struct {
	texts    prometheus.Counter
	findings *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		texts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_html_texts_total",
			Help: "Texts that were read as HTML.",
		}),
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_html_findings_total",
			Help: "Texts in which something was found, by code.",
		}, []string{"code"}),
	}
	for _, c := range Kind().Codes {
		m.findings.WithLabelValues(c.Name)
	}
	return m, errors.Join(filters.Register(reg, &m.texts), filters.Register(reg, &m.findings))
}

func (m *metrics) found(code string) { m.findings.WithLabelValues(code).Inc() }
