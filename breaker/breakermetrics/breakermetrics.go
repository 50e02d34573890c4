// SPDX-License-Identifier: Apache-2.0

// Package breakermetrics makes metrics and log entries of what servers behind breakers do, so that package breaker knows neither. The filters spamd and
// rspamd count by it; the names of the metrics are theirs.
package breakermetrics

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/filters"
)

// Buckets are those of Duration, in seconds.
func Buckets() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
}

// Observer counts and logs. Names of servers are from the config, so they are bounded. It is safe for many goroutines.
type Observer struct {
	Answers  *prometheus.CounterVec   // By the labels server and result.
	Duration *prometheus.HistogramVec // Of one message, by the label server.
	Up       *prometheus.GaugeVec     // 1 or 0, by the label server.
	Log      logrus.FieldLogger
}

var _ breaker.Observer = (*Observer)(nil)

// New registers the metrics of o, or takes those that are registered already, as after a reload of the config, and makes all values of the labels. A nil
// reg registers nothing, a nil log logs nothing. The log has filter as a field.
func New(reg prometheus.Registerer, filter string, servers []string, o Observer) (*Observer, error) {
	o.Log = filters.LogOrNone(o.Log).WithField("filter", filter)
	err := errors.Join(filters.Register(reg, &o.Answers), filters.Register(reg, &o.Duration), filters.Register(reg, &o.Up))
	for _, s := range servers {
		o.Up.WithLabelValues(s).Set(1)
		o.Duration.WithLabelValues(s)
		for _, r := range breaker.Results() {
			o.Answers.WithLabelValues(s, string(r))
		}
	}
	return &o, err
}

// Asked counts what came of one server.
func (o *Observer) Asked(server string, r breaker.Result, took time.Duration) {
	o.Answers.WithLabelValues(server, string(r)).Inc()
	if r == breaker.Answered || r == breaker.NoAnswer {
		o.Duration.WithLabelValues(server).Observe(took.Seconds())
	}
}

// Switched tells of a server that is switched off or on.
func (o *Observer) Switched(server string, up bool, why error) {
	log := o.Log.WithField("server", server)
	if up {
		o.Up.WithLabelValues(server).Set(1)
		log.Info("server in use again")
		return
	}
	o.Up.WithLabelValues(server).Set(0)
	log.WithField("err", why).Warn("server switched off for a while")
}
