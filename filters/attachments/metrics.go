// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
)

// metrics counts what the rules say. Names of lists are from the config.
type metrics struct {
	files *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, lists []list) (*metrics, error) {
	m := &metrics{files: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mailweir_attachments_files_total",
		Help: "Files judged, by rule list and what its rules say of them; none if no rule is about them.",
	}, []string{"list", "outcome"})}
	for _, l := range lists {
		for _, o := range []outcome{none, allow, rename, deny} {
			m.files.WithLabelValues(l.name, o.String())
		}
	}
	return m, filters.Register(reg, &m.files)
}

func (m *metrics) ruled(list string, o outcome) { m.files.WithLabelValues(list, o.String()).Inc() }
