// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"strings"
	"unicode/utf8"
)

// Bounds of tables whose text is read across their cells.
const (
	minColumns = 4 // Cells in a row.
	minLines   = 3 // Lines of each of them.
	maxSlice   = 4 // Characters of each line.
)

// columns reads tables that hold a text cut lengthwise: in each cell there are a few letters of every line.
type columns struct {
	out   strings.Builder
	max   int
	block [][]string // Cells side by side, with the same number of lines.
	cell  []string
	line  []byte
	in    bool // A cell is open.
	wide  bool // It has a line that is no slice of one.
}

// across is the text of such tables as it is read, line by line; "" if there is none. It is of at most max octets.
func (p *Page) across(max int) string {
	if p.cells < minColumns {
		return ""
	}
	c := columns{max: max}
	for sp := range p.spans.all() {
		raw := p.text[sp.from:sp.to]
		switch sp.is {
		case spanShown:
			if c.in && !c.wide {
				c.line = unescape(c.line, raw[:min(len(raw), 64)], false)
				c.wide = len(raw) > 64
			}
		case spanBreak:
			c.endLine()
		case spanCell:
			c.endCell()
			c.in = true
		default:
		}
	}
	c.endCell()
	c.endBlock()
	return cutRune(c.out.String(), max)
}

func (c *columns) endLine() {
	line := strings.ReplaceAll(strings.Trim(string(c.line), " \t\r\n"), "\u00a0", " ")
	c.line = c.line[:0]
	if line == "" || !c.in || c.wide {
		return
	}
	if c.wide = utf8.RuneCountInString(line) > maxSlice; !c.wide {
		c.cell = append(c.cell, line)
	}
}

func (c *columns) endCell() {
	c.endLine()
	if !c.in {
		return
	}
	fits := !c.wide && len(c.cell) >= minLines
	if !fits || len(c.block) > 0 && len(c.block[0]) != len(c.cell) {
		c.endBlock()
	}
	if fits {
		c.block = append(c.block, c.cell)
	}
	c.cell, c.in, c.wide = nil, false, false
}

// endBlock writes the cells that stand side by side, if they are enough.
func (c *columns) endBlock() {
	if len(c.block) >= minColumns && c.out.Len() < c.max {
		for i := range c.block[0] {
			for _, cell := range c.block {
				c.out.WriteString(cell[i])
			}
			c.out.WriteByte('\n')
		}
	}
	c.block = nil
}
