// SPDX-License-Identifier: Apache-2.0

package resolver_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"blitiri.com.ar/go/spf"
	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

var (
	_ spf.DNSResolver = (*resolver.Resolver)(nil)
	_ spf.DNSResolver = (*net.Resolver)(nil)
)

func zone(t testing.TB) dnstest.Handler {
	t.Helper()
	return dnstest.Zones(t,
		"example.org. 60 IN TXT \"v=spf1 mx a:both.example.org -all\"", "example.org. 60 IN TXT other",
		"example.org. 60 IN MX 20 mx2.example.org.", "example.org. 60 IN MX 10 mx1.example.org.",
		"mx1.example.org. 60 IN A 192.0.2.1", "mx2.example.org. 60 IN AAAA 2001:db8::2",
		"both.example.org. 60 IN A 192.0.2.3", "both.example.org. 60 IN AAAA 2001:db8::3",
		"1.2.0.192.in-addr.arpa. 60 IN PTR mx1.example.org.",
	)
}

func TestLikeNet(t *testing.T) {
	r := dnstest.Resolver(t, nil, dnstest.Serve(t, zone(t)))
	ctx := t.Context()
	for _, c := range []struct {
		name string
		ask  func() (string, error)
		want string
	}{
		{"TXT", func() (string, error) { v, err := r.LookupTXT(ctx, "example.org"); return strings.Join(v, "|"), err }, "v=spf1 mx a:both.example.org -all|other"},
		{"MX", func() (string, error) {
			v, err := r.LookupMX(ctx, "example.org")
			s := ""
			for _, m := range v {
				s += fmt.Sprint(m.Pref, m.Host, " ")
			}
			return s, err
		}, "10mx1.example.org. 20mx2.example.org. "},
		{"addresses of both families", func() (string, error) { v, err := r.LookupIPAddr(ctx, "both.example.org"); return fmt.Sprint(v), err }, "[{192.0.2.3 } {2001:db8::3 }]"},
		{"addresses of one family", func() (string, error) { v, err := r.LookupIPAddr(ctx, "mx2.example.org."); return fmt.Sprint(v), err }, "[{2001:db8::2 }]"},
		{"address of an address", func() (string, error) { v, err := r.LookupIPAddr(ctx, "192.0.2.9"); return fmt.Sprint(v), err }, "[{192.0.2.9 }]"},
		{"PTR", func() (string, error) { v, err := r.LookupAddr(ctx, "192.0.2.1"); return fmt.Sprint(v), err }, "[mx1.example.org.]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := c.ask(); err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

// TestNetErrors: libraries look for *net.DNSError itself, and we for our kinds in it.
func TestNetErrors(t *testing.T) {
	half := func(w dns.ResponseWriter, m *dns.Msg) {
		if m.Question[0].Qtype == dns.TypeAAAA {
			dnstest.Reply(w, m, dns.RcodeServerFailure, nil, nil)
			return
		}
		dnstest.Reply(w, m, 0, dnstest.Records(t, m.Question[0].Name+" 60 IN A 192.0.2.1"), nil)
	}
	for _, c := range []struct {
		name                string
		handler             dnstest.Handler
		host                string
		kind                error
		notFound, temporary bool
	}{
		{"no such name", dnstest.Says(t, dns.RcodeNameError), "example.org", resolver.ErrNoName, true, false},
		{"no data", dnstest.Says(t, 0), "example.org", resolver.ErrNoData, true, false},
		{"failure", dnstest.Says(t, dns.RcodeServerFailure), "example.org", resolver.ErrTemporary, false, true},
		{"half a failure", half, "example.org", resolver.ErrTemporary, false, true},
		{"not a name", dnstest.Silent, "a..b", resolver.ErrBadName, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := dnstest.Resolver(t, nil, dnstest.Serve(t, c.handler))
			_, err := r.LookupIPAddr(t.Context(), c.host)
			e, ok := err.(*net.DNSError)
			if !ok || e.IsNotFound != c.notFound || e.IsTemporary != c.temporary || !errors.Is(err, c.kind) {
				t.Errorf("got %#v", err)
			}
		})
	}
	r := dnstest.Resolver(t, nil, dnstest.Serve(t, dnstest.Silent))
	ctx, cancel := resolver.NewBudget(0, 1<<40).Context(t.Context())
	defer cancel()
	if _, err := r.LookupTXT(ctx, "example.org"); !errors.Is(err, resolver.ErrLimit) {
		t.Errorf("got %v", err)
	}
	if _, err := r.LookupAddr(t.Context(), "no address"); !errors.Is(err, resolver.ErrBadName) {
		t.Errorf("got %v", err)
	}
}

// TestOneFamily: what is not known about the addresses of the other family does no harm.
func TestOneFamily(t *testing.T) {
	r := dnstest.Resolver(t, nil, dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		switch name := m.Question[0].Name + " 60 IN "; {
		case strings.HasPrefix(name, "4") && m.Question[0].Qtype == dns.TypeA:
			dnstest.Reply(w, m, 0, dnstest.Records(t, name+"A 192.0.2.1"), nil)
		case strings.HasPrefix(name, "6") && m.Question[0].Qtype == dns.TypeAAAA:
			dnstest.Reply(w, m, 0, dnstest.Records(t, name+"AAAA 2001:db8::1"), nil)
		default:
			dnstest.Reply(w, m, dns.RcodeServerFailure, nil, nil)
		}
	}))
	for _, c := range []struct{ network, host, want string }{
		{"ip4", "4.example.org", "[192.0.2.1] <nil>"},
		{"ip6", "6.example.org", "[2001:db8::1] <nil>"},
		{"ip4", "192.0.2.9", "[192.0.2.9] <nil>"},
		{"ip", "4.example.org", "[] lookup 4.example.org: unknown network ip"},
	} {
		got, err := r.LookupNetIP(t.Context(), c.network, c.host)
		if s := fmt.Sprint(got, err); s != c.want {
			t.Errorf("%s %s: got %s", c.network, c.host, s)
		}
	}
	if _, err := r.LookupNetIP(t.Context(), "ip4", "6.example.org"); !errors.Is(err, resolver.ErrTemporary) {
		t.Errorf("got %v", err)
	}
}

