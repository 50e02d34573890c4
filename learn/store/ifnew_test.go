// SPDX-License-Identifier: Apache-2.0

package store

import (
	"path/filepath"
	"testing"

	"github.com/mailweir/mailweir/learn"
)

// What a person has taught is not overridden by what learns by itself.
func TestIfNew(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "learned.db"), Options{Bits: 12})
	if err != nil {
		t.Fatal(err)
	}
	item := Item{Digest: learn.Digest{1}, Features: &learn.Features{}}
	if done, err := s.Learn(t.Context(), Site, []Item{item}); err != nil || done.Learned != 1 {
		t.Fatalf("got %+v, %v", done, err)
	}
	item.Spam, item.IfNew = true, true
	if done, err := s.Learn(t.Context(), Site, []Item{item}); err != nil || done.Known != 1 || done.Changed != 0 {
		t.Errorf("got %+v, %v", done, err)
	}
	item.IfNew = false
	if done, err := s.Learn(t.Context(), Site, []Item{item}); err != nil || done.Changed != 1 {
		t.Errorf("a person: got %+v, %v", done, err)
	}
}
