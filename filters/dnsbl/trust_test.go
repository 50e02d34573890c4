// SPDX-License-Identifier: Apache-2.0

package dnsbl_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/dnsbl"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// TestOwnNetworks: our own hosts are asked about nowhere, and what they say of whom they had a message from is believed.
func TestOwnNetworks(t *testing.T) {
	const way = "Received: from a (a [192.0.2.25]) by mx\r\nReceived: from b (b [203.0.113.7]) by a\r\nReceived: from c (c [192.0.2.1]) by b\r\n\r\n"
	for _, c := range []struct {
		name    string
		trusted []string // Of the options.
		own     []string
		want    []string
	}{
		{"nobody is trusted", nil, nil, []string{"25.2.0.192", "7.113.0.203", "1.2.0.192"}},
		{"a host", []string{"192.0.2.25/32"}, nil, []string{"7.113.0.203", "1.2.0.192"}},
		{"a network of our own behind it", []string{"192.0.2.25/32"}, []string{"203.0.113.0/24"}, []string{"1.2.0.192"}},
		{"a network of our own among the relays", nil, []string{"203.0.113.0/24"}, []string{"25.2.0.192", "1.2.0.192"}},
		{"IPv4 in IPv6 form", []string{"::ffff:192.0.2.25/128"}, []string{"::ffff:203.0.113.0/120"}, []string{"1.2.0.192"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := world(t)
			o := &dnsbl.Options{Timeout: 20 * time.Second, Relays: 5, Zones: map[string]dnsbl.Zone{"a.test": {Score: 1, RelayScore: 1, Test: "none"}}}
			d := filters.Deps{Resolver: dnstest.Resolver(t, nil, s)}
			for _, p := range c.trusted {
				o.Trusted = append(o.Trusted, netip.MustParsePrefix(p))
			}
			for _, p := range c.own {
				d.Trusted = append(d.Trusted, netip.MustParsePrefix(p))
			}
			f, err := dnsbl.New(o, d)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Inspect(t.Context(), from("192.0.2.25"), filtertest.Message(t, way)); err != nil {
				t.Fatal(err)
			}
			got, want := map[string]bool{}, map[string]bool{}
			for _, q := range s.Questions() {
				got[strings.TrimSuffix(q, ".a.test A")] = true
			}
			for _, w := range c.want {
				want[w] = true
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("asked about, -want +got\n%s", d)
			}
		})
	}
}

// relayed is a message that says it came by many relays.
func relayed(n int) string {
	var b strings.Builder
	b.WriteString("Received: from x (x [192.0.2.1]) by mx\r\n")
	for i := range n {
		fmt.Fprintf(&b, "Received: from x (x [203.0.113.%d]) by y\r\n", i+1)
	}
	return b.String() + "\r\n"
}

// TestManyRelays: relays that anybody may have invented do not use up what the message may look up.
func TestManyRelays(t *testing.T) {
	s := dnstest.Serve(t, dnstest.Says(t, dns.RcodeNameError))
	zones := map[string]dnsbl.Zone{}
	for i := range 20 {
		zones[fmt.Sprintf("l%d.test", i)] = dnsbl.Zone{Score: 1, RelayScore: 1, Test: "none"}
	}
	f := newFilter(t, &dnsbl.Options{Zones: zones, Relays: 20, Require: 20}, dnstest.Resolver(t, nil, s), nil)
	found, err := f.Inspect(t.Context(), from("192.0.2.1"), filtertest.Message(t, relayed(30)))
	if err != nil || s.Asked() > 120 {
		t.Errorf("%d look-ups, %v", s.Asked(), err)
	}
	for _, x := range found {
		if x.Code != "dnsbl.no_answer" {
			t.Errorf("got %s: %s", x.Code, x.Detail)
		}
	}
}

// TestToldOnce: a list without an answer is told once, whatever the number of relays.
func TestToldOnce(t *testing.T) {
	s := dnstest.Serve(t, dnstest.Says(t, dns.RcodeServerFailure))
	f := newFilter(t, &dnsbl.Options{Relays: 20, Zones: map[string]dnsbl.Zone{"a.test": {Score: 1, RelayScore: 1}, "b.test": {Score: 1, RelayScore: 1}}}, dnstest.Resolver(t, nil, s), nil)
	found, err := f.Inspect(t.Context(), from("192.0.2.1"), filtertest.Message(t, relayed(20)))
	if err != nil || len(found) != 2 {
		t.Errorf("got %v, %v", told(found), err)
	}
}

// TestLeftIsNotCounted: a list that was not waited for has not failed to answer.
func TestLeftIsNotCounted(t *testing.T) {
	table := dnstest.Zones(t, append(lists("a.test"), "1.2.0.192.a.test. 60 IN A 127.0.0.2")...)
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if !strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".slow.test.") {
			table(w, m)
		}
	})
	reg := prometheus.NewRegistry()
	f := newFilter(t, &dnsbl.Options{Zones: map[string]dnsbl.Zone{"a.test": {Conclusive: true}, "b.slow.test": {Score: 1}}}, dnstest.Resolver(t, nil, s), reg)
	if _, err := f.Inspect(t.Context(), from("192.0.2.1"), filtertest.Message(t, plainText)); err != nil {
		t.Fatal(err)
	}
	const want = `
# HELP mailweir_dnsbl_answers_total Questions about addresses, by list and what it said; off is one that was not asked because the list is switched off.
# TYPE mailweir_dnsbl_answers_total counter
mailweir_dnsbl_answers_total{list="a.test",result="listed"} 1
mailweir_dnsbl_answers_total{list="a.test",result="no_answer"} 0
mailweir_dnsbl_answers_total{list="a.test",result="not_listed"} 0
mailweir_dnsbl_answers_total{list="a.test",result="off"} 0
mailweir_dnsbl_answers_total{list="b.slow.test",result="listed"} 0
mailweir_dnsbl_answers_total{list="b.slow.test",result="no_answer"} 0
mailweir_dnsbl_answers_total{list="b.slow.test",result="not_listed"} 0
mailweir_dnsbl_answers_total{list="b.slow.test",result="off"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_dnsbl_answers_total"); err != nil {
		t.Error(err)
	}
}

// TestWithoutXFORWARD: if Postfix does not say who the client is, but hands mail over by loopback, its own Received field does.
func TestWithoutXFORWARD(t *testing.T) {
	f := newFilter(t, &dnsbl.Options{Zones: map[string]dnsbl.Zone{"a.test": {Score: 3}}}, dnstest.Resolver(t, nil, world(t)), nil)
	env := &mail.Envelope{Client: mail.Client{Addr: "127.0.0.1"}}
	msg := filtertest.Message(t, "Received: from [198.51.100.1] (x [192.0.2.1]) by mx (Postfix)\r\nReceived: from y (y [192.0.2.2]) by x\r\n\r\n")
	found, err := f.Inspect(t.Context(), env, msg)
	if d := cmp.Diff([]string{"dnsbl.listed spam 3: 192.0.2.1 is on a.test (127.0.0.2)"}, told(found)); d != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, d)
	}
}
