// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/mailweir/mailweir/learn"
)

// Status is how much is known.
type Status struct {
	Ham, Spam int     // Messages that the owner's model has learned.
	Compared  int     // Ham that the threshold rests on, see learn.Verdict.
	Threshold float64 // Of the owner's model, see learn.Model.
	Users     int     // Users who have learned something for themselves.
}

// Status tells how much an owner's model has learned, and of how many users there is something.
func (s *Store) Status(ctx context.Context, owner string) (Status, error) {
	var st Status
	err := s.look(ctx, maxRead, owner, func(ctx context.Context, tx *sql.Tx, h *held) error {
		v := h.model.Score(&learn.Features{}, 0)
		st.Ham, st.Spam, st.Compared, st.Threshold = v.Ham, v.Spam, v.Compared, h.model.Threshold()
		return tx.QueryRowContext(ctx, "SELECT count(*) FROM learn_model WHERE owner <> $1 AND last > 0", key(Site)).Scan(&st.Users)
	})
	if err != nil {
		return Status{}, fmt.Errorf("learned data: %w", err)
	}
	return st, nil
}

// Name is the database's, as it may be shown: without a password.
func (s *Store) Name() string { return s.db.name }
