// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/mailweir/mailweir/learn"
)

// Item is one message to be learned, or forgotten.
type Item struct {
	Digest   learn.Digest
	Features *learn.Features
	Spam     bool // Of no meaning where it is forgotten.
	IfNew    bool // A message that is known already stays what it was learned as.
}

// Done counts what became of items.
type Done struct {
	Learned int // New ones.
	Changed int // Known before as the other thing.
	Known   int // Known before as the same, or to be left as it was known.
}

// Learn shows an owner's model the items, in order. One that it knows as the same counts for nothing; one that it knows as the other is forgotten and
// learned anew. All of them are learned, or none is: then the error tells why. Some hundred items at a time are best.
func (s *Store) Learn(ctx context.Context, owner string, items []Item) (Done, error) {
	var done Done
	err := s.change(ctx, maxWrite, owner, func(ctx context.Context, tx *sql.Tx, h *held) error {
		b, err := newBatch(ctx, tx, owner, h, items)
		if err != nil {
			return err
		}
		for i := range items {
			if err := b.learn(&items[i], &done); err != nil {
				return err
			}
		}
		return b.write(ctx, tx)
	})
	if err != nil {
		return Done{}, fmt.Errorf("learn: %w", err)
	}
	return done, nil
}

// ForgetAll takes back what was learned of the items. known are those of which something was. All of them are forgotten, or none is.
func (s *Store) ForgetAll(ctx context.Context, owner string, items []Item) (known int, err error) {
	err = s.change(ctx, maxWrite, owner, func(ctx context.Context, tx *sql.Tx, h *held) error {
		b, err := newBatch(ctx, tx, owner, h, items)
		if err != nil {
			return err
		}
		for i := range items {
			found, err := b.forget(&items[i])
			if err != nil {
				return err
			}
			if found {
				known++
			}
		}
		return b.write(ctx, tx)
	})
	if err != nil {
		return 0, fmt.Errorf("forget: %w", err)
	}
	return known, nil
}

// Forget takes back what was learned of one message. known tells that something was.
func (s *Store) Forget(ctx context.Context, owner string, d learn.Digest, f *learn.Features) (known bool, err error) {
	n, err := s.ForgetAll(ctx, owner, []Item{{Digest: d, Features: f}})
	return n > 0, err
}
