// SPDX-License-Identifier: Apache-2.0

package markup

// Bounds of tables that may be drawings.
const (
	maxTables   = 100 // Open within one another; of those deeper no drawings are seen.
	maxMatrices = 16  // Of one text; what has more is Unreadable.
	maxSide     = 200 // Cells of a row, and rows. The largest QR code has 177.
	minSide     = 21  // Those of the smallest.
)

// table is one that is open.
type table struct {
	rows   [][]bool
	spoilt bool // It has text or too many cells: it is no drawing.
}

// tableEnter follows tables as they are drawn by the colours of their cells.
func (s *scanner) tableEnter(t *tag, e *element) {
	if string(t.local) == "table" {
		if len(s.tables) < maxTables {
			s.tables = append(s.tables, &table{})
		} else {
			s.deep++
			s.beyond("tables within tables")
		}
		return
	}
	if len(s.tables) == 0 || s.deep > 0 {
		return
	}
	tb := s.tables[len(s.tables)-1]
	switch {
	case tb.spoilt:
	case string(t.local) == "tr":
		tb.spoilt = len(tb.rows) == maxSide
		tb.rows = append(tb.rows, nil)
	case string(t.local) == "td":
		tb.cell(min(max(1, s.pixels(t, "colspan")), maxSide+1), dark(e.paper))
	}
}

func (tb *table) cell(span int, dark bool) {
	n := len(tb.rows) - 1
	if n < 0 || len(tb.rows[n])+span > maxSide {
		tb.spoilt = true
		return
	}
	for range span {
		tb.rows[n] = append(tb.rows[n], dark)
	}
}

// tableLeave keeps a table that may be a QR code.
func (s *scanner) tableLeave(t *tag) {
	if string(t.local) != "table" || len(s.tables) == 0 {
		return
	}
	if s.deep > 0 {
		s.deep--
		return
	}
	last := len(s.tables) - 1
	tb := s.tables[last]
	s.tables = s.tables[:last]
	if s.flat || s.bare || !tb.drawing() {
		return
	}
	if len(s.page.Matrices) == maxMatrices {
		s.page.Unreadable = "many drawings"
		return
	}
	s.page.Matrices = append(s.page.Matrices, tb.rows)
}

// drawing tells if a table may be a QR code: about as high as wide, with both colours.
func (tb *table) drawing() bool {
	if tb.spoilt || len(tb.rows) < minSide {
		return false
	}
	width, darkCells := len(tb.rows[0]), 0
	if width < minSide {
		return false
	}
	for _, row := range tb.rows {
		if len(row) != width {
			return false
		}
		for _, d := range row {
			if d {
				darkCells++
			}
		}
	}
	all := width * len(tb.rows)
	return darkCells > all/5 && darkCells < all*4/5
}
