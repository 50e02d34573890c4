// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"image"
	"image/color"
)

// plane is an image in shades of grey.
type plane struct {
	w, h   int
	stride int
	pix    []byte
}

func newPlane(w, h int) *plane { return &plane{w: w, h: h, stride: w, pix: make([]byte, w*h)} }

// planes are the ways in which an image may look: on white, and if some of it is transparent, on black.
func planes(img image.Image) []*plane {
	b := img.Bounds()
	if b.Empty() {
		return nil
	}
	switch m := img.(type) {
	case *image.YCbCr:
		return []*plane{{w: b.Dx(), h: b.Dy(), stride: m.YStride, pix: m.Y[m.YOffset(b.Min.X, b.Min.Y):]}}
	case *image.Gray:
		return []*plane{{w: b.Dx(), h: b.Dy(), stride: m.Stride, pix: m.Pix[m.PixOffset(b.Min.X, b.Min.Y):]}}
	case *image.Paletted:
		return paletted(m)
	case *image.NRGBA:
		return nrgba(m)
	case *image.RGBA:
		return rgba(m)
	}
	return other(img)
}

// grey is the shade of a colour on a ground.
func grey(r, g, b, a, ground uint32) byte {
	return byte(((r+2*g+b)/4*a + ground*(255-a)) / 255)
}

func paletted(m *image.Paletted) []*plane {
	b := m.Bounds()
	on := func(ground uint32) *plane {
		var shades [256]byte
		for i, c := range m.Palette {
			n, _ := color.NRGBAModel.Convert(c).(color.NRGBA)
			shades[i&255] = grey(uint32(n.R), uint32(n.G), uint32(n.B), uint32(n.A), ground)
		}
		p := newPlane(b.Dx(), b.Dy())
		for y := range p.h {
			row := m.Pix[y*m.Stride:][:p.w]
			out := p.pix[y*p.w:][:p.w]
			for x, c := range row {
				out[x] = shades[c]
			}
		}
		return p
	}
	for _, c := range m.Palette {
		if _, _, _, a := c.RGBA(); a != 0xffff {
			return []*plane{on(255), on(0)}
		}
	}
	return []*plane{on(255)}
}

func nrgba(m *image.NRGBA) []*plane {
	b := m.Bounds()
	clear := false
	on := func(ground uint32) *plane {
		p := newPlane(b.Dx(), b.Dy())
		for y := range p.h {
			row := m.Pix[y*m.Stride:][:4*p.w]
			out := p.pix[y*p.w:][:p.w]
			for x := range out {
				c := row[4*x:][:4]
				out[x] = grey(uint32(c[0]), uint32(c[1]), uint32(c[2]), uint32(c[3]), ground)
				clear = clear || c[3] != 255
			}
		}
		return p
	}
	white := on(255)
	if clear {
		return []*plane{white, on(0)}
	}
	return []*plane{white}
}

// rgba is for images without transparency: what is decoded into this form has none.
func rgba(m *image.RGBA) []*plane {
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
	return []*plane{p}
}

// other is for the rarer forms, such as 16 bits and CMYK.
func other(img image.Image) []*plane {
	b := img.Bounds()
	p := newPlane(b.Dx(), b.Dy())
	for y := range p.h {
		for x := range p.w {
			n, _ := color.NRGBAModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
			p.pix[y*p.w+x] = grey(uint32(n.R), uint32(n.G), uint32(n.B), uint32(n.A), 255)
		}
	}
	return []*plane{p}
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
