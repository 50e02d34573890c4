// SPDX-License-Identifier: Apache-2.0

package breaker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// seen counts what an observer is told.
type seen struct {
	mu       sync.Mutex
	asked    map[string]int
	switched []string
}

func (s *seen) Asked(server string, r Result, _ time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	s.asked[server+" "+string(r)]++
}

func (s *seen) Switched(server string, up bool, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switched = append(s.switched, fmt.Sprint(server, " ", up))
}

func newSet(o *seen, change func(*serversConfig)) *Servers {
	c := serversConfig{
		Addresses: []string{"a", "b", "c"}, InFlight: 2, Timeout: 30 * time.Second,
		Breaker: config{Failures: 2, Wait: time.Second, MaxWait: time.Minute}, Observer: o,
	}
	if change != nil {
		change(&c)
	}
	return newServers(c)
}

// failing asks servers of which some fail, and lists those that were asked.
func failing(asked *[]string, dead string) func(context.Context, string) error {
	return func(_ context.Context, address string) error {
		*asked = append(*asked, address)
		if strings.Contains(dead, address) {
			return errDead
		}
		return nil
	}
}

func TestAskInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o seen
		s := newSet(&o, nil)
		steps := []struct {
			dead, by string
			asked    []string
			err      string
		}{
			{dead: "", by: "a", asked: []string{"a"}},
			{dead: "a", by: "b", asked: []string{"a", "b"}},
			{dead: "a", by: "b", asked: []string{"a", "b"}},
			{dead: "a", by: "b", asked: []string{"b"}},
			{dead: "bc", err: "a: switched off, as it gave no answer before; b: dead; c: dead", asked: []string{"b", "c"}},
			{dead: "bc", err: "a: switched off, as it gave no answer before; b: dead; c: dead", asked: []string{"b", "c"}},
			{dead: "", err: "c: switched off"},
		}
		for i, st := range steps {
			var asked []string
			by, err := s.Ask(t.Context(), 0, failing(&asked, st.dead))
			if by != st.by || !slices.Equal(asked, st.asked) || (err == nil) != (st.err == "") || err != nil && !strings.Contains(err.Error(), st.err) {
				t.Fatalf("step %d: got %q, %v after %v, want %+v", i, by, err, asked, st)
			}
			if err != nil && !errors.Is(err, errOpen) {
				t.Errorf("step %d: %v is not errOpen", i, err)
			}
		}
		time.Sleep(time.Second)
		var asked []string
		if by, err := s.Ask(t.Context(), 0, failing(&asked, "")); by != "a" || err != nil {
			t.Errorf("after a second: got %q, %v, want a", by, err)
		}
		if diff := cmp.Diff([]string{"a false", "b false", "c false", "a true"}, o.switched); diff != "" {
			t.Errorf("switched (-want +got):\n%s", diff)
		}
		want := map[string]int{"a answer": 2, "a no_answer": 2, "a off": 4, "b answer": 3, "b no_answer": 2, "b off": 1, "c no_answer": 2, "c off": 1}
		if diff := cmp.Diff(want, o.asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
	})
}

// TestSpread: messages go evenly to all servers, the same one always to the same, and if one is gone only its own move.
func TestSpread(t *testing.T) {
	s := newSet(&seen{}, func(c *serversConfig) { c.Spread = true })
	first := map[string]int{}
	for i := range 3000 {
		text := fmt.Sprintf("message %d", i)
		key, err := Key(strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		var asked, again, without []string
		by, _ := s.Ask(t.Context(), key, failing(&asked, ""))
		first[by]++
		s.Ask(t.Context(), key, failing(&again, ""))
		if !slices.Equal(asked, again) {
			t.Fatalf("got %v, then %v", asked, again)
		}
		gone := newSet(&seen{}, func(c *serversConfig) { c.Spread, c.Addresses = true, []string{"b", "c"} })
		if to, _ := gone.Ask(t.Context(), key, failing(&without, "")); by != "a" && to != by {
			t.Fatalf("without a the message of %s moves to %s", by, to)
		}
	}
	for server, n := range first {
		if n < 900 || n > 1100 {
			t.Errorf("%s has %d of 3000", server, n)
		}
	}
}

// silent says nothing until its time is over.
func silent(ctx context.Context, _ string) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// TestSilentServersShareTheTime: with all servers silent nobody waits longer than the timeout, each server has its share, and then they are off.
func TestSilentServersShareTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o seen
		s := newSet(&o, func(c *serversConfig) { c.Breaker.Wait = time.Minute })
		for _, want := range []time.Duration{30 * time.Second, 30 * time.Second, 0} {
			began := time.Now()
			_, err := s.Ask(t.Context(), 0, silent)
			if took := time.Since(began); took != want || err == nil {
				t.Errorf("took %v, %v, want %v", took, err, want)
			}
		}
		if diff := cmp.Diff([]string{"a false", "b false", "c false"}, o.switched); diff != "" {
			t.Errorf("switched (-want +got):\n%s", diff)
		}
		// The one that is tried again is asked if it is there; that is all that its silence costs.
		time.Sleep(time.Minute)
		s.config.Ping = silent
		began := time.Now()
		if _, err := s.Ask(t.Context(), 0, silent); err == nil || !strings.Contains(err.Error(), "a: ") || time.Since(began) != 3*pingTimeout {
			t.Errorf("got %v after %v, want pings to all three that time out", err, time.Since(began))
		}
	})
}

