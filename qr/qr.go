// SPDX-License-Identifier: Apache-2.0

// Package qr reads QR codes (ISO/IEC 18004) in images, in text drawn of block characters, and in tables of dark and light cells. A code
// that is not there costs little: finder patterns are looked for first, in an image made small. It decodes no other bar codes, no Micro
// QR and no animation but its first and last picture. Package unpack and the phishing filter call it; nothing of ours is imported.
package qr

import (
	"errors"
	"image"
	"io"
	"slices"
)

// Limits of the work on one image.
const (
	maxCodes    = 32      // Codes that are read of one image.
	coarse      = 1 << 20 // Pixels of the image that is looked at first; a larger one is made smaller.
	smallSide   = 200     // Pixels: an image with a shorter side is made larger if its patterns are not decoded.
	grown       = 4       // Times that it is made larger.
	maxCentres  = 60      // Finder patterns that are combined, the clearest ones.
	maxTries    = 64      // Combinations of three finder patterns of one image that are decoded in vain.
	maxPayload  = 8 << 10 // Octets of a payload; a code holds less than 3,000.
	headOctets  = 4 << 20 // Octets up to where an image tells its size.
	maxScans    = 100     // Scans of a JPEG: each goes over all of the image.
	maxSide     = 1 << 16 // Pixels of a side.
	maxWeight   = 5       // Octets of a decoded image for each pixel that is allowed.
	maxModules  = 177     // Of a side of the largest code.
	minModules  = 21      // Of the smallest.
	maxTextLine = 4 << 10 // Characters of a line of text that are looked at.
	maxCells    = 1 << 20 // Cells of a table.
)

// Errors of Read.
var (
	// ErrFormat is returned for what is no image of a known format: JPEG, PNG, GIF, BMP or PNM.
	ErrFormat = errors.New("image format is not known")
	// ErrTooLarge is returned for an image of more pixels than allowed, or of as many that each take more than usual.
	ErrTooLarge = errors.New("image has too many pixels")
	// ErrEffort is returned, with what was read, for an image with so much in it that looks like codes that not all of it was tried.
	ErrEffort = errors.New("image has too much that looks like QR codes")
)

// Read gives the payloads of all QR codes in an image, in no order. An image of more than maxPixels is not decoded; the memory is at most
// 8 octets for each of them. No code is no error; an image that breaks off is one, unless a code was in what was there. The time is that
// of decoding the image and about 10 ns a pixel, and up to five times that if there are finder patterns.
func Read(r io.Reader, maxPixels int) ([]string, error) {
	images, err := decode(r, maxPixels)
	if err != nil {
		return nil, err
	}
	var found payloads
	for _, img := range images {
		s := search{tries: maxTries}
		for p := range planes(img) {
			if s.read(p); len(s.found) > 0 {
				break
			}
		}
		for _, one := range s.found {
			found.add(one)
		}
		if s.cut {
			err = ErrEffort
		}
	}
	return found.texts(), err
}

// Likely tells cheaply if a QR code may be in the image.
func Likely(img *image.Gray) bool {
	p := &plane{w: img.Rect.Dx(), h: img.Rect.Dy(), pix: img.Pix, stride: img.Stride}
	for _, level := range p.levels() {
		if t, crowded := level.bitmap().triples(); crowded || len(t[0])+len(t[1]) > 0 {
			return true
		}
	}
	return false
}

// payload is what a code says.
type payload struct {
	text  string
	part  int // Of a text that several codes hold together (structured append); -1 is none.
	whole int // Parity of that whole text.
}

type payloads []payload

// add notes a payload once.
func (p *payloads) add(one payload) {
	if len(one.text) > maxPayload {
		one.text = one.text[:maxPayload]
	}
	if slices.Contains(*p, one) {
		return
	}
	if len(*p) < maxCodes {
		*p = append(*p, one)
	}
}
