// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/mailweir/mailweir/learn/salearn"
)

// ImportSpamAssassin keeps what SpamAssassin has learned, for the site. What was imported before is replaced; our own model is not touched.
func (s *Store) ImportSpamAssassin(ctx context.Context, c *salearn.Counts) error {
	err := s.db.write(ctx, maxWrite, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := s.db.claim(ctx, tx, Site); err != nil {
			return err
		}
		return writeImported(ctx, tx, c)
	})
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return nil
}

func writeImported(ctx context.Context, tx *sql.Tx, c *salearn.Counts) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM learn_imported"); err != nil {
		return err
	}
	w := &pages{put: func(n int, data []byte) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO learn_imported (n, data) VALUES ($1, $2)", n, data)
		return err
	}}
	return errors.Join(c.Write(w), w.flush())
}

// Imported gives what ImportSpamAssassin has kept; nil if there is nothing. It is read from the database each time and does not change often: the caller
// keeps it.
func (s *Store) Imported(ctx context.Context) (*salearn.Counts, error) {
	var c *salearn.Counts
	err := s.db.read(ctx, maxRead, func(ctx context.Context, tx *sql.Tx) (err error) {
		c, err = readImported(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("what was imported: %w", err)
	}
	return c, nil
}

func readImported(ctx context.Context, tx *sql.Tx) (*salearn.Counts, error) {
	rows, err := tx.QueryContext(ctx, "SELECT data FROM learn_imported ORDER BY n")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	r := &rowReader{rows: rows}
	var first [1]byte
	if _, err := r.Read(first[:]); errors.Is(err, io.EOF) {
		return nil, rows.Err()
	} else if err != nil {
		return nil, err
	}
	return salearn.Read(io.MultiReader(bytes.NewReader(first[:]), r))
}
