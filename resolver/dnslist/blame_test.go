// SPDX-License-Identifier: Apache-2.0

package dnslist_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnslist"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// TestHurried: messages whose time is nearly over do not switch a list off for all others, whether they have a deadline or their look-ups have.
func TestHurried(t *testing.T) {
	for name, hurry := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 20*time.Millisecond)
		},
		"budget": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return resolver.NewBudget(100, 20*time.Millisecond).Pays(ctx), func() {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatch(t, dnstest.Silent, nil)
			for i := range 8 {
				ctx, cancel := hurry(t.Context())
				_, err := w.Ask(ctx, fmt.Sprint(i)+".2.0.192")
				cancel()
				if err == nil || strings.Contains(err.Error(), "\n") {
					t.Fatalf("got %q", err)
				}
			}
			w.server.Become(listed(t))
			if _, err := w.Ask(t.Context(), "1.2.0.192"); err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestHurriedTest: a test by somebody whose time is over counts for nobody else.
func TestHurriedTest(t *testing.T) {
	table := listed(t)
	var heard atomic.Int64
	first := make(chan struct{})
	w := newWatch(t, func(rw dns.ResponseWriter, m *dns.Msg) {
		name := strings.ToLower(m.Question[0].Name)
		switch {
		case strings.HasPrefix(name, "9."):
		case strings.HasSuffix(name, ".0.0.127.bl.test.") && heard.Add(1) <= 2:
			if heard.Load() == 2 {
				close(first)
			}
		default:
			table(rw, m)
		}
	}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	hurried := make(chan error, 1)
	go func() {
		_, err := w.Ask(ctx, "9.2.0.192")
		hurried <- err
	}()
	<-first
	if codes, err := w.Ask(t.Context(), "1.2.0.192"); err != nil || len(codes) != 2 {
		t.Errorf("got %v, %v", codes, err)
	}
	if err := <-hurried; err == nil {
		t.Error("no error")
	}
}

// TestCrowded: that our own resolver is busy is not the list's fault.
func TestCrowded(t *testing.T) {
	heard := make(chan struct{}, 1)
	table := listed(t)
	w := newWatch(t, func(rw dns.ResponseWriter, m *dns.Msg) {
		if strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".slow.example.") {
			heard <- struct{}{}
			return
		}
		table(rw, m)
	}, func(c *resolver.Config) { c.MaxInFlight, c.LookupTimeout, c.Timeout = 1, time.Second, time.Second })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = w.resolver.A(ctx, "a.slow.example")
	}()
	<-heard
	l := dnslist.New(dnslist.Config{Zone: "bl.test", Timeout: 10 * time.Millisecond, Resolver: w.resolver})
	for i := range 8 {
		if _, err := l.Ask(t.Context(), fmt.Sprint(i)+".2.0.192"); !errors.Is(err, resolver.ErrLimit) {
			t.Fatalf("got %v", err)
		}
	}
	cancel()
	<-done
}

// TestStale: a list whose test gets no answer is believed for ten minutes after the last one that did, and not longer.
func TestStale(t *testing.T) {
	table := listed(t)
	w := newWatch(t, table, nil)
	if _, err := w.Ask(t.Context(), "9.2.0.192"); err != nil {
		t.Fatal(err)
	}
	w.server.Become(func(rw dns.ResponseWriter, m *dns.Msg) {
		if strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".0.0.127.bl.test.") {
			dnstest.Reply(rw, m, dns.RcodeServerFailure, nil, nil)
			return
		}
		table(rw, m)
	})
	w.clock.Pass(10*time.Minute - 1)
	if codes, err := w.Ask(t.Context(), "1.2.0.192"); err != nil || len(codes) != 2 {
		t.Errorf("before: got %v, %v", codes, err)
	}
	w.clock.Pass(1)
	for _, label := range []string{"1.2.0.192", "10.2.0.192"} {
		if codes, err := w.Ask(t.Context(), label); !errors.Is(err, dnslist.ErrUntested) {
			t.Errorf("%s: got %v, %v", label, codes, err)
		}
	}
	w.server.Become(table)
	if codes, err := w.Ask(t.Context(), "1.2.0.192"); err != nil || len(codes) != 2 {
		t.Errorf("after: got %v, %v", codes, err)
	}
}

// TestHasAllOfOneKind: a list that is asked about names and addresses must have everything of neither.
func TestHasAllOfOneKind(t *testing.T) {
	w := newWatch(t, func(rw dns.ResponseWriter, m *dns.Msg) {
		name := strings.ToLower(m.Question[0].Name)
		if strings.HasSuffix(name, ".127.bl.test.") {
			dnstest.Reply(rw, m, 0, dnstest.Records(t, name+" 60 IN A 127.0.1.255"), nil)
			return
		}
		dnstest.Reply(rw, m, dns.RcodeNameError, nil, nil)
	}, nil)
	l := dnslist.New(dnslist.Config{Zone: "bl.test", Unlisted: []string{"invalid", "1.0.0.127"}, Timeout: 20 * time.Second, Resolver: w.resolver})
	if codes, err := l.Ask(t.Context(), "example.org"); !errors.Is(err, dnslist.ErrLiar) {
		t.Errorf("got %v, %v", codes, err)
	}
}
