// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"iter"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/learn"
)

// batch is what one transaction changes. The model changes at once, the database at the end.
type batch struct {
	owner   string
	held    *held
	known   map[learn.Digest]known
	touched []learn.Digest // Those whose known is to be kept, in the order in which they came first.
	journal []entry
}

// known is what is known of a message.
type known struct {
	learned bool // Whether it was learned, and not forgotten.
	touched bool
	spam    bool
	what    learn.Learned
}

// newBatch finds what is known of the items.
func newBatch(ctx context.Context, tx *sql.Tx, owner string, h *held, items []Item) (*batch, error) {
	b := &batch{owner: owner, held: h, known: make(map[learn.Digest]known, len(items))}
	for chunk := range chunks(len(items), 500) {
		args := []any{key(owner)}
		for i := range items[chunk.from:chunk.to] {
			args = append(args, items[chunk.from+i].Digest[:])
		}
		if err := b.lookUp(ctx, tx, args); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *batch) lookUp(ctx context.Context, tx *sql.Tx, args []any) error {
	query := "SELECT digest, spam, words, grams FROM learn_message WHERE owner = $1 AND digest IN " + places(1, len(args)-1) //nolint:gosec // only numbers are put in
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var digest []byte
		k := known{learned: true}
		if err := rows.Scan(&digest, &k.spam, &k.what.Words, &k.what.Grams); err != nil {
			return err
		}
		if len(digest) != digestSize || !plausible(k.what) {
			return errDamaged
		}
		b.known[learn.Digest(digest)] = k
	}
	return rows.Err()
}

func (b *batch) learn(it *Item, done *Done) error {
	old := b.known[it.Digest]
	switch {
	case old.learned && (old.spam == it.Spam || it.IfNew):
		done.Known++
		return nil
	case old.learned:
		if _, err := b.forget(it); err != nil {
			return err
		}
		done.Changed++
	default:
		done.Learned++
	}
	what, err := b.apply(entry{spam: it.Spam, features: it.Features})
	if err != nil {
		return err
	}
	b.touch(it.Digest, known{learned: true, spam: it.Spam, what: what})
	return nil
}

func (b *batch) forget(it *Item) (found bool, err error) {
	old := b.known[it.Digest]
	if !old.learned {
		return false, nil
	}
	if _, err := b.apply(entry{forget: true, spam: old.spam, learned: old.what, features: it.Features}); err != nil {
		return false, err
	}
	b.touch(it.Digest, known{})
	return true, nil
}

// apply changes the model, and notes the entry for the journal.
func (b *batch) apply(e entry) (learn.Learned, error) {
	var err error
	if e.learned, err = e.apply(b.held.model); err != nil {
		return e.learned, err
	}
	b.held.at++
	e.seq = b.held.at
	b.journal = append(b.journal, e)
	return e.learned, nil
}

func (b *batch) touch(d learn.Digest, k known) {
	if !b.known[d].touched {
		b.touched = append(b.touched, d)
	}
	k.touched = true
	b.known[d] = k
}

// write brings the database up to the model.
func (b *batch) write(ctx context.Context, tx *sql.Tx) error {
	var rows [][]any
	for i := range b.journal {
		e := &b.journal[i]
		rows = append(rows, []any{key(b.owner), e.seq, e.forget, e.spam, e.learned.Words, e.learned.Grams, e.features.Encode()})
	}
	if err := insert(ctx, tx, "INSERT INTO learn_journal (owner, seq, forget, spam, words, grams, features) VALUES ", "", rows); err != nil {
		return err
	}
	var gone []learn.Digest
	rows = nil
	for _, d := range b.touched {
		if k := b.known[d]; k.learned {
			rows = append(rows, messageRow(b.owner, d, k.spam, k.what))
		} else {
			gone = append(gone, d)
		}
	}
	if err := insertMessages(ctx, tx, rows); err != nil {
		return err
	}
	for _, d := range gone {
		if _, err := tx.ExecContext(ctx, "DELETE FROM learn_message WHERE owner = $1 AND digest = $2", key(b.owner), d[:]); err != nil {
			return err
		}
	}
	return nil
}

func messageRow(owner string, d learn.Digest, spam bool, what learn.Learned) []any {
	return []any{key(owner), d[:], spam, what.Words, what.Grams}
}

// insertMessages keeps what is known of messages, each once.
func insertMessages(ctx context.Context, tx *sql.Tx, rows [][]any) error {
	return insert(ctx, tx, "INSERT INTO learn_message (owner, digest, spam, words, grams) VALUES ",
		" ON CONFLICT (owner, digest) DO UPDATE SET spam = excluded.spam, words = excluded.words, grams = excluded.grams", rows)
}

// insert inserts many rows with few statements: with a database on another host each costs a way there and back.
func insert(ctx context.Context, tx *sql.Tx, into, behind string, rows [][]any) error {
	for chunk := range chunks(len(rows), 100) {
		var args []any
		for _, row := range rows[chunk.from:chunk.to] {
			args = append(args, row...)
		}
		columns := len(rows[0])
		var list strings.Builder
		for i := range chunk.to - chunk.from {
			if i > 0 {
				list.WriteByte(',')
			}
			list.WriteString(places(i*columns, columns))
		}
		if _, err := tx.ExecContext(ctx, into+list.String()+behind, args...); err != nil {
			return err
		}
	}
	return nil
}

// places are n places for arguments in brackets, the first of them behind number after: ($2,$3).
func places(after, n int) string {
	b := []byte{'('}
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '$'), int64(after+i+1), 10)
	}
	return string(append(b, ')'))
}

// span is from one number up to another, without it.
type span struct{ from, to int }

// chunks are spans of at most size that together are n.
func chunks(n, size int) iter.Seq[span] {
	return func(yield func(span) bool) {
		for from := 0; from < n; from += size {
			if !yield(span{from, min(from+size, n)}) {
				return
			}
		}
	}
}
