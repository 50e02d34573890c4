// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"path/filepath"
	"testing"
)

// Users' models take no more memory than the options say, those asked for last stay, and users who have learned nothing take none.
func TestMemory(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "learned.db"))
	user := func(n int) string { return fmt.Sprintf("user%d@example.org", n) }
	for n := range 4 {
		if _, err := s.Learn(t.Context(), user(n), []Item{item(n, true)}); err != nil {
			t.Fatal(err)
		}
	}
	written(t, s, Site)
	for _, n := range []int{0, 1, 2, 0, 3} {
		if m, err := s.Model(t.Context(), user(n)); m == nil || err != nil {
			t.Fatalf("user %d: %v, %v", n, m, err)
		}
	}
	for n, want := range []bool{true, false, true, true} {
		if got := s.Held(user(n)) != nil; got != want {
			t.Errorf("user %d: held %v, want %v", n, got, want)
		}
	}
	if s.Held(Site) == nil {
		t.Error("the site's model had to make room")
	}
	if got := s.octets(); got != 3*32<<10 {
		t.Errorf("%d octets are taken", got)
	}
	before := len(s.held)
	if m, err := s.Model(t.Context(), "nobody@example.org"); m != nil || err != nil {
		t.Errorf("nothing learned: got %v, %v", m, err)
	}
	if len(s.held) != before {
		t.Errorf("%d places, want %d", len(s.held), before)
	}
}

// A user whose database is gone for another has no model any more.
func TestHeldForgets(t *testing.T) {
	const user = "user@example.org"
	s, other := open(t, filepath.Join(t.TempDir(), "a")), open(t, filepath.Join(t.TempDir(), "b"))
	if _, err := s.Learn(t.Context(), user, []Item{item(1, true)}); err != nil {
		t.Fatal(err)
	}
	written(t, s, user)
	s.db = other.db
	if m, err := s.Model(t.Context(), user); m != nil || err != nil {
		t.Errorf("got %v, %v", m, err)
	}
	if s.Held(user) != nil {
		t.Error("the old model serves")
	}
}
