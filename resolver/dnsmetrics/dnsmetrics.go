// SPDX-License-Identifier: Apache-2.0

// Package dnsmetrics makes metrics and log entries of what a resolver and DNS lists do, so that packages resolver and dnslist know neither.
package dnsmetrics

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/resolver"
)

// Observer counts and logs.
type Observer struct {
	log        logrus.FieldLogger
	lookups    *prometheus.CounterVec
	queries    *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	up         *prometheus.GaugeVec
	suspicious *prometheus.CounterVec
	entries    prometheus.Gauge
	octets     prometheus.Gauge
	evictions  prometheus.Counter
}

var _ resolver.Observer = (*Observer)(nil)

// New makes an observer. A nil log logs nothing, a nil reg registers nothing. The number of servers bounds the values of the label server.
func New(reg prometheus.Registerer, log logrus.FieldLogger) (*Observer, error) {
	o := &Observer{log: orNone(log)}
	o.make()
	for _, from := range resolver.Sources() {
		for _, result := range resolver.Results() {
			o.lookups.WithLabelValues(string(from), string(result))
		}
	}
	return o, errors.Join(
		register(reg, &o.lookups), register(reg, &o.queries), register(reg, &o.duration), register(reg, &o.up),
		register(reg, &o.suspicious), register(reg, &o.entries), register(reg, &o.octets), register(reg, &o.evictions),
	)
}

func (o *Observer) make() {
	o.lookups = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mailweir_dns_lookups_total",
		Help: "Look-ups of names, by where the answer came from and what it was.",
	}, []string{"source", "result"})
	o.queries = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mailweir_dns_queries_total",
		Help: "Questions to name servers, by server and what it said.",
	}, []string{"server", "result"})
	o.duration = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "mailweir_dns_query_duration_seconds",
		Help:    "Time a name server took for one question.",
		Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5},
	}, []string{"server"})
	o.up = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "mailweir_dns_server_up",
		Help: "1 if the name server is in use, 0 if it is left out because it does not answer.",
	}, []string{"server"})
	o.suspicious = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mailweir_dns_suspicious_total",
		Help: "Questions to which datagrams came that are no answers to them, by server and what was wrong.",
	}, []string{"server", "what"})
	o.entries = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "mailweir_dns_cache_entries",
		Help: "Answers in the cache, those that have expired among them.",
	})
	o.octets = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "mailweir_dns_cache_bytes",
		Help: "Memory that the answers in the cache take, about.",
	})
	o.evictions = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "mailweir_dns_cache_evictions_total",
		Help: "Answers that had to make room for others before they expired.",
	})
}

// register registers a collector, or takes the one that is there already, as after a reload of the config.
func register[C prometheus.Collector](reg prometheus.Registerer, c *C) error {
	if reg == nil {
		return nil
	}
	err := reg.Register(*c)
	if there, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if old, ok := there.ExistingCollector.(C); ok {
			*c = old
			return nil
		}
	}
	return err
}

// Lookup counts a look-up.
func (o *Observer) Lookup(from resolver.Source, result resolver.Result) {
	o.lookups.WithLabelValues(string(from), string(result)).Inc()
}

// Query counts a question to a server.
func (o *Observer) Query(server string, result resolver.Result, took time.Duration) {
	o.queries.WithLabelValues(server, string(result)).Inc()
	o.duration.WithLabelValues(server).Observe(took.Seconds())
}

// Server tells of a server that went out of use, or is in use again.
func (o *Observer) Server(server string, up bool, cause error) {
	if up {
		o.up.WithLabelValues(server).Set(1)
		for _, result := range resolver.Results() { // At the start all servers are up, so that every value is there from then on.
			o.queries.WithLabelValues(server, string(result))
		}
		o.log.WithField("server", server).Debug("name server in use")
		return
	}
	o.up.WithLabelValues(server).Set(0)
	o.log.WithFields(logrus.Fields{"server": server, "err": cause}).Warn("name server does not answer, left out for a while")
}

// Cache tells how full the cache is.
func (o *Observer) Cache(entries int, octets int64, evicted int) {
	o.entries.Set(float64(entries))
	o.octets.Set(float64(octets))
	o.evictions.Add(float64(evicted))
}

// Suspicious counts a question that somebody may have tried to answer in the server's place.
func (o *Observer) Suspicious(server, what string, stray int, byTCP bool) {
	o.suspicious.WithLabelValues(server, what).Inc()
	o.log.WithFields(logrus.Fields{"server": server, "what": what, "datagrams": stray, "tcp": byTCP}).Debug("datagrams that are no answers")
}
