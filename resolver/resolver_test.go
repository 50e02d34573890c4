// SPDX-License-Identifier: Apache-2.0

package resolver_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

const soa = "example.org. 300 IN SOA ns.example.org. root.example.org. 1 2 3 4 60"

func TestTypes(t *testing.T) {
	addrs := func(a resolver.Answer[netip.Addr], err error) (any, error) { return fmt.Sprint(a.Values), err }
	words := func(a resolver.Answer[string], err error) (any, error) { return a.Values, err }
	for _, c := range []struct {
		name   string
		answer []string
		ask    func(ctx context.Context, r *resolver.Resolver) (any, error)
		want   any
	}{
		{
			"A",
			[]string{"a.example.org. 60 IN A 192.0.2.1", "a.example.org. 60 IN A 192.0.2.2"},
			func(ctx context.Context, r *resolver.Resolver) (any, error) { return addrs(r.A(ctx, "a.example.org")) },
			"[192.0.2.1 192.0.2.2]",
		},
		{
			"AAAA",
			[]string{"a.example.org. 60 IN AAAA 2001:db8::1"},
			func(ctx context.Context, r *resolver.Resolver) (any, error) {
				return addrs(r.AAAA(ctx, "A.example.ORG."))
			},
			"[2001:db8::1]",
		},
		{
			"TXT with octets that are not letters",
			[]string{`a.example.org. 60 IN TXT "v=spf1 " "\"q\" \\ \000\255 end"`},
			func(ctx context.Context, r *resolver.Resolver) (any, error) {
				return words(r.TXT(ctx, "a.example.org"))
			},
			[]string{"v=spf1 \"q\" \\ \x00\xff end"},
		},
		{
			"PTR",
			[]string{"1.2.0.192.in-addr.arpa. 60 IN PTR Mail.Example.ORG."},
			func(ctx context.Context, r *resolver.Resolver) (any, error) {
				return words(r.PTR(ctx, netip.MustParseAddr("::ffff:192.0.2.1")))
			},
			[]string{"mail.example.org"},
		},
		{
			"MX",
			[]string{"a.example.org. 60 IN MX 10 MX.example.org.", "a.example.org. 60 IN MX 0 ."},
			func(ctx context.Context, r *resolver.Resolver) (any, error) {
				a, err := r.MX(ctx, "a.example.org")
				return a.Values, err
			},
			[]resolver.MX{{Preference: 10, Host: "mx.example.org"}, {Preference: 0, Host: "."}},
		},
		{
			"through CNAME records",
			[]string{
				"a.example.org. 60 IN CNAME B.example.org.", "b.example.org. 60 IN CNAME c.example.net.", "c.example.net. 60 IN A 192.0.2.3",
			},
			func(ctx context.Context, r *resolver.Resolver) (any, error) { return addrs(r.A(ctx, "a.example.org")) },
			"[192.0.2.3]",
		},
		{
			"records of other names do not count",
			[]string{
				"other.example.org. 60 IN A 192.0.2.66", "a.example.org. 60 IN A 192.0.2.4", "a.example.org. 60 CH A 192.0.2.67",
			},
			func(ctx context.Context, r *resolver.Resolver) (any, error) { return addrs(r.A(ctx, "a.example.org")) },
			"[192.0.2.4]",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := dnstest.Serve(t, dnstest.Says(t, dns.RcodeSuccess, c.answer...))
			got, err := c.ask(t.Context(), dnstest.Resolver(t, nil, s))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	var loop []string
	for i := range 30 {
		loop = append(loop, fmt.Sprintf("%s. 60 IN CNAME %s.", link(i), link(i+1)))
	}
	var many []string
	for i := range 1001 {
		many = append(many, fmt.Sprintf("a.example.org. 60 IN A 192.0.%d.%d", i/256, i%256))
	}
	for _, c := range []struct {
		name    string
		ask     string
		handler func(w dns.ResponseWriter, m *dns.Msg)
		want    error
	}{
		{"no such name", "a.example.org", dnstest.Nothing(t, dns.RcodeNameError, soa), resolver.ErrNoName},
		{"no such name, without SOA", "a.example.org", dnstest.Says(t, dns.RcodeNameError), resolver.ErrNoName},
		{"no data", "a.example.org", dnstest.Nothing(t, dns.RcodeSuccess, soa), resolver.ErrNoData},
		{"no data, without SOA", "a.example.org", dnstest.Says(t, dns.RcodeSuccess), resolver.ErrNoData},
		{"another type", "a.example.org", dnstest.Says(t, dns.RcodeSuccess, "a.example.org. 60 IN TXT x"), resolver.ErrNoData},
		{"server failure", "a.example.org", dnstest.Says(t, dns.RcodeServerFailure), resolver.ErrTemporary},
		{"refused", "a.example.org", dnstest.Says(t, dns.RcodeRefused), resolver.ErrTemporary},
		{"not known", "a.example.org", dnstest.Says(t, 15), resolver.ErrTemporary},
		{"chain that ends nowhere", "a.example.org", dnstest.Says(t, dns.RcodeSuccess, "a.example.org. 60 IN CNAME b.example.org."), resolver.ErrTemporary},
		{"chain of itself", "a.example.org", dnstest.Says(t, dns.RcodeSuccess, "a.example.org. 60 IN CNAME a.example.org."), resolver.ErrTemporary},
		{"chain that is too long", link(0), dnstest.Says(t, dns.RcodeSuccess, loop...), resolver.ErrTemporary},
		{"too many records", "a.example.org", dnstest.Says(t, dns.RcodeSuccess, many...), resolver.ErrLimit},
		{"referral", "a.example.org", func(w dns.ResponseWriter, m *dns.Msg) {
			r := new(dns.Msg).SetReply(m)
			r.Ns = []dns.RR{dnstest.Records(t, "org. 60 IN NS ns.example.net.")[0]}
			_ = w.WriteMsg(r)
		}, resolver.ErrTemporary},
		{"rubbish", "a.example.org", func(w dns.ResponseWriter, m *dns.Msg) {
			r := new(dns.Msg).SetReply(m)
			b, _ := r.Pack()
			b[7] = 200 // Answers that are not there.
			_, _ = w.Write(append(b, "rubbish"...))
		}, resolver.ErrTemporary},
		{"name with a backslash", `a\.b.example.org`, dnstest.Silent, resolver.ErrBadName},
		{"name with a NUL", "a\x00.example.org", dnstest.Silent, resolver.ErrBadName},
		{"empty name", "", dnstest.Silent, resolver.ErrBadName},
		{"empty label", "a..example.org", dnstest.Silent, resolver.ErrBadName},
		{"long label", strings.Repeat("a", 64) + ".example.org", dnstest.Silent, resolver.ErrBadName},
		{"long name", strings.Repeat("a.", 127) + "org", dnstest.Silent, resolver.ErrBadName},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := dnstest.Serve(t, c.handler)
			_, err := dnstest.Resolver(t, nil, s).A(t.Context(), c.ask)
			var e *resolver.Error
			if !errors.Is(err, c.want) || !errors.As(err, &e) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if e.Name != c.ask || e.Type != "A" {
				t.Errorf("got %q, %s", e.Name, e.Type)
			}
			if got, want := resolver.NotFound(err), c.want == resolver.ErrNoName || c.want == resolver.ErrNoData; got != want {
				t.Errorf("NotFound: got %t", got)
			}
		})
	}
}

