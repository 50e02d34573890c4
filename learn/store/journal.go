// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/mailweir/mailweir/learn"
)

// entry is one line of the journal.
type entry struct {
	seq      int64
	forget   bool
	spam     bool
	learned  learn.Learned
	features *learn.Features
}

// refresh brings a model in memory up to date: from the pages if these are newer, or if the model comes from another database; and from the journal.
func (s *Store) refresh(ctx context.Context, tx *sql.Tx, owner string, h *held, st state) error {
	if h.model == nil || h.epoch != st.epoch || st.at > h.at || h.at > st.last {
		if err := s.load(ctx, tx, owner, h, st); err != nil {
			return err
		}
	}
	if h.at == st.last {
		return nil
	}
	if err := replay(ctx, tx, owner, h); err != nil {
		h.model = nil // It may have learned half of it.
		return err
	}
	return nil
}

func (s *Store) load(ctx context.Context, tx *sql.Tx, owner string, h *held, st state) error {
	h.model = nil // What is loaded takes its place in memory.
	var m *learn.Model
	var err error
	octets := modelOctets << s.bits(owner)
	if st.at == 0 {
		m, err = learn.New(s.bits(owner))
	} else {
		m, octets, err = readPages(ctx, tx, owner)
	}
	if err != nil {
		return err
	}
	h.model, h.octets, h.epoch, h.at = m, octets, st.epoch, st.at
	return nil
}

// replay learns what stands in the journal behind what is known.
func replay(ctx context.Context, tx *sql.Tx, owner string, h *held) error {
	rows, err := tx.QueryContext(ctx, "SELECT seq, forget, spam, words, grams, features FROM learn_journal WHERE owner = $1 AND seq > $2 ORDER BY seq", key(owner), h.at)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e entry
		var b []byte
		if err := rows.Scan(&e.seq, &e.forget, &e.spam, &e.learned.Words, &e.learned.Grams, &b); err != nil {
			return err
		}
		if e.features, err = learn.DecodeFeatures(b); err != nil {
			return fmt.Errorf("journal entry %d: %w", e.seq, err)
		}
		if !plausible(e.learned) {
			return fmt.Errorf("journal entry %d: %w", e.seq, errDamaged)
		}
		if _, err := e.apply(h.model); err != nil {
			return fmt.Errorf("journal entry %d: %w", e.seq, err)
		}
		h.at = e.seq
	}
	return rows.Err()
}

var errDamaged = errors.New("what the database knows of a message is damaged")

// plausible tells if a model may have said how far it was off. Any other number could make all of a model useless when a message is forgotten.
func plausible(l learn.Learned) bool {
	return l.Words >= -1 && l.Words <= 1 && l.Grams >= -1 && l.Grams <= 1
}

// apply has the model learn or forget.
func (e *entry) apply(m *learn.Model) (learn.Learned, error) {
	if e.forget {
		return e.learned, m.Forget(e.features, e.spam, e.learned)
	}
	return m.Learn(e.features, e.spam), nil
}

// change brings the model up to date, changes it and the database together, in a limited time, and writes the whole model if the journal has become
// long.
func (s *Store) change(ctx context.Context, most time.Duration, owner string, do func(context.Context, *sql.Tx, *held) error) error {
	h := s.holder(owner)
	h.mu.Lock()
	defer s.release(owner, h)
	err := s.db.write(ctx, most, func(ctx context.Context, tx *sql.Tx) error {
		st, err := s.db.claim(ctx, tx, owner)
		if err != nil {
			return err
		}
		if err := s.refresh(ctx, tx, owner, h, st); err != nil {
			return err
		}
		if err := do(ctx, tx, h); err != nil {
			return err
		}
		if h.at-st.at > s.longest(h) {
			return writeModel(ctx, tx, owner, h)
		}
		_, err = tx.ExecContext(ctx, "UPDATE learn_model SET last = $2 WHERE owner = $1", key(owner), h.at)
		return err
	})
	if err != nil {
		h.model = nil // It may know what the database does not.
	}
	return err
}

// entryOctets is about what an entry of the journal takes, for a message of usual length.
const entryOctets = 12 << 10

// longest is how many entries the journal of a model may have: about as many as take what the model takes, so that users who teach a little each do
// not make the database many times larger than their models.
func (s *Store) longest(h *held) int64 {
	return min(s.journal, max(minJournal, h.octets/entryOctets))
}

// writeModel keeps the whole model, and drops the journal up to it.
func writeModel(ctx context.Context, tx *sql.Tx, owner string, h *held) error {
	if err := writePages(ctx, tx, owner, h.model); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE learn_model SET at = $2, last = $2 WHERE owner = $1", key(owner), h.at); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM learn_journal WHERE owner = $1 AND seq <= $2", key(owner), h.at)
	return err
}
