// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"slices"
	"strings"
)

// read reads lines that look like a drawing in each style that all of them are of.
func (d *drawing) read() {
	rows := make([][]rune, len(d.area))
	wide := 0
	for i, l := range d.area {
		// Marks of a quotation stand before each line.
		rows[i] = slices.DeleteFunc([]rune(strings.TrimRight(strings.TrimLeft(l, ">|"), "|")), unseen)
		wide = max(wide, len(rows[i]))
	}
	for _, s := range styles(rows) {
		cells := wide * s.wide * len(rows) * s.high
		if wide*s.wide < minModules || len(rows)*s.high < minModules || !s.suits(rows) {
			continue
		}
		if cells > d.left {
			d.cut = true
			return
		}
		d.left -= cells
		bits := s.modules(rows)
		before := len(d.found)
		for _, form := range forms(bits, s) {
			texts, err := ReadMatrix(form)
			d.cut = d.cut || err != nil
			for _, text := range texts {
				d.found.add(payload{text: text, part: -1})
			}
			if len(d.found) > before {
				return
			}
		}
	}
}

// suits tells if all characters are of the style.
func (s style) suits(rows [][]rune) bool {
	for _, row := range rows {
		for _, r := range row {
			if _, ok := s.dots(r); !ok {
				return false
			}
		}
	}
	return true
}

// modules makes a matrix of the lines.
func (s style) modules(rows [][]rune) [][]bool {
	bits := make([][]bool, len(rows)*s.high)
	for y, row := range rows {
		for i := range s.high {
			bits[y*s.high+i] = make([]bool, len(row)*s.wide)
		}
		for x, r := range row {
			dots, _ := s.dots(r)
			for i := range s.wide * s.high {
				if dots>>i&1 == 1 {
					bits[y*s.high+i/s.wide][x*s.wide+i%s.wide] = true
				}
			}
		}
	}
	return bits
}

// forms are the ways to take the matrix. Where a character is one module, two of them often stand for one, since characters are higher
// than wide.
func forms(bits [][]bool, s style) [][][]bool {
	if s.wide != 1 || s.high != 1 {
		return [][][]bool{bits}
	}
	return [][][]bool{squeeze(bits, 0), squeeze(bits, 1), bits}
}

// squeeze takes every second cell of each row.
func squeeze(bits [][]bool, from int) [][]bool {
	out := make([][]bool, len(bits))
	for y, row := range bits {
		for x := from; x < len(row); x += 2 {
			out[y] = append(out[y], row[x])
		}
	}
	return out
}
