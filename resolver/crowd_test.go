// SPDX-License-Identifier: Apache-2.0

package resolver_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// giveUp asks about a name and gives up when the server has heard of it and some time has passed.
func giveUp(ctx context.Context, r *resolver.Resolver, name string, heard <-chan struct{}, pass func()) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = r.A(ctx, name)
	}()
	<-heard
	pass()
	cancel()
	<-done
}

// TestImpatient: those who wait for less than the time of a try do not keep a dead server in use for ever; but that others settled it is not
// a server's fault.
func TestImpatient(t *testing.T) {
	for _, c := range []struct {
		name   string
		passes time.Duration
		inUse  bool
	}{{"after a while", 100 * time.Millisecond, false}, {"at once", 99 * time.Millisecond, true}} {
		t.Run(c.name, func(t *testing.T) {
			now := dnstest.NewClock()
			heard := make(chan struct{}, 1)
			first := dnstest.Serve(t, func(dns.ResponseWriter, *dns.Msg) { heard <- struct{}{} })
			second := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
			r := dnstest.Resolver(t, func(o *resolver.Config) { o.Now = now.Now }, first, second)
			for i := range 3 {
				giveUp(t.Context(), r, fmt.Sprintf("a%d.example.org", i), heard, func() { now.Pass(c.passes) })
				r.Land()
			}
			if r.InUse(0) != c.inUse {
				t.Fatalf("in use: %t, want %t", r.InUse(0), c.inUse)
			}
			if c.inUse {
				return
			}
			if a, err := r.A(t.Context(), "b.example.org"); err != nil || a.Values[0].String() != good || first.Asked() != 3 {
				t.Errorf("got %v, %v, the dead server was asked %d times", a.Values, err, first.Asked())
			}
		})
	}
}

// TestCrowded: who gets no turn has met a limit of ours. It tells nothing of the name, nor of whoever serves it.
func TestCrowded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pipe(t, func(c *resolver.Config) { c.MaxInFlight = 1 }, &piped{answer: silent})
		first, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = r.A(first, "a.example.org")
		}()
		synctest.Wait()
		ctx, cancelSecond := context.WithTimeout(t.Context(), time.Second)
		defer cancelSecond()
		if _, err := r.A(ctx, "b.example.org"); !errors.Is(err, resolver.ErrLimit) || errors.Is(err, resolver.ErrTemporary) {
			t.Errorf("got %v", err)
		}
		cancel()
		<-done
	})
}

// TestCacheKeepsNoTexts: a name that is kept does not keep the text of the message that it was cut out of.
func TestCacheKeepsNoTexts(t *testing.T) {
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
	r := dnstest.Resolver(t, nil, s)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const size, texts = 1 << 20, 40
	before := heap()
	for i := range texts {
		name := fmt.Sprintf("a%d.example.org", i)
		text := name + strings.Repeat(" ", size)
		if _, err := r.A(t.Context(), text[:len(name)]); err != nil {
			t.Fatal(err)
		}
	}
	if got := int64(heap()) - int64(before); got > size*texts/4 {
		t.Errorf("%d names keep %d octets", texts, got)
	}
	if _, err := r.A(t.Context(), "a1.example.org"); err != nil {
		t.Error(err)
	}
}
