// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"bufio"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io"
)

// Limits of a GIF file's pictures.
const (
	maxFrames      = 10_000  // Pictures that are passed over.
	maxFrameOctets = 8 << 20 // Octets of one picture.
)

var errGIF = errors.New("GIF: broken")

// gifFile is a GIF file that is cut into its pictures (GIF89a specification). The standard library's reader keeps all of them or shows
// the first only, and takes none whose data is too short or too long, which programs show all the same.
type gifFile struct {
	r       *bufio.Reader
	w, h    int    // Of the screen.
	palette []byte // Global colour table.
	clear   int    // Colour of the next picture that is transparent; -1 is none.
}

// frame is one picture.
type frame struct {
	w, h      int
	interlace bool
	palette   []byte
	clear     int
	bits      uint   // Of a colour.
	data      []byte // Codes.
}

// gifConfig gives the size of the screen, or of the first picture if that is larger, as programs do.
func gifConfig(r io.Reader) (image.Config, error) {
	g := &gifFile{r: bufio.NewReader(r), clear: -1}
	var head [13]byte
	if _, err := io.ReadFull(g.r, head[:]); err != nil {
		return image.Config{}, err
	}
	le := binary.LittleEndian
	c := image.Config{ColorModel: color.GrayModel, Width: int(le.Uint16(head[6:])), Height: int(le.Uint16(head[8:]))}
	if _, err := g.table(head[10]); err != nil {
		return c, err
	}
	for {
		kind, err := g.r.ReadByte()
		switch {
		case err != nil:
			return c, err
		case kind == 0x21:
			if err := g.extension(); err != nil {
				return c, err
			}
		case kind == 0x2c:
			var d [9]byte
			_, err := io.ReadFull(g.r, d[:])
			c.Width, c.Height = max(c.Width, int(le.Uint16(d[4:]))), max(c.Height, int(le.Uint16(d[6:])))
			return c, err
		case kind != 0:
			return c, errGIF
		}
	}
}

// decodeGIF reads the first and the last picture of a GIF file, without decoding those between them. The last one may be no larger than
// allowed for the first.
func decodeGIF(r io.Reader, maxPixels int) ([]image.Image, error) {
	g := &gifFile{r: bufio.NewReader(r), clear: -1}
	first, last, err := g.split()
	if first == nil {
		return nil, err
	}
	var all []image.Image
	most := max(first.w*first.h, g.w*g.h)
	for _, f := range []*frame{first, last} {
		if f != nil && f.w > 0 && f.h > 0 && f.w*f.h <= min(most, maxPixels) {
			all = append(all, f.image())
		}
	}
	return all, nil
}

// split gives the first picture and, if there are several, the last one. What breaks off is taken as far as it goes.
func (g *gifFile) split() (first, last *frame, err error) {
	if err := g.screen(); err != nil {
		return nil, nil, err
	}
	for frames := 0; frames < maxFrames; {
		c, err := g.r.ReadByte()
		if err != nil {
			return first, last, err
		}
		switch c {
		case 0x21:
			if err := g.extension(); err != nil {
				return first, last, err
			}
		case 0x2c:
			f, err := g.picture()
			if first == nil {
				first = f
			} else if f != nil {
				last = f
			}
			if err != nil {
				return first, last, err
			}
			frames++
		case 0: // Programs pass over it.
		default: // Trailer, or nothing that belongs here.
			return first, last, errGIF
		}
	}
	return first, last, nil
}

// screen reads what stands before the blocks.
func (g *gifFile) screen() (err error) {
	var head [13]byte
	if _, err = io.ReadFull(g.r, head[:]); err != nil {
		return err
	}
	g.w, g.h = int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:]))
	g.palette, err = g.table(head[10])
	return err
}

// table reads a colour table if flags announce one.
func (g *gifFile) table(flags byte) ([]byte, error) {
	if flags&0x80 == 0 {
		return nil, nil
	}
	b := make([]byte, 3<<(flags&7+1))
	_, err := io.ReadFull(g.r, b)
	return b, err
}

