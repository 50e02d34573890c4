// SPDX-License-Identifier: Apache-2.0

package dnsmetrics_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnslist"
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

// TestLists: all values are there from the start, also after a reload of the config.
func TestLists(t *testing.T) {
	reg := prometheus.NewRegistry()
	var out bytes.Buffer
	log := logrus.New()
	log.SetOutput(&out)
	for range 2 {
		l, err := dnsmetrics.NewLists(reg, "toy", []string{"a.test", "b.test"}, dnsmetrics.Lists{
			Answers: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "mailweir_toy_answers_total", Help: "x"}, []string{"list", "result"}),
			Up:      prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "mailweir_toy_list_up", Help: "x"}, []string{"list"}),
			Log:     log,
		})
		if err != nil {
			t.Fatal(err)
		}
		l.Answered("a.test", true, nil)
		l.Answered("a.test", false, nil)
		l.Answered("a.test", false, fmt.Errorf("%w: dead", dnslist.ErrOff))
		l.Answered("a.test", true, errors.New("lost")) // No answer is no listing.
		l.Switched("b.test")(true, nil)
		l.Switched("a.test")(false, errors.New("dead"))
	}
	const want = `
# HELP mailweir_toy_answers_total x
# TYPE mailweir_toy_answers_total counter
mailweir_toy_answers_total{list="a.test",result="listed"} 2
mailweir_toy_answers_total{list="a.test",result="no_answer"} 2
mailweir_toy_answers_total{list="a.test",result="not_listed"} 2
mailweir_toy_answers_total{list="a.test",result="off"} 2
mailweir_toy_answers_total{list="b.test",result="listed"} 0
mailweir_toy_answers_total{list="b.test",result="no_answer"} 0
mailweir_toy_answers_total{list="b.test",result="not_listed"} 0
mailweir_toy_answers_total{list="b.test",result="off"} 0
# HELP mailweir_toy_list_up x
# TYPE mailweir_toy_list_up gauge
mailweir_toy_list_up{list="a.test"} 0
mailweir_toy_list_up{list="b.test"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if got := out.String(); !strings.Contains(got, "filter=toy") || !strings.Contains(got, "err=dead") {
		t.Errorf("logged %s", got)
	}
}
