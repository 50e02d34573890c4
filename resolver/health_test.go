// SPDX-License-Identifier: Apache-2.0

package resolver_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnsmetrics"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// downs counts how often a server goes out of use.
type downs struct {
	resolver.Observer
	n atomic.Int64
}

func (d *downs) Server(_ string, up bool, _ error) {
	if !up {
		d.n.Add(1)
	}
}

// TestDeadDomains: look-ups of names whose servers are dead do not put our own server out of use, while it answers others.
func TestDeadDomains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &piped{answer: func(m *dns.Msg) *dns.Msg {
			if strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".dead.example.") {
				return nil
			}
			return answer(m, good)
		}}
		metrics, err := dnsmetrics.New(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := &downs{Observer: metrics}
		r := pipe(t, func(c *resolver.Config) { c.Timeout, c.LookupTimeout, c.Observer = time.Second, time.Second, seen }, s)
		var dead sync.WaitGroup
		for i := range 10 {
			dead.Go(func() { _, _ = r.A(t.Context(), fmt.Sprintf("a%d.dead.example", i)) })
		}
		for i := range 220 {
			if _, err := r.A(t.Context(), fmt.Sprintf("a%d.example.org", i)); err != nil {
				t.Error(err)
			}
			time.Sleep(5 * time.Millisecond)
		}
		dead.Wait()
		if n := seen.n.Load(); n > 0 {
			t.Errorf("it was out of use %d times", n)
		}
	})
}

func TestFailover(t *testing.T) {
	for _, c := range []struct {
		name  string
		first dnstest.Handler // Nil for nobody.
	}{
		{"dead", nil},
		{"silent", dnstest.Silent},
		{"refuses", dnstest.Says(t, dns.RcodeRefused)},
		{"fails", dnstest.Says(t, dns.RcodeServerFailure)},
		{"rubbish", func(w dns.ResponseWriter, _ *dns.Msg) { _, _ = w.Write([]byte("rubbish")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := dnstest.Dead(t)
			if c.first != nil {
				first = dnstest.Serve(t, c.first)
			}
			second := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
			r := dnstest.Resolver(t, func(o *resolver.Config) { o.Timeout, o.LookupTimeout = time.Second, 20*time.Second }, first, second)
			a, err := r.A(t.Context(), "a.example.org")
			if err != nil || a.Values[0].String() != good {
				t.Errorf("got %v, %v", a.Values, err)
			}
		})
	}
}

// TestLossy: a server that hears every other question only is asked again.
func TestLossy(t *testing.T) {
	var n atomic.Int64
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if n.Add(1)%2 == 0 {
			_ = w.WriteMsg(answer(m, good))
		}
	})
	r := dnstest.Resolver(t, func(c *resolver.Config) { c.Timeout = time.Second }, s)
	if a, err := r.A(t.Context(), "a.example.org"); err != nil || a.Values[0].String() != good {
		t.Errorf("got %v, %v", a.Values, err)
	}
}

// TestHealth: a server that does not answer is left out for a while, then tried again by one look-up.
func TestHealth(t *testing.T) {
	now := dnstest.NewClock()
	first := dnstest.Serve(t, dnstest.Says(t, dns.RcodeRefused))
	second := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
	r := dnstest.Resolver(t, func(o *resolver.Config) { o.Now = now.Now }, first, second)
	ask := func(name string) (byFirst bool) {
		t.Helper()
		before := first.Asked()
		if _, err := r.A(t.Context(), name+".example.org"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return first.Asked() > before
	}
	for _, name := range []string{"a", "b", "c"} {
		if !ask(name) {
			t.Errorf("%s: the first server was not asked", name)
		}
	}
	if ask("d") {
		t.Error("a server that failed three times is asked")
	}
	now.Pass(2 * time.Second)
	if !ask("e") {
		t.Error("the server is not tried again")
	}
	now.Pass(3 * time.Second)
	if ask("f") {
		t.Error("the second pause is not longer than the first")
	}
	now.Pass(time.Second)
	first.Become(func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
	if !ask("g") || !ask("h") {
		t.Error("the server is well and not asked")
	}
}

// TestAllDead: all servers out of use are asked once all the same, and no look-up takes longer than its time.
func TestAllDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := &piped{answer: silent}, &piped{answer: silent}
		r := pipe(t, func(c *resolver.Config) { c.Timeout, c.LookupTimeout = 20*time.Millisecond, 20*time.Second }, a, b)
		want := int64(0)
		for i, n := range []int64{4, 4, 2, 2} {
			if _, err := r.A(t.Context(), string(rune('a'+i))+".example.org"); !errors.Is(err, resolver.ErrTemporary) {
				t.Fatalf("got %v", err)
			}
			synctest.Wait()
			want += n
			if got := a.asked.Load() + b.asked.Load(); got != want {
				t.Errorf("asked %d times, want %d", got, want)
			}
		}
	})
}

// TestFailureIsKept: a message storm about a dead name does not become a storm of questions.
func TestFailureIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &piped{answer: silent}
		r := pipe(t, func(c *resolver.Config) { c.Timeout, c.LookupTimeout = 20*time.Millisecond, 20*time.Second }, s)
		for range 20 {
			if _, err := r.A(t.Context(), "a.example.org"); !errors.Is(err, resolver.ErrTemporary) {
				t.Fatalf("got %v", err)
			}
		}
		synctest.Wait()
		if n := s.asked.Load(); n != 2 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestCacheIsBounded(t *testing.T) {
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
	for _, c := range []struct {
		name   string
		change func(*resolver.Config)
	}{
		{"entries", func(o *resolver.Config) { o.CacheEntries = 3 }},
		{"octets", func(o *resolver.Config) { o.CacheOctets = 3*360 + 100 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := dnstest.Resolver(t, c.change, s)
			known := func(name string) bool {
				a, err := r.A(t.Context(), name+".example.org")
				if err != nil {
					t.Fatal(err)
				}
				return a.Cached
			}
			for _, name := range []string{"a", "b", "c", "a", "d"} {
				known(name)
			}
			if !known("a") || known("b") {
				t.Error("not the one that nobody asked for was dropped")
			}
		})
	}
}
