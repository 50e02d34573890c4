// SPDX-License-Identifier: Apache-2.0

package dnsbl_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/dnsbl"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

const plainText = "From: a@example.org\r\nSubject: x\r\n\r\ntext\r\n"

// lists are the records of some lists, each with its test entry.
func lists(names ...string) []string {
	var all []string
	for _, n := range names {
		all = append(all, "2.0.0.127."+n+". 60 IN A 127.0.0.2")
	}
	return all
}

// world answers for the lists a.test, b.test, good.test and v6.test.
func world(t testing.TB) *dnstest.Server {
	t.Helper()
	return dnstest.Serve(t, dnstest.Zones(t, append(lists("a.test", "b.test", "good.test", "v6.test"),
		"1.2.0.192.a.test. 60 IN A 127.0.0.2", "1.2.0.192.b.test. 60 IN A 127.0.0.4", "1.2.0.192.b.test. 60 IN A 127.0.0.10",
		"2.2.0.192.a.test. 60 IN A 127.0.0.2", "2.2.0.192.good.test. 60 IN A 127.0.0.3",
		"3.2.0.192.b.test. 60 IN A 127.0.0.99",
		resolver.ReverseLabels(netip.MustParseAddr("2001:db8::1"))+".a.test. 60 IN A 127.0.0.2",
		"2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.v6.test. 60 IN A 127.0.0.2",
		resolver.ReverseLabels(netip.MustParseAddr("2001:db8::1"))+".v6.test. 60 IN A 127.0.0.2",
	)...))
}

