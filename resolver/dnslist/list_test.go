// SPDX-License-Identifier: Apache-2.0

package dnslist_test

import (
	"context"
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
	server *dnstest.Server
	clock  *dnstest.Clock

	mu       sync.Mutex
	switched []string
}

func newWatch(t testing.TB, handler dnstest.Handler, change func(*resolver.Config)) *watch {
	t.Helper()
	w := &watch{server: dnstest.Serve(t, handler), clock: dnstest.NewClock()}
	r := dnstest.Resolver(t, func(c *resolver.Config) {
		c.Now = w.clock.Now
		if change != nil {
			change(c)
		}
	}, w.server)
	w.List = dnslist.New(dnslist.Config{
		Zone: "bl.test", Listed: "2.0.0.127", Unlisted: "1.0.0.127", Timeout: 20 * time.Second, Resolver: r, Now: w.clock.Now,
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

// TestComesBack: a list that was switched off is tested again after a while, by one question.
func TestComesBack(t *testing.T) {
	w := newWatch(t, dnstest.Says(t, dns.RcodeNameError), nil)
	if _, err := w.Ask(t.Context(), "1.2.0.192"); !errors.Is(err, dnslist.ErrEmpty) {
		t.Fatalf("got %v", err)
	}
	w.clock.Pass(5*time.Minute - 1)
	if _, err := w.Ask(t.Context(), "1.2.0.192"); !errors.Is(err, dnslist.ErrOff) {
		t.Fatalf("got %v", err)
	}
	w.clock.Pass(1)
	if _, err := w.Ask(t.Context(), "1.2.0.192"); !errors.Is(err, dnslist.ErrEmpty) {
		t.Fatalf("not tried again: %v", err)
	}
	w.clock.Pass(9 * time.Minute)
	if _, err := w.Ask(t.Context(), "1.2.0.192"); !errors.Is(err, dnslist.ErrOff) {
		t.Fatalf("the second pause is not longer: %v", err)
	}
	w.server.Become(listed(t))
	w.clock.Pass(time.Minute)
	if codes, err := w.Ask(t.Context(), "1.2.0.192"); err != nil || len(codes) != 2 {
		t.Fatalf("got %v, %v", codes, err)
	}
	want := "false the list does not have its test entry, it may be dead: 2.0.0.127; true <nil>"
	if got := w.states(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestGoesBad: a list that was in order is tested again and again.
func TestGoesBad(t *testing.T) {
	w := newWatch(t, listed(t), nil)
	if _, err := w.Ask(t.Context(), "9.2.0.192"); err != nil {
		t.Fatal(err)
	}
	w.server.Become(func(rw dns.ResponseWriter, m *dns.Msg) {
		dnstest.Reply(rw, m, 0, dnstest.Records(t, m.Question[0].Name+" 60 IN A 127.0.0.2"), nil)
	})
	w.clock.Pass(time.Minute)
	if codes, err := w.Ask(t.Context(), "9.2.0.192"); !errors.Is(err, dnslist.ErrLiar) {
		t.Errorf("got %v, %v", codes, err)
	}
}

// TestGoesEmpty: a list that says of nobody that he is listed is tested too.
func TestGoesEmpty(t *testing.T) {
	w := newWatch(t, listed(t), nil)
	if _, err := w.Ask(t.Context(), "9.2.0.192"); err != nil {
		t.Fatal(err)
	}
	w.server.Become(dnstest.Says(t, dns.RcodeNameError))
	w.clock.Pass(10*time.Minute - 1)
	if _, err := w.Ask(t.Context(), "10.2.0.192"); err != nil {
		t.Errorf("got %v", err)
	}
	w.clock.Pass(1)
	if codes, err := w.Ask(t.Context(), "11.2.0.192"); !errors.Is(err, dnslist.ErrEmpty) {
		t.Errorf("got %v, %v", codes, err)
	}
}

// TestSlow: a list that does not answer is waited for a few times, then not at all.
func TestSlow(t *testing.T) {
	w := newWatch(t, dnstest.Silent, func(c *resolver.Config) {
		dnstest.Impatient(c)
		c.FailureTTL = time.Second
	})
	for i := range 5 {
		if _, err := w.Ask(t.Context(), fmt.Sprint(i)+".2.0.192"); !errors.Is(err, resolver.ErrTemporary) {
			t.Fatalf("%d: got %v", i, err)
		}
	}
	if _, err := w.Ask(t.Context(), "9.2.0.192"); !errors.Is(err, dnslist.ErrOff) {
		t.Errorf("got %v", err)
	}
	w.server.Become(listed(t))
	var err error
	for range 50 {
		w.clock.Pass(time.Hour)
		codes, e := w.Ask(t.Context(), "1.2.0.192")
		if err = e; err == nil && len(codes) == 2 {
			return
		}
	}
	t.Errorf("it does not come back: %v", err)
}

// TestOneBadName: many messages about one name that gets no answer do not switch the list off.
func TestOneBadName(t *testing.T) {
	table := listed(t)
	w := newWatch(t, func(rw dns.ResponseWriter, m *dns.Msg) {
		if strings.HasPrefix(m.Question[0].Name, "9.") {
			dnstest.Reply(rw, m, dns.RcodeServerFailure, nil, nil)
			return
		}
		table(rw, m)
	}, nil)
	for range 20 {
		if _, err := w.Ask(t.Context(), "9.2.0.192"); !errors.Is(err, resolver.ErrTemporary) {
			t.Fatalf("got %v", err)
		}
	}
	if codes, err := w.Ask(t.Context(), "1.2.0.192"); err != nil || len(codes) != 2 {
		t.Errorf("got %v, %v", codes, err)
	}
}

// TestFlapping: a good answer ends the count of failures.
func TestFlapping(t *testing.T) {
	w := newWatch(t, listed(t), nil)
	for i := range 20 {
		good := i%4 == 3
		if good {
			w.server.Become(listed(t))
		} else {
			w.server.Become(dnstest.Says(t, dns.RcodeServerFailure))
		}
		_, err := w.Ask(t.Context(), fmt.Sprint(i)+".2.0.192")
		if (err == nil) != good && i > 3 || errors.Is(err, dnslist.ErrOff) {
			t.Fatalf("%d: got %v", i, err)
		}
		w.clock.Pass(10 * time.Second)
	}
}

// TestNobodyWaits: that we give up is not the list's fault.
func TestNobodyWaits(t *testing.T) {
	w := newWatch(t, dnstest.Silent, nil)
	for i := range 8 {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.Ask(ctx, fmt.Sprint(i)+".2.0.192"); err == nil {
			t.Fatal("no error")
		}
	}
	ctx, cancel := resolver.NewBudget(0, time.Hour).Context(t.Context())
	defer cancel()
	for i := range 8 {
		if _, err := w.Ask(ctx, fmt.Sprint(i)+".2.0.192"); !errors.Is(err, resolver.ErrLimit) {
			t.Fatalf("got %v", err)
		}
	}
	w.server.Become(listed(t))
	if _, err := w.Ask(t.Context(), "1.2.0.192"); err != nil {
		t.Errorf("got %v", err)
	}
}

// TestOneTest: however many ask a list at first, it is tested once; so it is when they all get a listing later.
func TestOneTest(t *testing.T) {
	table := listed(t)
	w := newWatch(t, func(rw dns.ResponseWriter, m *dns.Msg) {
		if strings.Contains(m.Question[0].Name, ".113.0.203.") {
			dnstest.Reply(rw, m, 0, dnstest.Records(t, m.Question[0].Name+" 60 IN A 127.0.0.2"), nil)
			return
		}
		table(rw, m)
	}, nil)
	tests := func() int {
		n := 0
		for _, q := range w.server.Questions() {
			if strings.HasSuffix(q, ".0.0.127.bl.test A") {
				n++
			}
		}
		return n
	}
	for round := range 3 {
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if codes, err := w.Ask(t.Context(), fmt.Sprintf("%d.113.0.203", 40*round+i)); err != nil || len(codes) != 1 {
					t.Errorf("got %v, %v", codes, err)
				}
			})
		}
		wg.Wait()
		if got, want := tests(), 2*(round+1); got != want {
			t.Errorf("round %d: %d questions for tests, want %d", round, got, want)
		}
		w.clock.Pass(time.Minute)
	}
}

// TestManyAtOnce: many ask a list that goes on and off; the race detector looks on.
func TestManyAtOnce(t *testing.T) {
	w := newWatch(t, listed(t), nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 20 {
				_, _ = w.Ask(t.Context(), fmt.Sprintf("%d.%d.0.192", k, i))
				if i == 0 {
					w.clock.Pass(time.Minute)
				}
				if i == 1 && k == 10 {
					w.server.Become(dnstest.Says(t, 0, "x. 60 IN A 192.0.2.80"))
				}
			}
		})
	}
	wg.Wait()
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
				return dnslist.New(dnslist.Config{Zone: zone, Listed: "2.0.0.127", Unlisted: "1.0.0.127", Timeout: 20 * time.Second, Resolver: r})
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