// TestShortOfTime: a caller with less time than the timeout is told a little before it is over; that counts if the server had enough of it.
func TestShortOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			time, took time.Duration
			off        bool
		}{
			{10 * time.Second, 9 * time.Second, true},
			{time.Second, 900 * time.Millisecond, false},
			{30500 * time.Millisecond, 29500 * time.Millisecond, true},
			{time.Minute, 30 * time.Second, true},
			{0, 0, false},
		} {
			var o seen
			s := newSet(&o, func(c *serversConfig) { c.Addresses = []string{"a"} })
			for range 2 {
				ctx, cancel := context.WithTimeout(t.Context(), tt.time)
				began := time.Now()
				_, err := s.Ask(ctx, 0, silent)
				if took := time.Since(began); took != tt.took || err == nil || tt.time > 0 && ctx.Err() != nil {
					t.Errorf("%v: took %v, %v, %v, want %v", tt.time, took, err, ctx.Err(), tt.took)
				}
				cancel()
			}
			if off := len(o.switched) > 0; off != tt.off {
				t.Errorf("%v: switched off: %v, want %v", tt.time, off, tt.off)
			}
		}
	})
}

// TestPileUp: a silent server has no more questions under way than it may have; those that wait for a place end in time too.
func TestPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o seen
		s := newSet(&o, func(c *serversConfig) { c.Addresses, c.Breaker.Failures = []string{"a"}, 1000 })
		var under, most atomic.Int32
		ask := func(ctx context.Context, _ string) error {
			n := under.Add(1)
			defer under.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			return silent(ctx, "")
		}
		began := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := s.Ask(t.Context(), 0, ask); err == nil {
					t.Error("got no error")
				}
			})
		}
		wg.Wait()
		if took := time.Since(began); took != 30*time.Second || most.Load() != 2 {
			t.Errorf("took %v with %d under way, want 30s and 2", took, most.Load())
		}
		if o.asked["a busy"] < 90 {
			t.Errorf("asked %v, want most of them busy", o.asked)
		}
	})
}

// TestBusy: whom the first server has no place for the next one answers; if all are busy a place is waited for.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o seen
		s := newSet(&o, func(c *serversConfig) { c.InFlight, c.Addresses = 1, []string{"a", "b"} })
		got := make(chan string, 3)
		for range 3 {
			go func() {
				by, err := s.Ask(t.Context(), 0, func(context.Context, string) error {
					time.Sleep(time.Second)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				got <- by
			}()
		}
		began := time.Now()
		all := []string{<-got, <-got, <-got}
		slices.Sort(all)
		if !slices.Equal(all, []string{"a", "a", "b"}) || time.Since(began) != 2*time.Second {
			t.Errorf("got %v after %v, want a and b, then a", all, time.Since(began))
		}
		// The second message went past a, the third past b, and then had its turn at a.
		want := map[string]int{"a answer": 2, "a busy": 1, "b answer": 1, "b busy": 1}
		if diff := cmp.Diff(want, o.asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
	})
}

// TestNotTheServersFault: whoever goes away, and a message that cannot be read, say nothing about the server, and no other is asked.
func TestNotTheServersFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o seen
		s := newSet(&o, nil)
		for range 5 {
			var asked []string
			_, err := s.Ask(t.Context(), 0, func(_ context.Context, a string) error {
				asked = append(asked, a)
				return fmt.Errorf("broken disk: %w", ErrOurs)
			})
			if !errors.Is(err, ErrOurs) || len(asked) != 1 {
				t.Errorf("got %v after %v", err, asked)
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(5*time.Second, cancel)
			if _, err := s.Ask(ctx, 0, silent); err == nil {
				t.Error("got no error")
			}
			// A chain that has no time left.
			ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if _, err := s.Ask(ctx, 0, silent); err == nil {
				t.Error("got no error")
			}
		}
		if len(o.switched) > 0 {
			t.Errorf("switched: %v", o.switched)
		}
	})
}

// TestPanic: a question that panics gives its place and its leave back.
func TestPanic(t *testing.T) {
	s := newSet(&seen{}, func(c *serversConfig) { c.Addresses, c.InFlight = []string{"a"}, 1 })
	for range 3 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			s.Ask(t.Context(), 0, func(context.Context, string) error { panic("bug") })
		}()
	}
	if _, err := s.Ask(t.Context(), 0, func(context.Context, string) error { return nil }); err != nil {
		t.Error(err)
	}
}
