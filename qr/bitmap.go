// SPDX-License-Identifier: Apache-2.0

package qr

// bitmap is an image in black and white: 1 is dark.
type bitmap struct {
	w, h int
	pix  []uint8
}

// Of the local threshold.
const (
	block     = 8  // Pixels of a block's side.
	minRange  = 24 // Shades between the darkest and the lightest pixel of a block that is not plain.
	blockArea = 2  // Blocks around one that its threshold is made of, on each side.
)

// bitmap is the plane by the threshold that suits it: a small one has no room for a local one.
func (p *plane) bitmap() *bitmap {
	if min(p.w, p.h) < 2*blockArea*block+block {
		return p.global()
	}
	return p.hybrid()
}

// hybrid makes pixels dark that are darker than the mean of what is around them. Light falls unevenly on photographs. Plain blocks get the
// shade of their neighbours, or count as light.
func (p *plane) hybrid() *bitmap {
	bw, bh := (p.w+block-1)/block, (p.h+block-1)/block
	black := make([]int, bw*bh)
	floor := p.darkest()
	for by := range bh {
		for bx := range bw {
			black[by*bw+bx] = p.blackPoint(bx, by, black, bw, floor)
		}
	}
	b := &bitmap{w: p.w, h: p.h, pix: make([]uint8, p.w*p.h)}
	for by := range bh {
		for bx := range bw {
			sum, n := 0, 0
			for y := max(0, by-blockArea); y <= min(bh-1, by+blockArea); y++ {
				for x := max(0, bx-blockArea); x <= min(bw-1, bx+blockArea); x++ {
					sum += black[y*bw+x]
					n++
				}
			}
			p.threshold(b, bx*block, by*block, byte(sum/n))
		}
	}
	return b
}

// darkest is the darkest shade but for a few pixels, of a part of them: faint codes have no black.
func (p *plane) darkest() int {
	var counts [256]int
	n := 0
	for y := 0; y < p.h; y += 4 {
		for x := 0; x < p.w; x += 4 {
			counts[p.pix[y*p.stride+x]]++
			n++
		}
	}
	for shade, seen := 0, 0; shade < 256; shade++ {
		if seen += counts[shade]; seen > n/200 {
			return shade
		}
	}
	return 255
}

// blackPoint is the shade up to which a block's pixels are dark. The points of the blocks above and to the left are known.
func (p *plane) blackPoint(bx, by int, black []int, bw, floor int) int {
	x0, y0 := bx*block, by*block
	x1, y1 := min(x0+block, p.w), min(y0+block, p.h)
	lo, hi, sum := byte(255), byte(0), 0
	for y := y0; y < y1; y++ {
		for _, c := range p.pix[y*p.stride+x0 : y*p.stride+x1] {
			sum += int(c)
			lo, hi = min(lo, c), max(hi, c)
		}
	}
	if int(hi)-int(lo) > minRange {
		return sum / ((x1 - x0) * (y1 - y0))
	}
	point := (int(lo) + min(floor, int(lo))) / 2
	if bx > 0 && by > 0 {
		at := by*bw + bx
		if around := (black[at-bw] + 2*black[at-1] + black[at-bw-1]) / 4; int(lo) < around {
			return around
		}
	}
	return point
}

func (p *plane) threshold(b *bitmap, x0, y0 int, t byte) {
	x1, y1 := min(x0+block, p.w), min(y0+block, p.h)
	for y := y0; y < y1; y++ {
		in := p.pix[y*p.stride+x0 : y*p.stride+x1]
		out := b.pix[y*b.w+x0 : y*b.w+x1]
		for i := range out {
			out[i] = uint8((int32(in[i])-int32(t)-1)>>31) & 1 // 1 up to t, without a branch.
		}
	}
}

// global makes pixels dark below one shade for the whole plane, that which parts dark from light best (Otsu's method).
func (p *plane) global() *bitmap {
	var counts [256]int
	for y := range p.h {
		for _, c := range p.pix[y*p.stride:][:p.w] {
			counts[c]++
		}
	}
	t := otsu(&counts, p.w*p.h)
	b := &bitmap{w: p.w, h: p.h, pix: make([]uint8, p.w*p.h)}
	for y := range p.h {
		out := b.pix[y*b.w:][:b.w]
		for x, c := range p.pix[y*p.stride:][:p.w] {
			out[x] = uint8((int32(c)-int32(t)-1)>>31) & 1
		}
	}
	return b
}

func otsu(counts *[256]int, total int) int {
	all := 0.0
	for i, n := range counts {
		all += float64(i) * float64(n)
	}
	best, threshold, below, sum := -1.0, 0, 0, 0.0
	for i, n := range counts {
		below += n
		sum += float64(i) * float64(n)
		above := total - below
		if below == 0 || above == 0 {
			continue
		}
		d := sum/float64(below) - (all-sum)/float64(above)
		if v := d * d * float64(below) * float64(above); v > best {
			best, threshold = v, i
		}
	}
	return threshold
}
