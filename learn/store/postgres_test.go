// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/learn/store/postgrestest"
)

// Who has no right to make tables works with those that are there.
func TestPostgresFewRights(t *testing.T) {
	at := postgrestest.Start(t).Database(t)
	owner := open(t, at)
	if _, err := owner.Learn(t.Context(), Site, []Item{item(1, true)}); err != nil {
		t.Fatal(err)
	}
	db, err := owner.db.open(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "CREATE ROLE worker LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO worker; CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	as := func(role string) *Store { return open(t, strings.Replace(at, "tester@", role+"@", 1)) }
	if got, err := as("worker").Learn(t.Context(), Site, []Item{item(1, true), item(2, true)}); err != nil || got != (Done{Learned: 1, Known: 1}) {
		t.Errorf("worker: got %+v, %v", got, err)
	}
	reader := as("reader")
	if m, err := reader.Model(t.Context(), Site); err != nil {
		t.Errorf("reader: %v", err)
	} else if _, spam := m.Counts(); spam != 2 {
		t.Errorf("reader: got %d spam, want 2", spam)
	}
	if _, err := reader.Learn(t.Context(), Site, []Item{item(3, true)}); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("reader learns: got %v", err)
	}
}

// A server that takes connections and says nothing is dead.
func TestPostgresSilent(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	s := open(t, "postgres://tester@/x?connect_timeout=1&host="+dir)
	if _, err := s.Model(t.Context(), Site); err == nil || !strings.Contains(err.Error(), "learned data: open postgres://") {
		t.Errorf("got %v", err)
	}
}
