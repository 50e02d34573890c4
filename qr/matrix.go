// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/common"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// cell is how many pixels a cell of a table is made.
const cell = 4

// ReadMatrix gives the payloads of QR codes in a table of cells, true for dark ones, or for light ones. Rows may be of different length.
// Of more than 1,048,576 cells nothing is looked at, and the error is ErrTooLarge; it is ErrEffort as with Read.
func ReadMatrix(bits [][]bool) ([]string, error) {
	w := 0
	for _, row := range bits {
		w = max(w, len(row))
	}
	if w < minModules || len(bits) < minModules {
		return nil, nil
	}
	if w > maxCells || len(bits) > maxCells || w*len(bits) > maxCells {
		return nil, ErrTooLarge
	}
	for _, dark := range []bool{true, false} {
		if p, ok := exact(bits, dark); ok {
			return payloads{p}.texts(), nil
		}
	}
	scale := cell
	for scale > 1 && scale*scale*w*len(bits) > maxCells {
		scale--
	}
	s := search{tries: maxTries}
	s.read(draw(bits, w, scale))
	if s.cut {
		return s.found.texts(), ErrEffort
	}
	return s.found.texts(), nil
}

// exact reads a table whose dark cells are one code and nothing else.
func exact(bits [][]bool, dark bool) (payload, bool) {
	x0, y0, x1, y1 := bounds(bits, dark)
	n := x1 - x0
	if n != y1-y0 || n < minModules || n > maxModules || n%4 != 1 {
		return payload{}, false
	}
	p, err := guarded(func() (*common.DecoderResult, error) {
		m, err := gozxing.NewSquareBitMatrix(n)
		if err != nil {
			return nil, err
		}
		for y := range n {
			for x := range n {
				if at(bits, x0+x, y0+y) == dark {
					m.Set(x, y)
				}
			}
		}
		return decoder.NewDecoder().Decode(m, nil)
	})
	return p, err == nil
}

// at is a cell; what is not there is false.
func at(bits [][]bool, x, y int) bool { return x < len(bits[y]) && bits[y][x] }

// bounds is where the cells of a kind are.
func bounds(bits [][]bool, dark bool) (x0, y0, x1, y1 int) {
	x0, y0 = maxCells, maxCells
	for y, row := range bits {
		for x, c := range row {
			if c == dark {
				x0, x1 = min(x0, x), max(x1, x+1)
				y0, y1 = min(y0, y), max(y1, y+1)
			}
		}
	}
	return x0, y0, x1, y1
}

// draw makes a plane of the cells, with a margin of four.
func draw(bits [][]bool, w, scale int) *plane {
	margin := 4 * scale
	p := newPlane(w*scale+2*margin, len(bits)*scale+2*margin)
	for i := range p.pix {
		p.pix[i] = 255
	}
	for y, row := range bits {
		for dy := range scale {
			line := p.pix[(margin+y*scale+dy)*p.w+margin:]
			for x, dark := range row {
				if dark {
					clear(line[x*scale:][:scale])
				}
			}
		}
	}
	return p
}
