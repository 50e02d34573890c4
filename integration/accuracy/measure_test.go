// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"testing"
)

func list(ham, spam []float64) []scored {
	var out []scored
	for _, s := range ham {
		out = append(out, scored{m: &message{}, score: s})
	}
	for _, s := range spam {
		out = append(out, scored{m: &message{spam: true}, score: s})
	}
	return out
}

func TestFigures(t *testing.T) {
	many := make([]float64, 2000) // Two of them may lie above the threshold: it is at the third from the top.
	many[0], many[1], many[2] = 9, 8, 5
	for _, c := range []struct {
		name         string
		ham, spam    []float64
		area, missed float64
	}{
		{"apart", []float64{1, 2}, []float64{3, 4}, 0, 0},
		{"turned", []float64{3, 4}, []float64{1, 2}, 100, 100},
		{"ties count half, and against", []float64{1, 1}, []float64{1, 1}, 50, 100},
		{"one of four pairs", []float64{1, 3}, []float64{2, 4}, 25, 50},
		{"a tie among others", []float64{1, 2}, []float64{2, 3}, 12.5, 50},
		{"one in a thousand", many, []float64{4, 5, 6, 7}, 100 * (3 + 2.5 + 2 + 2) / 8000.0, 50},
		{"no ham", nil, []float64{1}, 0, 0},
	} {
		l := list(c.ham, c.spam)
		if got := area(l); math.Abs(got-c.area) > 1e-9 {
			t.Errorf("%s: area %v, want %v", c.name, got, c.area)
		}
		if got := missed(l); got != c.missed {
			t.Errorf("%s: missed %v, want %v", c.name, got, c.missed)
		}
	}
}