// TestSPF: the library for SPF works with the resolver.
func TestSPF(t *testing.T) {
	s := dnstest.Serve(t, zone(t))
	for _, c := range []struct {
		client string
		want   spf.Result
	}{
		{"192.0.2.1", spf.Pass}, {"2001:db8::2", spf.Pass}, {"2001:db8::3", spf.Pass}, {"192.0.2.66", spf.Fail},
	} {
		got, err := spf.CheckHostWithSender(net.ParseIP(c.client), "example.org", "from@example.org",
			spf.WithContext(t.Context()), spf.WithResolver(dnstest.Resolver(t, nil, s)))
		if got != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.client, got, err, c.want)
		}
	}
	dead := dnstest.Resolver(t, nil, dnstest.Dead(t))
	got, _ := spf.CheckHostWithSender(net.ParseIP("192.0.2.1"), "example.org", "from@example.org", spf.WithContext(t.Context()), spf.WithResolver(dead))
	if got != spf.TempError {
		t.Errorf("with a dead server: got %s", got)
	}
}

// TestUnbound: the real server, with all that an answer of it has.
func TestUnbound(t *testing.T) {
	s := dnstest.Unbound(t, nil,
		"example.org. 60 IN TXT \"v=spf1 -all\"", "a.example.org. 60 IN A 192.0.2.1", "c.example.org. 60 IN CNAME a.example.org.",
		"example.org. 60 IN MX 10 a.example.org.")
	r := dnstest.Resolver(t, nil, s)
	if v, err := r.TXT(t.Context(), "EXAMPLE.org"); err != nil || v.Values[0] != "v=spf1 -all" {
		t.Errorf("got %v, %v", v, err)
	}
	if v, err := r.LookupMX(t.Context(), "example.org"); err != nil || v[0].Host != "a.example.org." {
		t.Errorf("got %v, %v", v, err)
	}
	if _, err := r.AAAA(t.Context(), "a.example.org"); !errors.Is(err, resolver.ErrNoData) {
		t.Errorf("got %v", err)
	}
	if _, err := r.A(t.Context(), "none.example.net"); !errors.Is(err, resolver.ErrNoName) {
		t.Errorf("got %v", err)
	}
}

// TestUnboundTCP: what does not fit into a datagram comes over a connection.
func TestUnboundTCP(t *testing.T) {
	var records []string
	for i := range 20 {
		records = append(records, fmt.Sprintf("long.example.org. 60 IN TXT \"%02d%s\"", i, strings.Repeat("x", 200)))
	}
	r := dnstest.Resolver(t, nil, dnstest.Unbound(t, nil, records...))
	if v, err := r.TXT(t.Context(), "long.example.org"); err != nil || len(v.Values) != 20 || len(v.Values[0]) != 202 {
		t.Errorf("got %d texts, %v", len(v.Values), err)
	}
}

// TestUnboundStops: what is known stays known when the server goes, and nothing else becomes "no such name".
func TestUnboundStops(t *testing.T) {
	var r *resolver.Resolver
	t.Run("alive", func(inner *testing.T) {
		r = dnstest.Resolver(t, nil, dnstest.Unbound(inner, nil, "a.example.org. 60 IN A 192.0.2.1"))
		if _, err := r.A(inner.Context(), "a.example.org"); err != nil {
			inner.Fatal(err)
		}
	})
	if r == nil {
		t.Skip("unbound is not installed")
	}
	if v, err := r.A(t.Context(), "a.example.org"); err != nil || !v.Cached {
		t.Errorf("got %v, %v", v, err)
	}
	for _, name := range []string{"b.example.org", "none.example.net"} {
		if _, err := r.A(t.Context(), name); !errors.Is(err, resolver.ErrTemporary) {
			t.Errorf("got %v", err)
		}
	}
}
