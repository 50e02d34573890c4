// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"errors"
	"sync"
	"testing"
	"time"
)

// asks calls f until it fails, at most 1000 times.
func asks(f func() error) (n int, err error) {
	for n = range 1000 {
		if err = f(); err != nil {
			return n, err
		}
	}
	return n, nil
}

func TestBudget(t *testing.T) {
	l := Limits{Depth: 3, Parts: 5, HeaderOctets: 100, Params: 2, Octets: 1600, Ratio: 10, Entries: 7, Time: time.Minute}
	for _, c := range []struct {
		limit string
		max   int64
		ask   func(*Budget) func() error
		want  int // Times that it is granted.
	}{
		{"depth", 3, func(b *Budget) func() error { d := -1; return func() error { d++; return b.Depth(d) } }, 4},
		{"parts", 5, func(b *Budget) func() error { return b.Part }, 5},
		{"header_octets", 100, func(b *Budget) func() error { return func() error { return b.HeaderOctets(10) } }, 10},
		{"entries", 7, func(b *Budget) func() error { return b.Entry }, 7},
		{"octets", 1600, func(b *Budget) func() error { b.Packed(1000); return func() error { return b.Octets(100) } }, 16},
		{"ratio", 10, func(b *Budget) func() error { b.Packed(50); return func() error { return b.Octets(100) } }, 5},
	} {
		t.Run(c.limit, func(t *testing.T) {
			ask := c.ask(NewBudget(l, nil))
			n, err := asks(ask)
			e, ok := errors.AsType[*LimitError](err)
			if n != c.want || !ok || e.Limit != c.limit || e.Max != c.max {
				t.Errorf("granted %d times, then %v, want %d", n, err, c.want)
			}
			if ask() == nil {
				t.Error("granted again")
			}
		})
	}
}

func TestBudgetTime(t *testing.T) {
	now := time.Unix(0, 0)
	b := NewBudget(DefaultLimits(), func() time.Time { return now })
	now = now.Add(b.Limits().Time)
	if err := b.CheckTime(); err != nil {
		t.Errorf("in time: %v", err)
	}
	now = now.Add(1)
	for _, f := range []func() error{b.CheckTime, b.Entry, func() error { return b.Octets(1) }} {
		if e, ok := errors.AsType[*LimitError](f()); !ok || e.Limit != "time" {
			t.Errorf("too late: %v", e)
		}
	}
}

func TestBudgetIsShared(t *testing.T) {
	b := NewBudget(Limits{Parts: 100}, nil)
	var granted [8]int
	var wg sync.WaitGroup
	for i := range granted {
		wg.Go(func() { granted[i], _ = asks(b.Part) })
	}
	wg.Wait()
	sum := 0
	for _, n := range granted {
		sum += n
	}
	if sum != 100 {
		t.Errorf("granted %d times, want 100", sum)
	}
}
