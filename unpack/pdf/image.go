// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"errors"
	"fmt"
	"image"
	"io"
)

// Image is an image of the file (section 8.9).
type Image struct {
	Width, Height int // Pixels.
	JPEG          bool
	Stream        // Of a JPEG image, its file; else the samples.
	doc           *document
	object        object
}

// oddness orders images: those that may be a QR code first, which are square.
func (i Image) oddness() int {
	w, h := i.Width, i.Height
	if w < h {
		w, h = h, w
	}
	if w <= h+h/4 {
		return 0
	}
	return 1
}

// image notes an image.
func (x *inspection) image(o object) {
	w, h := x.sub(o, "Width", "W").int(), x.sub(o, "Height", "H").int()
	if x.sealed || w < minImageSide || h < minImageSide {
		return
	}
	stages, err := x.stages(o)
	if err != nil {
		return
	}
	img := Image{Width: int(w), Height: int(h), doc: x.document, object: o}
	if n := len(stages); n > 0 && codec(stages[n-1].filter) {
		if !jpeg(stages[n-1].filter) {
			x.report.Opaque++
			return
		}
		img.JPEG = true
	}
	img.Stream = x.content(o)
	// A place is kept for square images.
	if n := len(x.images); n < maxImages/2 || n < maxImages && img.oddness() == 0 {
		x.images = append(x.images, img)
	}
}

// errPixels is returned for an image that has too many pixels, or none that can be read.
var errPixels = errors.New("image is not read")

// Gray is the image in shades of grey, made smaller by a whole number so that it has at most so many pixels. It is for images that are
// not JPEG. Samples that are missing are white.
func (i Image) Gray(maxPixels int) (*image.Gray, error) {
	if i.Width > maxRow || i.Height > maxImagePixels/i.Width {
		return nil, fmt.Errorf("%w: %d x %d pixels", errPixels, i.Width, i.Height)
	}
	s, err := i.doc.samples(i.object, i.Width)
	if err != nil {
		return nil, err
	}
	r, err := i.Open()
	if err != nil {
		return nil, err
	}
	k := 1
	for i.Width/k*(i.Height/k) > maxPixels {
		k++
	}
	out := image.NewGray(image.Rect(0, 0, i.Width/k, i.Height/k))
	for n := range out.Pix {
		out.Pix[n] = 255
	}
	return out, s.shrink(&metered{r: r, spend: i.doc.spend}, out, k)
}

// shrink reads all rows and puts the mean of k times k pixels into each pixel of out.
func (s *samples) shrink(r io.Reader, out *image.Gray, k int) error {
	width, height := out.Rect.Dx(), out.Rect.Dy()
	sums := make([]uint32, width)
	row := make([]byte, s.octets)
	for y := range height {
		clear(sums)
		for range k {
			if _, err := io.ReadFull(r, row); err != nil {
				if err == io.EOF || damage(err) {
					return nil
				}
				return err
			}
			s.add(row, sums, k)
		}
		for x, sum := range sums {
			out.Pix[y*out.Stride+x] = byte(sum / uint32(k*k))
		}
	}
	return nil
}
