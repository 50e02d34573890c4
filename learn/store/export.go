// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/salearn"
)

// exportMagic begins an export, behind the compression.
const exportMagic = "mailweir learned 1\n"

// maxExport bounds the messages that an export may name.
const maxExport = 50_000_000

// Errors that callers decide on.
var (
	ErrNotEmpty = errors.New("something was learned already") // Import wants an owner who has learned nothing.
	ErrExport   = errors.New("not an export that can be read")
)

// IsExport tells if a file that begins so may be an export. Import tells for sure.
func IsExport(head []byte) bool { return len(head) > 1 && head[0] == 0x1f && head[1] == 0x8b }

// Export writes all that an owner's model has learned, and of which messages, compressed with gzip; for the site behind that, as another member of the gzip
// file, what ImportSpamAssassin has kept. It holds no text.
func (s *Store) Export(ctx context.Context, owner string, w io.Writer) error {
	err := s.look(ctx, maxCopy, owner, func(ctx context.Context, tx *sql.Tx, h *held) error {
		z := gzip.NewWriter(w)
		if err := errors.Join(exportAll(ctx, tx, owner, h, z), z.Close()); err != nil || owner != Site {
			return err
		}
		c, err := readImported(ctx, tx)
		if c == nil || err != nil {
			return err
		}
		z.Reset(w)
		return errors.Join(c.Write(z), z.Close())
	})
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func exportAll(ctx context.Context, tx *sql.Tx, owner string, h *held, w io.Writer) error {
	var n uint32
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM learn_message WHERE owner = $1", key(owner)).Scan(&n); err != nil {
		return err
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint32([]byte(exportMagic), n)); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, "SELECT digest, spam, words, grams FROM learn_message WHERE owner = $1 ORDER BY digest", key(owner))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var digest []byte
		var spam bool
		var l learn.Learned
		if err := rows.Scan(&digest, &spam, &l.Words, &l.Grams); err != nil {
			return err
		}
		if len(digest) != len(learn.Digest{}) {
			return errors.New("a digest in the database is damaged")
		}
		if _, err := w.Write(exportRow(digest, spam, l)); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), h.model.Write(w))
}

func exportRow(digest []byte, spam bool, l learn.Learned) []byte {
	b := append(slices.Clip(digest), 0)
	if spam {
		b[len(digest)] = 1
	}
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(l.Words))
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(l.Grams))
}

// Import reads what Export wrote, for an owner who has learned nothing yet; else the error is ErrNotEmpty. All of it is taken, or nothing. What was imported
// from SpamAssassin takes the place of what the site had before; a user has nothing of it.
func (s *Store) Import(ctx context.Context, owner string, r io.Reader) error {
	in := bufio.NewReader(r) // Which gzip reads no further than to the end of a member.
	z, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("import: %w: %w", ErrExport, err)
	}
	z.Multistream(false)
	err = s.change(ctx, maxCopy, owner, func(ctx context.Context, tx *sql.Tx, h *held) error {
		if ham, spam := h.model.Counts(); ham+spam > 0 {
			return ErrNotEmpty
		}
		if err := importDigests(ctx, tx, owner, z); err != nil {
			return err
		}
		r := &counted{r: z}
		m, err := learn.Read(r, max(s.bits(owner), learn.DefaultBits))
		if err != nil {
			return errors.Join(ErrExport, err)
		}
		if _, err := io.Copy(io.Discard, io.LimitReader(z, 1)); err != nil { // The checksum is behind the end.
			return errors.Join(ErrExport, err)
		}
		h.model, h.octets = m, r.n
		h.at++ // As if it were an entry of the journal, so that every process sees that there is something new.
		c, err := exportedImport(z, in)
		if err != nil {
			return errors.Join(ErrExport, err)
		}
		if c != nil && owner == Site {
			err = writeImported(ctx, tx, c)
		}
		return errors.Join(err, writeModel(ctx, tx, owner, h))
	})
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return nil
}

// exportedImport reads what stands behind the end of a model: what was imported from SpamAssassin; nil if there is nothing.
func exportedImport(z *gzip.Reader, in *bufio.Reader) (*salearn.Counts, error) {
	err := z.Reset(in)
	if errors.Is(err, io.EOF) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	c, err := salearn.Read(z)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(z, 1)) // The checksum is behind the end.
	return c, err
}

const digestSize = len(learn.Digest{})

func importDigests(ctx context.Context, tx *sql.Tx, owner string, r io.Reader) error {
	head := make([]byte, len(exportMagic)+4)
	if _, err := io.ReadFull(r, head); err != nil || string(head[:len(exportMagic)]) != exportMagic {
		return errors.Join(ErrExport, err)
	}
	n := binary.LittleEndian.Uint32(head[len(exportMagic):])
	if n > maxExport {
		return fmt.Errorf("%w: %d messages, want at most %d", ErrExport, n, maxExport)
	}
	var last learn.Digest
	for chunk := range chunks(int(n), 500) {
		var rows [][]any
		for i := chunk.from; i < chunk.to; i++ {
			b := make([]byte, digestSize+9)
			if _, err := io.ReadFull(r, b); err != nil {
				return errors.Join(ErrExport, err)
			}
			d := learn.Digest(b[:digestSize])
			what := learn.Learned{
				Words: math.Float32frombits(binary.LittleEndian.Uint32(b[digestSize+1:])),
				Grams: math.Float32frombits(binary.LittleEndian.Uint32(b[digestSize+5:])),
			}
			if b[digestSize] > 1 || !plausible(what) || i > 0 && string(d[:]) <= string(last[:]) {
				return ErrExport
			}
			last = d
			rows = append(rows, messageRow(owner, d, b[digestSize] == 1, what))
		}
		if err := insertMessages(ctx, tx, rows); err != nil {
			return err
		}
	}
	return nil
}
