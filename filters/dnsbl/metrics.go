// SPDX-License-Identifier: Apache-2.0

package dnsbl

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/filters"
)

// What a question to a list came to.
const (
	resultListed   = "listed"
	resultClear    = "not_listed"
	resultNoAnswer = "no_answer"
	resultOff      = "off"
)

// metrics counts answers. Names of lists are from the config.
type metrics struct {
	answers *prometheus.CounterVec
	up      *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer, zones []string) (*metrics, error) {
	m := &metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_dnsbl_answers_total",
			Help: "Questions about addresses, by list and what it said; off is one that was not asked because the list is switched off.",
		}, []string{"list", "result"}),
		up: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mailweir_dnsbl_list_up",
			Help: "1 if the list is in use, 0 if it is switched off because it is dead, lies, or does not answer us.",
		}, []string{"list"}),
	}
	err := errors.Join(filters.Register(reg, &m.answers), filters.Register(reg, &m.up))
	for _, z := range zones {
		m.up.WithLabelValues(z).Set(1)
		for _, r := range []string{resultListed, resultClear, resultNoAnswer, resultOff} {
			m.answers.WithLabelValues(z, r)
		}
	}
	return m, err
}

// switched tells of a list that is switched off or on.
func (m *metrics) switched(zone string, log logrus.FieldLogger) func(on bool, why error) {
	log = filters.LogOrNone(log).WithFields(logrus.Fields{"filter": "dnsbl", "list": zone})
	return func(on bool, why error) {
		if on {
			m.up.WithLabelValues(zone).Set(1)
			log.Info("DNS list in use again")
			return
		}
		m.up.WithLabelValues(zone).Set(0)
		log.WithField("err", why).Warn("DNS list switched off for a while")
	}
}
