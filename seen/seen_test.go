// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// clock is a time that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_700_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func key(i int) Key {
	var k Key
	binary.BigEndian.PutUint64(k[:], uint64(i)+1)
	return k
}

func two(c *clock, limit int) Options {
	o := Options{Max: limit, Classes: []Class{{Keep: time.Hour, Share: limit / 4}, {Keep: 1000 * time.Hour, Share: limit / 2}}}
	if c != nil {
		o.Now = c.Now
	}
	return o
}

func open(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func save(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Save(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func put(s *Store, k Key, e Entry) { s.Update(k, func(Entry, bool) (Entry, bool) { return e, true }) }

func has(s *Store, k Key) bool {
	_, known := s.Get(k)
	return known
}

func TestUpdate(t *testing.T) {
	c := newClock()
	s := open(t, filepath.Join(t.TempDir(), "seen"), two(c, 100))
	first := c.Now()
	put(s, key(1), Entry{Count: 7, Tag: 9, Group: 3})
	c.pass(10 * time.Minute)
	s.Update(key(1), func(e Entry, known bool) (Entry, bool) {
		if want := (Entry{Group: 3, First: first, Last: first, Count: 7, Tag: 9}); e != want || !known {
			t.Errorf("got %+v, want %+v", e, want)
		}
		e.Count++
		e.Class = 1
		return e, true
	})
	s.Update(key(2), func(e Entry, known bool) (Entry, bool) { return e, known })
	if has(s, key(2)) {
		t.Error("left as it was, it is there")
	}
	e, known := s.Get(key(1))
	if want := (Entry{Class: 1, Group: 3, First: first, Last: c.Now(), Count: 8, Tag: 9}); e != want || !known {
		t.Errorf("got %+v, want %+v", e, want)
	}
	if s.Len(0) != 0 || s.Len(1) != 1 {
		t.Errorf("lengths %d, %d", s.Len(0), s.Len(1))
	}
	c.pass(1000*time.Hour + time.Second)
	if has(s, key(1)) {
		t.Error("not expired")
	}
}

// TestTouch: an entry that is only seen again is not written each time.
func TestTouch(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "seen")
	s := open(t, path, two(c, 100))
	touch := func() {
		s.Update(key(1), func(e Entry, _ bool) (Entry, bool) { e.Class = 1; return e, true })
		save(t, s)
	}
	touch()
	before := size(t, path)
	c.pass(9 * time.Hour)
	touch()
	if got := size(t, path); got != before {
		t.Errorf("%d octets became %d", before, got)
	}
	c.pass(2 * time.Hour)
	touch()
	if got := size(t, path); got != before+recordOctets {
		t.Errorf("%d octets became %d", before, got)
	}
	c.pass(995 * time.Hour)
	if !has(s, key(1)) || !has(open(t, path, two(c, 100)), key(1)) {
		t.Error("the time of the last update was lost")
	}
}

func size(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestFlood: who brings many entries pushes out his own first, and unconfirmed ones do not push out others.
func TestFlood(t *testing.T) {
	c := newClock()
	s := open(t, filepath.Join(t.TempDir(), "seen"), two(c, 1000))
	for i := range 50 {
		put(s, key(i), Entry{Class: 0, Group: uint8(i)})
		put(s, key(100+i), Entry{Class: 1, Group: 77})
	}
	for i := range 10_000 {
		put(s, key(1000+i), Entry{Class: 0, Group: 200})
	}
	c.pass(time.Second)
	for i := range 50 {
		if !has(s, key(i)) || !has(s, key(100+i)) {
			t.Fatalf("entry %d was pushed out", i)
		}
	}
	if n := s.Len(0) + s.Len(1); n != 1000 {
		t.Errorf("%d entries, want 1000", n)
	}
	if l := s.Lives(0, 1); l != time.Hour {
		t.Errorf("group 1 lives for %v", l)
	}
	if l := s.Lives(0, 200); l != 0 {
		t.Errorf("group 200 lives for %v", l)
	}
	c.pass(2 * time.Hour)
	if l := s.Lives(0, 200); l != time.Hour {
		t.Errorf("two hours later it lives for %v", l)
	}
	for i := range 2000 { // Confirmed ones have the room that is theirs, and no more.
		put(s, key(20_000+i), Entry{Class: 1, Group: uint8(i)})
		put(s, key(30_000+i), Entry{Class: 0, Group: uint8(i)})
	}
	if s.Len(0) < 250 || s.Len(1) < 500 || s.Len(0)+s.Len(1) != 1000 {
		t.Errorf("lengths %d, %d", s.Len(0), s.Len(1))
	}
}

// A group that has as many entries of a class as it may have pushes out its own, though there is room; another class and another group are not touched.
func TestGroupLimit(t *testing.T) {
	o := two(newClock(), 100)
	o.Classes[0].Group = 10
	path := filepath.Join(t.TempDir(), "seen")
	s := open(t, path, o)
	put(s, key(0), Entry{Group: 2})
	for i := 1; i <= 30; i++ {
		put(s, key(i), Entry{Group: 1})
		put(s, key(100+i), Entry{Class: 1, Group: 1})
	}
	put(s, key(30), Entry{Group: 1, Count: 1}) // It is there already.
	check := func(s *Store) {
		t.Helper()
		if s.Len(0) != 11 || s.Len(1) != 30 {
			t.Errorf("%d and %d entries", s.Len(0), s.Len(1))
		}
		for i := range 31 {
			if _, known := s.Get(key(i)); known != (i == 0 || i > 20) {
				t.Errorf("%d: known %v", i, known)
			}
		}
	}
	check(s)
	if s.Lives(0, 1) != 0 || s.Lives(0, 2) != time.Hour {
		t.Errorf("they live %v and %v", s.Lives(0, 1), s.Lives(0, 2))
	}
	save(t, s)
	check(open(t, path, o))
}

func TestSweep(t *testing.T) {
	c := newClock()
	s := open(t, filepath.Join(t.TempDir(), "seen"), two(c, 10_000))
	for i := range 500 {
		put(s, key(i), Entry{Class: 0, Group: uint8(i)})
	}
	c.pass(2 * time.Hour)
	for i := range 2 * groups {
		put(s, key(1000+i), Entry{Class: 1})
	}
	if s.Len(0) != 0 {
		t.Errorf("%d expired entries are still there", s.Len(0))
	}
}

// TestTogether: two stores with one file know what both know.
func TestTogether(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "seen")
	a, b := open(t, path, two(c, 100)), open(t, path, two(c, 100))
	put(a, key(1), Entry{Count: 1})
	save(t, a)
	put(b, key(2), Entry{Class: 1, Count: 2})
	save(t, b)
	put(b, key(1), Entry{Class: 1, Count: 5})
	put(a, key(3), Entry{})
	save(t, a)
	save(t, b)
	for _, s := range []*Store{b, open(t, path, two(c, 100))} {
		for i, count := range []uint32{1: 5, 2: 2, 3: 0} {
			if e, known := s.Get(key(i)); i > 0 && (!known || e.Count != count) {
				t.Errorf("key %d: %+v, %v", i, e, known)
			}
		}
	}
}

// TestTogetherFirst: what one store has seen first counts, even if the other has not looked before it saw the same.
func TestTogetherFirst(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "seen")
	a, b := open(t, path, two(c, 100)), open(t, path, two(c, 100))
	first := c.Now()
	put(a, key(1), Entry{})
	save(t, a)
	c.pass(10 * time.Minute)
	put(b, key(1), Entry{})
	save(t, b)
	put(a, key(2), Entry{})
	save(t, a)
	for name, s := range map[string]*Store{"one": a, "other": b, "new": open(t, path, two(c, 100))} {
		if e, _ := s.Get(key(1)); !e.First.Equal(first) || !e.Last.Equal(c.Now()) {
			t.Errorf("%s: from %v to %v", name, e.First, e.Last)
		}
	}
}

// TestRewrite: the file does not grow for ever, and whoever has it open finds the new one.
func TestRewrite(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "seen")
	a, b := open(t, path, two(c, 100)), open(t, path, two(c, 100))
	put(b, key(1), Entry{Class: 1})
	save(t, b)
	for i := range 6000 {
		put(a, key(2), Entry{Class: 1, Count: uint32(i)})
		save(t, a)
	}
	if got := size(t, path); got > int64(headOctets+recordOctets*(slack+2100)) {
		t.Errorf("%d octets", got)
	}
	put(b, key(3), Entry{Class: 1})
	save(t, b)
	if e, _ := b.Get(key(2)); e.Count != 5999 {
		t.Errorf("the other has %+v", e)
	}
	again := open(t, path, two(c, 100))
	for i := 1; i <= 3; i++ {
		if !has(again, key(i)) {
			t.Errorf("key %d is lost", i)
		}
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestRemoved: a file that somebody has removed is written again as a whole.
func TestRemoved(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "seen")
	s := open(t, path, two(c, 100))
	put(s, key(1), Entry{})
	save(t, s)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	put(s, key(2), Entry{})
	save(t, s)
	if again := open(t, path, two(c, 100)); !has(again, key(1)) || !has(again, key(2)) {
		t.Error("lost")
	}
}

// TestBroken: what is broken in the file spoils nothing else.
func TestBroken(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "seen")
	s := open(t, path, two(c, 100))
	for i := range 3 {
		put(s, key(i), Entry{Class: 1})
		save(t, s)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := func(i int) int { return headOctets + i*recordOctets }
	for _, tt := range []struct {
		name string
		text []byte
		want string
	}{
		{"whole", whole, "012"},
		{"torn record", whole[:at(2)+7], "01"},
		{"a record of zeros", append(append(bytes.Clone(whole[:at(1)]), make([]byte, recordOctets)...), whole[at(2):]...), "02"},
		{"a bit", append(append(bytes.Clone(whole[:at(0)+3]), whole[at(0)+3]^1), whole[at(0)+4:]...), "12"},
		{"head only", whole[:headOctets], ""},
		{"torn head", whole[:headOctets-1], ""},
		{"empty", nil, ""},
		{"unknown class", append(bytes.Clone(whole), (&record{key: key(9), first: 1, last: 1_700_000_000, class: 3}).append(nil)...), "012"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "seen")
			if err := os.WriteFile(path, tt.text, 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, path, two(c, 100))
			put(s, key(5), Entry{Class: 1}) // After which the file is sound again.
			save(t, s)
			for _, s := range []*Store{s, open(t, path, two(c, 100))} {
				got := ""
				for i := range 10 {
					if has(s, key(i)) {
						got += fmt.Sprint(i)
					}
				}
				if got != tt.want+"5" {
					t.Errorf("got %s, want %s5", got, tt.want)
				}
			}
		})
	}
}

