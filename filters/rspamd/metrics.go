// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/breaker/breakermetrics"
)

// newMetrics makes what counts answers.
func newMetrics(reg prometheus.Registerer, servers []string, log logrus.FieldLogger) (*breakermetrics.Observer, error) {
	return breakermetrics.New(reg, "rspamd", servers, breakermetrics.Observer{
		Answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_rspamd_answers_total",
			Help: "Messages by server and what it said; off and busy are those that it was not asked about.",
		}, []string{"server", "result"}),
		Duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "mailweir_rspamd_duration_seconds",
			Help:    "Time that a server took for one message.",
			Buckets: breakermetrics.Buckets(),
		}, []string{"server"}),
		Up: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mailweir_rspamd_server_up",
			Help: "1 if the server is in use, 0 if it is switched off because it does not answer.",
		}, []string{"server"}),
		Log: log,
	})
}
