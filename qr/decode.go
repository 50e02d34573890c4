// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"strings"
)

// format is one format of images.
type format struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader, int) ([]image.Image, error) // Of at most so many pixels in all.
}

// formats are those that are known. The standard library's register is not used, because what is in it depends on who else is linked in.
func formats() []format {
	return []format{
		{"\xff\xd8\xff", jpeg.DecodeConfig, decodeJPEG},
		{signature, pngConfig, decodePNG},
		{"GIF8", gifConfig, decodeGIF},
		{"BM", bmpConfig, single(decodeBMP)},
		{"P4", pnmConfig, single(decodePNM)},
		{"P5", pnmConfig, single(decodePNM)},
		{"P6", pnmConfig, single(decodePNM)},
	}
}

func single(decode func(io.Reader) (image.Image, error)) func(io.Reader, int) ([]image.Image, error) {
	return func(r io.Reader, _ int) ([]image.Image, error) {
		img, err := decode(r)
		if err != nil {
			return nil, err
		}
		return []image.Image{img}, nil
	}
}

// decode reads an image if it has no more than so many pixels.
func decode(r io.Reader, maxPixels int) (all []image.Image, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: decode image: %.100v", errPanic, v)
		}
	}()
	f, b, err := recognise(r)
	if err != nil {
		return nil, err
	}
	var head bytes.Buffer
	c, err := f.config(io.TeeReader(io.LimitReader(b, headOctets), &head))
	if err != nil {
		return nil, fmt.Errorf("read head of image: %w", err)
	}
	if err := fits(c, maxPixels); err != nil {
		return nil, err
	}
	if c.Width*c.Height*weight(c.ColorModel, head.Bytes()) > maxWeight*maxPixels {
		return nil, fmt.Errorf("%w: %d x %d, and more octets each than usual", ErrTooLarge, c.Width, c.Height)
	}
	if all, err = f.decode(io.MultiReader(&head, b), maxPixels); err != nil {
		return nil, fmt.Errorf("decode image: %w", err)
	}
	return all, nil
}

func recognise(r io.Reader) (format, *bufio.Reader, error) {
	b := bufio.NewReader(r)
	for _, f := range formats() {
		if head, _ := b.Peek(len(f.magic)); string(head) == f.magic {
			return f, b, nil
		}
	}
	return format{}, nil, ErrFormat
}

func fits(c image.Config, maxPixels int) error {
	if c.Width <= 0 || c.Height <= 0 || c.Width > maxSide || c.Height > maxSide || c.Width > maxPixels/c.Height {
		return fmt.Errorf("%w: %d x %d", ErrTooLarge, c.Width, c.Height)
	}
	return nil
}

// weight is how many octets a pixel of a decoded image takes.
func weight(m color.Model, head []byte) int {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.RGBAModel, color.NRGBAModel, color.CMYKModel:
		if bytes.Contains(head, []byte(progressive)) {
			return 20
		}
		return 4
	case color.YCbCrModel:
		if bytes.Contains(head, []byte(progressive)) {
			return 15
		}
		return 3
	case color.Gray16Model:
		return 2
	}
	return 1
}

// progressive is the marker of a JPEG image whose coefficients are all kept until its end, 4 octets each.
const progressive = "\xff\xc2"

// Size gives width and height of an image in pixels, so that a caller can spend them. It reads no more than the head.
func Size(r io.Reader) (width, height int, err error) {
	f, b, err := recognise(r)
	if err != nil {
		return 0, 0, err
	}
	c, err := f.config(io.LimitReader(b, headOctets))
	if err != nil {
		return 0, 0, fmt.Errorf("read head of image: %w", err)
	}
	return c.Width, c.Height, fits(c, math.MaxInt32)
}

// decodeJPEG reads a JPEG file. The decoder goes over all of the image once for each scan, and a scan may be ten octets long, so they are
// counted. A file that breaks off is filled up, since programs show what is there.
func decodeJPEG(r io.Reader, maxPixels int) ([]image.Image, error) {
	fill := io.LimitReader(zeros{}, int64(min(maxPixels, headOctets)))
	end := strings.NewReader("\xff\xd9\xff\xd9")
	return single(jpeg.Decode)(io.MultiReader(&scans{r: r}, fill, end), 0)
}

var errScans = fmt.Errorf("limit scans (%d) exceeded", maxScans)

// scans counts the start of scan markers that go through it.
type scans struct {
	r    io.Reader
	last byte
	n    int
}

func (s *scans) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	for rest, last := p[:n], s.last; len(rest) > 0; {
		if last == 0xff && rest[0] == 0xda {
			s.n++
		}
		i := bytes.IndexByte(rest, 0xff)
		if i < 0 {
			break
		}
		last, rest = 0xff, rest[i+1:]
	}
	if n > 0 {
		s.last = p[n-1] //nolint:gosec // No reader reads more than len(p).
	}
	if s.n > maxScans {
		return 0, errScans
	}
	return n, err
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