func newFilter(t testing.TB, o *dnsbl.Options, r *resolver.Resolver, reg prometheus.Registerer) filters.Filter {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	f, err := dnsbl.New(o, filters.Deps{Resolver: r, Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func from(addr string) *mail.Envelope {
	env := filtertest.Envelope()
	env.Client.Addr = addr
	return env
}

// told are findings in short.
func told(found []filters.Finding) []string {
	var all []string
	for _, f := range found {
		s := fmt.Sprintf("%s %s %v: %s", f.Code, f.Class, f.Score, f.Detail)
		all = append(all, s)
	}
	return all
}

func TestSuite(t *testing.T) {
	s := world(t)
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter {
			return newFilter(t, &dnsbl.Options{
				Zones:  map[string]dnsbl.Zone{"a.test": {Score: 3, RelayScore: 1}, "b.test": {Score: 1}},
				Relays: 3,
			}, dnstest.Resolver(t, nil, s), nil)
		},
		Messages: []string{"Received: from x (x [192.0.2.1]) by mx\r\nReceived: from y (y [192.0.2.2]) by x\r\n\r\n"},
	})
}

func TestFindings(t *testing.T) {
	both := map[string]dnsbl.Zone{"a.test": {Score: 3}, "b.test": {Codes: map[string]float64{"127.0.0.4": 1, "127.0.0.10": 2}}}
	good := map[string]dnsbl.Zone{"a.test": {Score: 3, Conclusive: true}, "good.test": {Score: -2, Allow: true, Conclusive: true}}
	const relayed = "Received: from x (x [192.0.2.25]) by mx\r\nReceived: from evil (evil [192.0.2.1]) by second\r\nReceived: from z (z [192.0.2.2]) by evil\r\n\r\n"
	for _, c := range []struct {
		name    string
		options dnsbl.Options
		client  string
		text    string
		want    []string
	}{
		{"on no list", dnsbl.Options{Zones: both}, "192.0.2.9", plainText, nil},
		{"on two lists", dnsbl.Options{Zones: both}, "192.0.2.1", plainText, []string{
			"dnsbl.listed spam 3: 192.0.2.1 is on a.test (127.0.0.2)", "dnsbl.listed spam 2: 192.0.2.1 is on b.test (127.0.0.4, 127.0.0.10)",
		}},
		{"threshold", dnsbl.Options{Zones: both, Threshold: 2}, "192.0.2.1", plainText, []string{
			"dnsbl.listed spam 3: 192.0.2.1 is on a.test (127.0.0.2)", "dnsbl.listed spam 2: 192.0.2.1 is on b.test (127.0.0.4, 127.0.0.10)",
			"dnsbl.threshold listed 0: on 2 lists: a.test, b.test",
		}},
		{"threshold not reached", dnsbl.Options{Zones: both, Threshold: 2}, "192.0.2.2", plainText, []string{"dnsbl.listed spam 3: 192.0.2.2 is on a.test (127.0.0.2)"}},
		{"a code that is not named", dnsbl.Options{Zones: both}, "192.0.2.3", plainText, nil},
		{"IPv6", dnsbl.Options{Zones: both}, "2001:db8::1", plainText, []string{"dnsbl.listed spam 3: 2001:db8::1 is on a.test (127.0.0.2)"}},
		{"IPv6 alone", dnsbl.Options{Zones: map[string]dnsbl.Zone{"v6.test": {Score: 1, Family: "ipv6"}, "a.test": {Score: 1, Family: "ipv4"}}}, "2001:db8::1", plainText, []string{
			"dnsbl.listed spam 1: 2001:db8::1 is on v6.test (127.0.0.2)",
		}},
		{"IPv4 in IPv6 form", dnsbl.Options{Zones: both}, "::ffff:192.0.2.2", plainText, []string{"dnsbl.listed spam 3: 192.0.2.2 is on a.test (127.0.0.2)"}},
		{"conclusive", dnsbl.Options{Zones: good}, "192.0.2.1", plainText, []string{"dnsbl.conclusive listed 3: 192.0.2.1 is on a.test (127.0.0.2)"}},
		{"the good outweigh the bad", dnsbl.Options{Zones: good, Threshold: 1}, "192.0.2.2", plainText, []string{
			"dnsbl.listed spam 0: 192.0.2.2 is on a.test (127.0.0.2), which does not count as it is on good.test",
			"dnsbl.allowed spam -2: 192.0.2.2 is on good.test (127.0.0.3)",
		}},
		{"address unknown", dnsbl.Options{Zones: both}, "", plainText, nil},
		{"loopback", dnsbl.Options{Zones: both}, "127.0.0.2", plainText, nil},
		{"private", dnsbl.Options{Zones: both}, "192.168.1.1", plainText, nil},
		{"carrier", dnsbl.Options{Zones: both}, "100.64.0.1", plainText, nil},
		{"a trusted host, and whom it had the message from", dnsbl.Options{Zones: both, Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.24/29")}}, "192.0.2.25", relayed, []string{
			"dnsbl.listed spam 3: 192.0.2.1 is on a.test (127.0.0.2)", "dnsbl.listed spam 2: 192.0.2.1 is on b.test (127.0.0.4, 127.0.0.10)",
		}},
		{"nobody trusts it", dnsbl.Options{Zones: both}, "192.0.2.25", relayed, nil},
		{"relays", dnsbl.Options{Relays: 5, Zones: map[string]dnsbl.Zone{"a.test": {Score: 3, Conclusive: true, RelayScore: 0.5}, "b.test": {Score: 1}}}, "192.0.2.25", relayed, []string{
			"dnsbl.relay spam 0.5: relay 192.0.2.1 is on a.test (127.0.0.2)", "dnsbl.relay spam 0.5: relay 192.0.2.2 is on a.test (127.0.0.2)",
		}},
		{"one relay", dnsbl.Options{Relays: 1, Zones: map[string]dnsbl.Zone{"a.test": {Score: 3, RelayScore: 0.5}}}, "192.0.2.25", relayed, []string{
			"dnsbl.relay spam 0.5: relay 192.0.2.1 is on a.test (127.0.0.2)",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFilter(t, &c.options, dnstest.Resolver(t, nil, world(t)), nil)
			found, err := f.Inspect(t.Context(), from(c.client), filtertest.Message(t, c.text))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, told(found)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// TestLocal: what began at our own host is asked about nowhere.
func TestLocal(t *testing.T) {
	s := world(t)
	f := newFilter(t, &dnsbl.Options{Zones: map[string]dnsbl.Zone{"a.test": {Score: 3}}}, dnstest.Resolver(t, nil, s), nil)
	env := from("192.0.2.1")
	env.Client.Source = "LOCAL"
	if found, err := f.Inspect(t.Context(), env, filtertest.Message(t, plainText)); err != nil || found != nil || s.Asked() != 0 {
		t.Errorf("got %v, %v, %d questions", found, err, s.Asked())
	}
}

// TestOneLookUp: once the list is tested, a client that is listed costs one question.
func TestOneLookUp(t *testing.T) {
	s := world(t)
	f := newFilter(t, &dnsbl.Options{Zones: map[string]dnsbl.Zone{"a.test": {Score: 3, Conclusive: true}}}, dnstest.Resolver(t, nil, s), nil)
	for i, c := range []struct {
		client string
		asked  int64
	}{{"192.0.2.1", 3}, {"192.0.2.2", 4}, {"192.0.2.1", 4}} {
		if _, err := f.Inspect(t.Context(), from(c.client), filtertest.Message(t, plainText)); err != nil || s.Asked() != c.asked {
			t.Errorf("%d: %v, asked %d times, want %d: %v", i, err, s.Asked(), c.asked, s.Questions())
		}
	}
}

// scanner counts how often it is asked.
type scanner struct{ asked int }

func (s *scanner) Inspect(context.Context, *mail.Envelope, *mail.Message) ([]filters.Finding, error) {
	s.asked++
	return nil, nil
}

// TestStopsTheChain: with a conclusive listing, and a policy that has nothing more to learn, no scanner is asked.
func TestStopsTheChain(t *testing.T) {
	f := newFilter(t, &dnsbl.Options{Zones: map[string]dnsbl.Zone{"a.test": {Score: 3, Conclusive: true}}}, dnstest.Resolver(t, nil, world(t)), nil)
	late := &scanner{}
	chain, err := filters.NewChain([]filters.Stage{{{Name: "dnsbl", Filter: f}}, {{Name: "virus", Filter: late}}}, filters.ChainConfig{})
	if err != nil {
		t.Fatal(err)
	}
	sealed := func(found []filters.Finding) bool {
		return slices.ContainsFunc(found, func(f filters.Finding) bool { return f.Class == filters.Listed })
	}
	for _, c := range []struct {
		client string
		asked  int
	}{{"192.0.2.1", 0}, {"192.0.2.9", 1}} {
		res := chain.Run(t.Context(), from(c.client), filtertest.Message(t, plainText), sealed)
		if late.asked != c.asked {
			t.Errorf("%s: the scanner was asked %d times, want %d: %v", c.client, late.asked, c.asked, told(res.Findings))
		}
	}
}

func TestNoResolver(t *testing.T) {
	if _, err := dnsbl.New(&dnsbl.Options{Timeout: time.Second, Zones: map[string]dnsbl.Zone{"a.test": {Score: 1}}}, filters.Deps{}); err == nil {
		t.Error("no error")
	}
}

// TestRBLDNSD: the filter, our resolver, unbound and rbldnsd.
func TestRBLDNSD(t *testing.T) {
	const soa = "$SOA 3000 ns.test root.test 0 600 300 86400 300\n"
	auth := dnstest.RBLDNSD(t, map[string]string{
		"bl.test:ip4set":  soa + ":127.0.0.2:spam\n127.0.0.2\n192.0.2.0/28\n",
		"v6.test:ip6trie": soa + ":127.0.0.3:spam\n2001:db8::/64\n::ffff:7f00:2\n",
		"ok.test:ip4set":  soa + ":127.0.1.2:fine\n127.0.0.2\n192.0.2.7\n",
		"all.test:ip4set": soa + ":127.0.0.2:all\n0/1\n128/1\n",
	})
	s := dnstest.Unbound(t, map[string]*dnstest.Server{"bl.test": auth, "v6.test": auth, "ok.test": auth, "all.test": auth})
	f := newFilter(t, &dnsbl.Options{Zones: map[string]dnsbl.Zone{
		"bl.test": {Score: 5, Family: "ipv4"}, "v6.test": {Score: 4, Family: "ipv6"}, "ok.test": {Score: -3, Allow: true, Family: "ipv4"}, "all.test": {Score: 9, Conclusive: true, Family: "ipv4"},
	}}, dnstest.Resolver(t, nil, s), nil)
	for _, c := range []struct {
		client string
		want   []string
	}{
		{"192.0.2.1", []string{"dnsbl.no_answer", "dnsbl.listed spam 5: 192.0.2.1 is on bl.test (127.0.0.2)"}},
		{"192.0.2.7", []string{"dnsbl.no_answer", "dnsbl.listed spam 5: 192.0.2.7 is on bl.test (127.0.0.2)", "dnsbl.allowed spam -3: 192.0.2.7 is on ok.test (127.0.1.2)"}},
		{"198.51.100.1", []string{"dnsbl.no_answer"}},
		{"2001:db8::99", []string{"dnsbl.listed spam 4: 2001:db8::99 is on v6.test (127.0.0.3)"}},
	} {
		found, err := f.Inspect(t.Context(), from(c.client), filtertest.Message(t, plainText))
		if err != nil {
			t.Fatal(err)
		}
		got := told(found)
		for i := range got {
			if strings.HasPrefix(got[i], "dnsbl.no_answer spam 0: all.test: ") {
				got[i] = "dnsbl.no_answer"
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: -want +got\n%s", c.client, d)
		}
	}
}
