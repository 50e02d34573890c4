// SPDX-License-Identifier: Apache-2.0

package qr

import "strings"

// ReadText gives the payloads of QR codes that are drawn in text: with full and half blocks, with quarter blocks, with Braille, or with any
// two characters, once or twice for each module. Text of which no 6 lines in a row may be a drawing costs one pass. It tells how many
// cells it looked at; if there are more than cells, the rest is left and the error is ErrTooLarge.
func ReadText(text string, cells int) (payloads []string, looked int, err error) {
	d := drawing{left: cells}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		// A line of nothing may be light modules inside of a code.
		if drawn(line) || len(d.area) > 0 && len(d.area) < 2*maxModules && strings.Trim(line, " \t\u00a0\u3000>|") == "" {
			d.area = append(d.area, line)
			continue
		}
		d.end()
	}
	d.end()
	if d.cut {
		err = ErrTooLarge
	}
	return d.found.texts(), cells - d.left, err
}

// drawing is what is looked for in a text.
type drawing struct {
	area  []string // Lines in a row that may be a drawing.
	left  int      // Cells that may still be looked at.
	cut   bool
	found payloads
}

// end reads the lines that were gathered.
func (d *drawing) end() {
	if len(d.area) >= (minModules+3)/4 {
		d.read()
	}
	d.area = d.area[:0]
}

// style is how characters are modules.
type style struct {
	wide, high int                       // Modules that a character stands for.
	dots       func(r rune) (uint, bool) // Bit y*wide+x: the module is inked; not ok if the character is none of the style.
}

// styles are those that are known, and that of any two characters. A character of a style with one wide module of two characters is handled by
// squeeze.
func styles(rows [][]rune) []style {
	var p pair
	for _, row := range rows {
		for _, r := range row {
			p.add(r)
		}
	}
	return []style{{2, 4, braille}, {2, 2, quarters}, {1, 2, halves}, {1, 1, ink}, {1, 1, p.dots}}
}

// braille has 8 dots in 2 columns.
func braille(r rune) (uint, bool) {
	if isBlank(r) {
		return 0, true
	}
	if r < 0x2800 || r > 0x28ff {
		return 0, false
	}
	n := uint(r - 0x2800)
	order := [8]uint{0, 2, 4, 1, 3, 5, 6, 7} // Of the dots 1 to 8, bit y*2+x.
	out := uint(0)
	for i, to := range order {
		out |= n >> i & 1 << to
	}
	return out, true
}

// quarters are U+2596 to U+259F, with the halves.
func quarters(r rune) (uint, bool) {
	if r >= 0x2596 && r <= 0x259f {
		// Bits: 1 upper left, 2 upper right, 4 lower left, 8 lower right.
		return [10]uint{4, 8, 1, 13, 9, 7, 11, 2, 6, 14}[r-0x2596], true
	}
	switch r {
	case '▌':
		return 5, true
	case '▐':
		return 10, true
	}
	half, ok := halves(r)
	return half&1*3 | half>>1*12, ok
}

// halves are the upper and the lower half block and the full block.
func halves(r rune) (uint, bool) {
	switch {
	case r == '▀':
		return 1, true
	case r == '▄':
		return 2, true
	case isFull(r):
		return 3, true
	}
	return 0, isBlank(r)
}

// ink is anything dark for a module.
func ink(r rune) (uint, bool) {
	switch {
	case isFull(r):
		return 1, true
	case isBlank(r), strings.ContainsRune("░._-·□⬜⬚◻◽", r):
		return 0, true
	case strings.ContainsRune("#@XxMWO0*$%&1■⬛◼◾●", r):
		return 1, true
	}
	return 0, false
}

func isFull(r rune) bool { return r == '█' || r == '▓' || r == '▇' || r == '▉' || r == '▆' }

func isBlank(r rune) bool {
	return r == ' ' || r == '\u00a0' || r == '\u3000' || r == '\u2007' || r == '\u2003' || r == '\u2800' || r == '\t'
}

// drawn tells if a line may be part of a drawing: long enough, and of characters that are signs of one, or of no more than two.
func drawn(line string) bool {
	n, marks, strange := 0, 0, false
	var signs pair
	for _, r := range line {
		if n++; n > maxTextLine {
			return false
		}
		if r == '>' || r == '|' || unseen(r) {
			continue
		}
		few := signs.add(r)
		if isBlank(r) {
			continue
		}
		marks++
		if strange = strange || !isSign(r); strange && !few {
			return false
		}
	}
	return n >= minModules/2 && marks >= 2
}

// isSign tells if a character is known to be drawn with.
func isSign(r rune) bool {
	_, ok := ink(r)
	return ok || r >= 0x2580 && r <= 0x259f || r >= 0x2800 && r <= 0x28ff
}

// unseen tells if a character takes no place: a variation selector behind an emoji, a place to break a line.
func unseen(r rune) bool {
	return r == '\ufe0e' || r == '\ufe0f' || r >= '\u200b' && r <= '\u200d' || r == '\u2060' || r == '\ufeff' || r == '\u00ad'
}

// pair is the characters of a drawing of two, whatever they are.
type pair struct {
	sign [2]rune
	n    int
}

// add notes a character; false if there are more than two.
func (p *pair) add(r rune) bool {
	for i := range min(p.n, len(p.sign)) {
		if p.sign[i] == r {
			return p.n <= len(p.sign)
		}
	}
	if p.n < len(p.sign) {
		p.sign[p.n] = r
	}
	p.n++
	return p.n <= len(p.sign)
}

// dots takes one of the two for dark: light on dark is read as well.
func (p *pair) dots(r rune) (uint, bool) {
	switch {
	case r == p.sign[0] && !isBlank(r), r == p.sign[1] && isBlank(p.sign[0]):
		return 1, true
	}
	return 0, p.n <= len(p.sign)
}
