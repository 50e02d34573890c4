// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// lines draws modules with a function from the modules of one character to it.
func lines(bits [][]bool, wide, high int, sign func(dots uint) string) string {
	var b strings.Builder
	for y := 0; y < len(bits); y += high {
		for x := 0; x < len(bits[0]); x += wide {
			dots := uint(0)
			for i := range wide * high {
				if yy, xx := y+i/wide, x+i%wide; yy < len(bits) && xx < len(bits[yy]) && bits[yy][xx] {
					dots |= 1 << i
				}
			}
			b.WriteString(sign(dots))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// invert swaps dark and light, with a margin of light.
func invert(bits [][]bool) [][]bool {
	n := len(bits) + 4
	out := make([][]bool, n)
	for y := range out {
		for x := range n {
			out[y] = append(out[y], x < 2 || y < 2 || x >= n-2 || y >= n-2 || !bits[y-2][x-2])
		}
	}
	return out
}

func TestReadText(t *testing.T) {
	bits := modules(t, address)
	pick := func(s ...string) func(uint) string { return func(d uint) string { return s[d] } }
	halves := pick(" ", "▀", "▄", "█")
	quarters := func(d uint) string {
		return []string{" ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█"}[d]
	}
	braille := func(d uint) string {
		r := rune(0x2800)
		for i, bit := range []int{0, 3, 1, 4, 2, 5, 6, 7} {
			r |= rune(d>>i&1) << bit
		}
		return string(r)
	}
	half := lines(bits, 1, 2, halves)
	tests := map[string]string{
		"full blocks twice":             lines(bits, 1, 1, pick("  ", "██")),
		"full blocks once":              lines(bits, 1, 1, pick(" ", "█")),
		"number signs":                  lines(bits, 1, 1, pick("  ", "##")),
		"number signs, dots for light":  lines(bits, 1, 1, pick("..", "##")),
		"half blocks":                   half,
		"half blocks, light on dark":    lines(invert(bits), 1, 2, halves),
		"full blocks, light on dark":    lines(invert(bits), 1, 1, pick("  ", "██")),
		"quarter blocks":                lines(bits, 2, 2, quarters),
		"Braille":                       lines(bits, 2, 4, braille),
		"squares as emoji":              lines(bits, 1, 1, pick("⬜", "⬛")),
		"digits":                        lines(bits, 1, 1, pick("0", "1")),
		"digits the other way":          lines(invert(bits), 1, 1, pick("0", "1")),
		"letters":                       lines(bits, 1, 1, pick("aa", "bb")),
		"hearts":                        lines(bits, 1, 1, pick("🤍", "🖤")),
		"coloured squares":              lines(bits, 1, 1, pick("⬜\ufe0f", "🟥")),
		"places to break a line":        lines(bits, 1, 1, pick("  \u200b", "██\u200b")),
		"no-break spaces":               strings.ReplaceAll(half, " ", "\u00a0"),
		"between lines of text":         "Dear customer,\n\nscan this:\n\n" + half + "\nRegards\n",
		"in a quotation":                "> " + strings.ReplaceAll(half, "\n", "\n> ") + "\n",
		"with CRLF":                     strings.ReplaceAll(half, "\n", "\r\n"),
		"with spaces at the ends taken": trimmed(half),
	}
	for name, text := range tests {
		if got, _, err := ReadText(text, maxCells); err != nil || len(got) != 1 || got[0] != address {
			t.Errorf("%s: got %q\n%s", name, got, text)
		}
	}
	if got, _, err := ReadText(half+"\n\nand\n\n"+lines(modules(t, "b"), 1, 2, halves), maxCells); err != nil || len(got) != 2 {
		t.Errorf("two codes: got %q", got)
	}
}

// However much is drawn, no more than allowed is looked at, and what is left is told.
func TestReadTextLimit(t *testing.T) {
	area := strings.Repeat(strings.Repeat("# ##  # ", 100)+"\n", 30)
	text := strings.Repeat(area+"and\n", 50)
	if got, n, err := ReadText(text, 500_000); len(got) > 0 || n > 500_000 || n < 400_000 || !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %q of %d cells, %v", got, n, err)
	}
	if _, n, err := ReadText(strings.Repeat("Dear customer,\nscan the code.\n-----\n\n", 1000), maxCells); n > 0 || err != nil {
		t.Errorf("words: got %d cells, %v", n, err)
	}
}

// BenchmarkReadText is ordinary text.
func BenchmarkReadText(b *testing.B) {
	text := strings.Repeat("Dear customer,\r\n\r\nplease find the invoice below.\r\n> quoted words\r\n----------------------------\r\n", 200)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if got, _, err := ReadText(text, maxCells); len(got) > 0 || err != nil {
			b.Fatal(got, err)
		}
	}
}

func trimmed(s string) string {
	rows := strings.Split(s, "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return strings.Join(rows, "\n")
}

func TestReadTextNone(t *testing.T) {
	for _, text := range []string{
		"", strings.Repeat("################################\n", 100), strings.Repeat("-------- . . . --------\n", 100),
		strings.Repeat("# # # # # # # # # # # # #\n", 40), strings.Repeat("█", 1<<20), strings.Repeat("x\n", 1<<16),
		strings.Repeat(strings.Repeat("██  ", 250)+"\n", 100),
	} {
		if got, _, err := ReadText(text, maxCells); err != nil || len(got) > 0 {
			t.Errorf("%.40q: got %q", text, got)
		}
	}
}

func TestReadMatrix(t *testing.T) {
	bits := modules(t, address)
	if got, err := ReadMatrix(bits); err != nil || len(got) != 1 || got[0] != address {
		t.Errorf("exact: got %q", got)
	}
	if got, err := ReadMatrix(invert(bits)); err != nil || len(got) != 1 || got[0] != address {
		t.Errorf("inverted: got %q", got)
	}
	// Each module of 3 x 3 cells, and something dark beside the code.
	var large [][]bool
	for y := range 3 * len(bits) {
		row := make([]bool, 3*len(bits)+12)
		for x := range 3 * len(bits) {
			row[x] = bits[y/3][x/3]
		}
		row[len(row)-1] = true
		large = append(large, row)
	}
	if got, err := ReadMatrix(large); err != nil || len(got) != 1 || got[0] != address {
		t.Errorf("large: got %q", got)
	}
	for name, bits := range map[string][][]bool{"nil": nil, "empty rows": make([][]bool, 100), "plain": make([][]bool, 21)} {
		if got, err := ReadMatrix(bits); err != nil || len(got) > 0 {
			t.Errorf("%s: got %q", name, got)
		}
	}
	many := make([][]bool, maxCells+1)
	many[0] = make([]bool, minModules)
	if got, err := ReadMatrix(many); got != nil || !errors.Is(err, ErrTooLarge) {
		t.Errorf("too many: got %q, %v", got, err)
	}
}

// FuzzMatrix: no panic for cells of any kind.
func FuzzMatrix(f *testing.F) {
	f.Add(uint64(1), uint8(21), []byte{0xff, 0x00})
	f.Fuzz(func(t *testing.T, seed uint64, n uint8, b []byte) {
		r := rand.New(rand.NewPCG(seed, 1))
		bits := modules(t, "https://example.org/")
		for i := range b {
			y := r.IntN(len(bits))
			bits[y][r.IntN(len(bits[y]))] = b[i]&1 == 1
		}
		bits = append(bits, make([][]bool, n%32)...)
		if got, _ := ReadMatrix(bits); len(got) > maxCodes {
			t.Errorf("got %q", got)
		}
	})
}

// FuzzText: no panic for text of any kind.
func FuzzText(f *testing.F) {
	f.Add("█▀▄ \n")
	f.Add(strings.Repeat("# ##  # # # ## # ## ## # ##\n", 22))
	f.Fuzz(func(t *testing.T, s string) {
		if got, n, _ := ReadText(s, maxCells); n > maxCells || len(got) > maxCodes {
			t.Errorf("got %q", got)
		}
	})
}
