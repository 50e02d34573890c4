// SPDX-License-Identifier: Apache-2.0

package breaker

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// clock is a clock that stands still until it is set on.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Unix(1_700_000_000, 0)} }

func (c *clock) add(d time.Duration) { c.now = c.now.Add(d) }

var errDead = errors.New("dead")

// rig is a breaker with its clock and what it told.
type rig struct {
	*breaker
	clock *clock
	told  []string
}

func newRig(failures int, wait, most time.Duration) *rig {
	r := &rig{clock: newClock()}
	r.breaker = newBreaker(config{
		Failures: failures, Wait: wait, MaxWait: most, Now: func() time.Time { return r.clock.now },
		Changed: func(up bool, why error) { r.told = append(r.told, fmt.Sprint(up, why)) },
	})
	return r
}

// ask asks one question. It tells if there was leave.
func (r *rig) ask(o outcome) bool {
	p, err := r.enter()
	if err != nil {
		return false
	}
	p.done(o, errDead)
	return true
}

func TestOpensAfterFailuresInARow(t *testing.T) {
	tests := []struct {
		name     string
		outcomes []outcome
		open     bool
	}{
		{"nothing", nil, false},
		{"works", []outcome{worked, worked, worked, worked}, false},
		{"two", []outcome{failed, failed}, false},
		{"three", []outcome{failed, failed, failed}, true},
		{"not in a row", []outcome{failed, failed, worked, failed, failed}, false},
		{"nobody waited", []outcome{failed, failed, unknown, unknown}, false},
		{"nobody waited in between", []outcome{failed, unknown, failed, unknown, failed}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(3, time.Second, time.Minute)
			for i, o := range tt.outcomes {
				if !r.ask(o) {
					t.Fatalf("no leave for question %d", i)
				}
			}
			if r.isOpen() != tt.open || r.ask(worked) == tt.open {
				t.Errorf("open: got %v, want %v", r.isOpen(), tt.open)
			}
		})
	}
}

// TestBackOff: the time it is open doubles up to the limit, and is the first again once the server has worked for long enough.
func TestBackOff(t *testing.T) {
	r := newRig(1, time.Second, 5*time.Second)
	r.ask(failed)
	for _, wait := range []time.Duration{1, 2, 4, 5, 5} {
		r.clock.add(wait*time.Second - 1)
		if r.ask(failed) {
			t.Fatalf("leave before %d s are over", wait)
		}
		r.clock.add(1)
		if r.isOpen() || !r.ask(failed) {
			t.Fatalf("no leave after %d s", wait)
		}
	}
	r.clock.add(5 * time.Second)
	r.ask(worked)
	// It comes back, and fails at once: it is left alone for as long as before.
	r.ask(failed)
	r.clock.add(5*time.Second - 1)
	if r.ask(failed) {
		t.Error("a server that flaps was asked too soon")
	}
	r.clock.add(1)
	r.ask(worked)
	r.clock.add(time.Minute)
	r.ask(failed)
	r.clock.add(time.Second)
	if !r.ask(worked) {
		t.Error("a server that had worked for a minute is left alone for longer than the first time")
	}
	want := []string{"false dead", "true <nil>", "false dead", "true <nil>", "false dead", "true <nil>"}
	if diff := cmp.Diff(want, r.told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// TestOneProbe: while the probe is under way nobody else has leave, and what was asked before counts no more.
func TestOneProbe(t *testing.T) {
	r := newRig(1, time.Second, time.Minute)
	early, _ := r.enter()
	late, _ := r.enter()
	early.done(failed, errDead)
	r.clock.add(time.Second)
	probe, err := r.enter()
	if err != nil || !probe.probe {
		t.Fatalf("got %+v, %v, want the probe", probe, err)
	}
	if _, err := r.enter(); !errors.Is(err, errOpen) || !r.isOpen() {
		t.Errorf("a second question beside the probe: got %v, want errOpen", err)
	}
	late.done(worked, nil)
	if !r.isOpen() {
		t.Error("the answer to an old question closed it")
	}
	probe.done(unknown, nil)
	again, err := r.enter()
	if err != nil || !again.probe {
		t.Fatalf("after a probe that nobody waited for: got %+v, %v, want another", again, err)
	}
	probe.done(failed, errDead) // A second time, which says nothing.
	again.done(worked, nil)
	if r.isOpen() || !r.ask(worked) {
		t.Error("open after a probe that worked")
	}
}

// TestProperties has any questions, in any order and at any time, and wants: closed, there is always leave; between two probes that fail there is at
// least the shortest time, and at most the longest until the next has leave; one probe at a time.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const wait, most = time.Second, 10 * time.Second
		r := newRig(rapid.IntRange(1, 4).Draw(t, "failures"), wait, most)
		var under []pass
		opened := time.Time{}
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				r.clock.add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "ms")) * time.Millisecond)
			case 1:
				p, err := r.enter()
				if err != nil && !slices.ContainsFunc(under, func(p pass) bool { return p.probe && p.era == r.era }) && r.clock.now.Sub(opened) >= most {
					t.Fatalf("no leave %v after it opened", r.clock.now.Sub(opened))
				}
				if err != nil {
					continue
				}
				if p.probe && r.clock.now.Sub(opened) < wait {
					t.Fatalf("probe %v after it opened", r.clock.now.Sub(opened))
				}
				if p.probe && slices.ContainsFunc(under, func(p pass) bool { return p.probe && p.era == r.era }) {
					t.Fatal("two probes")
				}
				under = append(under, p)
			case 2:
				if len(under) == 0 {
					continue
				}
				i := rapid.IntRange(0, len(under)-1).Draw(t, "which")
				before := r.state
				under[i].done(outcome(rapid.IntRange(0, 2).Draw(t, "outcome")), errDead)
				if r.state == open && before != open && !r.until.Before(r.clock.now.Add(wait)) {
					opened = r.clock.now
				}
				under = slices.Delete(under, i, i+1)
			}
		}
	})
}
