// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/common"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
)

// search is the search for codes in one image, however often and in whatever form it is looked at.
type search struct {
	found payloads
	tries int  // Combinations that may still be decoded.
	cut   bool // There was more to try.
}

// read looks for codes in the plane at one size after the other, until one is found.
func (s *search) read(p *plane) {
	for _, level := range p.levels() {
		if s.codes(level.bitmap()) && len(s.found) == 0 {
			s.again(level)
		}
		if len(s.found) > 0 {
			return
		}
	}
}

// again does more work where patterns are and nothing was decoded: another threshold, then coarser, without noise, or with larger modules.
func (s *search) again(p *plane) {
	s.codes(p.global())
	if len(s.found) > 0 {
		return
	}
	if min(p.w, p.h) < smallSide && p.w*p.h < coarse/(grown*grown) {
		p = p.grow(grown)
	} else {
		p = p.shrink(2)
	}
	s.codes(p.bitmap())
}

// codes decodes what is in a bitmap, dark on light and light on dark, and tells if patterns were there.
func (s *search) codes(b *bitmap) bool {
	likely := false
	all, crowded := b.triples()
	s.cut = s.cut || crowded
	for dark, triples := range all {
		likely = likely || len(triples) > 0
		var used []centre
		var matrix *gozxing.BitMatrix
		for _, t := range triples {
			if slices.ContainsFunc(t.c[:], func(c centre) bool { return slices.Contains(used, c) }) {
				continue
			}
			if s.tries == 0 {
				s.cut = true
				return likely
			}
			s.tries--
			if matrix == nil {
				matrix = b.matrix(uint8(dark))
			}
			if text, err := decodeAt(matrix, t.c); err == nil {
				s.found.add(text)
				used = append(used, t.c[:]...)
				s.tries++
			}
		}
	}
	return likely
}

// decodeAt reads the code at three corners.
func decodeAt(m *gozxing.BitMatrix, t [3]centre) (payload, error) {
	at := func(c centre) *detector.FinderPattern { return detector.NewFinderPattern(c.x, c.y, c.module, c.seen) }
	return guarded(func() (*common.DecoderResult, error) {
		d, err := detector.NewDetector(m).ProcessFinderPatternInfo(detector.NewFinderPatternInfo(at(t[1]), at(t[0]), at(t[2])))
		if err != nil {
			return nil, err
		}
		return decoder.NewDecoder().Decode(d.GetBits(), nil)
	})
}

// matrix is the bitmap as the decoder takes it.
func (b *bitmap) matrix(dark uint8) *gozxing.BitMatrix {
	m, err := gozxing.NewBitMatrix(b.w, b.h)
	if err != nil {
		panic("qr: bitmap without pixels: " + err.Error())
	}
	line := gozxing.NewBitArray(b.w)
	for y := range b.h {
		row := b.pix[y*b.w:][:b.w]
		for x := 0; x < b.w; x += 32 {
			word := uint32(0)
			for i, c := range row[x:min(x+32, b.w)] {
				word |= uint32(c^dark^1) << i
			}
			line.SetBulk(x, word)
		}
		m.SetRow(y, line)
	}
	return m
}

var errPanic = errors.New("decoder broke off")

// guarded runs the decoder, whose code indexes what hostile images made, and gives what it read.
func guarded(run func() (*common.DecoderResult, error)) (p payload, err error) {
	defer func() {
		if v := recover(); v != nil {
			p, err = payload{}, fmt.Errorf("%w: %.100v", errPanic, v)
		}
	}()
	r, err := run()
	if err != nil {
		return payload{}, err
	}
	p = payload{text: r.GetText(), part: -1}
	if r.HasStructuredAppend() {
		p.part, p.whole = r.GetStructuredAppendSequenceNumber(), r.GetStructuredAppendParity()
	}
	return p, nil
}

// texts are the payloads, those of one text put together, in order of their number.
func (p payloads) texts() []string {
	var out []string
	var parts []payload
	for _, one := range p {
		if one.part >= 0 {
			parts = append(parts, one)
		} else if one.text != "" && !slices.Contains(out, one.text) {
			out = append(out, one.text)
		}
	}
	slices.SortStableFunc(parts, func(a, b payload) int {
		if a.whole != b.whole {
			return a.whole - b.whole
		}
		return a.part - b.part
	})
	var b strings.Builder
	for i, one := range parts {
		b.WriteString(one.text)
		if i+1 == len(parts) || parts[i+1].whole != one.whole {
			out = append(out, b.String())
			b.Reset()
		}
	}
	return out
}
