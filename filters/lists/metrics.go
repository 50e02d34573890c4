// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
)

// metrics counts recipients, and files that cannot be read.
type metrics struct {
	recipients *prometheus.CounterVec
	failures   prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		recipients: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_lists_recipients_total",
			Help: "Recipients of messages by what the lists say of the sender.",
		}, []string{"result"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_lists_reload_failures_total",
			Help: "Times that files which had changed could not be read.",
		}),
	}
	for _, r := range []string{resultBlocked, resultAllowed, resultUnproven, resultNone} {
		m.recipients.WithLabelValues(r)
	}
	return m, errors.Join(filters.Register(reg, &m.recipients), filters.Register(reg, &m.failures))
}
