// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/policy"
)

// metrics are those of whole messages. They outlive changes of the config.
type metrics struct {
	recipients *prometheus.CounterVec
	messages   *prometheus.CounterVec
	octets     *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	kept       prometheus.Counter
	notified   prometheus.Counter
	reloads    *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		recipients: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_gateway_recipients_total",
			Help: "Recipients of mail objects, by what became of the mail object for them.",
		}, []string{"listener", "fate"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_gateway_messages_total",
			Help: "Mail objects, by the class of the reply to Postfix: 2 taken, 4 put off, 5 refused.",
		}, []string{"listener", "reply"}),
		octets: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_gateway_bytes_total",
			Help: "Octets of the mail objects.",
		}, []string{"listener"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "mailweir_gateway_duration_seconds",
			Help:    "From the end of data to the reply.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 14),
		}, []string{"listener"}),
		kept: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_quarantine_kept_total",
			Help: "Messages put into the quarantine.",
		}),
		notified: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mailweir_gateway_notifications_total",
			Help: "Delivery status notifications sent, because the next hop refused some recipients after it took others.",
		}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_config_reloads_total",
			Help: "Changes of the config, by their result: done, or kept for the old config that stays in force.",
		}, []string{"result"}),
	}
	for _, r := range []string{"done", "kept"} {
		m.reloads.WithLabelValues(r)
	}
	reg.MustRegister(m.recipients, m.messages, m.octets, m.duration, m.kept, m.notified, m.reloads)
	return m
}

// add makes the values of a listener, so that they are there before they are needed.
func (m *metrics) add(listener string) {
	for f := policy.Deliver; f <= policy.Discard; f++ {
		m.recipients.WithLabelValues(listener, f.String())
	}
	for _, class := range []string{"2", "4", "5"} {
		m.messages.WithLabelValues(listener, class)
	}
	m.octets.WithLabelValues(listener)
	m.duration.WithLabelValues(listener)
}

// count counts one mail object.
func (m *metrics) count(d *delivery, took time.Duration) {
	listener := d.tx.Listener.Name
	for i := range d.fates {
		m.recipients.WithLabelValues(listener, d.fate(i).String()).Inc()
	}
	class := string(rune('0' + worst(d.replies).Code/100))
	m.messages.WithLabelValues(listener, class).Inc()
	m.octets.WithLabelValues(listener).Add(float64(d.tx.Content.Size()))
	m.duration.WithLabelValues(listener).Observe(took.Seconds())
}
