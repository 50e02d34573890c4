// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// filled is a store with n entries, saved.
func filled(b *testing.B, n int) (path string, o Options) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "seen")
	o = Options{Max: n, Classes: []Class{{Keep: 1000 * time.Hour, Share: n / 2}}}
	s := open(b, path, o)
	for i := range n {
		put(s, key(i), Entry{Group: uint8(i)})
	}
	save(b, s)
	return path, o
}

// BenchmarkOpen reads a file of 250,000 entries, and tells how much memory they take.
func BenchmarkOpen(b *testing.B) {
	const n = 250_000
	path, o := filled(b, n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := open(b, path, o)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if s.Len(0) != n {
		b.Fatalf("%d entries", s.Len(0))
	}
	perEntry := float64(after.HeapAlloc-before.HeapAlloc) / n
	for b.Loop() {
		open(b, path, o)
	}
	b.ReportMetric(perEntry, "B/entry")
}

func BenchmarkGet(b *testing.B) {
	path, o := filled(b, 250_000)
	s := open(b, path, o)
	i := 0
	for b.Loop() {
		i++
		s.Get(key(i % 300_000))
	}
}

// BenchmarkFlood is an entry that pushes out another one, and is saved.
func BenchmarkFlood(b *testing.B) {
	path, o := filled(b, 100_000)
	s := open(b, path, o)
	i := 0
	for b.Loop() {
		i++
		put(s, key(1_000_000+i), Entry{Group: uint8(i)})
		save(b, s)
	}
}
