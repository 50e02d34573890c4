// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"cmp"
	"math"
	"slices"
)

// triple is three finder patterns that may be the corners of a code; the first is at the right angle.
type triple struct {
	c     [3]centre
	score float64 // How far it is from what a code is; 0 is the best.
}

// triples gives the combinations of three finder patterns that may be the corners of a code, the likeliest first: at 1 those of dark
// codes on light, at 0 the reverse. crowded tells that there are more patterns without a flaw than are combined.
func (b *bitmap) triples() (all [2][]triple, crowded bool) {
	for dark, centres := range b.centres() {
		best, more := b.clearest(centres, uint8(dark))
		crowded = crowded || more
		for _, t := range combine(best) {
			if timing, ok := b.fit(t.c, uint8(dark)); ok {
				t.score += 1 - timing
				all[dark] = append(all[dark], t)
			}
		}
		slices.SortStableFunc(all[dark], func(a, b triple) int { return cmp.Compare(a.score, b.score) })
	}
	return all, crowded
}

// clearest gives the centres that are finder patterns whatever way one looks at them, the best ones if there are too many.
func (b *bitmap) clearest(centres []centre, dark uint8) (best []centre, more bool) {
	type judged struct {
		centre
		lines int
	}
	var all []judged
	for _, c := range centres {
		if lines := b.round(c, dark); lines >= minLines {
			all = append(all, judged{c, lines})
		}
	}
	slices.SortStableFunc(all, func(a, b judged) int { return cmp.Or(cmp.Compare(b.lines, a.lines), cmp.Compare(b.seen, a.seen)) })
	for _, c := range all[:min(len(all), maxCentres)] {
		best = append(best, c.centre)
	}
	return best, len(all) > maxCentres && all[maxCentres].lines == maxLines && all[maxCentres].seen > 2
}

// combine gives the triples of centres that are corners of a square, seen from anywhere: the squarest ones.
func combine(c []centre) []triple {
	near := make([][]float64, len(c)) // Distances of those that may belong together; 0 of others.
	for i := range c {
		near[i] = make([]float64, len(c))
		for j := i + 1; j < len(c); j++ {
			near[i][j] = related(c[i], c[j])
		}
	}
	var all []triple
	worst := math.Inf(1)
	for i := range c {
		for j := i + 1; j < len(c); j++ {
			if near[i][j] == 0 {
				continue
			}
			for k := j + 1; k < len(c); k++ {
				if near[i][k] == 0 || near[j][k] == 0 {
					continue
				}
				t, ok := corners([3]centre{c[i], c[j], c[k]}, near[i][j], near[j][k], near[i][k])
				if !ok || t.score >= worst {
					continue
				}
				if all = append(all, t); len(all) == 2*maxFits {
					all = squarest(all)
					worst = all[maxFits-1].score
				}
			}
		}
	}
	return squarest(all)
}

func squarest(all []triple) []triple {
	slices.SortFunc(all, func(a, b triple) int { return cmp.Compare(a.score, b.score) })
	return all[:min(len(all), maxFits)]
}

// nearest is how many modules are between two patterns at least: 14, that seem up to 1.4 times as wide in a code that stands askew.
const nearest = 8.5

// related is the distance of two patterns that may belong to one code, else 0.
func related(a, b centre) float64 {
	most, least := max(a.module, b.module), min(a.module, b.module)
	d := distance(a, b)
	if most >= 1.7*least || d < nearest*least || d > 2*maxModules*most {
		return 0
	}
	return d
}

// corners puts three centres in order and tells how far they are from the corners of a square.
func corners(t [3]centre, ab, bc, ca float64) (triple, bool) {
	a, b, c := t[0], t[1], t[2]
	switch {
	case ab >= bc && ab >= ca:
		a, b, c, ab, bc, ca = c, a, b, ca, ab, bc
	case ca >= ab && ca >= bc:
		a, b, c, ab, bc, ca = b, c, a, bc, ca, ab
	}
	// Now bc is the longest side, a is opposite to it.
	module := (a.module + b.module + c.module) / 3
	if short := min(ab, ca); short < nearest*module || max(ab, ca) > 1.2*(maxModules-7)*module || max(ab, ca) > 1.6*short {
		return triple{}, false
	}
	skew := math.Abs(bc*bc-ab*ab-ca*ca) / (bc * bc)
	if skew > 0.35 {
		return triple{}, false
	}
	spread := (max(a.module, b.module, c.module) - min(a.module, b.module, c.module)) / module
	// The third corner is to the right of the second as one looks along the first side, unless the code is mirrored.
	if (c.x-a.x)*(b.y-a.y)-(c.y-a.y)*(b.x-a.x) < 0 {
		b, c = c, b
	}
	return triple{[3]centre{a, b, c}, skew + math.Abs(ab-ca)/bc + spread/2}, true
}

func distance(a, b centre) float64 { return math.Hypot(a.x-b.x, a.y-b.y) }
