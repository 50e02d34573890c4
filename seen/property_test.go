// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestTwoStores: whatever two stores with one file are told, and whenever they save and are opened anew, in the end both know all of it, and the newest of it.
func TestTwoStores(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		path := filepath.Join(dir, "seen")
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		reopen := func() *Store {
			s, err := Open(path, two(c, 1000))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		keep := func(s *Store) {
			if err := s.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		stores := []*Store{reopen(), reopen()}
		want := map[Key]uint32{}
		var n uint32
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			i := rapid.IntRange(0, 1).Draw(t, "store")
			switch rapid.SampledFrom([]string{"put", "put", "save", "reopen", "wait", "torn"}).Draw(t, "what") {
			case "put":
				n++
				k := key(rapid.IntRange(0, 9).Draw(t, "key"))
				c.pass(time.Second) // So that it is known which one is the newest.
				put(stores[i], k, Entry{Class: 1, Count: n})
				want[k] = n
			case "save":
				keep(stores[i])
			case "reopen":
				keep(stores[i])
				stores[i] = reopen()
			case "wait":
				c.pass(time.Hour)
			case "torn":
				tear(t, path, rapid.IntRange(1, recordOctets-1).Draw(t, "octets"))
			}
		}
		put(stores[0], key(100), Entry{Class: 1}) // So that all have something to save, and look.
		put(stores[1], key(101), Entry{Class: 1})
		keep(stores[0])
		keep(stores[1])
		put(stores[0], key(102), Entry{Class: 1})
		keep(stores[0])
		for i, s := range []*Store{stores[0], stores[1], reopen()} {
			for k, count := range want {
				if e, known := s.Get(k); !known || e.Count != count {
					t.Errorf("store %d: key %v is %+v, %v, want %d", i, k[:8], e, known, count)
				}
			}
		}
	})
}

// tear appends a part of a record, as somebody does who is killed in the middle of one.
func tear(t *rapid.T, path string, octets int) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, octets)); err != nil {
		t.Fatal(err)
	}
}
