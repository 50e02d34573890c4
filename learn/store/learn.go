// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/mailweir/mailweir/learn"
)

// Item is one message to be learned.
type Item struct {
	Digest   learn.Digest
	Features *learn.Features
	Spam     bool
}

// Done counts what became of items.
type Done struct {
	Learned int // New ones.
	Changed int // Known before as the other thing.
	Known   int // Known before as the same.
}

// Learn shows an owner's model the items, in order. One that it knows as the same counts for nothing; one that it knows as the other is forgotten and learned anew. All of
// them are learned, or none is: then the error tells why.
func (s *Store) Learn(ctx context.Context, owner string, items []Item) (Done, error) {
	var done Done
	err := s.change(ctx, owner, func(tx *sql.Tx, h *held) error {
		for i := range items {
			if err := learnOne(ctx, tx, owner, h, &items[i], &done); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Done{}, fmt.Errorf("learn: %w", err)
	}
	return done, nil
}

func learnOne(ctx context.Context, tx *sql.Tx, owner string, h *held, it *Item, done *Done) error {
	old, known, err := lookUp(ctx, tx, owner, it.Digest)
	if err != nil {
		return err
	}
	if known && old.spam == it.Spam {
		done.Known++
		return nil
	}
	if known {
		old.features = it.Features
		if err := write(ctx, tx, owner, h, old); err != nil {
			return err
		}
		done.Changed++
	} else {
		done.Learned++
	}
	e := &entry{spam: it.Spam, features: it.Features}
	if err := write(ctx, tx, owner, h, e); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO learned (owner, digest, spam, words, grams) VALUES (?, ?, ?, ?, ?)",
		owner, it.Digest[:], it.Spam, e.learned.Words, e.learned.Grams)
	return err
}

// Forget takes back what was learned of a message. known tells that something was.
func (s *Store) Forget(ctx context.Context, owner string, d learn.Digest, f *learn.Features) (known bool, err error) {
	err = s.change(ctx, owner, func(tx *sql.Tx, h *held) error {
		old, found, err := lookUp(ctx, tx, owner, d)
		if err != nil || !found {
			return err
		}
		known = true
		old.features = f
		if err := write(ctx, tx, owner, h, old); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM learned WHERE owner = ? AND digest = ?", owner, d[:])
		return err
	})
	if err != nil {
		return false, fmt.Errorf("forget: %w", err)
	}
	return known, nil
}

// lookUp finds what is known of a message, as the entry that would take it back.
func lookUp(ctx context.Context, tx *sql.Tx, owner string, d learn.Digest) (*entry, bool, error) {
	e := &entry{forget: true}
	err := tx.QueryRowContext(ctx, "SELECT spam, words, grams FROM learned WHERE owner = ? AND digest = ?", owner, d[:]).Scan(&e.spam, &e.learned.Words, &e.learned.Grams)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return e, err == nil, err
}

// write applies an entry and puts it into the journal.
func write(ctx context.Context, tx *sql.Tx, owner string, h *held, e *entry) error {
	var err error
	if e.learned, err = e.apply(h.model); err != nil {
		return err
	}
	r, err := tx.ExecContext(ctx, "INSERT INTO journal (owner, forget, spam, words, grams, features) VALUES (?, ?, ?, ?, ?, ?)",
		owner, e.forget, e.spam, e.learned.Words, e.learned.Grams, e.features.Encode())
	if err != nil {
		return err
	}
	h.at, err = r.LastInsertId()
	return err
}

// change brings the model up to date, changes it and the database together, and keeps the whole model if the journal has become long.
func (s *Store) change(ctx context.Context, owner string, do func(*sql.Tx, *held) error) (err error) {
	h := s.holder(owner)
	h.mu.Lock()
	defer h.mu.Unlock()
	db, err := s.open(true)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			h.model = nil // It may know what the database does not.
			_ = tx.Rollback()
		}
	}()
	if err := s.refresh(ctx, tx, owner, h); err != nil {
		return err
	}
	if err := do(tx, h); err != nil {
		return err
	}
	var entries int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM journal WHERE owner = ?", owner).Scan(&entries); err != nil {
		return err
	}
	if entries > maxJournal {
		if err := writePages(ctx, tx, owner, h); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
