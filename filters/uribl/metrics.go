// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/resolver/dnsmetrics"
)

// metrics counts answers, and messages that name too much.
type metrics struct {
	*dnsmetrics.Lists
	unasked prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, zones []string, log logrus.FieldLogger) (*metrics, error) {
	m := &metrics{unasked: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "mailweir_uribl_unasked_total",
		Help: "Messages that name more than is asked about, or have a text or an image that was not read to its end.",
	})}
	var err error
	m.Lists, err = dnsmetrics.NewLists(reg, "uribl", zones, dnsmetrics.Lists{
		Answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_uribl_answers_total",
			Help: "Questions about names, addresses and hashes, by list and what it said; off is one that was not asked because the list is switched off.",
		}, []string{"list", "result"}),
		Up: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mailweir_uribl_list_up",
			Help: "1 if the list is in use, 0 if it is switched off because it is dead, lies, or does not answer us.",
		}, []string{"list"}),
		Log: log,
	})
	return m, errors.Join(err, filters.Register(reg, &m.unasked))
}
