// SPDX-License-Identifier: Apache-2.0

package dnsbl

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/resolver/dnsmetrics"
)

// newMetrics makes what counts answers.
func newMetrics(reg prometheus.Registerer, zones []string, log logrus.FieldLogger) (*dnsmetrics.Lists, error) {
	return dnsmetrics.NewLists(reg, "dnsbl", zones, dnsmetrics.Lists{
		Answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_dnsbl_answers_total",
			Help: "Questions about addresses, by list and what it said; off is one that was not asked because the list is switched off.",
		}, []string{"list", "result"}),
		Up: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mailweir_dnsbl_list_up",
			Help: "1 if the list is in use, 0 if it is switched off because it is dead, lies, or does not answer us.",
		}, []string{"list"}),
		Log: log,
	})
}
