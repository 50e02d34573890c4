// SPDX-License-Identifier: Apache-2.0

package resolver_test

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

func TestCachedAnswer(t *testing.T) {
	now := dnstest.NewClock()
	s := dnstest.Serve(t, dnstest.Says(t, 0, "a.example.org. 100 IN A 192.0.2.1"))
	r := dnstest.Resolver(t, func(o *resolver.Config) { o.Now = now.Now }, s)
	first, err := r.A(t.Context(), "a.example.org")
	if err != nil || first.Cached || first.TTL != 100*time.Second {
		t.Fatalf("got %+v, %v", first, err)
	}
	first.Values[0] = netip.Addr{} // It is the caller's.
	now.Pass(40 * time.Second)
	second, err := r.A(t.Context(), "A.EXAMPLE.org.")
	if err != nil || !second.Cached || second.TTL != time.Minute || second.Values[0].String() != "192.0.2.1" {
		t.Fatalf("got %+v, %v", second, err)
	}
}

func TestFresh(t *testing.T) {
	s := dnstest.Serve(t, dnstest.Says(t, 0, "a.example.org. 100 IN A 192.0.2.1"))
	r := dnstest.Resolver(t, nil, s)
	for i, c := range []struct {
		ctx   context.Context
		value string
		asked int64
	}{{t.Context(), "192.0.2.1", 1}, {t.Context(), "192.0.2.1", 1}, {resolver.Fresh(t.Context()), "192.0.2.2", 2}, {t.Context(), "192.0.2.2", 2}} {
		if i == 2 {
			s.Become(dnstest.Says(t, 0, "a.example.org. 100 IN A 192.0.2.2"))
		}
		if a, err := r.A(c.ctx, "a.example.org"); err != nil || a.Values[0].String() != c.value || s.Asked() != c.asked {
			t.Errorf("%d: got %v, %v, asked %d times", i, a, err, s.Asked())
		}
	}
}

// TestFreshIsFree: a message does not pay for tests.
func TestFreshIsFree(t *testing.T) {
	r := dnstest.Resolver(t, nil, dnstest.Serve(t, dnstest.Says(t, 0, "a.example.org. 100 IN A 192.0.2.1")))
	ctx, cancel := resolver.NewBudget(0, time.Hour).Context(t.Context())
	defer cancel()
	if _, err := r.A(ctx, "a.example.org"); !errors.Is(err, resolver.ErrLimit) {
		t.Errorf("got %v", err)
	}
	if _, err := r.A(resolver.Fresh(ctx), "a.example.org"); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestShared(t *testing.T) {
	r := dnstest.Resolver(t, nil, dnstest.Serve(t, dnstest.Says(t, dns.RcodeServerFailure)))
	for i, want := range []bool{false, true} {
		_, err := r.A(t.Context(), "a.example.org")
		var e *resolver.Error
		if !errors.As(err, &e) || e.Shared != want {
			t.Errorf("%d: got %#v", i, err)
		}
	}
}

func TestOneFlightForAll(t *testing.T) {
	release := make(chan struct{})
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		<-release
		dnstest.Reply(w, m, 0, dnstest.Records(t, "a.example.org. 100 IN A 192.0.2.1"), nil)
	})
	r := dnstest.Resolver(t, nil, s)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if a, err := r.A(t.Context(), "a.example.org"); err != nil || len(a.Values) != 1 {
				t.Errorf("got %v, %v", a, err)
			}
		})
	}
	close(release)
	wg.Wait()
	if n := s.Asked(); n != 1 {
		t.Errorf("the server was asked %d times", n)
	}
}

// TestOneGoesOthersStay: whoever gives up does not take the answer from others.
func TestOneGoesOthersStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := &piped{answer: func(m *dns.Msg) *dns.Msg {
			<-release
			return answer(m, good)
		}}
		r := pipe(t, nil, s)
		ctx, cancel := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		go func() {
			_, err := r.A(ctx, "a.example.org")
			first <- err
		}()
		go func() {
			_, err := r.A(t.Context(), "a.example.org")
			second <- err
		}()
		synctest.Wait()
		if n := r.Waiting("a.example.org", dns.TypeA); n != 2 {
			t.Fatalf("%d wait", n)
		}
		cancel()
		if err := <-first; !errors.Is(err, resolver.ErrTemporary) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		close(release)
		if err := <-second; err != nil || s.asked.Load() != 1 {
			t.Errorf("got %v, asked %d times", err, s.asked.Load())
		}
	})
}

