// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/salearn"
)

// damagedRounds is how often a database is damaged.
const damagedRounds = 100

// TestDamaged: whatever octets of a database's file are damaged, there is an answer or an error, no panic, and every score is a number.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	whole := wholeDatabase(t, filepath.Join(dir, "whole.db"))
	r := rand.New(rand.NewPCG(1, 2))
	failed, path := 0, filepath.Join(dir, "damaged.db")
	for range damagedRounds {
		b := slices.Clone(whole)
		for range 1 + r.IntN(20) {
			at := r.IntN(len(b))
			switch r.IntN(4) {
			case 0:
				clear(b[at:min(at+4096, len(b))])
			case 1:
				b = b[:max(at, 512)]
			default:
				b[at] ^= byte(1 + r.IntN(255))
			}
		}
		for _, name := range []string{"-wal", "-shm"} {
			if err := os.Remove(path + name); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := useDamaged(t, path); err != nil {
			failed++
		}
	}
	if failed < damagedRounds/2 {
		t.Errorf("of %d damaged databases only %d are noticed", damagedRounds, failed)
	}
	t.Logf("of %d damaged databases %d are noticed", damagedRounds, failed)
}

// wholeDatabase makes one with something in every table, and gives its octets.
func wholeDatabase(t *testing.T, path string) []byte {
	t.Helper()
	s := open(t, path)
	s.journal = 20
	for n := range 30 {
		if _, err := s.Learn(t.Context(), Site, []Item{item(n, n%2 == 0)}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Learn(t.Context(), "user@example.org", []Item{item(n, n%2 == 0)}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := salearn.ReadBackup(strings.NewReader("v\t3\tdb_version\nv\t20\tnum_spam\nv\t30\tnum_nonspam\nt\t2\t1\t1700000000\t0123456789\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ImportSpamAssassin(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// useDamaged does all that is done with a database. The error is that of anything that went wrong.
func useDamaged(t *testing.T, path string) error {
	s, err := Open(t.Context(), path, Options{Bits: 12, UserBits: 10})
	if err != nil {
		return err
	}
	s.journal = 20
	var errs []error
	for _, owner := range []string{Site, "user@example.org"} {
		m, err := s.Model(t.Context(), owner)
		if m != nil {
			if v := m.Score(item(1, true).Features, 0); !(v.Score > -100 && v.Score < 100) {
				t.Errorf("a score of %v", v.Score)
			}
		}
		_, err2 := s.Learn(t.Context(), owner, []Item{item(1, false), item(100, true)})
		_, err3 := s.Forget(t.Context(), owner, learn.Digest{2}, item(2, true).Features)
		_, err4 := s.Status(t.Context(), owner)
		errs = append(errs, err, err2, err3, err4, s.Export(t.Context(), owner, io.Discard))
	}
	_, err = s.Imported(t.Context())
	return errors.Join(append(errs, err)...)
}
