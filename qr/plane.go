// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"image"
	"image/color"
	"iter"
)

// plane is an image in shades of grey.
type plane struct {
	w, h   int
	stride int
	pix    []byte
}

func newPlane(w, h int) *plane { return &plane{w: w, h: h, stride: w, pix: make([]byte, w*h)} }

// planes are the ways in which an image may look: on white, and if some of it is transparent, on black. Each is gone when the next one comes.
func planes(img image.Image) iter.Seq[*plane] {
	return func(yield func(*plane) bool) {
		b := img.Bounds()
		if b.Empty() {
			return
		}
		switch m := img.(type) {
		case *image.YCbCr:
			yield(&plane{w: b.Dx(), h: b.Dy(), stride: m.YStride, pix: m.Y[m.YOffset(b.Min.X, b.Min.Y):]})
		case *image.Gray:
			yield(&plane{w: b.Dx(), h: b.Dy(), stride: m.Stride, pix: m.Pix[m.PixOffset(b.Min.X, b.Min.Y):]})
		case *image.Paletted:
			onGrounds(b, func(p *plane, ground uint32) bool { return paletted(p, m, ground) }, yield)
		case *image.NRGBA:
			onGrounds(b, func(p *plane, ground uint32) bool { return nrgba(p, m, ground) }, yield)
		case *image.RGBA:
			yield(rgba(m))
		case image.RGBA64Image:
			yield(other(m))
		default:
			panic("an image that is none of the standard library's")
		}
	}
}

// onGrounds has an image drawn on white and, if draw tells that something shines through, on black.
func onGrounds(b image.Rectangle, draw func(p *plane, ground uint32) (clear bool), yield func(*plane) bool) {
	p := newPlane(b.Dx(), b.Dy())
	if clear := draw(p, 255); !yield(p) || !clear {
		return
	}
	draw(p, 0)
	yield(p)
}

// grey is the shade of a colour on a ground.
func grey(r, g, b, a, ground uint32) byte {
	return byte(((r+2*g+b)/4*a + ground*(255-a)) / 255)
}

func paletted(p *plane, m *image.Paletted, ground uint32) (clear bool) {
	var shades [256]byte
	for i, c := range m.Palette {
		n, _ := color.NRGBAModel.Convert(c).(color.NRGBA)
		shades[i&255] = grey(uint32(n.R), uint32(n.G), uint32(n.B), uint32(n.A), ground)
		clear = clear || n.A != 255
	}
	for y := range p.h {
		row := m.Pix[y*m.Stride:][:p.w]
		out := p.pix[y*p.w:][:p.w]
		for x, c := range row {
			out[x] = shades[c]
		}
	}
	return clear
}

func nrgba(p *plane, m *image.NRGBA, ground uint32) (clear bool) {
	for y := range p.h {
		row := m.Pix[y*m.Stride:][:4*p.w]
		out := p.pix[y*p.w:][:p.w]
		for x := range out {
			c := row[4*x:][:4]
			out[x] = grey(uint32(c[0]), uint32(c[1]), uint32(c[2]), uint32(c[3]), ground)
			clear = clear || c[3] != 255
		}
	}
	return clear
}

// rgba is for images without transparency: what is decoded into this form has none.
func rgba(m *image.RGBA) *plane {
	b := m.Bounds()
	p := newPlane(b.Dx(), b.Dy())
	for y := range p.h {
		row := m.Pix[y*m.Stride:][:4*p.w]
		out := p.pix[y*p.w:][:p.w]
		for x := range out {
			c := row[4*x:][:4]
			out[x] = byte((uint32(c[0]) + 2*uint32(c[1]) + uint32(c[2])) / 4)
		}
	}
	return p
}

// other is for the rarer forms, such as 16 bits and CMYK, on white. Colours come multiplied by their opacity.
func other(img image.RGBA64Image) *plane {
	b := img.Bounds()
	p := newPlane(b.Dx(), b.Dy())
	for y := range p.h {
		for x := range p.w {
			c := img.RGBA64At(b.Min.X+x, b.Min.Y+y)
			p.pix[y*p.w+x] = byte(((uint32(c.R)+2*uint32(c.G)+uint32(c.B))/4 + 0xffff - uint32(c.A)) >> 8)
		}
	}
	return p
}

// levels are the sizes at which the plane is looked at: small first, then as it is if that is more. What is small is looked at as it is, and then at
// half its size, where noise and lines between the modules are gone.
func (p *plane) levels() []*plane {
	switch {
	case min(p.w, p.h) < minModules:
		return nil
	case min(p.w, p.h) < 4*minModules:
		return []*plane{p}
	case p.w*p.h <= coarse:
		return []*plane{p, p.shrink(2)}
	}
	k := 2
	for (p.w/k)*(p.h/k) > coarse {
		k++
	}
	if p.w/k < minModules || p.h/k < minModules {
		return []*plane{p}
	}
	return []*plane{p.shrink(k), p}
}

// shrink gives each k times k pixels as one, their mean.
func (p *plane) shrink(k int) *plane {
	out := newPlane(p.w/k, p.h/k)
	sums := make([]uint32, out.w)
	for y := range out.h {
		clear(sums)
		for dy := range k {
			row := p.pix[(y*k+dy)*p.stride:][:out.w*k]
			for x := range sums {
				for _, c := range row[x*k:][:k] {
					sums[x] += uint32(c)
				}
			}
		}
		for x, s := range sums {
			out.pix[y*out.w+x] = byte(s / uint32(k*k))
		}
	}
	return out
}

// grow gives each pixel as k times k, with a margin.
func (p *plane) grow(k int) *plane {
	margin := 4 * k
	out := newPlane(p.w*k+2*margin, p.h*k+2*margin)
	edge := p.pix[0]
	for i := range out.pix {
		out.pix[i] = edge
	}
	for y := range p.h * k {
		row := p.pix[y/k*p.stride:][:p.w]
		line := out.pix[(y+margin)*out.w+margin:]
		for x, c := range row {
			for i := range k {
				line[x*k+i] = c
			}
		}
	}
	return out
}
