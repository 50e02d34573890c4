// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
)

// metrics counts what was so. Names are of facts and of rules in the config.
type metrics struct {
	hits     *prometheus.CounterVec
	failures prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, o *Options) (*metrics, error) {
	m := &metrics{
		hits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_rules_hits_total",
			Help: "Messages of which a fact with points, or a rule of the site's own, was so.",
		}, []string{"rule"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_rules_reload_failures_total",
			Help: "Changed files of words that could not be read; what was read before is used.",
		}),
	}
	err := errors.Join(filters.Register(reg, &m.hits), filters.Register(reg, &m.failures))
	for n := range o.facts() {
		m.hits.WithLabelValues(n)
	}
	for i := range o.Rules {
		m.hits.WithLabelValues(o.Rules[i].Name)
	}
	return m, err
}
