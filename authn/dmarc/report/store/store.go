// SPDX-License-Identifier: Apache-2.0

// Package store keeps the rows of DMARC reports in SQLite. It has addresses of clients and names of domains, and nothing of any message's content or recipients.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"

	_ "modernc.org/sqlite" // The driver.

	"github.com/mailweir/mailweir/authn/dmarc/report"
)

// Limits: a stranger with a domain of his own can send from any name below it.
const (
	maxPerOrganisation = 10_000  // Rows that differ, of one organisation's domains and one day.
	maxPerDay          = 200_000 // Rows that differ, of one day.
)

// day is what rows are counted by.
const day = 24 * time.Hour

// Store is a database. Safe for many goroutines, and several processes may use the same one. It has the file open only while it works with it, so there is
// nothing to close.
type Store struct {
	path string
	keep time.Duration
	now  func() time.Time

	perOrganisation, perDay int

	making sync.Mutex
	made   bool // It is there, with its tables.

	mu      sync.Mutex
	expired time.Time // The day on which rows were expired last.
}

var _ report.Store = (*Store)(nil)

const schema = `
CREATE TABLE IF NOT EXISTS policy (day INTEGER NOT NULL, domain TEXT NOT NULL, published BLOB NOT NULL, PRIMARY KEY (day, domain)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS row (day INTEGER NOT NULL, domain TEXT NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (day, domain, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (day INTEGER NOT NULL, organisation TEXT NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY (day, organisation)) WITHOUT ROWID;`

// New is for counting. The database is made with the first row, and only its owner may read it. Rows are kept for that long.
func New(path string, keep time.Duration, now func() time.Time) *Store {
	return &Store{path: path, keep: keep, now: now, perOrganisation: maxPerOrganisation, perDay: maxPerDay}
}

// create makes the database, unless it is there.
func (s *Store) create(ctx context.Context) error {
	s.making.Lock()
	defer s.making.Unlock()
	if s.made {
		return nil
	}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	err = s.use(ctx, true, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, schema)
		return err
	})
	s.made = err == nil
	return err
}

// Open opens a database that is there, to read it.
func Open(path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	return &Store{path: path}, nil
}

// use runs do in a transaction. One that writes begins as such, and waits for others that do; readers wait for nobody.
func (s *Store) use(ctx context.Context, write bool, do func(*sql.Tx) error) (err error) {
	dsn := "file:" + (&url.URL{Path: s.path}).EscapedPath() + "?mode=rw&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"
	if write {
		dsn += "&_txlock=immediate"
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return fmt.Errorf("open %s: %w", s.path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("open %s: %w", s.path, err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(tx); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	return tx.Commit()
}

// expire removes rows that are too old, once a day.
func (s *Store) expire(ctx context.Context, tx *sql.Tx) error {
	today := s.now().UTC().Truncate(day)
	s.mu.Lock()
	due := s.keep > 0 && !today.Equal(s.expired)
	s.mu.Unlock()
	if !due {
		return nil
	}
	for _, statement := range []string{"DELETE FROM policy WHERE day < ?", "DELETE FROM row WHERE day < ?", "DELETE FROM held WHERE day < ?"} {
		if _, err := tx.ExecContext(ctx, statement, today.Add(-s.keep).Unix()); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = today
	return nil
}
