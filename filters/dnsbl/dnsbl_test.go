// SPDX-License-Identifier: Apache-2.0

package dnsbl_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
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

// TestConclusiveWaitsForNobody: one list settles it though another never answers.
func TestConclusiveWaitsForNobody(t *testing.T) {
	table := dnstest.Zones(t, append(lists("a.test"), "1.2.0.192.a.test. 60 IN A 127.0.0.2")...)
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if !strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".slow.test.") {
			table(w, m)
		}
	})
	o := &dnsbl.Options{
		Zones:   map[string]dnsbl.Zone{"a.test": {Score: 3, Conclusive: true}, "slow.test": {Score: 1}, "b.slow.test": {Score: -1, Allow: true}},
		Timeout: time.Hour, Require: 3,
	}
	f := newFilter(t, o, dnstest.Resolver(t, func(c *resolver.Config) { c.Timeout, c.LookupTimeout = time.Minute, time.Minute }, s), nil)
	found, err := f.Inspect(t.Context(), from("192.0.2.1"), filtertest.Message(t, plainText))
	if d := cmp.Diff([]string{"dnsbl.conclusive listed 3: 192.0.2.1 is on a.test (127.0.0.2)"}, told(found)); d != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, d)
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

// TestBadLists: dead, slow, blocked and lying lists beside one that works. None of them is a listing; each is told.
func TestBadLists(t *testing.T) {
	table := dnstest.Zones(t, append(lists("a.test", "blocked.test"), "1.2.0.192.a.test. 60 IN A 127.0.0.2", "1.2.0.192.blocked.test. 60 IN A 127.255.255.254")...)
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		name := strings.ToLower(m.Question[0].Name)
		switch {
		case strings.HasSuffix(name, ".slow.test."):
		case strings.HasSuffix(name, ".dead.test."):
			dnstest.Reply(w, m, dns.RcodeServerFailure, nil, nil)
		case strings.HasSuffix(name, ".all.test."):
			dnstest.Reply(w, m, 0, dnstest.Records(t, name+" 60 IN A 127.0.0.2"), nil)
		case strings.HasSuffix(name, ".sold.test."):
			dnstest.Reply(w, m, 0, dnstest.Records(t, name+" 60 IN A 192.0.2.80"), nil)
		default:
			table(w, m)
		}
	})
	zones := map[string]dnsbl.Zone{}
	for _, z := range []string{"a", "slow", "dead", "all", "sold", "blocked", "empty"} {
		zones[z+".test"] = dnsbl.Zone{Score: 3, Conclusive: z != "a"}
		if z == "slow" {
			zones[z+".test"] = dnsbl.Zone{Score: 3, Timeout: 200 * time.Millisecond}
		}
	}
	reg := prometheus.NewRegistry()
	f := newFilter(t, &dnsbl.Options{Zones: zones, Require: 2}, dnstest.Resolver(t, nil, s), reg)
	found, err := f.Inspect(t.Context(), from("192.0.2.1"), filtertest.Message(t, plainText))
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, x := range found {
		name, _, _ := strings.Cut(x.Detail, ":")
		codes = append(codes, x.Code+" "+name)
	}
	want := []string{
		"dnsbl.listed 192.0.2.1 is on a.test (127.0.0.2)", "dnsbl.no_answer all.test", "dnsbl.no_answer blocked.test", "dnsbl.no_answer dead.test",
		"dnsbl.no_answer empty.test", "dnsbl.no_answer slow.test", "dnsbl.no_answer sold.test", "failure.dnsbl 1 of 7 lists answered, want 2",
	}
	if d := cmp.Diff(want, codes); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	const up = `
# HELP mailweir_dnsbl_list_up 1 if the list is in use, 0 if it is switched off because it is dead, lies, or does not answer us.
# TYPE mailweir_dnsbl_list_up gauge
mailweir_dnsbl_list_up{list="a.test"} 1
mailweir_dnsbl_list_up{list="all.test"} 0
mailweir_dnsbl_list_up{list="blocked.test"} 0
mailweir_dnsbl_list_up{list="dead.test"} 1
mailweir_dnsbl_list_up{list="empty.test"} 0
mailweir_dnsbl_list_up{list="slow.test"} 1
mailweir_dnsbl_list_up{list="sold.test"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(up), "mailweir_dnsbl_list_up"); err != nil {
		t.Error(err)
	}
}

// TestTimeIsOver: what was not answered in time is an error beside what was.
func TestTimeIsOver(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := dnstest.Serve(t, func(dns.ResponseWriter, *dns.Msg) { cancel() })
	f := newFilter(t, &dnsbl.Options{Zones: map[string]dnsbl.Zone{"a.test": {Score: 3}}}, dnstest.Resolver(t, nil, s), nil)
	found, err := f.Inspect(ctx, from("192.0.2.1"), filtertest.Message(t, plainText))
	if !errors.Is(err, context.Canceled) || len(found) != 1 || found[0].Code != "dnsbl.no_answer" {
		t.Errorf("got %v, %v", found, err)
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

// TestForgedReceived: fields that name our own hosts, or hosts of the good, do not change who is asked about (docs/reference/evasions.md, number 12).
func TestForgedReceived(t *testing.T) {
	const forged = "Received: from good (good [192.0.2.9]) by mx\r\nReceived: from mx (mx [127.0.0.1]) by mx\r\nReceived: from second (second [192.0.2.25]) by mx\r\n\r\n"
	trusted := []netip.Prefix{netip.MustParsePrefix("192.0.2.25/32")}
	for _, c := range []struct {
		name, client, text string
		asked              string // The address.
	}{
		{"on top", "192.0.2.1", forged, "1.2.0.192"},
		{"below our own", "192.0.2.1", "Received: from x (x [192.0.2.1]) by mx\r\n" + forged, "1.2.0.192"},
		{"below those of a trusted host", "192.0.2.25", "Received: from second (second [192.0.2.25]) by mx\r\nReceived: from x (x [192.0.2.1]) by second\r\n" + forged, "1.2.0.192"},
		{"our second host says nothing of the client", "192.0.2.25", "Received: by second id 1\r\n" + forged, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := world(t)
			f := newFilter(t, &dnsbl.Options{Trusted: trusted, Zones: map[string]dnsbl.Zone{"a.test": {Score: 1}}}, dnstest.Resolver(t, nil, s), nil)
			if _, err := f.Inspect(t.Context(), from(c.client), filtertest.Message(t, c.text)); err != nil {
				t.Fatal(err)
			}
			for _, q := range s.Questions() {
				label, _, _ := strings.Cut(q, ".a.test ")
				if label != c.asked && label != "2.0.0.127" && label != "1.0.0.127" {
					t.Errorf("asked about %s, want %s", label, c.asked)
				}
			}
		})
	}
}

// TestFlood: many messages from many clients while lists come and go. Nobody gets a listing that is none, and all end.
func TestFlood(t *testing.T) {
	ok := dnstest.Zones(t, lists("a.test", "b.test")...)
	s := dnstest.Serve(t, ok)
	r := dnstest.Resolver(t, func(c *resolver.Config) { c.Timeout, c.LookupTimeout = 20*time.Millisecond, 40*time.Millisecond }, s)
	f := newFilter(t, &dnsbl.Options{Zones: map[string]dnsbl.Zone{"a.test": {Score: 3, Conclusive: true}, "b.test": {Score: 1}}}, r, nil)
	states := []dnstest.Handler{
		dnstest.Silent, ok, dnstest.Says(t, dns.RcodeServerFailure), dnstest.Says(t, dns.RcodeRefused), ok,
		func(w dns.ResponseWriter, m *dns.Msg) {
			dnstest.Reply(w, m, 0, dnstest.Records(t, m.Question[0].Name+" 60 IN A 127.0.0.2"), nil)
		},
		func(w dns.ResponseWriter, _ *dns.Msg) { _, _ = w.Write([]byte("rubbish, and a lot of it")) },
	}
	msg := filtertest.Message(t, plainText)
	for round, h := range states {
		s.Become(h)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				found, err := f.Inspect(t.Context(), from(fmt.Sprintf("203.0.%d.%d", round, i)), msg)
				if err != nil {
					t.Errorf("round %d: %v", round, err)
				}
				for _, x := range found {
					// A list that was tested before and has everything now is found out by its next test.
					if x.Code != "dnsbl.no_answer" && round != 5 {
						t.Errorf("round %d: %s: %s", round, x.Code, x.Detail)
					}
				}
			})
		}
		wg.Wait()
	}
}
