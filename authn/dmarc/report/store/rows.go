// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mailweir/mailweir/authn/dmarc/report"
)

// Add counts rows, in one transaction. Those for which an organisation or a day has no room are dropped, unless they are there already.
func (s *Store) Add(ctx context.Context, rows ...report.Row) (dropped int, err error) {
	if err := s.create(ctx); err != nil {
		return 0, fmt.Errorf("count for DMARC reports: %w", err)
	}
	err = s.use(ctx, true, func(tx *sql.Tx) error {
		if err := s.expire(ctx, tx); err != nil {
			return err
		}
		w := &writing{s: s, tx: tx, held: map[place]*room{}, published: map[place][]byte{}}
		for i := range rows {
			ok, err := w.add(ctx, &rows[i])
			if err != nil {
				return err
			}
			if !ok {
				dropped++
			}
		}
		return w.end(ctx)
	})
	if err != nil {
		return 0, fmt.Errorf("count for DMARC reports: %w", err)
	}
	return dropped, nil
}

// place is a name on a day.
type place struct {
	begin int64
	name  string
}

// room is how many rows a place has.
type room struct{ rows, added int }

// writing is one transaction. What many rows share is read and written once.
type writing struct {
	s         *Store
	tx        *sql.Tx
	held      map[place]*room // By "of " and the organisation; "" for the day.
	published map[place][]byte
}

// add counts one row; ok is false if there is no room for it.
func (w *writing) add(ctx context.Context, r *report.Row) (ok bool, err error) {
	begin, domain := r.Day.Unix(), r.Published.Domain
	data, published, err := encode(*r)
	if err != nil {
		return false, err
	}
	digest := sha256.Sum256(data)
	done, err := w.tx.ExecContext(ctx, "UPDATE row SET count = count + ? WHERE day = ? AND domain = ? AND digest = ?", r.Count, begin, domain, digest[:])
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	if err != nil {
		return false, err
	}
	if n == 0 {
		if ok, err := w.take(ctx, begin, r.Published.Organisation); err != nil || !ok {
			return false, err
		}
		if _, err := w.tx.ExecContext(ctx, "INSERT INTO row (day, domain, digest, data, count) VALUES (?, ?, ?, ?, ?)", begin, domain, digest[:], data, r.Count); err != nil {
			return false, err
		}
	}
	w.published[place{begin, domain}] = published
	return true, nil
}

// take takes room for one more row of an organisation; ok is false if there is none.
func (w *writing) take(ctx context.Context, begin int64, organisation string) (ok bool, err error) {
	all, err := w.room(ctx, place{begin, ""})
	if err != nil {
		return false, err
	}
	own, err := w.room(ctx, place{begin, "of " + organisation})
	if err != nil || all.rows >= w.s.perDay || own.rows >= w.s.perOrganisation {
		return false, err
	}
	for _, r := range []*room{all, own} {
		r.rows++
		r.added++
	}
	return true, nil
}

func (w *writing) room(ctx context.Context, at place) (*room, error) {
	if r := w.held[at]; r != nil {
		return r, nil
	}
	r := &room{}
	err := w.tx.QueryRowContext(ctx, "SELECT rows FROM held WHERE day = ? AND organisation = ?", at.begin, at.name).Scan(&r.rows)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	w.held[at] = r
	return r, nil
}

// end writes what the rows share.
func (w *writing) end(ctx context.Context) error {
	for at, r := range w.held {
		if r.added == 0 {
			continue
		}
		_, err := w.tx.ExecContext(ctx, `INSERT INTO held (day, organisation, rows) VALUES (?, ?, ?)
			ON CONFLICT (day, organisation) DO UPDATE SET rows = excluded.rows`, at.begin, at.name, r.rows)
		if err != nil {
			return err
		}
	}
	for at, published := range w.published {
		_, err := w.tx.ExecContext(ctx, `INSERT INTO policy (day, domain, published) VALUES (?, ?, ?)
			ON CONFLICT (day, domain) DO UPDATE SET published = excluded.published WHERE published <> excluded.published`, at.begin, at.name, published)
		if err != nil {
			return err
		}
	}
	return nil
}

// encode gives a row without what is kept beside it, and its policy.
func encode(r report.Row) (data, published []byte, err error) {
	if published, err = json.Marshal(r.Published); err != nil {
		return nil, nil, err
	}
	r.Published, r.Count, r.Day = report.Published{}, 0, time.Time{}
	data, err = json.Marshal(r)
	return data, published, err
}

// Rows gives rows by day and domain, those with the most messages first.
func (s *Store) Rows(ctx context.Context, domain string, begin, end time.Time) ([]report.Row, error) {
	var list []report.Row
	err := s.use(ctx, false, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT row.day, row.data, row.count, policy.published FROM row JOIN policy ON policy.day = row.day AND policy.domain = row.domain
			WHERE row.day >= ? AND row.day < ? AND (? = '' OR row.domain = ?) ORDER BY row.day, row.domain, row.count DESC, row.digest`, begin.Unix(), end.Unix(), domain, domain)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			r, err := scan(rows)
			if err != nil {
				return err
			}
			list = append(list, r)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("rows of DMARC reports: %w", err)
	}
	return list, nil
}

func scan(rows *sql.Rows) (report.Row, error) {
	var r report.Row
	var data, published []byte
	var begin, count int64
	if err := rows.Scan(&begin, &data, &count, &published); err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, err
	}
	r.Day, r.Count = time.Unix(begin, 0).UTC(), count
	return r, json.Unmarshal(published, &r.Published)
}

// Total is what is held about one domain on one day.
type Total struct {
	Day       time.Time
	Published report.Published
	Rows      int
	Messages  int64
}

// Totals are those from the day begin on and before the day end, by day and domain.
func (s *Store) Totals(ctx context.Context, begin, end time.Time) ([]Total, error) {
	var list []Total
	err := s.use(ctx, false, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT row.day, policy.published, COUNT(*), SUM(row.count) FROM row JOIN policy ON policy.day = row.day AND policy.domain = row.domain
			WHERE row.day >= ? AND row.day < ? GROUP BY row.day, row.domain ORDER BY row.day, row.domain`, begin.Unix(), end.Unix())
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var t Total
			var begin int64
			var published []byte
			if err := rows.Scan(&begin, &published, &t.Rows, &t.Messages); err != nil {
				return err
			}
			if err := json.Unmarshal(published, &t.Published); err != nil {
				return err
			}
			t.Day = time.Unix(begin, 0).UTC()
			list = append(list, t)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("rows of DMARC reports: %w", err)
	}
	return list, nil
}
