// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
)

// metrics counts verdicts and what was learned.
type metrics struct {
	verdicts *prometheus.CounterVec
	learned  *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_bayes_verdicts_total",
			Help: "Messages by what the learner made of them.",
		}, []string{"verdict"}),
		learned: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mailweir_bayes_learned_messages",
			Help: "Messages that the site's model has learned from, by class.",
		}, []string{"class"}),
	}
	for _, v := range []string{"spam", "ham", "untrained"} {
		m.verdicts.WithLabelValues(v)
	}
	for _, c := range []string{"ham", "spam"} {
		m.learned.WithLabelValues(c)
	}
	return m, errors.Join(filters.Register(reg, &m.verdicts), filters.Register(reg, &m.learned))
}
