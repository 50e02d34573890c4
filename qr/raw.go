// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"strconv"
)

var (
	errBMP = errors.New("BMP: kind that is not read")
	errPNM = errors.New("PNM: broken head")
)

// bmp is the head of a BMP file.
type bmp struct {
	w, h    int
	upward  bool // The lowest row comes first.
	bits    int
	palette [256]byte // Shades.
}

// bmpHead reads up to the samples. Compressed files are not read, which no mail program shows either.
func bmpHead(r io.Reader) (*bmp, error) {
	var b [54]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	info := int64(le.Uint32(b[14:]))
	h := int(int32(le.Uint32(b[22:])))
	m := &bmp{w: int(int32(le.Uint32(b[18:]))), h: h, upward: h > 0, bits: int(le.Uint16(b[28:]))}
	if h < 0 {
		m.h = -h
	}
	if method := le.Uint32(b[30:]); info < 40 || info > 1024 || method != 0 && (method != 3 || m.bits != 32) {
		return nil, errBMP
	}
	rest := int64(le.Uint32(b[10:])) - 54
	if rest < info-40 || rest > headOctets {
		return nil, errBMP
	}
	tail := make([]byte, rest)
	if _, err := io.ReadFull(r, tail); err != nil {
		return nil, err
	}
	switch m.bits {
	case 1, 4, 8:
		tail = tail[info-40:]
		for i := 0; i < 1<<m.bits && len(tail) >= 4; i, tail = i+1, tail[4:] {
			m.palette[i] = byte((int(tail[0]) + 2*int(tail[1]) + int(tail[2])) / 4)
		}
	case 24, 32:
	default:
		return nil, errBMP
	}
	return m, nil
}

func bmpConfig(r io.Reader) (image.Config, error) {
	m, err := bmpHead(r)
	if err != nil {
		return image.Config{}, err
	}
	return image.Config{ColorModel: color.GrayModel, Width: m.w, Height: m.h}, nil
}

func decodeBMP(r io.Reader) (image.Image, error) {
	m, err := bmpHead(r)
	if err != nil {
		return nil, err
	}
	out := image.NewGray(image.Rect(0, 0, m.w, m.h))
	row := make([]byte, (m.w*m.bits+31)/32*4)
	for i := range m.h {
		if _, err := io.ReadFull(r, row); err != nil {
			return nil, err
		}
		y := i
		if m.upward {
			y = m.h - 1 - i
		}
		line := out.Pix[y*out.Stride:][:m.w]
		for x := range line {
			if n := m.bits / 8; n >= 3 {
				c := row[x*n:]
				line[x] = byte((int(c[0]) + 2*int(c[1]) + int(c[2])) / 4)
				continue
			}
			at := x * m.bits
			line[x] = m.palette[row[at/8]>>(8-m.bits-at%8)&byte(1<<m.bits-1)]
		}
	}
	return out, nil
}

// pnm is the head of a PNM file of the kinds P4, P5 and P6.
type pnm struct {
	kind    byte
	w, h    int
	highest int
}

func pnmHead(r *bufio.Reader) (*pnm, error) {
	var magic [2]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, err
	}
	m := &pnm{kind: magic[1], highest: 1}
	numbers := []*int{&m.w, &m.h, &m.highest}
	if m.kind == '4' {
		numbers = numbers[:2]
	}
	for _, n := range numbers {
		var err error
		if *n, err = pnmNumber(r); err != nil {
			return nil, err
		}
	}
	if m.highest < 1 || m.highest > 255 {
		return nil, fmt.Errorf("%w: highest value %d", errPNM, m.highest)
	}
	return m, nil
}

// pnmNumber reads a number, the white space or comment before it, and one octet behind it.
func pnmNumber(r *bufio.Reader) (int, error) {
	var digits []byte
	comment := false
	for len(digits) < 9 {
		c, err := r.ReadByte()
		switch {
		case err != nil:
			return 0, err
		case comment:
			comment = c != '\n'
		case c == '#':
			comment = true
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case len(digits) > 0:
			return strconv.Atoi(string(digits))
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return 0, errPNM
		}
	}
	return 0, errPNM
}

func pnmConfig(r io.Reader) (image.Config, error) {
	m, err := pnmHead(bufio.NewReader(r))
	if err != nil {
		return image.Config{}, err
	}
	return image.Config{ColorModel: color.GrayModel, Width: m.w, Height: m.h}, nil
}

func decodePNM(r io.Reader) (image.Image, error) {
	b := bufio.NewReader(r)
	m, err := pnmHead(b)
	if err != nil {
		return nil, err
	}
	out := image.NewGray(image.Rect(0, 0, m.w, m.h))
	octets := map[byte]int{'4': (m.w + 7) / 8, '5': m.w, '6': 3 * m.w}[m.kind]
	row := make([]byte, octets)
	for y := range m.h {
		if _, err := io.ReadFull(b, row); err != nil {
			return nil, err
		}
		line := out.Pix[y*out.Stride:][:m.w]
		for x := range line {
			switch m.kind {
			case '4':
				line[x] = (row[x/8]>>(7-x%8)&1 ^ 1) * 255
			case '5':
				line[x] = byte(min(255, int(row[x])*255/m.highest))
			default:
				c := row[3*x:]
				line[x] = byte(min(255, (int(c[0])+2*int(c[1])+int(c[2]))*255/(4*m.highest)))
			}
		}
	}
	return out, nil
}