func link(i int) string { return fmt.Sprintf("l%d.example.org", i) }

func TestTTL(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler func(w dns.ResponseWriter, m *dns.Msg)
		keeps   time.Duration // 0: not at all.
	}{
		{"the least of the chain", dnstest.Says(t, 0, "a.example.org. 30 IN CNAME b.example.org.", "b.example.org. 100 IN A 192.0.2.1"), 30 * time.Second},
		{"the least of the records", dnstest.Says(t, 0, "a.example.org. 100 IN A 192.0.2.1", "a.example.org. 20 IN A 192.0.2.2"), 20 * time.Second},
		{"no longer than a day", dnstest.Says(t, 0, "a.example.org. 2000000 IN A 192.0.2.1"), 24 * time.Hour},
		{"highest bit", dnstest.Says(t, 0, "a.example.org. 4000000000 IN A 192.0.2.1"), 0},
		{"zero", dnstest.Says(t, 0, "a.example.org. 0 IN A 192.0.2.1"), 0},
		{"negative: MINIMUM", dnstest.Nothing(t, dns.RcodeNameError, soa), time.Minute},
		{"negative: TTL of the SOA record", dnstest.Nothing(t, dns.RcodeNameError, strings.Replace(soa, "300", "7", 1)), 7 * time.Second},
		{"negative: no longer than an hour", dnstest.Nothing(t, 0, "example.org. 90000 IN SOA a. b. 1 2 3 4 90000"), time.Hour},
		{"negative: no SOA record", dnstest.Says(t, dns.RcodeNameError), 0},
		{"failure", dnstest.Says(t, dns.RcodeServerFailure), 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := dnstest.NewClock()
			s := dnstest.Serve(t, c.handler)
			r := dnstest.Resolver(t, func(o *resolver.Config) { o.Now = now.Now }, s)
			asks := func() bool {
				before := s.Asked()
				_, _ = r.A(t.Context(), "a.example.org")
				return s.Asked() > before
			}
			asks()
			if c.keeps == 0 {
				if !asks() {
					t.Error("it was kept")
				}
				return
			}
			now.Pass(c.keeps - time.Nanosecond)
			if asks() {
				t.Error("it was not kept")
			}
			now.Pass(time.Nanosecond)
			if !asks() {
				t.Error("it was kept too long")
			}
		})
	}
}
