// SPDX-License-Identifier: Apache-2.0

// Package store keeps what was learned, for a site and for single users: in SQLite, or in PostgreSQL for several hosts that learn together. It holds
// hashes of features, never text of a message. The filter bayes and the command mailweir learn use it.
//
// A process that learns writes a journal; every process that has the model in memory replays the journal, and so comes to the same model, octet for
// octet. From time to time the whole model is written, and the journal up to there dropped. A message is learned once, however often and to whichever
// host it is shown.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/mailweir/mailweir/learn"
)

// Site is the owner of what was learned for everybody. Other owners are users, by their address.
const Site = ""

// Options are the sizes of things.
type Options struct {
	Bits     int   // Of the site's model, see learn.New; 0 for learn.DefaultBits.
	UserBits int   // Of each user's; 0 for DefaultUserBits.
	Memory   int64 // Octets of memory for users' models, beside the one in use; 0 for DefaultMemory.
	Existing bool  // The database has to be there: else the error is ErrNoDatabase, and nothing is made.
}

// Defaults.
const (
	DefaultUserBits = 16        // 2 MiB.
	DefaultMemory   = 128 << 20 // 64 users' models of that size.
)

const (
	maxJournal = 5000             // Entries of an owner's journal after which the model is written as a whole.
	minJournal = 100              // Entries of the journal of the smallest model.
	maxRead    = 30 * time.Second // The longest that reading takes; then the database counts as dead.
	maxWrite   = 5 * time.Minute  // The same for one transaction that learns, with the time that it waits for others.
	maxCopy    = time.Hour        // The same for an export or an import.
)

// Store is a database. It is safe for many goroutines; several processes may use the same one, and with PostgreSQL several hosts. It is connected only
// while it works, so there is nothing to close; models stay in memory.
type Store struct {
	db      *database
	o       Options
	journal int64 // maxJournal; tests have less.
	mu      sync.Mutex
	held    map[string]*held
	tick    int64
}

// Open opens the database: at is the path of a file, which is made if it is not there, or the URL of a PostgreSQL database. That need not be there yet,
// and another program may have locked the file: the first use tells. A file that is removed later is not made anew, but one that somebody makes in
// its place is used.
func Open(ctx context.Context, at string, o Options) (*Store, error) {
	if o.Bits == 0 {
		o.Bits = learn.DefaultBits
	}
	if o.UserBits == 0 {
		o.UserBits = DefaultUserBits
	}
	if o.Memory == 0 {
		o.Memory = DefaultMemory
	}
	db, err := newDatabase(at)
	if err != nil {
		return nil, err
	}
	db.existing = o.Existing
	s := &Store{db: db, o: o, journal: maxJournal, held: map[string]*held{}}
	if db.remote {
		return s, nil
	}
	if !o.Existing {
		if err := makeFile(at); err != nil {
			return nil, err
		}
	}
	c, err := db.connect(ctx, false)
	if IsBusy(err) {
		return s, nil // The tables are made by whoever comes next.
	}
	if err != nil {
		return nil, err
	}
	return s, c.Close()
}

// look runs do in a transaction that only reads, for a limited time, with the owner's model up to date.
func (s *Store) look(ctx context.Context, most time.Duration, owner string, do func(context.Context, *sql.Tx, *held) error) error {
	h := s.holder(owner)
	h.mu.Lock()
	defer s.release(owner, h)
	return s.db.read(ctx, most, func(ctx context.Context, tx *sql.Tx) error {
		st, err := s.db.state(ctx, tx, owner)
		if err != nil {
			return err
		}
		if err := s.refresh(ctx, tx, owner, h, st); err != nil {
			return err
		}
		return do(ctx, tx, h)
	})
}

// Model gives the model of an owner with all that any process has learned; nil for a user who has learned nothing. The first call reads it from the
// database; later ones read what is new. The caller must not have the model learn. A dead database is waited for at most half a minute.
func (s *Store) Model(ctx context.Context, owner string) (*learn.Model, error) {
	var m *learn.Model
	err := s.look(ctx, maxRead, owner, func(_ context.Context, _ *sql.Tx, h *held) error {
		if owner != Site && h.at == 0 {
			h.model = nil // Most users have none: memory is for those who do.
		}
		m = h.model
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("learned data: %w", err)
	}
	s.give(owner, m)
	return m, nil
}

func (s *Store) bits(owner string) int {
	if owner == Site {
		return s.o.Bits
	}
	return s.o.UserBits
}
