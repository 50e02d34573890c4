// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// fill puts A0 six days ago and one more each day until today's A6.
func fill(t *testing.T, s *Store, c *clock) {
	t.Helper()
	for i := range 7 {
		c.t = morning.AddDate(0, 0, i-6)
		put(t, s, testEntry(fmt.Sprintf("A%d", i)))
	}
}

// octets is the size of all files in the store.
func octets(t *testing.T, s *Store) int64 {
	t.Helper()
	var sum int64
	for _, name := range files(t, s) {
		info, err := s.root.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	return sum
}

func TestExpire(t *testing.T) {
	measured, c := newStore(t, Options{})
	put(t, measured, testEntry("A0"))
	one := octets(t, measured)
	day := 24 * time.Hour
	tests := []struct {
		name string
		opts Options
		want string
	}{
		{"no limit", Options{}, "A6 A5 A4 A3 A2 A1 A0"},
		{"young enough", Options{Keep: 6 * day}, "A6 A5 A4 A3 A2 A1 A0"},
		{"by age", Options{Keep: 6*day - time.Millisecond}, "A6 A5 A4 A3 A2 A1"},
		{"all by age", Options{Keep: time.Nanosecond}, "A6"}, // Put at this very time.
		{"small enough", Options{MaxSize: mail.Size(7 * one)}, "A6 A5 A4 A3 A2 A1 A0"},
		{"by size", Options{MaxSize: mail.Size(7*one - 1)}, "A6 A5 A4 A3 A2 A1"},
		{"more by size", Options{MaxSize: mail.Size(3 * one)}, "A6 A5 A4"},
		{"all by size", Options{MaxSize: 1}, ""},
		{"by both", Options{Keep: 3 * day, MaxSize: mail.Size(2 * one)}, "A6 A5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s *Store
			s, c = newStore(t, tt.opts)
			fill(t, s, c)
			before := octets(t, s)
			removed, freed, err := s.Expire(t.Context())
			if got := list(s, Filter{}); got != tt.want || err != nil {
				t.Errorf("left %s, error %v, want %s", got, err, tt.want)
			}
			if want := 7 - len(strings.Fields(tt.want)); removed != want || freed != before-octets(t, s) {
				t.Errorf("told %d entries, %d octets, want %d, %d", removed, freed, want, before-octets(t, s))
			}
			if removed, freed, err := s.Expire(t.Context()); removed != 0 || freed != 0 || err != nil {
				t.Errorf("again: %d, %d, %v, want nothing", removed, freed, err)
			}
		})
	}
}

// TestExpireFolders: empty folders of past days go, those that an entry may be about to come into stay.
func TestExpireFolders(t *testing.T) {
	s, c := newStore(t, Options{MaxSize: 1})
	fill(t, s, c)
	if err := s.root.WriteFile("2026-11-17/note", nil, fileMode); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(s.root.Name() + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	if got, want := strings.Join(left, " "), "2026-11-17 2026-11-21 2026-11-22"; got != want {
		t.Errorf("folders %s, want %s", got, want)
	}
}

// TestExpireOdd: leftovers of a crash go after an hour; what a later version wrote and what is not ours stays.
func TestExpireOdd(t *testing.T) {
	s, c := newStore(t, Options{Keep: time.Hour})
	put(t, s, testEntry("A0"))
	c.t = morning.AddDate(0, 0, 2)
	base := "2026-11-22/20261122-093015.042-"
	for name, age := range map[string]time.Duration{
		base + "B1.eml":      leftoverAge + time.Second,
		base + "B2.eml":      leftoverAge - time.Second,
		base + "B3.eml.tmp":  leftoverAge + time.Second,
		base + "B4.json.tmp": leftoverAge + time.Second,
		base + "B5.eml.tmp":  0,
		base + "C1.json":     0, // Damaged: as old as its name says.
		base + "D1.json":     48 * time.Hour,
		"2026-11-22/note":    48 * time.Hour,
	} {
		text := "x"
		if strings.Contains(name, "D1") {
			text = `{"version": 2}`
		}
		if err := s.root.WriteFile(name, []byte(text), fileMode); err != nil {
			t.Fatal(err)
		}
		if err := s.root.Chtimes(name, c.t.Add(-age), c.t.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	removed, _, err := s.Expire(t.Context())
	got := strings.ReplaceAll(strings.Join(files(t, s), " "), base, "")
	if want := "B2.eml B5.eml.tmp D1.json 2026-11-22/note"; got != want || err != nil {
		t.Errorf("left %s, error %v, want %s", got, err, want)
	}
	if removed != 2 {
		t.Errorf("told %d entries, want 2: A0 and C1", removed)
	}
	s.opts.MaxSize = 1
	if removed, _, err := s.Expire(t.Context()); removed != 0 || err != nil || len(files(t, s)) != 4 {
		t.Errorf("by size: %d entries, %v, left %v, want the same", removed, err, files(t, s))
	}
}

func TestExpireCancelled(t *testing.T) {
	s, c := newStore(t, Options{MaxSize: 1})
	fill(t, s, c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	removed, _, err := s.Expire(ctx)
	if removed != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d entries, error %v, want none, %v", removed, err, context.Canceled)
	}
}

// TestExpireGoesOn: one bad file does not keep the others.
func TestExpireGoesOn(t *testing.T) {
	s, c := newStore(t, Options{Keep: time.Hour})
	fill(t, s, c)
	// A folder where the message of A0 should be, with something in it, cannot be removed.
	id := ID("20261116-093015.042-A0")
	if err := s.root.Remove(path(id, message)); err != nil {
		t.Fatal(err)
	}
	if err := s.root.MkdirAll(path(id, message)+"/x", os.ModePerm); err != nil {
		t.Fatal(err)
	}
	removed, _, err := s.Expire(t.Context())
	if removed != 5 || err == nil || !strings.Contains(err.Error(), string(id)) {
		t.Errorf("%d entries, error %v, want 5 and one about %s", removed, err, id)
	}
}

// TestExpireFileNamedLikeADay: only folders go.
func TestExpireFileNamedLikeADay(t *testing.T) {
	s, _ := newStore(t, Options{})
	if err := s.root.WriteFile("2026-01-01", []byte("a note"), fileMode); err != nil {
		t.Fatal(err)
	}
	if err := s.root.Symlink("elsewhere", "2026-01-02"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Expire(t.Context()); err == nil {
		t.Error("nobody is told of them")
	}
	for _, name := range []string{"2026-01-01", "2026-01-02"} {
		if _, err := s.root.Lstat(name); err != nil {
			t.Error(err)
		}
	}
}
