// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestCacheKeepsCount: whatever is put in and taken out, the cache is within its bounds, knows how much it holds, and gives nothing that has expired.
func TestCacheKeepsCount(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	rapid.Check(t, func(t *rapid.T) {
		c := newCache(rapid.IntRange(1, 8).Draw(t, "entries"), rapid.Int64Range(1, 4000).Draw(t, "octets"))
		now := start
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			q := question{name: fmt.Sprint(rapid.IntRange(0, 12).Draw(t, "name")), qtype: 1}
			if rapid.Bool().Draw(t, "put") {
				ttl := time.Duration(rapid.IntRange(1, 10).Draw(t, "ttl")) * time.Second
				entries, octets, evicted := c.put(&entry{question: q, size: rapid.Int64Range(0, 3000).Draw(t, "size"), expires: now.Add(ttl)})
				if entries != len(c.byKey) || octets != c.octets || evicted < 0 {
					t.Fatalf("put tells %d, %d, %d", entries, octets, evicted)
				}
			} else if e := c.get(q, now); e != nil && (e.question != q || !now.Before(e.expires)) {
				t.Fatalf("got %+v for %v at %v", e, q, now)
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "pass")) * time.Second)
			var octets int64
			for el := c.recent.Front(); el != nil; el = el.Next() {
				octets += el.Value.(*entry).octets()
			}
			if octets != c.octets || octets > c.maxOctets || len(c.byKey) != c.recent.Len() || len(c.byKey) > c.maxEntries {
				t.Fatalf("%d entries of %d, %d octets of %d, counted %d", len(c.byKey), c.maxEntries, octets, c.maxOctets, c.octets)
			}
		}
	})
}

func BenchmarkCached(b *testing.B) {
	c := newCache(50_000, 32<<20)
	now := time.Unix(1_700_000_000, 0)
	names := make([]question, 50_000)
	for i := range names {
		names[i] = question{fmt.Sprintf("%d.2.0.192.bl.example.org", i), 1}
		c.put(&entry{question: names[i], expires: now.Add(time.Hour)})
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if c.get(names[i%len(names)], now) == nil {
			b.Fatal("lost")
		}
	}
}
