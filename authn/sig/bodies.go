// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"cmp"
	"context"
	"crypto"
	_ "crypto/sha1" //nolint:gosec // Its results are told, and never count.
	_ "crypto/sha256"
	"errors"
	"hash"
	"io"
	"slices"
)

// Bodies are the hashes of one body that are wanted. All are made while the body is read once.
type Bodies struct {
	list []*BodyHash
}

// BodyHash is one hash of the body. Sum, Covered and Total hold once the body was read or written to its end.
type BodyHash struct {
	Total int64 // Octets of the body in canonical form, also those beyond the limit.

	canon Canon
	algo  crypto.Hash
	limit int64
	sum   []byte
}

// Add asks for the hash of the first limit octets of the canonical body, or of all if limit is negative. Equal ones are made once.
func (b *Bodies) Add(c Canon, algo crypto.Hash, limit int64) *BodyHash {
	limit = max(limit, -1)
	for _, h := range b.list {
		if h.canon == c && h.algo == algo && h.limit == limit {
			return h
		}
	}
	h := &BodyHash{canon: c, algo: algo, limit: limit}
	b.list = append(b.list, h)
	return h
}

// Sum is the hash.
func (h *BodyHash) Sum() []byte { return h.sum }

// Covered is how many octets of the canonical body the hash is of.
func (h *BodyHash) Covered() int64 {
	if h.limit < 0 {
		return h.Total
	}
	return min(h.limit, h.Total)
}

// prefixes makes the hashes of one algorithm over one canonical body: whatever their number, each octet is hashed once.
type prefixes struct {
	hash  hash.Hash
	total int64
	stops []*BodyHash // Those with a limit that was not reached yet, the nearest first.
	whole []*BodyHash // All of them.
	all   bool        // One is of the whole body.
}

func newPrefixes(list []*BodyHash) *prefixes {
	p := &prefixes{hash: list[0].algo.New(), whole: list}
	for _, h := range list {
		if h.limit < 0 {
			p.all = true
		} else {
			p.stops = append(p.stops, h)
		}
	}
	slices.SortFunc(p.stops, func(a, b *BodyHash) int { return cmp.Compare(a.limit, b.limit) })
	return p
}

func (p *prefixes) Write(b []byte) (int, error) {
	n := len(b)
	for len(p.stops) > 0 && p.stops[0].limit <= p.total+int64(len(b)) {
		h := p.stops[0]
		head := b[:h.limit-p.total]
		p.hash.Write(head)
		h.sum = p.hash.Sum(nil)
		p.total += int64(len(head))
		b, p.stops = b[len(head):], p.stops[1:]
	}
	if p.all || len(p.stops) > 0 {
		p.hash.Write(b)
	}
	p.total += int64(len(b))
	return n, nil
}

// end is the end of the body.
func (p *prefixes) end() {
	for _, h := range p.whole {
		h.Total = p.total
		if h.sum == nil {
			h.sum = p.hash.Sum(nil)
		}
	}
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
	w := &bodyWriters{}
	for _, c := range []Canon{Simple, Relaxed} {
		var sinks []io.Writer
		for _, algo := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
			var list []*BodyHash
			for _, h := range b.list {
				if h.canon == c && h.algo == algo {
					list = append(list, h)
				}
			}
			if len(list) > 0 {
				p := newPrefixes(list)
				sinks, w.hashes = append(sinks, p), append(w.hashes, p)
			}
		}
		if len(sinks) > 0 {
			w.canons = append(w.canons, c.Body(io.MultiWriter(sinks...)))
		}
	}
	return w
}

// bodyWriters is all that a body is written to.
type bodyWriters struct {
	canons []io.WriteCloser
	hashes []*prefixes
}

func (b *bodyWriters) Write(p []byte) (int, error) {
	for _, w := range b.canons {
		if _, err := w.Write(p); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (b *bodyWriters) Close() error {
	for _, w := range b.canons {
		if err := w.Close(); err != nil {
			return err
		}
	}
	for _, h := range b.hashes {
		h.end()
	}
	return nil
}
