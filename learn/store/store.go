// SPDX-License-Identifier: Apache-2.0

// Package store keeps what was learned, in SQLite: for a site, and for single users. It holds hashes of features, never text of a message.
// Who learns writes a journal; every process that has the model in memory replays the journal, and so comes to the same model, octet for octet. From
// time to time the whole model is written and the journal behind it dropped. A message is learned once, however often it is shown.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"

	_ "modernc.org/sqlite" // The driver.

	"github.com/mailweir/mailweir/learn"
)

// Site is the owner of what was learned for all.
const Site = ""

// Options are the sizes of things.
type Options struct {
	Bits     int // Of the site's model, see learn.New; 0 for learn.DefaultBits.
	UserBits int // Of each user's; 0 for DefaultUserBits.
	Users    int // Users' models that are held in memory; 0 for DefaultUsers.
}

// Defaults.
const (
	DefaultUserBits = 16 // 1.5 MiB.
	DefaultUsers    = 64
)

// maxJournal is the number of entries after which the model is written as a whole.
const maxJournal = 2000

// Store is a database. It is safe for many goroutines, and several processes may use the same one. It has the file open only while it works
// with it, so there is nothing to close; models stay in memory.
type Store struct {
	path string
	o    Options
	mu   sync.Mutex
	held map[string]*held
	tick int64
}

// held is a model in memory.
type held struct {
	mu    sync.Mutex // Of who changes it.
	model *learn.Model
	at    int64 // Entry of the journal up to which it has learned.
	used  int64 // When it was asked for last, by tick.
}

const schema = `
CREATE TABLE IF NOT EXISTS model (owner TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS page (owner TEXT NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (owner, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS learned (owner TEXT NOT NULL, digest BLOB NOT NULL, spam INTEGER NOT NULL, words REAL NOT NULL, grams REAL NOT NULL,
  PRIMARY KEY (owner, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, forget INTEGER NOT NULL, spam INTEGER NOT NULL,
  words REAL NOT NULL, grams REAL NOT NULL, features BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS journal_owner ON journal (owner, id);`

// Open opens the database, and makes it if it is not there.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Bits == 0 {
		o.Bits = learn.DefaultBits
	}
	if o.UserBits == 0 {
		o.UserBits = DefaultUserBits
	}
	if o.Users == 0 {
		o.Users = DefaultUsers
	}
	s := &Store{path: path, o: o, held: map[string]*held{}}
	db, err := s.open(true)
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return s, db.Close()
}

// open opens the file. A transaction that reads and then writes would fail if it began as a reader: those of writers begin as
// such, and wait for each other; readers wait for nobody.
func (s *Store) open(write bool) (*sql.DB, error) {
	dsn := "file:" + (&url.URL{Path: s.path}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"
	if write {
		dsn += "&_txlock=immediate"
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", s.path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// look runs do in a transaction that only reads, with the owner's model up to date.
func (s *Store) look(ctx context.Context, owner string, do func(*sql.Tx, *held) error) error {
	h := s.holder(owner)
	h.mu.Lock()
	defer h.mu.Unlock()
	db, err := s.open(false)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := s.refresh(ctx, tx, owner, h); err != nil {
		return err
	}
	return do(tx, h)
}

// Model gives the model of an owner with all that any process has learned. The first call reads it from the database; later ones read what is new. Nothing may be
// learned by the model itself.
func (s *Store) Model(ctx context.Context, owner string) (*learn.Model, error) {
	var m *learn.Model
	err := s.look(ctx, owner, func(_ *sql.Tx, h *held) error {
		m = h.model
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("learned data: %w", err)
	}
	return m, nil
}

// holder is the place of an owner's model in memory. The site's stays; of users those asked for last do.
func (s *Store) holder(owner string) *held {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick++
	h := s.held[owner]
	if h == nil {
		h = &held{}
		s.drop()
		s.held[owner] = h
	}
	h.used = s.tick
	return h
}

// drop makes room for one more.
func (s *Store) drop() {
	if len(s.held) <= s.o.Users {
		return
	}
	oldest, used := "", s.tick+1
	for owner, h := range s.held {
		if owner != Site && h.used < used {
			oldest, used = owner, h.used
		}
	}
	delete(s.held, oldest)
}

func (s *Store) bits(owner string) int {
	if owner == Site {
		return s.o.Bits
	}
	return s.o.UserBits
}