// TestForeign: a file of another kind is not touched.
func TestForeign(t *testing.T) {
	dir := t.TempDir()
	other, pipe := filepath.Join(dir, "other"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(other, []byte("root:x:0:0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{other, pipe, dir} {
		if _, err := Open(path, two(nil, 10)); err == nil {
			t.Errorf("%s: taken", path)
		}
	}
	s := open(t, filepath.Join(dir, "new"), two(nil, 10))
	if err := os.Rename(other, filepath.Join(dir, "new")); err != nil {
		t.Fatal(err)
	}
	put(s, key(1), Entry{})
	if err := s.Save(t.Context()); err == nil {
		t.Error("written to")
	}
	if text, err := os.ReadFile(filepath.Join(dir, "new")); err != nil || string(text) != "root:x:0:0\n" {
		t.Errorf("it has become %q, %v", text, err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestTrouble: what cannot be saved now is saved later.
func TestTrouble(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	path := filepath.Join(dir, "seen")
	c := newClock()
	s := open(t, path, two(c, 10))
	put(s, key(1), Entry{})
	var told []error
	tell := func(err error) { told = append(told, err) }
	for range 2 {
		s.Keep(t.Context(), tell)
	}
	if len(told) != 1 || told[0] == nil {
		t.Errorf("saved in a folder that there is not: %v", told)
	}
	if !has(s, key(1)) {
		t.Error("forgotten")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s.Keep(t.Context(), tell)
	if len(told) != 1 || exists(path) {
		t.Errorf("tried again at once: %v", told)
	}
	c.pass(keepPause)
	for range 2 {
		s.Keep(t.Context(), tell)
	}
	if len(told) != 2 || told[1] != nil || !exists(path) {
		t.Errorf("told %v", told)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	put(s, key(2), Entry{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Save(ctx); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("with the file locked: %v", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	save(t, s)
	again := open(t, path, two(c, 10))
	if !has(again, key(1)) || !has(again, key(2)) {
		t.Error("lost")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestClock(t *testing.T) {
	c := newClock()
	s := open(t, filepath.Join(t.TempDir(), "seen"), two(c, 10))
	c.pass(10 * 24 * time.Hour) // Wrong, and then right again.
	put(s, key(1), Entry{Class: 1})
	c.pass(-10 * 24 * time.Hour)
	put(s, key(2), Entry{Class: 1})
	c.pass(-time.Minute)
	if has(s, key(1)) || !has(s, key(2)) {
		t.Errorf("from the far future %v, from the near %v", has(s, key(1)), has(s, key(2)))
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"no entries":       {Classes: []Class{{Keep: time.Hour}}},
		"too many":         {Max: MaxEntries + 1, Classes: []Class{{Keep: time.Hour}}},
		"no class":         {Max: 1},
		"too many classes": {Max: 1, Classes: make([]Class, MaxClasses+1)},
		"no time":          {Max: 1, Classes: []Class{{}}},
		"a limit below 0":  {Max: 10, Classes: []Class{{Keep: time.Hour, Group: -1}}},
		"shares":           {Max: 10, Classes: []Class{{Keep: time.Hour, Share: 6}, {Keep: time.Hour, Share: 5}}},
	} {
		if _, err := Open(filepath.Join(t.TempDir(), "x"), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzLoad: whatever is in the file, what is read is bounded, and saved again it is the same.
func FuzzLoad(f *testing.F) {
	c := newClock()
	head := append([]byte(magic), make([]byte, idOctets)...)
	r := record{key: key(1), first: seconds(c.Now()), last: seconds(c.Now())}
	f.Add(r.append(bytes.Clone(head)))
	f.Add(head[:20])
	f.Add([]byte("x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "seen")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, two(c, 5))
		if err != nil {
			return
		}
		put(s, key(3), Entry{})
		save(t, s)
		again := open(t, path, two(c, 5))
		if n := s.Len(0) + s.Len(1); n > 5 || !has(again, key(3)) {
			t.Errorf("%d entries", n)
		}
		if len(text) < headOctets+4*recordOctets { // Nothing had to go.
			for k := range s.table.index {
				if a, b := s.table.nodes[s.table.index[k]].record, again.table.nodes[again.table.index[k]].record; has(s, k) && a != b {
					t.Errorf("%+v became %+v", a, b)
				}
			}
		}
	})
}
