// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"compress/flate"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/mailweir/mailweir/learn"
)

// entry is one line of the journal.
type entry struct {
	id       int64
	forget   bool
	spam     bool
	learned  learn.Learned
	features *learn.Features
}

// refresh brings a model in memory up to date: from the pages if there are newer ones, and from the journal.
func (s *Store) refresh(ctx context.Context, tx *sql.Tx, owner string, h *held) error {
	var at int64
	err := tx.QueryRowContext(ctx, "SELECT at FROM model WHERE owner = ?", owner).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if h.model == nil || at > h.at {
		if err := s.load(ctx, tx, owner, h, at); err != nil {
			return err
		}
	}
	if err := replay(ctx, tx, owner, h); err != nil {
		h.model = nil // It may have learned half of it.
		return err
	}
	return nil
}

func (s *Store) load(ctx context.Context, tx *sql.Tx, owner string, h *held, at int64) error {
	var err error
	if at == 0 {
		h.model, err = learn.New(s.bits(owner))
	} else {
		h.model, err = readPages(ctx, tx, owner)
	}
	h.at = at
	return err
}

// replay learns what stands in the journal behind what is known.
func replay(ctx context.Context, tx *sql.Tx, owner string, h *held) error {
	rows, err := tx.QueryContext(ctx, "SELECT id, forget, spam, words, grams, features FROM journal WHERE owner = ? AND id > ? ORDER BY id", owner, h.at)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e entry
		var b []byte
		if err := rows.Scan(&e.id, &e.forget, &e.spam, &e.learned.Words, &e.learned.Grams, &b); err != nil {
			return err
		}
		if e.features, err = learn.DecodeFeatures(b); err != nil {
			return fmt.Errorf("journal entry %d: %w", e.id, err)
		}
		if _, err := e.apply(h.model); err != nil {
			return fmt.Errorf("journal entry %d: %w", e.id, err)
		}
		h.at = e.id
	}
	return rows.Err()
}

// apply has the model learn or forget.
func (e *entry) apply(m *learn.Model) (learn.Learned, error) {
	if e.forget {
		return e.learned, m.Forget(e.features, e.spam, e.learned)
	}
	return m.Learn(e.features, e.spam), nil
}

// pageSize is the octets of a model that are kept in one row, before they are compressed.
const pageSize = 1 << 20

// writePages keeps the whole model, and drops the journal up to it.
func writePages(ctx context.Context, tx *sql.Tx, owner string, h *held) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM page WHERE owner = ?", owner); err != nil {
		return err
	}
	w := &pages{put: func(n int, data []byte) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO page (owner, n, data) VALUES (?, ?, ?)", owner, n, data)
		return err
	}}
	if err := h.model.Write(w); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO model (owner, at) VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET at = excluded.at", owner, h.at); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM journal WHERE owner = ? AND id <= ?", owner, h.at)
	return err
}

// pages cuts what is written into rows.
type pages struct {
	buf []byte
	n   int
	put func(n int, data []byte) error
}

func (p *pages) Write(b []byte) (int, error) {
	p.buf = append(p.buf, b...)
	for len(p.buf) >= pageSize {
		if err := p.row(p.buf[:pageSize]); err != nil {
			return 0, err
		}
		p.buf = append(p.buf[:0], p.buf[pageSize:]...)
	}
	return len(b), nil
}

func (p *pages) flush() error {
	if len(p.buf) == 0 {
		return nil
	}
	return p.row(p.buf)
}

func (p *pages) row(b []byte) error {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	p.n++
	return p.put(p.n, out.Bytes())
}

// readPages reads a model that writePages kept.
func readPages(ctx context.Context, tx *sql.Tx, owner string) (*learn.Model, error) {
	rows, err := tx.QueryContext(ctx, "SELECT data FROM page WHERE owner = ? ORDER BY n", owner)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	return learn.Read(&rowReader{rows: rows}, learn.MaxBits)
}

// rowReader reads the rows of pages as one.
type rowReader struct {
	rows *sql.Rows
	page io.Reader
}

func (r *rowReader) Read(b []byte) (int, error) {
	for {
		if r.page != nil {
			n, err := r.page.Read(b)
			if n > 0 || !errors.Is(err, io.EOF) {
				return n, nilEOF(err)
			}
		}
		if !r.rows.Next() {
			return 0, errors.Join(r.rows.Err(), io.EOF)
		}
		var data []byte
		if err := r.rows.Scan(&data); err != nil {
			return 0, err
		}
		r.page = io.LimitReader(flate.NewReader(bytes.NewReader(data)), pageSize)
	}
}

func nilEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
