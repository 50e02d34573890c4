// SPDX-License-Identifier: Apache-2.0

package proxy

import "github.com/prometheus/client_golang/prometheus"

// metrics are those of the listeners.
type metrics struct {
	connections *prometheus.GaugeVec
	refused     *prometheus.CounterVec
}

// refusals are the values of the label reason.
func refusals() []string {
	return []string{"client", "connections", "messages", "octets", "size", "storage"}
}

func newMetrics(reg prometheus.Registerer, l *limiter) *metrics {
	m := &metrics{
		connections: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mailweir_proxy_connections",
			Help: "Connections from Postfix that are open.",
		}, []string{"listener"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailweir_proxy_refused_total",
			Help: "Connections and mail objects turned away because of a limit, a client that is not allowed, or a disk that is full.",
		}, []string{"listener", "reason"}),
	}
	messages := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "mailweir_proxy_messages_in_flight",
		Help: "Mail transactions that are open.",
	}, func() float64 { n, _ := l.load(); return float64(n) })
	octets := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "mailweir_proxy_in_flight_bytes",
		Help: "Octets of the messages that are held.",
	}, func() float64 { _, n := l.load(); return float64(n) })
	reg.MustRegister(m.connections, m.refused, messages, octets)
	return m
}

// add makes the values of a listener, so that they are there before they are needed.
func (m *metrics) add(listener string) {
	m.connections.WithLabelValues(listener)
	for _, r := range refusals() {
		m.refused.WithLabelValues(listener, r)
	}
}
