// SPDX-License-Identifier: Apache-2.0

package store

import (
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/mailweir/mailweir/learn"
)

// exportMagic begins an export.
const exportMagic = "mailweir learned 1\n"

// maxExport bounds the messages that an export may name.
const maxExport = 50_000_000

// Errors that callers decide on.
var (
	ErrNotEmpty = errors.New("something was learned already") // Import and ImportSpamAssassin want an owner who has learned nothing.
	ErrExport   = errors.New("not an export that can be read")
)

// Export writes all that an owner's model has learned, and of which messages, compressed with gzip. It holds no text.
func (s *Store) Export(ctx context.Context, owner string, w io.Writer) error {
	err := s.look(ctx, owner, func(tx *sql.Tx, h *held) error {
		z := gzip.NewWriter(w)
		return errors.Join(exportAll(ctx, tx, owner, h, z), z.Close())
	})
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func exportAll(ctx context.Context, tx *sql.Tx, owner string, h *held, w io.Writer) error {
	var n uint32
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM learned WHERE owner = ?", owner).Scan(&n); err != nil {
		return err
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint32([]byte(exportMagic), n)); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, "SELECT digest, spam, words, grams FROM learned WHERE owner = ? ORDER BY digest", owner)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var digest []byte
		var spam uint8
		var l learn.Learned
		if err := rows.Scan(&digest, &spam, &l.Words, &l.Grams); err != nil {
			return err
		}
		b := append(digest[:len(learn.Digest{}):len(learn.Digest{})], spam)
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(l.Words))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(l.Grams))
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), h.model.Write(w))
}

// Import reads what Export wrote, for an owner who has learned nothing yet; else the error is ErrNotEmpty. All of it is taken, or nothing.
func (s *Store) Import(ctx context.Context, owner string, r io.Reader) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("import: %w: %w", ErrExport, err)
	}
	err = s.change(ctx, owner, func(tx *sql.Tx, h *held) error {
		if ham, spam := h.model.Counts(); ham+spam > 0 {
			return ErrNotEmpty
		}
		if err := importDigests(ctx, tx, owner, z); err != nil {
			return err
		}
		m, err := learn.Read(z, max(s.bits(owner), learn.DefaultBits))
		if err != nil {
			return errors.Join(ErrExport, err)
		}
		h.model = m
		// An entry of its own, so that every process sees that there is something new.
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'journal'").Scan(&h.at); err != nil {
			return err
		}
		h.at = max(h.at, 1)
		if err := reserve(ctx, tx, h.at); err != nil {
			return err
		}
		return writePages(ctx, tx, owner, h)
	})
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return nil
}

// reserve takes a number of the journal, so that no entry gets it.
func reserve(ctx context.Context, tx *sql.Tx, id int64) error {
	if _, err := tx.ExecContext(ctx, "INSERT INTO journal (id, owner, forget, spam, words, grams, features) VALUES (?, '', 0, 0, 0, 0, x'')", id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM journal WHERE id = ?", id)
	return err
}

func importDigests(ctx context.Context, tx *sql.Tx, owner string, r io.Reader) error {
	head := make([]byte, len(exportMagic)+4)
	if _, err := io.ReadFull(r, head); err != nil || string(head[:len(exportMagic)]) != exportMagic {
		return errors.Join(ErrExport, err)
	}
	n := binary.LittleEndian.Uint32(head[len(exportMagic):])
	if n > maxExport {
		return fmt.Errorf("%w: %d messages, want at most %d", ErrExport, n, maxExport)
	}
	const size = len(learn.Digest{})
	b := make([]byte, size+9)
	for range n {
		if _, err := io.ReadFull(r, b); err != nil {
			return errors.Join(ErrExport, err)
		}
		words := math.Float32frombits(binary.LittleEndian.Uint32(b[size+1:]))
		grams := math.Float32frombits(binary.LittleEndian.Uint32(b[size+5:]))
		if b[size] > 1 || !(words >= -1 && words <= 1 && grams >= -1 && grams <= 1) {
			return ErrExport
		}
		if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO learned (owner, digest, spam, words, grams) VALUES (?, ?, ?, ?, ?)", owner, b[:size], b[size], words, grams); err != nil {
			return err
		}
	}
	return nil
}
