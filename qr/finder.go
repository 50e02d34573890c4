// SPDX-License-Identifier: Apache-2.0

package qr

import "math"

// centre is a finder pattern: a square of 3 modules in a ring of one, all inside 7 modules.
type centre struct {
	x, y, module float64 // Pixels.
	seen         int     // Rows in which it was.
}

// centres looks for finder patterns: runs of 1:1:3:1:1 in a row, in the column through their middle, in the row through the middle of
// that and in a diagonal.
func (b *bitmap) centres() (found [2][]centre) {
	ends := make([]int32, b.w+1)
	step := 1
	if b.h > smallSide {
		step = 2 // The middle of the smallest pattern is three rows high.
	}
	for y := step - 1; y < b.h; y += step {
		row := b.pix[y*b.w:][:b.w]
		n := runs(row, ends)
		// Run i goes from ends[i] to ends[i+1]; the middle of a pattern is run i+2.
		for i := 0; i+5 <= n; i++ {
			e := ends[i:][:6]
			if !pattern(int(e[1]-e[0]), int(e[2]-e[1]), int(e[3]-e[2]), int(e[4]-e[3]), int(e[5]-e[4]), narrow) {
				continue
			}
			dark, middle := row[e[0]]&1, int(e[2]+e[3])/2
			if c, ok := b.confirm(middle, y, int(e[5]-e[0]), dark); ok {
				found[dark] = merge(found[dark], c)
			}
		}
	}
	return found
}

// runs notes where each run of a row begins, and where the last one ends, and tells how many there are. It has no branch that depends on
// the pixels: in noise each would be guessed wrong.
func runs(row []uint8, ends []int32) int {
	ends = ends[:len(row)+1]
	ends[0] = 0
	n, last := 1, row[0]
	for x := 1; x < len(row); x++ {
		ends[n] = int32(x)
		n += int(row[x] ^ last)
		last = row[x]
	}
	ends[n] = int32(len(row))
	return n
}

// pattern tells if five runs are as 1:1:3:1:1, within half a module and 0.3 pixels, times loose tenths.
func pattern(a, b, c, d, e, loose int) bool {
	total := a + b + c + d + e
	if total < 7 || 5*c < total || 3*c > 2*total {
		return false
	}
	// In 700ths of a pixel: a module is 100*total.
	module, most := 100*total, (5*total+21)*loose
	return near(700*c, 3*module, 3*most) && near(700*a, module, most) && near(700*b, module, most) &&
		near(700*d, module, most) && near(700*e, module, most)
}

func near(n, want, most int) bool { return n-want < most && want-n < most }

// confirm checks the row above or below, the column and then the row through a middle, and the diagonals: each line through the middle of
// squares in squares meets them at the same ratio, however the code is turned.
func (b *bitmap) confirm(x, y, total int, dark uint8) (centre, bool) {
	if !b.beside(x, y-1, total, dark) && !b.beside(x, y+1, total, dark) {
		return centre{}, false
	}
	high, ok := b.cross(x, y, 0, 1, total, dark)
	if n := high.total(); !ok || !high.pattern(narrow) || 5*abs(n-total) >= 3*total {
		return centre{}, false
	}
	top := float64(y) + high.shift()
	row := int(top)
	broad, ok := b.cross(x, row, 1, 0, total, dark)
	if !ok || !broad.pattern(narrow) {
		return centre{}, false
	}
	left := float64(x) + broad.shift()
	if !b.diagonal(int(left), row, 1, total, dark) && !b.diagonal(int(left), row, -1, total, dark) {
		return centre{}, false
	}
	return centre{x: left, y: top, module: float64(high.total()+broad.total()) / 14, seen: 1}, true
}

// beside tells if a row has the pattern.
func (b *bitmap) beside(x, y, total int, dark uint8) bool {
	if y < 0 || y >= b.h {
		return false
	}
	r, ok := b.cross(x, y, 1, 0, total, dark)
	return ok && r.pattern(narrow)
}

// diagonal checks one diagonal. Corners are the first to go in a blurred code, and those of some are round.
func (b *bitmap) diagonal(x, y, dy, total int, dark uint8) bool {
	r, ok := b.cross(x, y, 1, dy, total, dark)
	return ok && r.pattern(wide)
}

// How far runs may be off, in tenths of what pattern says.
const (
	narrow = 10
	wide   = 17 // Not along rows and columns.
)

// runsAround are the lengths of five runs along a line and how far the place in the middle run is from that run's beginning.
type runsAround struct{ a, b, c, d, e, back int }

func (r runsAround) total() int { return r.a + r.b + r.c + r.d + r.e }

func (r runsAround) pattern(loose int) bool { return pattern(r.a, r.b, r.c, r.d, r.e, loose) }

// shift is the way from the place's beginning to the middle of the middle run.
func (r runsAround) shift() float64 { return float64(r.c)/2 - float64(r.back) }

// cross measures the five runs around a place along one line; it ends where the image does.
func (b *bitmap) cross(x, y, dx, dy, most int, dark uint8) (runsAround, bool) {
	at := y*b.w + x
	if b.pix[at] != dark {
		return runsAround{}, false
	}
	step := dy*b.w + dx
	back, ok := b.walk(at, -step, min(room(x, -dx, b.w), room(y, -dy, b.h), 2*most), dark)
	if !ok {
		return runsAround{}, false
	}
	ahead, ok := b.walk(at, step, min(room(x, dx, b.w), room(y, dy, b.h), 2*most), dark)
	if !ok {
		return runsAround{}, false
	}
	return runsAround{a: back[2], b: back[1], c: back[0] + 1 + ahead[0], d: ahead[1], e: ahead[2], back: back[0]}, true
}

// room is how many steps there are to the edge.
func room(at, step, size int) int {
	switch {
	case step > 0:
		return size - 1 - at
	case step < 0:
		return at
	}
	return math.MaxInt
}

// walk counts the pixels of the rest of the run, of the next and of the one behind that.
func (b *bitmap) walk(at, step, most int, dark uint8) (n [3]int, ok bool) {
	state, want := 0, dark
	for range most {
		at += step
		if b.pix[at] != want {
			if state++; state == 3 {
				break
			}
			want ^= 1
		}
		n[state]++
	}
	return n, state >= 2
}

// merge adds a centre to those found, or to one that it is the same as.
func merge(found []centre, c centre) []centre {
	// Later rows find the same pattern again, so that it is among the last ones.
	for i := len(found) - 1; i >= max(0, len(found)-4*maxCentres); i-- {
		f := &found[i]
		if math.Abs(f.x-c.x) > f.module || math.Abs(f.y-c.y) > f.module || math.Abs(f.module-c.module) > max(1, f.module/2) {
			continue
		}
		n := float64(f.seen)
		f.x, f.y, f.module = (f.x*n+c.x)/(n+1), (f.y*n+c.y)/(n+1), (f.module*n+c.module)/(n+1)
		f.seen++
		return found
	}
	return append(found, c)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
