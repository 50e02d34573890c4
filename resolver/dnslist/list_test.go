// SPDX-License-Identifier: Apache-2.0

package dnslist_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnslist"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// listed is a list in order, with 192.0.2.1.
func listed(t testing.TB, more ...string) dnstest.Handler {
	t.Helper()
	return dnstest.Zones(t, append(more, "2.0.0.127.bl.test. 60 IN A 127.0.0.2", "1.2.0.192.bl.test. 60 IN A 127.0.0.4", "1.2.0.192.bl.test. 60 IN A 127.0.0.2")...)
}

// watch makes a list that asks a server, and remembers when it is switched.
type watch struct {
	*dnslist.List
	server   *dnstest.Server
	resolver *resolver.Resolver
	clock    *dnstest.Clock

	mu       sync.Mutex
	switched []string
}

func newWatch(t testing.TB, handler dnstest.Handler, change func(*resolver.Config)) *watch {
	t.Helper()
	w := &watch{server: dnstest.Serve(t, handler), clock: dnstest.NewClock()}
	w.resolver = dnstest.Resolver(t, func(c *resolver.Config) {
		c.Now = w.clock.Now
		if change != nil {
			change(c)
		}
	}, w.server)
	w.List = dnslist.New(dnslist.Config{
		Zone: "bl.test", Listed: "2.0.0.127", Unlisted: []string{"1.0.0.127"}, Timeout: 20 * time.Second, Resolver: w.resolver, Now: w.clock.Now,
		Switched: func(on bool, why error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.switched = append(w.switched, fmt.Sprint(on, " ", why))
		},
	})
	return w
}

func (w *watch) states() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.switched, "; ")
}

func TestAsk(t *testing.T) {
	w := newWatch(t, listed(t), nil)
	for _, c := range []struct{ label, want string }{
		{"1.2.0.192", "[127.0.0.2 127.0.0.4]"}, {"9.2.0.192", "[]"}, {"1.2.0.192", "[127.0.0.2 127.0.0.4]"},
	} {
		if got, err := w.Ask(t.Context(), c.label); err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, %v, want %s", c.label, got, err, c.want)
		}
	}
	// Two for the test, two for us.
	if n := w.server.Asked(); n != 4 {
		t.Errorf("asked %d times: %v", n, w.server.Questions())
	}
}

// TestNoAnswer: none of these is a listing, and none is "not listed".
func TestNoAnswer(t *testing.T) {
	all := func(addr string) dnstest.Handler {
		return func(w dns.ResponseWriter, m *dns.Msg) {
			dnstest.Reply(w, m, 0, dnstest.Records(t, m.Question[0].Name+" 60 IN A "+addr), nil)
		}
	}
	for _, c := range []struct {
		name    string
		handler dnstest.Handler
		want    error
		off     bool // Switched off at once.
	}{
		{"has everything", all("127.0.0.2"), dnslist.ErrLiar, true},
		{"has 127.0.0.1", listed(t, "1.0.0.127.bl.test. 60 IN A 127.0.0.2"), dnslist.ErrLiar, true},
		{"has nothing", dnstest.Says(t, dns.RcodeNameError), dnslist.ErrEmpty, true},
		{"is gone and the domain for sale", all("192.0.2.80"), dnslist.ErrNonsense, true},
		{"answers with 127.0.0.1", all("127.0.0.1"), dnslist.ErrBlocked, true},
		{"public resolver", all("127.255.255.254"), dnslist.ErrBlocked, true},
		{"over the limit", listed(t, "9.2.0.192.bl.test. 60 IN A 127.0.0.255"), dnslist.ErrBlocked, true},
		{"typing error", listed(t, "9.2.0.192.bl.test. 60 IN A 127.255.255.252"), dnslist.ErrBlocked, true},
		{"too many questions", listed(t, "9.2.0.192.bl.test. 60 IN A 127.255.255.255", "9.2.0.192.bl.test. 60 IN A 127.0.0.2"), dnslist.ErrBlocked, true},
		{"one answer outside", listed(t, "9.2.0.192.bl.test. 60 IN A 10.0.0.1"), dnslist.ErrNonsense, true},
		{"fails", dnstest.Says(t, dns.RcodeServerFailure), resolver.ErrTemporary, false},
		{"refuses", dnstest.Says(t, dns.RcodeRefused), resolver.ErrTemporary, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWatch(t, c.handler, nil)
			codes, err := w.Ask(t.Context(), "9.2.0.192")
			if !errors.Is(err, c.want) || len(codes) > 0 {
				t.Fatalf("got %v, %v, want %v", codes, err, c.want)
			}
			before := w.server.Asked()
			_, err = w.Ask(t.Context(), "10.2.0.192")
			if off := errors.Is(err, dnslist.ErrOff) && w.server.Asked() == before; off != c.off {
				t.Errorf("switched off: %t, want %t: %v", off, c.off, err)
			}
			if c.off != (w.states() != "") {
				t.Errorf("reported: %q", w.states())
			}
		})
	}
}

// TestRBLDNSD: a real list server, behind a real recursive one.
func TestRBLDNSD(t *testing.T) {
	auth := dnstest.RBLDNSD(t, map[string]string{
		"bl.test:ip4set":    "$SOA 3000 ns.test root.test 0 600 300 86400 300\n:127.0.0.2:listed $\n127.0.0.2\n192.0.2.0/28\n192.0.2.64 :4:other\n!192.0.2.5\n",
		"wild.test:ip4set":  "$SOA 3000 ns.test root.test 0 600 300 86400 300\n:127.0.0.2:\n0/1\n128/1\n",
		"empty.test:ip4set": "$SOA 3000 ns.test root.test 0 600 300 86400 300\n:127.0.0.2:\n",
	})
	for name, server := range map[string]*dnstest.Server{
		"alone":          auth,
		"behind unbound": dnstest.Unbound(t, map[string]*dnstest.Server{"bl.test": auth, "wild.test": auth, "empty.test": auth}),
	} {
		t.Run(name, func(t *testing.T) {
			r := dnstest.Resolver(t, nil, server)
			list := func(zone string) *dnslist.List {
				return dnslist.New(dnslist.Config{Zone: zone, Listed: "2.0.0.127", Unlisted: []string{"1.0.0.127"}, Timeout: 20 * time.Second, Resolver: r})
			}
			bl := list("bl.test")
			for _, c := range []struct{ addr, want string }{
				{"192.0.2.1", "[127.0.0.2]"}, {"192.0.2.5", "[]"}, {"192.0.2.64", "[127.0.0.4]"}, {"192.0.2.100", "[]"},
			} {
				got, err := bl.Ask(t.Context(), resolver.ReverseLabels(netip.MustParseAddr(c.addr)))
				if err != nil || fmt.Sprint(got) != c.want {
					t.Errorf("%s: got %v, %v, want %s", c.addr, got, err, c.want)
				}
			}
			if _, err := list("wild.test").Ask(t.Context(), "1.2.0.192"); !errors.Is(err, dnslist.ErrLiar) {
				t.Errorf("got %v", err)
			}
			if _, err := list("empty.test").Ask(t.Context(), "1.2.0.192"); !errors.Is(err, dnslist.ErrEmpty) {
				t.Errorf("got %v", err)
			}
		})
	}
}
