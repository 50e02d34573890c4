// SPDX-License-Identifier: Apache-2.0

package tar

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// sparse finds the pieces of a sparse file, as the GNU formats have them: old GNU, and pax 0.0, 0.1 and 1.0.
func (r *Reader) sparse(m *Member, h *header, own records) error {
	var err error
	switch {
	case h[156] == 'S':
		m.Type = '0'
		m.RealSize, _ = h.number(483, 12)
		err = r.oldPieces(m, h)
	case own["GNU.sparse.major"] == "1":
		m.RealSize, _ = decimal(own["GNU.sparse.realsize"])
		err = r.piecesBefore(m)
	case own["GNU.sparse.map"] != "" || own["GNU.sparse.pairs"] != "":
		m.RealSize, _ = decimal(own["GNU.sparse.size"])
		err = m.pieces(strings.Split(own["GNU.sparse.pairs"]+own["GNU.sparse.map"], ","))
	default:
		return nil
	}
	if err != nil {
		m.Sparse = nil
		return err
	}
	for _, p := range m.Sparse[:max(len(m.Sparse)-1, 0)] {
		if p.Size%BlockLen != 0 {
			return fmt.Errorf("%w: the pieces of %s do not fill blocks", ErrFormat, m.Names[0]) // GNU tar passes over the rest of the block.
		}
	}
	return nil
}

// pieces reads numbers, an offset and a size by turns.
func (m *Member) pieces(numbers []string) error {
	m.Sparse = []Piece{}
	for i := 0; i+1 < len(numbers); i += 2 {
		off, ok1 := decimal(numbers[i])
		size, ok2 := decimal(numbers[i+1])
		if !ok1 || !ok2 {
			return fmt.Errorf("%w: the pieces of %s make no sense", ErrFormat, m.Names[0])
		}
		if err := m.piece(off, size); err != nil {
			return err
		}
	}
	return nil
}

// piece notes one, which must be behind the last one.
func (m *Member) piece(off, size int64) error {
	end := int64(0)
	if n := len(m.Sparse); n > 0 {
		end = m.Sparse[n-1].Offset + m.Sparse[n-1].Size
	}
	if off < end || size < 0 || off > maxSize || size > maxSize || len(m.Sparse) == MaxPieces {
		return fmt.Errorf("%w: the pieces of %s make no sense", ErrFormat, m.Names[0])
	}
	m.Sparse = append(m.Sparse, Piece{off, size})
	return nil
}

// oldPieces reads the map in the header, and in the blocks behind it if it says so.
func (r *Reader) oldPieces(m *Member, h *header) error {
	m.Sparse = []Piece{}
	if err := m.table(h, 386, 4); err != nil {
		return err
	}
	for more := h[482] != 0; more; {
		var b header
		if m.Offset > r.size-BlockLen {
			return fmt.Errorf("%w: the map of %s is cut short", ErrFormat, m.Names[0])
		}
		if _, err := r.r.ReadAt(b[:], m.Offset); err != nil {
			return fmt.Errorf("read map: %w", err)
		}
		if err := m.table(&b, 0, 21); err != nil {
			return err
		}
		more = b[504] != 0
		m.Offset += BlockLen
		r.next = min(r.next+BlockLen, r.size)
		m.Size = min(m.Size, r.size-m.Offset)
	}
	return nil
}

func (m *Member) table(h *header, off, n int) error {
	for ; n > 0; n, off = n-1, off+24 {
		if h[off] == 0 {
			return nil
		}
		at, ok1 := h.number(off, 12)
		size, ok2 := h.number(off+12, 12)
		if !ok1 || !ok2 || at < 0 {
			return fmt.Errorf("%w: the pieces of %s make no sense", ErrFormat, m.Names[0])
		}
		if err := m.piece(at, size); err != nil {
			return err
		}
	}
	return nil
}

// piecesBefore reads the map that stands before the data: decimal numbers on lines of their own, filled up to blocks.
func (r *Reader) piecesBefore(m *Member) error {
	src := io.NewSectionReader(r.r, m.Offset, m.Size)
	lines := bufio.NewScanner(io.LimitReader(src, MaxRecords))
	length := int64(0)
	line := func() string {
		lines.Scan()
		length += int64(len(lines.Bytes())) + 1
		return lines.Text()
	}
	count, ok := decimal(line())
	if !ok || count > MaxPieces {
		return fmt.Errorf("%w: the map of %s makes no sense", ErrFormat, m.Names[0])
	}
	numbers := make([]string, 0, 2*count)
	for range 2 * count {
		numbers = append(numbers, line())
	}
	if err := m.pieces(numbers); err != nil {
		return err
	}
	length = min(blocks(length), m.Size)
	m.Offset += length
	m.Size -= length
	return nil
}

// Expand reads a sparse file with its holes as zeros; data reads its pieces.
func (m *Member) Expand(data io.Reader) io.Reader {
	var all []io.Reader
	at := int64(0)
	for _, p := range m.Sparse {
		all = append(all, io.LimitReader(zeros{}, p.Offset-at), io.LimitReader(data, p.Size))
		at = p.Offset + p.Size
	}
	if m.RealSize > at {
		all = append(all, io.LimitReader(zeros{}, m.RealSize-at))
	}
	return io.MultiReader(all...)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
