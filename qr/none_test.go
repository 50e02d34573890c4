// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	imagedraw "image/draw"
	"math"
	"runtime"
	"testing"
)

// Images without a code are dismissed before anything is decoded, and that is not held against them.
func TestNone(t *testing.T) {
	soft := image.NewGray(image.Rect(0, 0, 1000, 1000))
	for i := range soft.Pix {
		soft.Pix[i] = byte(128 + 100*math.Sin(float64(i%1000)/40)*math.Cos(float64(i/1000)/60))
	}
	for name, img := range map[string]image.Image{
		"noise": noise(1000, 1000), "a little noise": noise(258, 258), "photograph": photo(600, 400), "soft shapes": soft,
		"squares of one pixel": squares(500, 500, 1), "squares of three": squares(1000, 1000, 3), "squares of seven": squares(1000, 1000, 7),
	} {
		s := search{tries: maxTries}
		for p := range planes(img) {
			s.read(p)
		}
		if s.tries < maxTries || s.cut || len(s.found) > 0 {
			t.Errorf("%s: %d were tried, cut %v, found %q", name, maxTries-s.tries, s.cut, s.found.texts())
		}
		if got, err := Read(bytes.NewReader(encodePNG(t, img)), 1<<20); err != nil || len(got) > 0 {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestLikely(t *testing.T) {
	if Likely(toGray(photo(600, 400))) {
		t.Error("a photograph is taken for a code")
	}
	if !Likely(toGray(painted(modules(t, address), 200, 200, color.Black, color.White, plain(20, 4)))) {
		t.Error("a code is not seen")
	}
	if !Likely(toGray(finders(1000, 1000))) {
		t.Error("nothing is seen among very many patterns")
	}
}

func toGray(img image.Image) *image.Gray {
	g := image.NewGray(img.Bounds())
	imagedraw.Draw(g, g.Rect, img, image.Point{}, imagedraw.Src)
	return g
}

// What is hidden among very many finder patterns is read or told.
func TestCrowd(t *testing.T) {
	img := finders(1000, 1000)
	if got, err := Read(bytes.NewReader(encodePNG(t, img)), 1<<20); !errors.Is(err, ErrEffort) || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
	code := painted(modules(t, address), 200, 200, color.Black, color.White, plain(20, 4))
	imagedraw.Draw(img, image.Rect(100, 100, 300, 300), code, image.Point{}, imagedraw.Src)
	if got, err := Read(bytes.NewReader(encodePNG(t, img)), 1<<20); len(got) == 0 && !errors.Is(err, ErrEffort) {
		t.Errorf("with a code: got %q, %v", got, err)
	}
}

// An image that takes more memory than its pixels tell is not decoded.
func TestWeight(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 100, 100))
	for name, test := range map[string]struct {
		file []byte
		most int
		want error
	}{
		"64 bits":          {encodePNG(t, deep), 100 * 100, ErrTooLarge},
		"64 bits, allowed": {encodePNG(t, deep), 2 * 100 * 100, nil},
		"progressive": {append([]byte("\xff\xd8\xff\xc2\x00\x11\x08\x00\x64\x00\x64\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00"),
			"\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00\x00\x3f\x00"...), 100 * 100, ErrTooLarge},
	} {
		if _, err := Read(bytes.NewReader(test.file), test.most); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// No kind of image takes much more memory than its pixels do when they are decoded. What is allocated in all is more than what is held at a time.
func TestMemory(t *testing.T) {
	const side, perPixel = 1000, 9
	r := image.Rect(0, 0, side, side)
	clear, deep := image.NewNRGBA(r), image.NewNRGBA64(image.Rect(0, 0, side, side*maxWeight/8))
	for name, img := range map[string]image.Image{"gray": image.NewGray(r), "transparent": clear, "64 bits": deep} {
		file := encodePNG(t, img)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Read(bytes.NewReader(file), side*side); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(perPixel*side*side); got > most {
			t.Errorf("%s: %d octets, want at most %d", name, got, most)
		}
	}
}

// A code of 16 bits a colour is read where it is opaque, and white where it is not.
func TestDeep(t *testing.T) {
	const address = "https://example.org/"
	code := painted(modules(t, address), 200, 200, color.Black, color.White, plain(20, 4))
	img := image.NewNRGBA64(image.Rect(0, 0, 300, 300)) // All of it is transparent.
	imagedraw.Draw(img, image.Rect(50, 50, 250, 250), code, image.Point{}, imagedraw.Src)
	if got, err := Read(bytes.NewReader(encodePNG(t, img)), 1<<20); len(got) != 1 || got[0] != address {
		t.Errorf("got %q, %v", got, err)
	}
}

// The pictures of an animation may be larger than its screen; they are no way around a limit.
func TestScreen(t *testing.T) {
	picture := "\x2c\x00\x00\x00\x00\x00\x10\x00\x10\x00\x02\x00" // 4096 x 4096.
	small := "\x2c\x00\x00\x00\x00\x18\x00\x18\x00\x00\x02\x00"
	head := "GIF89a\x18\x00\x18\x00\x00\x00\x00"
	w, h, err := Size(bytes.NewReader([]byte(head + "\x21\xfe\x01x\x00" + picture)))
	if w != 4096 || h != 4096 || err != nil {
		t.Errorf("got %d x %d, %v", w, h, err)
	}
	all, err := decodeGIF(bytes.NewReader([]byte(head+small+picture+";")), 1<<30)
	if len(all) != 1 || err != nil {
		t.Errorf("got %d pictures, %v", len(all), err)
	}
}
