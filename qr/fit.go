// SPDX-License-Identifier: Apache-2.0

package qr

import "math"

// Of the check of three finder patterns before they are decoded.
const (
	maxLines = 8    // Lines through a pattern, all around it.
	minLines = 6    // Lines through a pattern that meet its runs.
	minFit   = 0.75 // Share of the modules of three finder patterns that must be as they should.
	maxFits  = 4096 // Combinations that are checked, at each scale; the squarest ones.
)

// fit tells if the pixels around three centres are finder patterns of one code, and how well what is between them looks like its timing
// patterns: 0 is not at all, 1 is perfectly. It looks at less than a thousand pixels.
func (b *bitmap) fit(t [3]centre, dark uint8) (timing float64, ok bool) {
	right, rightFar, n := b.side(t[0], t[1], dark)
	down, downFar, m := b.side(t[0], t[2], dark)
	if n == 0 || m == 0 || n > 2*m || m > 2*n {
		return 0, false
	}
	good := b.ring(t[0], right, down, dark) + b.ring(t[1], rightFar, down, dark) + b.ring(t[2], right, downFar, dark)
	if float64(good) < minFit*3*7*7 {
		return 0, false
	}
	modules := 4*math.Round((n+m-4)/8) + 2 // ISO/IEC 18004 section 6.3: sides are of 21, 25, 29 ... modules.
	across, along := step{down.x * 3, down.y * 3}, step{right.x * 3, right.y * 3}
	return (b.timing(t[0], t[1], across, modules, dark) + b.timing(t[0], t[2], along, modules, dark)) / 2, true
}

// step is the way from one module to the next, in pixels.
type step struct{ x, y float64 }

// side measures the modules of two patterns on the line between them: the steps at the one and at the other, both in the direction from
// the one to the other, and about how many modules there are between their centres; 0 if there is no pattern.
func (b *bitmap) side(from, to centre, dark uint8) (at, there step, modules float64) {
	d := distance(from, to)
	x, y := (to.x-from.x)/d, (to.y-from.y)/d
	near, far := b.across(from, x, y, dark), b.across(to, x, y, dark)
	if near == 0 || far == 0 || near > 2*far || far > 2*near {
		return step{}, step{}, 0
	}
	return step{x * near, y * near}, step{x * far, y * far}, 2 * d / (near + far)
}

// across measures a pattern along a line through its middle and gives the length of a module; 0 if it is none.
func (b *bitmap) across(c centre, dx, dy float64, dark uint8) float64 {
	back, ok := b.ray(c, -dx, -dy, dark)
	if !ok {
		return 0
	}
	ahead, ok := b.ray(c, dx, dy, dark)
	if !ok {
		return 0
	}
	return (back[2] + ahead[2]) / 7
}

// ray measures from the middle of a pattern to where each of its three runs ends.
func (b *bitmap) ray(c centre, dx, dy float64, dark uint8) (ends [3]float64, ok bool) {
	state, want := 0, dark
	for n := 0.0; n < 8*c.module; n += 0.5 {
		got, in := b.at(c.x+dx*n, c.y+dy*n)
		if !in {
			ends[state] = n
			return ends, state == 2
		}
		if got != want {
			ends[state] = n
			if state++; state == 3 {
				return ends, true
			}
			want ^= 1
		}
	}
	return ends, false
}

// round counts the lines through the middle, of those all around, that meet the runs of a finder pattern.
func (b *bitmap) round(c centre, dark uint8) (good int) {
	for i := range maxLines {
		y, x := math.Sincos(float64(i) * math.Pi / maxLines)
		back, ok := b.ray(c, -x, -y, dark)
		if !ok {
			continue
		}
		ahead, ok := b.ray(c, x, y, dark)
		if !ok {
			continue
		}
		// Half pixels.
		run := func(i int) int { return int(2 * (back[i] - back[i-1])) }
		fore := func(i int) int { return int(2 * (ahead[i] - ahead[i-1])) }
		if pattern(run(2), run(1), int(2*(back[0]+ahead[0])), fore(1), fore(2), wide) {
			good++
		}
	}
	return good
}

// at is the pixel at a place.
func (b *bitmap) at(x, y float64) (pixel uint8, in bool) {
	if !(x >= 0 && y >= 0 && x < float64(b.w) && y < float64(b.h)) {
		return 0, false
	}
	return b.pix[int(y)*b.w+int(x)], true
}

// ring counts the modules of a finder pattern that are as they should, of 49.
func (b *bitmap) ring(c centre, right, down step, dark uint8) (good int) {
	for j := -3; j <= 3; j++ {
		for i := -3; i <= 3; i++ {
			x, y := float64(i), float64(j)
			got, in := b.at(c.x+right.x*x+down.x*y, c.y+right.y*x+down.y*y)
			if in && (got == dark) == (max(abs(i), abs(j)) != 2) {
				good++
			}
		}
	}
	return good
}

// timing is the share of the modules between two patterns that are dark and light in turn.
func (b *bitmap) timing(from, to centre, aside step, modules float64, dark uint8) float64 {
	n := int(modules)
	if n < minModules-7 || n > maxModules-7 {
		return 0
	}
	good := 0
	for k := 4; k <= n-4; k++ {
		part := float64(k) / modules
		got, in := b.at(from.x+(to.x-from.x)*part+aside.x, from.y+(to.y-from.y)*part+aside.y)
		if in && (got == dark) == (k%2 == 1) {
			good++
		}
	}
	return float64(good) / float64(n-7)
}
