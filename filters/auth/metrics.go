// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/filters"
)

// What became of a row for reports.
const (
	rowWritten = "written"
	rowDropped = "dropped"
)

// metrics counts results.
type metrics struct {
	results *prometheus.CounterVec
	reports *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{results: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mailweir_auth_results_total",
		Help: "Results by method; of DKIM one for each signature, of DMARC one for each author domain.",
	}, []string{"method", "result"})}
	m.reports = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mailweir_auth_reports_total",
		Help: "Rows counted for DMARC reports, messages that differ in nothing together, by result: written, dropped because there was no room.",
	}, []string{"result"})
	err := errors.Join(filters.Register(reg, &m.results), filters.Register(reg, &m.reports))
	for _, r := range []string{rowWritten, rowDropped} {
		m.reports.WithLabelValues(r)
	}
	for _, method := range []string{"spf", "helo", "dkim", "arc", "dmarc"} {
		for _, r := range []authn.Result{authn.None, authn.Pass, authn.Fail, authn.Policy, authn.Neutral, authn.SoftFail, authn.TempError, authn.PermError} {
			m.results.WithLabelValues(method, string(r))
		}
	}
	return m, err
}

func (m *metrics) count(r *check.Report) {
	add := func(method string, result authn.Result) { m.results.WithLabelValues(method, string(result)).Inc() }
	add("spf", r.MailFrom.Result)
	add("helo", r.HELO.Result)
	for i := range r.DKIM {
		add("dkim", r.DKIM[i].Result)
	}
	add("arc", r.ARC.Result)
	for i := range r.DMARC {
		add("dmarc", r.DMARC[i].Result)
	}
}
