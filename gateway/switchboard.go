// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// switchboard shows the metrics of the config in force: each config brings filters and scanners of its own, with metrics of their
// own. Counters begin anew with a reload, as they do with a restart.
type switchboard struct {
	current atomic.Pointer[[]*prometheus.Registry]
}

func newSwitchboard() *switchboard { return &switchboard{} }

func (s *switchboard) set(r ...*prometheus.Registry) { s.current.Store(&r) }

// Describe tells nothing: what there is changes with the config.
func (s *switchboard) Describe(chan<- *prometheus.Desc) {}

// Collect gives the metrics of the registries in force.
func (s *switchboard) Collect(ch chan<- prometheus.Metric) {
	if list := s.current.Load(); list != nil {
		for _, r := range *list {
			r.Collect(ch)
		}
	}
}

var _ prometheus.Collector = (*switchboard)(nil)
