// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/filters"
)

// metrics counts results.
type metrics struct {
	results *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{results: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mailweir_auth_results_total",
		Help: "Results by method; of DKIM one for each signature, of DMARC one for each author domain.",
	}, []string{"method", "result"})}
	err := filters.Register(reg, &m.results)
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
