// SPDX-License-Identifier: Apache-2.0

package dnsbl_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/filters/dnsbl"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

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
