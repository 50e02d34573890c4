// SPDX-License-Identifier: Apache-2.0

package dnsmetrics_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnsmetrics"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

func TestObserver(t *testing.T) {
	reg := prometheus.NewRegistry()
	var out bytes.Buffer
	log := logrus.New()
	log.SetOutput(&out)
	o, err := dnsmetrics.New(reg, log)
	if err != nil {
		t.Fatal(err)
	}
	bad := dnstest.Serve(t, dnstest.Says(t, dns.RcodeRefused))
	good := dnstest.Serve(t, dnstest.Zones(t, "a.test. 60 IN A 192.0.2.1"))
	r := dnstest.Resolver(t, func(c *resolver.Config) { c.Observer = o }, bad, good)
	for _, name := range []string{"a.test", "a.test", "b.test", "c.test", "d.test", "a..test"} {
		_, _ = r.A(t.Context(), name)
	}
	want := strings.NewReplacer("BAD", bad.Addr.String(), "GOOD", good.Addr.String()).Replace(`
# HELP mailweir_dns_cache_entries Answers in the cache, those that have expired among them.
# TYPE mailweir_dns_cache_entries gauge
mailweir_dns_cache_entries 4
# HELP mailweir_dns_queries_total Questions to name servers, by server and what it said.
# TYPE mailweir_dns_queries_total counter
mailweir_dns_queries_total{result="bad_name",server="BAD"} 0
mailweir_dns_queries_total{result="bad_name",server="GOOD"} 0
mailweir_dns_queries_total{result="found",server="BAD"} 0
mailweir_dns_queries_total{result="found",server="GOOD"} 1
mailweir_dns_queries_total{result="limit",server="BAD"} 0
mailweir_dns_queries_total{result="limit",server="GOOD"} 0
mailweir_dns_queries_total{result="no_data",server="BAD"} 0
mailweir_dns_queries_total{result="no_data",server="GOOD"} 0
mailweir_dns_queries_total{result="no_name",server="BAD"} 0
mailweir_dns_queries_total{result="no_name",server="GOOD"} 3
mailweir_dns_queries_total{result="temporary",server="BAD"} 3
mailweir_dns_queries_total{result="temporary",server="GOOD"} 0
# HELP mailweir_dns_server_up 1 if the name server is in use, 0 if it is left out because it does not answer.
# TYPE mailweir_dns_server_up gauge
mailweir_dns_server_up{server="BAD"} 0
mailweir_dns_server_up{server="GOOD"} 1
`)
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_dns_cache_entries", "mailweir_dns_server_up", "mailweir_dns_queries_total"); err != nil {
		t.Error(err)
	}
	if n := strings.Count(out.String(), "name server does not answer, left out for a while"); n != 1 {
		t.Errorf("logged %d times: %s", n, out.String())
	}
}

// TestAgain: after a reload of the config there are the same metrics.
func TestAgain(t *testing.T) {
	reg := prometheus.NewRegistry()
	for range 2 {
		o, err := dnsmetrics.New(reg, nil)
		if err != nil {
			t.Fatal(err)
		}
		o.Lookup(resolver.FromCache, resolver.Found)
		o.Query("192.0.2.53:53", resolver.Found, time.Millisecond)
		o.Server("192.0.2.53:53", false, nil)
		o.Suspicious("192.0.2.53:53", "case", 1, true)
		o.Cache(1, 2, 3)
	}
	const want = `
# HELP mailweir_dns_cache_evictions_total Answers that had to make room for others before they expired.
# TYPE mailweir_dns_cache_evictions_total counter
mailweir_dns_cache_evictions_total 6
# HELP mailweir_dns_suspicious_total Questions to which datagrams came that are no answers to them, by server and what was wrong.
# TYPE mailweir_dns_suspicious_total counter
mailweir_dns_suspicious_total{server="192.0.2.53:53",what="case"} 2
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_dns_cache_evictions_total", "mailweir_dns_suspicious_total"); err != nil {
		t.Error(err)
	}
}
