// SPDX-License-Identifier: Apache-2.0

package pdf

import "fmt"

// samples tells how the samples of an image become shades of grey (section 8.9.5).
type samples struct {
	width   int
	colours int // Components of a pixel.
	bits    int // Of a component: 1, 2, 4, 8 or 16.
	octets  int // Of a row.
	shades  [256]byte
	ink     bool // Components are ink (CMYK), not light.
}

// maxBase is how deep one colour space may be defined by another.
const maxBase = 4

// samples reads what an image's dictionary says about its samples.
func (d *document) samples(o object, width int) (*samples, error) {
	s := &samples{width: width, colours: 1, bits: int(d.sub(o, "BitsPerComponent", "BPC").int())}
	var palette []byte
	switch mask := d.sub(o, "ImageMask", "IM"); {
	case mask.kind == number && mask.value.num != 0:
		s.bits = 1
	default:
		space := d.sub(o, "ColorSpace", "CS")
		s.colours, s.ink, palette = d.space(space, maxBase)
	}
	switch s.bits {
	case 1, 2, 4, 8, 16:
	default:
		return nil, fmt.Errorf("%w: %d bits", errPixels, s.bits)
	}
	if s.colours == 0 {
		return nil, fmt.Errorf("%w: colour space", errPixels)
	}
	s.octets = (s.width*s.colours*s.bits + 7) / 8
	s.table(palette)
	dec := d.sub(o, "Decode", "D").items()
	if palette == nil && len(dec) >= 2 && d.resolve(o, dec[0]).value.num > d.resolve(o, dec[1]).value.num {
		for i, j := 0, s.most(); i < j; i, j = i+1, j-1 {
			s.shades[i], s.shades[j] = s.shades[j], s.shades[i]
		}
	}
	return s, nil
}

// most is the highest value that a component's first octet has.
func (s *samples) most() int { return 1<<min(s.bits, 8) - 1 }

// table fills the table of shades.
func (s *samples) table(palette []byte) {
	for i := range s.most() + 1 {
		switch {
		case palette == nil:
			s.shades[i] = byte(i * 255 / s.most())
		case i < len(palette):
			s.shades[i] = palette[i]
		}
	}
}

// space gives the number of components of a colour space, if they are ink, and the shades of an indexed one.
func (d *document) space(o object, deep int) (colours int, ink bool, palette []byte) {
	kind := o
	items := o.items()
	if o.kind == list && len(items) > 0 {
		kind = d.resolve(o, items[0])
	}
	switch kind.value.text {
	case "DeviceGray", "CalGray", "G":
		return 1, false, nil
	case "DeviceRGB", "CalRGB", "RGB", "Lab":
		return 3, false, nil
	case "DeviceCMYK", "CMYK":
		return 4, true, nil
	case "Separation":
		return 1, true, nil
	case "ICCBased":
		if len(items) > 1 {
			n := d.sub(d.resolve(o, items[1]), "N").int()
			return int(max(0, min(n, 4))), n == 4, nil
		}
	case "DeviceN":
		if len(items) > 1 {
			return min(len(d.resolve(o, items[1]).items()), maxColours), true, nil
		}
	case "Indexed", "I":
		if len(items) > 3 && deep > 0 {
			return 1, false, d.palette(o, items, deep)
		}
	}
	return 0, false, nil
}

// palette makes shades of an indexed colour space's table.
func (d *document) palette(o object, items []value, deep int) []byte {
	n, ink, _ := d.space(d.resolve(o, items[1]), deep-1)
	if n == 0 {
		return nil
	}
	lookup := d.resolve(o, items[3])
	table := []byte(lookup.value.text)
	if lookup.kind == text && d.crypt != nil && lookup.in < 0 {
		table = d.crypt.text(lookup.place, table)
	}
	if lookup.stream {
		var err error
		if table, _, err = d.decode(lookup, int64(256*n)); err != nil {
			return nil
		}
	}
	palette := make([]byte, 0, 256)
	for len(table) >= n && len(palette) < 256 {
		palette = append(palette, luminance(table[:n], ink))
		table = table[n:]
	}
	return palette
}

// luminance is the shade of one pixel.
func luminance(c []byte, ink bool) byte {
	if ink {
		sum := 0
		for _, v := range c {
			sum += int(v)
		}
		return byte(255 - min(255, sum))
	}
	if len(c) >= 3 {
		return byte((int(c[0]) + 2*int(c[1]) + int(c[2])) / 4)
	}
	return c[0]
}

// add adds the shades of a row to the sums of k pixels each.
func (s *samples) add(row []byte, sums []uint32, k int) {
	if s.bits == 8 {
		s.add8(row, sums, k)
		return
	}
	var c [maxColours]byte
	bit := 0
	for i := range sums {
		for range k {
			for j := range s.colours {
				c[j], bit = s.shades[s.sample(row, bit)], bit+s.bits
			}
			sums[i] += uint32(s.shade(c[:s.colours]))
		}
	}
}

// add8 is add for 8 bits, which most images have.
func (s *samples) add8(row []byte, sums []uint32, k int) {
	switch {
	case s.colours == 1 && !s.ink:
		for i := range sums {
			for _, c := range row[i*k:][:k] {
				sums[i] += uint32(s.shades[c])
			}
		}
	case s.colours == 3 && !s.ink:
		for i := range sums {
			for p := row[3*i*k:][:3*k]; len(p) >= 3; p = p[3:] {
				sums[i] += (uint32(s.shades[p[0]]) + 2*uint32(s.shades[p[1]]) + uint32(s.shades[p[2]])) / 4
			}
		}
	default:
		var c [maxColours]byte
		for i := range sums {
			for p := row[i*k*s.colours:][:k*s.colours]; len(p) > 0; p = p[s.colours:] {
				for j, v := range p[:s.colours] {
					c[j] = s.shades[v]
				}
				sums[i] += uint32(s.shade(c[:s.colours]))
			}
		}
	}
}

// shade is the shade of a pixel's components.
func (s *samples) shade(c []byte) byte {
	if len(c) > 1 || s.ink {
		return luminance(c, s.ink)
	}
	return c[0]
}

// sample is the value of a component, of 16 bits the upper ones.
func (s *samples) sample(row []byte, bit int) byte {
	c := row[bit/8]
	if s.bits >= 8 {
		return c
	}
	return c >> (8 - s.bits - bit%8) & byte(1<<s.bits-1)
}
