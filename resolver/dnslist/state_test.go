// SPDX-License-Identifier: Apache-2.0

package dnslist_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnslist"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

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
