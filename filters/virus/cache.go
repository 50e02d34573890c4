// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"container/list"
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/mailweir/mailweir/scanners"
)

// key is one content for one scanner with one set of signatures.
type key struct {
	digest     [sha256.Size]byte
	engine     int // Index of the scanner.
	signatures int // Number of its set of signatures, see engine.
}

// cache keeps the last verdicts, least recently used ones going first, and lets content that is being scanned be scanned once.
// Only Clean and Infected are kept: errors and Unscannable may be different the next time. It is safe for many goroutines.
type cache struct {
	most int           // Entries.
	ttl  time.Duration // Of an entry.
	now  func() time.Time

	mu      sync.Mutex
	entries map[key]*list.Element // Of *entry.
	recent  list.List             // Most recently used first.
	flights map[key]*flight
}

type entry struct {
	key     key
	report  scanners.Report
	expires time.Time
}

// flight is a scan that is going on.
type flight struct {
	done   chan struct{}
	report scanners.Report // Valid once done is closed.
	err    error
}

func newCache(most int, ttl time.Duration, now func() time.Time) *cache {
	return &cache{most: most, ttl: ttl, now: now, entries: map[key]*list.Element{}, flights: map[key]*flight{}}
}

// do gives the verdict about k: a kept one, that of a scan that is going on, or that of its own call of scan, which must not
// panic. hit tells that scan was not called.
func (c *cache) do(ctx context.Context, k key, scan func() (scanners.Report, error)) (r scanners.Report, hit bool, err error) {
	r, ok, f, ours := c.join(k)
	switch {
	case ok:
		return r, true, nil
	case !ours:
		select {
		case <-f.done:
		case <-ctx.Done():
			return scanners.Report{}, true, ctx.Err()
		}
		if f.err == nil {
			return f.report, true, nil
		}
		// What failed for somebody else, whose time may have been up, is no answer for us.
		r, err = scan()
		return r, false, err
	}
	f.report, f.err = scan()
	c.land(k, f)
	return f.report, false, f.err
}

// join looks k up. ok tells that there is a verdict; else it is the flight to wait for, or, if it is ours, to make.
func (c *cache) join(k key) (r scanners.Report, ok bool, f *flight, ours bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.entries[k]; el != nil {
		e := el.Value.(*entry)
		if c.now().Before(e.expires) {
			c.recent.MoveToFront(el)
			return e.report, true, nil, false
		}
		c.drop(el)
	}
	if f = c.flights[k]; f != nil {
		return r, false, f, false
	}
	f = &flight{done: make(chan struct{})}
	c.flights[k] = f
	return r, false, f, true
}

// land ends a flight of ours and keeps its verdict.
func (c *cache) land(k key, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, k)
	close(f.done)
	if f.err != nil || f.report.Verdict != scanners.Clean && f.report.Verdict != scanners.Infected {
		return
	}
	// The key is not there: whoever finds it kept makes no flight.
	c.entries[k] = c.recent.PushFront(&entry{key: k, report: f.report, expires: c.now().Add(c.ttl)})
	if c.recent.Len() > c.most {
		c.drop(c.recent.Back())
	}
}

func (c *cache) drop(el *list.Element) {
	delete(c.entries, el.Value.(*entry).key)
	c.recent.Remove(el)
}