// extension reads an extension; of those only the graphic control counts, which says what is transparent.
func (g *gifFile) extension() error {
	label, err := g.r.ReadByte()
	if err != nil {
		return err
	}
	b, err := g.blocks()
	if label == 0xf9 && len(b) >= 4 {
		g.clear = -1
		if b[0]&1 == 1 {
			g.clear = int(b[3])
		}
	}
	return err
}

// blocks reads data sub-blocks.
func (g *gifFile) blocks() ([]byte, error) {
	var b []byte
	for {
		n, err := g.r.ReadByte()
		if err != nil || n == 0 {
			return b, err
		}
		if len(b) > maxFrameOctets {
			return b, errGIF
		}
		at := len(b)
		b = append(b, make([]byte, n)...)
		if got, err := io.ReadFull(g.r, b[at:]); err != nil {
			return b[:at+got], err
		}
	}
}

// picture reads one picture. It may be there though an error says that it breaks off.
func (g *gifFile) picture() (*frame, error) {
	var d [9]byte
	if _, err := io.ReadFull(g.r, d[:]); err != nil {
		return nil, err
	}
	f := &frame{
		w: int(binary.LittleEndian.Uint16(d[4:])), h: int(binary.LittleEndian.Uint16(d[6:])), interlace: d[8]&0x40 != 0,
		palette: g.palette, clear: g.clear,
	}
	g.clear = -1
	local, err := g.table(d[8])
	if err != nil {
		return nil, err
	}
	if local != nil {
		f.palette = local
	}
	bits, err := g.r.ReadByte()
	if err != nil {
		return nil, err
	}
	if bits < 1 || bits > 8 {
		return nil, errGIF
	}
	f.bits = uint(bits)
	f.data, err = g.blocks()
	return f, err
}

// image decodes the picture.
func (f *frame) image() *image.Paletted {
	var colours color.Palette
	for i := range 256 {
		c := color.NRGBA{A: 255}
		if 3*i+2 < len(f.palette) {
			c = color.NRGBA{f.palette[3*i], f.palette[3*i+1], f.palette[3*i+2], 255}
		}
		if i == f.clear {
			c.A = 0
		}
		colours = append(colours, c)
	}
	m := image.NewPaletted(image.Rect(0, 0, f.w, f.h), colours)
	if f.clear >= 0 {
		for i := range m.Pix {
			m.Pix[i] = byte(f.clear)
		}
	}
	unpackLZW(f.data, f.bits, m.Pix)
	if f.interlace {
		straighten(m)
	}
	return m
}

// straighten puts the rows of an interlaced picture in order: each eighth, then those between, in four passes.
func straighten(m *image.Paletted) {
	out := make([]byte, len(m.Pix))
	from := 0
	h := m.Rect.Dy()
	for _, pass := range [4][2]int{{0, 8}, {4, 8}, {2, 4}, {1, 2}} {
		for y := pass[0]; y < h; y += pass[1] {
			copy(out[y*m.Stride:][:m.Stride], m.Pix[from:])
			from += m.Stride
		}
	}
	m.Pix = out
}

// unpackLZW decodes codes into out, as far as they go: what is missing stays as it is, what is too much is left out.
func unpackLZW(data []byte, literal uint, out []byte) {
	var prefix [4096]uint16
	var suffix, stack [4096]byte
	reset, end := 1<<literal, 1<<literal+1
	next, width, last := end+1, literal+1, -1
	acc, have, n := uint32(0), uint(0), 0
	var first byte
	for _, c := range data {
		acc |= uint32(c) << have
		have += 8
		for have >= width && n < len(out) {
			code := int(acc & (1<<width - 1))
			acc >>= width
			have -= width
			switch {
			case code == reset:
				next, width, last = end+1, literal+1, -1
				continue
			case code == end || code > next || code == next && last < 0:
				return
			}
			at, walk := len(stack), code
			if code == next {
				at--
				stack[at] = first
				walk = last
			}
			for walk >= reset && at > 1 {
				at--
				stack[at] = suffix[walk]
				walk = int(prefix[walk])
			}
			first = byte(walk)
			at--
			stack[at] = first
			n += copy(out[n:], stack[at:])
			if last >= 0 && next < len(prefix) {
				prefix[next], suffix[next] = uint16(last), first
				next++
				if next == 1<<width && width < 12 {
					width++
				}
			}
			last = code
		}
	}
}
