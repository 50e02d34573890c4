// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailweir/mailweir/scanners"
)

// TestCached: when a leaf that was scanned before is scanned again.
func TestCached(t *testing.T) {
	other := func(f *fake, now *time.Time) { f.version.Store(&version{text: "fake 2"}); *now = now.Add(probeEvery) }
	tests := []struct {
		name    string
		content string
		change  func(*Options)
		between func(f *fake, now *time.Time)
		want    int // Scans of two messages, after a first one that made the version known.
	}{
		{"clean", "x", nil, nil, 1},
		{"infected", "EVIL", nil, nil, 1},
		{"unscannable", "LARGE", nil, nil, 2},
		{"off", "x", func(o *Options) { o.CacheEntries = 0 }, nil, 2},
		{"too old", "x", nil, func(_ *fake, now *time.Time) { *now = now.Add(time.Hour) }, 2},
		{"other signatures, told already", "x", nil, func(f *fake, now *time.Time) { other(f, now); f.version.Store(&version{text: "fake 3"}) }, 2},
		{"same signatures, asked again", "x", nil, func(_ *fake, now *time.Time) { *now = now.Add(probeEvery) }, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &fake{}
			f := newFilter(t, map[string]scanners.Scanner{"a": s}, func(o *Options) {
				o.Scan = scanLeaves
				if tt.change != nil {
					tt.change(o)
				}
			})
			now := time.Unix(0, 0)
			f.now = func() time.Time { return now }
			if c := f.engines[0].cache; c != nil {
				c.now = f.now
			}
			inspect(t, f, "\r\nfirst\r\n")
			inspect(t, f, attach("f", tt.content))
			if tt.between != nil {
				tt.between(s, &now)
				inspect(t, f, "") // Nothing to scan, but time for a probe.
			}
			inspect(t, f, attach("g", tt.content))
			if got := s.scanned() - 1; got != tt.want {
				t.Errorf("scanned %d times, want %d", got, tt.want)
			}
		})
	}
}

// While a scanner does not tell its version, verdicts are neither kept nor used; once it tells the same as before, they are again.
func TestProbeFails(t *testing.T) {
	s := &fake{}
	f := newFilter(t, map[string]scanners.Scanner{"a": s}, func(o *Options) { o.Scan = scanLeaves })
	now := time.Unix(0, 0)
	f.now = func() time.Time { return now }
	f.engines[0].cache.now = f.now
	for i, step := range []struct {
		says version
		want int // Scans so far.
	}{
		{version{text: "one"}, 1},
		{version{text: "one"}, 1},
		{version{err: errors.New("dead")}, 2},
		{version{panics: true}, 3},
		{version{text: "one"}, 3},
		{version{text: "two"}, 4},
		{version{text: "two"}, 4},
		{version{text: "one"}, 5}, // Signatures may have changed in between.
	} {
		s.version.Store(&step.says)
		inspect(t, f, "") // Nothing to scan, but time for a probe.
		inspect(t, f, "\r\nx\r\n")
		if got := s.scanned(); got != step.want {
			t.Errorf("step %d: scanned %d times, want %d", i, got, step.want)
		}
		now = now.Add(probeEvery)
	}
}

// Verdicts of one scanner are not those of another.
func TestCacheKeepsScannersApart(t *testing.T) {
	a, b := &fake{}, &fake{report: scanners.Report{Verdict: scanners.Infected, Signature: "only b"}}
	f := newFilter(t, map[string]scanners.Scanner{"a": a, "b": b}, func(o *Options) { o.Scanners, o.Scan = []string{"a", "b"}, scanLeaves })
	for range 3 {
		if got := inspect(t, f, "\r\nx\r\n"); len(got) != 1 {
			t.Errorf("got %v", got)
		}
	}
}

// What is being scanned is not scanned a second time.
func TestFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(10, time.Hour, time.Now)
		scans := 0
		scan := func() (scanners.Report, error) {
			scans++
			time.Sleep(time.Second)
			return scanners.Report{Verdict: scanners.Unscannable}, nil
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if r, _, err := c.do(t.Context(), key{}, scan); err != nil || r.Verdict != scanners.Unscannable {
					t.Errorf("got %v, %v", r, err)
				}
			})
		}
		wg.Wait()
		if scans != 1 {
			t.Errorf("%d scans, want 1", scans)
		}
	})
}

// Another one's failure is no answer for those who wait for it, and neither is it kept.
func TestFlightFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(10, time.Hour, time.Now)
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _, err := c.do(t.Context(), key{}, func() (scanners.Report, error) {
				time.Sleep(time.Second)
				return scanners.Report{Verdict: scanners.Clean}, errors.New("my time is up")
			})
			if err == nil {
				t.Error("the error is lost")
			}
		})
		synctest.Wait()
		for range 3 {
			wg.Go(func() {
				r, hit, err := c.do(t.Context(), key{}, func() (scanners.Report, error) { return scanners.Report{Verdict: scanners.Infected}, nil })
				if err != nil || hit || r.Verdict != scanners.Infected {
					t.Errorf("got %v, %v, %v, want an own scan", r, hit, err)
				}
			})
		}
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if _, _, err := c.do(ctx, key{}, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("waiting: got %v", err)
			}
		})
		wg.Wait()
		if len(c.entries) != 0 || len(c.flights) != 0 {
			t.Errorf("kept %d verdicts and %d flights", len(c.entries), len(c.flights))
		}
	})
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache(3, time.Hour, time.Now)
	get := func(i int) (hit bool) {
		_, hit, err := c.do(t.Context(), key{engine: i}, func() (scanners.Report, error) { return scanners.Report{Verdict: scanners.Clean}, nil })
		if err != nil {
			t.Fatal(err)
		}
		return hit
	}
	var got string
	for _, i := range []int{1, 2, 3, 1, 4, 1, 2, 5, 6, 7, 1} {
		got += fmt.Sprintf("%d:%v ", i, get(i))
	}
	const want = "1:false 2:false 3:false 1:true 4:false 1:true 2:false 5:false 6:false 7:false 1:false "
	if got != want || len(c.entries) != 3 || c.recent.Len() != 3 {
		t.Errorf("got  %s\nwant %s\nentries %d, %d", got, want, len(c.entries), c.recent.Len())
	}
}
