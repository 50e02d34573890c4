// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"context"
	"crypto"
	_ "crypto/sha1" //nolint:gosec // Its results are told, and never count.
	_ "crypto/sha256"
	"errors"
	"hash"
	"io"
)

// Bodies are the hashes of one body that are wanted. All are made while the body is read once.
type Bodies struct {
	list []*BodyHash
}

// BodyHash is one hash of the body. Sum and Total hold after Bodies.Read.
type BodyHash struct {
	Total int64 // Octets of the body in canonical form, also those beyond the limit.

	canon Canon
	algo  crypto.Hash
	limit int64
	hash  hash.Hash
}

// Add asks for the hash of the first limit octets of the canonical body, or of all if limit is negative. Equal ones are made once.
func (b *Bodies) Add(c Canon, algo crypto.Hash, limit int64) *BodyHash {
	limit = max(limit, -1)
	for _, h := range b.list {
		if h.canon == c && h.algo == algo && h.limit == limit {
			return h
		}
	}
	h := &BodyHash{canon: c, algo: algo, limit: limit, hash: algo.New()}
	b.list = append(b.list, h)
	return h
}

// Sum is the hash.
func (h *BodyHash) Sum() []byte { return h.hash.Sum(nil) }

// Covered is how many octets of the canonical body the hash is of.
func (h *BodyHash) Covered() int64 {
	if h.limit < 0 {
		return h.Total
	}
	return min(h.limit, h.Total)
}

func (h *BodyHash) Write(p []byte) (int, error) {
	n := len(p)
	if h.limit >= 0 {
		p = p[:min(int64(len(p)), max(0, h.limit-h.Total))]
	}
	h.Total += int64(n)
	h.hash.Write(p)
	return n, nil
}

// Read reads the body to its end, unless nothing is asked for. The error is that of r or ctx.
func (b *Bodies) Read(ctx context.Context, r io.Reader) error {
	if len(b.list) == 0 {
		return nil
	}
	w := b.Writer()
	buf := make([]byte, 32<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf)
		if _, werr := w.Write(buf[:n]); werr != nil {
			return werr
		}
		if errors.Is(err, io.EOF) {
			return w.Close()
		}
		if err != nil {
			return err
		}
	}
}

// Writer gives what the body has to be written to, if it is not read. Close ends it.
func (b *Bodies) Writer() io.WriteCloser {
	var all bodyWriters
	for _, c := range []Canon{Simple, Relaxed} {
		var sinks []io.Writer
		for _, h := range b.list {
			if h.canon == c {
				sinks = append(sinks, h)
			}
		}
		if len(sinks) > 0 {
			all = append(all, c.Body(io.MultiWriter(sinks...)))
		}
	}
	return all
}

type bodyWriters []io.WriteCloser

func (b bodyWriters) Write(p []byte) (int, error) {
	for _, w := range b {
		if _, err := w.Write(p); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (b bodyWriters) Close() error {
	for _, w := range b {
		if err := w.Close(); err != nil {
			return err
		}
	}
	return nil
}
