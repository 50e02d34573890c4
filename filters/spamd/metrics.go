// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/filters"
)

// metrics counts answers. Names of servers are from the config.
type metrics struct {
	answers  *prometheus.CounterVec
	duration *prometheus.HistogramVec
	up       *prometheus.GaugeVec
	log      logrus.FieldLogger
}

var _ breaker.Observer = (*metrics)(nil)

func newMetrics(reg prometheus.Registerer, servers []string, log logrus.FieldLogger) (*metrics, error) {
	m := &metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_spamd_answers_total",
			Help: "Messages by server and what it said; off and busy are those that it was not asked about.",
		}, []string{"server", "result"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "mailweir_spamd_duration_seconds",
			Help:    "Time that a server took for one message.",
			Buckets: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"server"}),
		up: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mailweir_spamd_server_up",
			Help: "1 if the server is in use, 0 if it is switched off because it does not answer.",
		}, []string{"server"}),
		log: filters.LogOrNone(log).WithField("filter", "spamd"),
	}
	err := errors.Join(filters.Register(reg, &m.answers), filters.Register(reg, &m.duration), filters.Register(reg, &m.up))
	for _, s := range servers {
		m.up.WithLabelValues(s).Set(1)
		m.duration.WithLabelValues(s)
		for _, r := range breaker.Results() {
			m.answers.WithLabelValues(s, string(r))
		}
	}
	return m, err
}

// Asked counts what came of one server.
func (m *metrics) Asked(server string, r breaker.Result, took time.Duration) {
	m.answers.WithLabelValues(server, string(r)).Inc()
	if r == breaker.Answered || r == breaker.NoAnswer {
		m.duration.WithLabelValues(server).Observe(took.Seconds())
	}
}

// Switched tells of a server that is switched off or on.
func (m *metrics) Switched(server string, up bool, why error) {
	log := m.log.WithField("server", server)
	if up {
		m.up.WithLabelValues(server).Set(1)
		log.Info("server in use again")
		return
	}
	m.up.WithLabelValues(server).Set(0)
	log.WithField("err", why).Warn("server switched off for a while")
}
