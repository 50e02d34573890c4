// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"compress/flate"
	"context"
	"database/sql"
	"errors"
	"io"

	"github.com/mailweir/mailweir/learn"
)

// pageSize is the octets of a model that are kept in one row, before they are compressed.
const pageSize = 1 << 20

// writePages keeps a model.
func writePages(ctx context.Context, tx *sql.Tx, owner string, m *learn.Model) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM learn_page WHERE owner = $1", key(owner)); err != nil {
		return err
	}
	w := &pages{put: func(n int, data []byte) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO learn_page (owner, n, data) VALUES ($1, $2, $3)", key(owner), n, data)
		return err
	}}
	return errors.Join(m.Write(w), w.flush())
}

// modelOctets are the octets that a model takes for each feature that it tells apart, in memory and as it is written, but for some in front.
const modelOctets int64 = 32

// readPages reads a model that writePages kept. octets are what it takes.
func readPages(ctx context.Context, tx *sql.Tx, owner string) (m *learn.Model, octets int64, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT data FROM learn_page WHERE owner = $1 ORDER BY n", key(owner))
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rows.Close() }()
	r := &counted{r: &rowReader{rows: rows}}
	m, err = learn.Read(r, learn.MaxBits)
	return m, r.n, err
}

// counted counts the octets that are read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
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
