// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// records are the zone of the other tests as a server has it.
func records(t testing.TB) []string {
	t.Helper()
	var lines []string
	for name, list := range zone(t).TXT {
		for _, text := range list {
			lines = append(lines, fmt.Sprintf("%s. 60 IN TXT %q", name, text))
		}
	}
	return lines
}

// TestServers: the answers of a real server, and what is made of servers that give none. Whatever they do, a message is looked at within its time, and nothing that was
// not found out counts for or against it.
func TestServers(t *testing.T) {
	good := signed(t, "reject.test", letter("a@reject.test"))
	silence := []string{"auth.temperror"}
	for _, tc := range []struct {
		name, text string
		server     func(t testing.TB) *dnstest.Server
		want       []string
	}{
		{"good", good, func(t testing.TB) *dnstest.Server { return dnstest.Serve(t, dnstest.Zones(t, records(t)...)) }, nil},
		{"good, forged", letter("a@reject.test"), func(t testing.TB) *dnstest.Server { return dnstest.Serve(t, dnstest.Zones(t, records(t)...)) }, []string{"auth.dmarc_reject"}},
		{"through unbound", letter("a@reject.test"), func(t testing.TB) *dnstest.Server {
			return dnstest.Unbound(t, map[string]*dnstest.Server{"test": dnstest.Serve(t, dnstest.Zones(t, records(t)...))})
		}, []string{"auth.dmarc_reject"}},
		{"silent", good, func(t testing.TB) *dnstest.Server { return dnstest.Serve(t, dnstest.Silent) }, silence},
		{"dead", good, func(t testing.TB) *dnstest.Server { return dnstest.Dead(t) }, silence},
		{"failing", good, func(t testing.TB) *dnstest.Server { return dnstest.Serve(t, dnstest.Says(t, dns.RcodeServerFailure)) }, silence},
		{"refusing", good, func(t testing.TB) *dnstest.Server { return dnstest.Serve(t, dnstest.Says(t, dns.RcodeRefused)) }, silence},
		{"answers another question", good, func(t testing.TB) *dnstest.Server {
			return dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
				m.Question[0].Name = "other.test."
				dnstest.Reply(w, m, dns.RcodeSuccess, dnstest.Records(t, `other.test. 60 IN TXT "v=spf1 +all"`), nil)
			})
		}, silence},
		{"answers everything with the same", letter("a@reject.test"), func(t testing.TB) *dnstest.Server {
			return dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
				dnstest.Reply(w, m, dns.RcodeSuccess, dnstest.Records(t, m.Question[0].Name+` 60 IN TXT "v=spf1 -all"`), nil)
			})
		}, []string{"auth.spf_fail", "auth.helo_fail"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := DefaultOptions()
			r := dnstest.Resolver(t, func(c *resolver.Config) {
				if len(tc.want) == 1 && tc.want[0] == silence[0] {
					dnstest.Impatient(c)
				}
			}, tc.server(t))
			f, err := New(o, filters.Deps{Resolver: r, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			env := envelope("a@quarantine.test", ours)
			if tc.text == good {
				env = envelope("a@reject.test", ours)
			}
			begin := time.Now()
			found, err := f.Inspect(t.Context(), env, filtertest.Message(t, tc.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, fi := range found {
				got = append(got, fi.Code)
				if fi.Code == codeTempError && (fi.Score != 0 || !strings.Contains(fi.Detail, "the key of reject.test")) {
					t.Errorf("%+v", fi)
				}
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s%+v", d, found)
			}
			t.Logf("%v", time.Since(begin))
		})
	}
}

// TestUnpaid: a message that has used up its look-ups does not get past the owner of the author's domain, who could not be asked for want of them.
func TestUnpaid(t *testing.T) {
	f, err := New(DefaultOptions(), filters.Deps{Resolver: dnstest.Resolver(t, nil, dnstest.Serve(t, dnstest.Zones(t, records(t)...))), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.Inspect(resolver.NewBudget(0, time.Hour).Pays(t.Context()), envelope("a@quarantine.test", ours), filtertest.Message(t, letter("a@reject.test")))
	if err != nil || len(found) != 2 || found[0].Code != codeDMARCTempError || found[1].Code != codeTempError {
		t.Errorf("got %+v, %v", found, err)
	}
}

// TestOneFamily: name servers that fail on AAAA, as some do, do no harm to clients with an IPv4 address.
func TestOneFamily(t *testing.T) {
	zones := dnstest.Zones(t, `host.test. 60 IN TXT "v=spf1 a -all"`, "host.test. 60 IN A 192.0.2.1", `_dmarc.host.test. 60 IN TXT "v=DMARC1; p=reject"`)
	r := dnstest.Resolver(t, nil, dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if m.Question[0].Qtype == dns.TypeAAAA {
			dnstest.Reply(w, m, dns.RcodeServerFailure, nil, nil)
			return
		}
		zones(w, m)
	}))
	f, err := New(DefaultOptions(), filters.Deps{Resolver: r, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := f.Inspect(t.Context(), envelope("a@host.test", ours), filtertest.Message(t, letter("a@host.test"))); err != nil || len(found) > 0 {
		t.Errorf("got %+v, %v", found, err)
	}
}