func TestBudget(t *testing.T) {
	s := dnstest.Serve(t, dnstest.Says(t, 0))
	s.Become(func(w dns.ResponseWriter, m *dns.Msg) {
		dnstest.Reply(w, m, 0, dnstest.Records(t, m.Question[0].Name+" 100 IN A 192.0.2.1"), nil)
	})
	r := dnstest.Resolver(t, nil, s)
	outer, inner := resolver.NewBudget(3, time.Hour), resolver.NewBudget(2, time.Hour)
	ctx, cancel := outer.Context(t.Context())
	defer cancel()
	nested, cancelNested := inner.Context(ctx)
	defer cancelNested()
	for i, c := range []struct {
		ctx  context.Context
		name string
		want error
	}{
		{nested, "a.example.org", nil},
		{nested, "a.example.org", nil}, // Known, free.
		{nested, "b.example.org", nil},
		{nested, "c.example.org", resolver.ErrLimit},
		{ctx, "c.example.org", nil},
		{ctx, "d.example.org", resolver.ErrLimit},
		{ctx, "c.example.org", nil},
	} {
		if _, err := r.A(c.ctx, c.name); !errors.Is(err, c.want) {
			t.Errorf("%d: got %v, want %v", i, err, c.want)
		}
	}
}

// TestBudgetOfTime: look-ups end with the time of whoever pays for them, whether work that is more than look-ups has a deadline or not. Where it has none, that is a limit of
// ours, as for the look-ups that begin later, and not a fault of whoever was asked.
func TestBudgetOfTime(t *testing.T) {
	for name, pays := range map[string]func(*resolver.Budget, context.Context) (context.Context, context.CancelFunc){
		"deadline": (*resolver.Budget).Context,
		"no deadline": func(b *resolver.Budget, ctx context.Context) (context.Context, context.CancelFunc) {
			return b.Pays(ctx), func() {}
		},
		"of the outer": func(b *resolver.Budget, ctx context.Context) (context.Context, context.CancelFunc) {
			return resolver.NewBudget(10, time.Hour).Pays(b.Pays(ctx)), func() {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := pipe(t, nil, &piped{answer: silent})
				ctx, cancel := pays(resolver.NewBudget(10, time.Second), t.Context())
				defer cancel()
				begin := time.Now()
				want := resolver.ErrLimit
				if _, ok := ctx.Deadline(); ok {
					want = context.DeadlineExceeded
				}
				if _, err := r.A(ctx, "a.example.org"); !errors.Is(err, want) || errors.Is(err, resolver.ErrTemporary) == (want == resolver.ErrLimit) {
					t.Errorf("got %v", err)
				}
				if took := time.Since(begin); took != time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pipe(t, nil, &piped{answer: silent})
		done := make(chan error, 1)
		go func() {
			_, err := r.A(t.Context(), "a.example.org")
			done <- err
		}()
		synctest.Wait()
		_ = r.Close()
		if err := <-done; !errors.Is(err, resolver.ErrTemporary) {
			t.Errorf("got %v", err)
		}
		if _, err := r.A(t.Context(), "b.example.org"); !errors.Is(err, resolver.ErrTemporary) {
			t.Errorf("got %v", err)
		}
	})
}

// TestLeftAlone: a resolver that was replaced and not closed answers those who still use it, and holds nothing when they have gone.
func TestLeftAlone(t *testing.T) {
	r, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{dnstest.Serve(t, dnstest.Says(t, 0, "a.example.org. 100 IN A 192.0.2.1")).Addr}})
	if err != nil {
		t.Fatal(err)
	}
	before := goleak.IgnoreCurrent()
	if _, err := r.A(t.Context(), "a.example.org"); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}
