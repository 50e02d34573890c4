// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// TestShared: the report is made once; who cannot wait leaves with an error.
func TestShared(t *testing.T) {
	z := zone(t)
	c := &Checker{Resolver: z, Now: now}
	msg := parse(t, signed(t, letter))
	if _, ok := Known(msg); ok {
		t.Error("there is a report before anybody asked")
	}
	first, err := c.Shared(t.Context(), envelope(), msg)
	if err != nil {
		t.Fatal(err)
	}
	n := len(z.Asked())
	second, err := c.Shared(t.Context(), envelope(), msg)
	if err != nil || first != second || len(z.Asked()) != n {
		t.Errorf("%v: %p and %p, %d questions more", err, first, second, len(z.Asked())-n)
	}
	if known, ok := Known(msg); !ok || known != first {
		t.Error("the report is not known")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (&Checker{Resolver: silent{}, Now: now}).Shared(ctx, envelope(), parse(t, letter)); err == nil {
		t.Error("no error without time")
	}
	if _, err := c.Check(t.Context(), envelope(), nil); err == nil {
		t.Error("no error without a message")
	}
}

// TestSharedPays: the look-ups are paid for by the message, though the report is not only for who asks.
func TestSharedPays(t *testing.T) {
	s := dnstest.Serve(t, dnstest.Nothing(t, dns.RcodeNameError, ". 300 IN SOA ns.test. root.test. 1 2 3 4 60"))
	c := &Checker{Resolver: dnstest.Resolver(t, nil, s), Now: now}
	for _, lookups := range []int{0, 100} { // What is known already costs nothing.
		want := authn.None
		if lookups == 0 {
			want = authn.TempError
		}
		before := s.Asked()
		r, err := c.Shared(resolver.NewBudget(lookups, time.Hour).Pays(t.Context()), envelope(), parse(t, letter))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.DMARC[0].Result; got != want || (s.Asked() > before) != (lookups > 0) {
			t.Errorf("%d look-ups: got %s, asked %d times", lookups, got, s.Asked()-before)
		}
	}
}

// slow answers after a second.
type slow struct{ authn.Resolver }

func (s slow) LookupTXT(ctx context.Context, name string) ([]string, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(time.Second):
	}
	return s.Resolver.LookupTXT(ctx, name)
}

// TestSharedHurry: whoever asks first and has no time does not spoil the report for the others; closing the message ends the look-ups.
func TestSharedHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Checker{Resolver: slow{zone(t)}, Now: now}
		msg := parse(t, signed(t, letter))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := c.Shared(ctx, envelope(), msg); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		r, err := c.Shared(t.Context(), envelope(), msg)
		if err != nil || r.DMARC[0].Result != authn.Pass {
			t.Errorf("got %+v, %v", r, err)
		}
		begin := time.Now()
		left := parse(t, letter)
		if _, err := c.Shared(ctx, envelope(), left); err == nil {
			t.Error("no error without time")
		}
		if err := left.Close(); err != nil || time.Since(begin) > 0 {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}
