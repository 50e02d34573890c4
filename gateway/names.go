// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"reflect"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnsmetrics"
)

// systemServers is where the name servers of the host are, for a config that names none.
const systemServers = "/etc/resolv.conf"

// names is the resolver of a config with its metrics. It outlives a reload that leaves the section dns as it is, with all that it has in its cache.
type names struct {
	dns      resolver.Config
	resolver *resolver.Resolver // Nil if there is no name server to ask.
	metrics  *prometheus.Registry
}

// newNames makes the resolver of a config, or gives back the old one if it would be the same.
func newNames(cfg *config.Config, log logrus.FieldLogger, old *names) (*names, error) {
	n := &names{dns: cfg.DNS.Resolver(), metrics: prometheus.NewRegistry()}
	if len(n.dns.Servers) == 0 {
		servers, err := resolver.SystemServers(systemServers)
		if err != nil {
			log.WithError(err).Debug("no name server; filters that need one say so")
			return n, nil
		}
		n.dns.Servers = servers
	}
	if old != nil && old.resolver != nil && reflect.DeepEqual(old.dns, n.dns) {
		return old, nil
	}
	observer, err := dnsmetrics.New(n.metrics, log)
	if err != nil {
		return nil, err
	}
	dns := n.dns
	dns.Observer = observer
	n.resolver, err = resolver.New(dns)
	return n, err
}
