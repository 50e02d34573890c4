// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mailweir/mailweir/learn/store/postgrestest"
)

// A file that is removed while it is in use is not made anew by who has it open: what is in memory serves. Another one in its place is used at once.
func TestFileReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "learned.db")
	s := open(t, path)
	if _, err := s.Learn(t.Context(), Site, []Item{item(1, true), item(2, false)}); err != nil {
		t.Fatal(err)
	}
	before := written(t, s, Site)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Model(t.Context(), Site); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("reading: got %v", err)
	}
	if _, err := s.Learn(t.Context(), Site, []Item{item(3, true)}); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("learning: got %v", err)
	}
	if m := s.Held(Site); m == nil {
		t.Error("what was read before is gone")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file was made: %v", err)
	}
	other := open(t, path)
	if _, err := other.Learn(t.Context(), Site, []Item{item(4, true)}); err != nil {
		t.Fatal(err)
	}
	if got := written(t, s, Site); bytes.Equal(got, before) || !bytes.Equal(got, written(t, other, Site)) {
		t.Error("it is not the new database's model")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil { // One without tables.
		t.Fatal(err)
	}
	if got, err := s.Learn(t.Context(), Site, []Item{item(4, true)}); err != nil || got.Learned != 1 {
		t.Errorf("in an empty file: got %+v, %v", got, err)
	}
}

// Who only wants what is there makes nothing.
func TestExisting(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"none", "empty"} {
		if _, err := Open(t.Context(), filepath.Join(dir, name), Options{Existing: true}); !errors.Is(err, ErrNoDatabase) {
			t.Errorf("%s: got %v", name, err)
		}
		if fi, err := os.Stat(filepath.Join(dir, name)); err == nil && fi.Size() > 0 || name == "none" && err == nil {
			t.Errorf("%s: something was made", name)
		}
	}
	open(t, filepath.Join(dir, "there"))
	if _, err := Open(t.Context(), filepath.Join(dir, "there"), Options{Existing: true}); err != nil {
		t.Errorf("one that is there: got %v", err)
	}
}

// The same with PostgreSQL; and tables that were dropped while a server runs are made anew.
func TestPostgresExisting(t *testing.T) {
	at := postgrestest.Start(t).Database(t)
	s, err := Open(t.Context(), at, Options{Bits: 12, Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Status(t.Context(), Site); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("without tables: got %v", err)
	}
	server := open(t, at)
	if _, err := server.Learn(t.Context(), Site, []Item{item(1, true)}); err != nil {
		t.Fatal(err)
	}
	if st, err := s.Status(t.Context(), Site); err != nil || st.Spam != 1 {
		t.Errorf("with tables: got %+v, %v", st, err)
	}
	db, err := server.db.open(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "DROP TABLE learn_model, learn_page, learn_message, learn_journal, learn_imported")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if got, err := server.Learn(t.Context(), Site, []Item{item(1, true)}); err != nil || got.Learned != 1 {
		t.Errorf("after they were dropped: got %+v, %v", got, err)
	}
}

// Who has the file for himself keeps others waiting no longer than they want to wait, and nobody from reading.
func TestFileBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "learned.db")
	s, other := open(t, path), open(t, path)
	err := s.db.write(t.Context(), maxWrite, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := s.db.claim(ctx, tx, Site); err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := other.Learn(short, Site, []Item{item(1, true)}); !IsBusy(err) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("learning: got %v", err)
		}
		if took := time.Since(began); took > busyWrite/2 {
			t.Errorf("it took %v", took)
		}
		_, err := other.Model(ctx, Site)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
