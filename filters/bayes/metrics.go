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
	auto     *prometheus.CounterVec
	refused  *prometheus.CounterVec
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
		auto: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_bayes_auto_learned_total",
			Help: "Messages learned because other filters were sure of them, by class.",
		}, []string{"class"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_bayes_auto_refused_total",
			Help: "Messages of which other filters were sure, and that were not learned, by reason.",
		}, []string{"reason"}),
	}
	for _, v := range []string{"spam", "ham", "untrained"} {
		m.verdicts.WithLabelValues(v)
	}
	for _, c := range []string{"ham", "spam"} {
		m.learned.WithLabelValues(c)
		m.auto.WithLabelValues(c)
	}
	for _, r := range []string{"short", "doubt", "sender", "share", "full", "failed"} {
		m.refused.WithLabelValues(r)
	}
	return m, errors.Join(filters.Register(reg, &m.verdicts), filters.Register(reg, &m.learned), filters.Register(reg, &m.auto), filters.Register(reg, &m.refused))
}
