// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
)

// metrics counts what is looked at.
type metrics struct {
	links prometheus.Counter
	codes prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		links: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_phishing_links_total",
			Help: "Links that were looked at.",
		}),
		codes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_phishing_qr_codes_total",
			Help: "QR codes that were read.",
		}),
	}
	return m, errors.Join(filters.Register(reg, &m.links), filters.Register(reg, &m.codes))
}
