// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
)

// photo is an image with much in it and no code.
func photo(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(3, 4))
	for i := range img.Pix {
		x, y := i/4%w, i/4/w
		img.Pix[i] = byte(128 + 60*math.Sin(float64(x)/9) + 50*math.Cos(float64(y*(i%4+1))/17) + float64(r.IntN(16)))
	}
	return img
}

// noise is an image of which each pixel is of any colour.
func noise(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32()) | byte(i%4/3*255)
	}
	return img
}

// squares is an image of dark and light blocks at random, so many pixels wide: what the inside of a code is like.
func squares(w, h, side int) *image.RGBA {
	r := rand.New(rand.NewPCG(5, 6))
	bits := make([][]bool, max(w, h)/side+1)
	for y := range bits {
		for range bits {
			bits[y] = append(bits[y], r.IntN(2) == 0)
		}
	}
	return painted(bits, w, h, color.Black, color.White, plain(0, float64(side)))
}

// finders is an image full of finder patterns.
func finders(w, h int) *image.RGBA {
	bits := make([][]bool, 9)
	for y := range bits {
		for x := range bits {
			d := max(abs(x-3), abs(y-3))
			bits[y] = append(bits[y], d <= 1 || d == 3)
		}
	}
	return painted(bits, w, h, color.Black, color.White, func(x, y float64) (float64, float64) { return math.Mod(x/3, 9), math.Mod(y/3, 9) })
}

// BenchmarkNone is what images without a code cost; decoding alone is measured beside it.
func BenchmarkNone(b *testing.B) {
	jpg := func(img image.Image) []byte {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, img, nil); err != nil {
			b.Fatal(err)
		}
		return file.Bytes()
	}
	var anim bytes.Buffer
	if err := gif.Encode(&anim, noise(1000, 1000), nil); err != nil {
		b.Fatal(err)
	}
	for _, test := range []struct {
		name string
		file []byte
	}{
		{"noise 258", encodePNG(b, noise(258, 258))},
		{"noise 1M PNG", encodePNG(b, noise(1000, 1000))},
		{"noise 1M GIF", anim.Bytes()},
		{"photo 600x400", jpg(photo(600, 400))},
		{"photo 1M", jpg(photo(1000, 1000))},
		{"photo 12M", jpg(photo(4000, 3000))},
		{"squares 1M", encodePNG(b, squares(1000, 1000, 3))},
		{"finders 1M", encodePNG(b, finders(1000, 1000))},
	} {
		b.Run(test.name+"/decode", func(b *testing.B) {
			for b.Loop() {
				if _, err := decode(bytes.NewReader(test.file), 16<<20); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(test.name+"/read", func(b *testing.B) {
			for b.Loop() {
				if got, err := Read(bytes.NewReader(test.file), 16<<20); err != nil && !errors.Is(err, ErrEffort) || len(got) > 0 {
					b.Fatal(got, err)
				}
			}
		})
	}
}

// BenchmarkCode is an image with a code.
func BenchmarkCode(b *testing.B) {
	file := encodePNG(b, painted(modules(b, address), 400, 400, color.Black, color.White, plain(40, 8)))
	for b.Loop() {
		if got, err := Read(bytes.NewReader(file), 1<<20); err != nil || len(got) != 1 {
			b.Fatal(got, err)
		}
	}
}
