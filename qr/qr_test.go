// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

const address = "https://example.org/login?user=a%40example.net"

// modules is a code without a margin.
func modules(t testing.TB, text string) [][]bool {
	t.Helper()
	hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: 0}
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 1, 1, hints)
	if err != nil {
		t.Fatal(err)
	}
	bits := make([][]bool, m.GetHeight())
	for y := range bits {
		for x := range m.GetWidth() {
			bits[y] = append(bits[y], m.Get(x, y))
		}
	}
	return bits
}

// painted paints a code onto a light image, by a function from the image's pixels to modules.
func painted(bits [][]bool, w, h int, dark, light color.Color, where func(x, y float64) (float64, float64)) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			mx, my := where(float64(x)+0.5, float64(y)+0.5)
			c := light
			if ix, iy := int(math.Floor(mx)), int(math.Floor(my)); ix >= 0 && iy >= 0 && iy < len(bits) && ix < len(bits) && bits[iy][ix] {
				c = dark
			}
			img.Set(x, y, c)
		}
	}
	return img
}

// plain places a code at an offset, so many pixels a module.
func plain(off, module float64) func(x, y float64) (float64, float64) {
	return func(x, y float64) (float64, float64) { return (x - off) / module, (y - off) / module }
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRead(t *testing.T) {
	bits := modules(t, address)
	n := float64(len(bits))
	white, black := color.White, color.Black
	rotate := func(degrees, module float64) func(x, y float64) (float64, float64) {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		return func(x, y float64) (float64, float64) {
			x, y = (x-200)/module, (y-200)/module
			return x*cos - y*sin + n/2, x*sin + y*cos + n/2
		}
	}
	tests := []struct {
		name string
		img  image.Image
	}{
		{"usual", painted(bits, 400, 400, black, white, plain(40, 8))},
		{"no margin", painted(bits, 8*len(bits), 8*len(bits), black, white, plain(0, 8))},
		{"one pixel a module", painted(bits, len(bits)+8, len(bits)+8, black, white, plain(4, 1))},
		{"one pixel a module, no margin", painted(bits, len(bits), len(bits), black, white, plain(0, 1))},
		{"modules of 2.5 pixels", painted(bits, 200, 200, black, white, plain(20, 2.5))},
		{"modules of 60 pixels", painted(bits, 2400, 2400, black, white, plain(100, 60))},
		{"small in a large image", painted(bits, 3000, 3000, black, white, plain(1500, 4))},
		{"inverted", painted(bits, 400, 400, white, black, plain(40, 8))},
		{"coloured", painted(bits, 400, 400, color.RGBA{0, 0, 160, 255}, color.RGBA{255, 220, 120, 255}, plain(40, 8))},
		{"faint", painted(bits, 400, 400, color.Gray{170}, color.Gray{210}, plain(40, 8))},
		{"transparent ground", painted(bits, 400, 400, black, color.Transparent, plain(40, 8))},
		{"upside down", painted(bits, 400, 400, black, white, rotate(180, 8))},
		{"askew", painted(bits, 400, 400, black, white, rotate(30, 6))},
		{"at 45 degrees", painted(bits, 400, 400, black, white, rotate(45, 6))},
		{"mirrored", painted(bits, 400, 400, black, white, func(x, y float64) (float64, float64) { return (y - 40) / 8, (x - 40) / 8 })},
		{"seen from the side", painted(bits, 500, 500, black, white, func(x, y float64) (float64, float64) {
			z := 1 + (x-100)/2000
			return (x - 100) / 8 * z, (y - 100) / 8 * z
		})},
		{"uneven light", shaded(painted(bits, 400, 400, black, white, plain(40, 8)))},
		{"noise", changed(painted(bits, 400, 400, black, white, plain(40, 8)), func(x, y int) bool { return (x*31+y*17+x*y)%10 == 0 }, 128)},
		{"lines between modules", changed(painted(bits, 400, 400, black, white, plain(40, 8)), func(x, y int) bool { return x%8 == 0 || y%8 == 0 }, 200)},
		{"with a logo", logo(painted(bits, 400, 400, black, white, plain(40, 8)), 40+8*len(bits)/2, 20)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Read(bytes.NewReader(encodePNG(t, test.img)), 16<<20)
			if err != nil || len(got) != 1 || got[0] != address {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// shaded darkens an image towards one corner.
func shaded(img *image.RGBA) *image.RGBA {
	for i := range img.Pix {
		if i%4 != 3 {
			img.Pix[i] = byte(int(img.Pix[i])*(300-i/4%400*200/400)/300) / 2
		}
	}
	return img
}

// changed makes some pixels of an image grey.
func changed(img *image.RGBA, some func(x, y int) bool, shade uint8) *image.RGBA {
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if some(x, y) {
				img.Set(x, y, color.Gray{shade})
			}
		}
	}
	return img
}

// logo puts a grey square over the middle.
func logo(img *image.RGBA, middle, half int) *image.RGBA {
	for y := middle - half; y < middle+half; y++ {
		for x := middle - half; x < middle+half; x++ {
			img.Set(x, y, color.Gray{128})
		}
	}
	return img
}

func TestFormats(t *testing.T) {
	img := painted(modules(t, address), 200, 200, color.Black, color.White, plain(20, 4))
	grey := image.NewGray(img.Rect)
	pal := image.NewPaletted(img.Rect, color.Palette{color.White, color.Black})
	for y := range 200 {
		for x := range 200 {
			grey.Set(x, y, img.At(x, y))
			pal.Set(x, y, img.At(x, y))
		}
	}
	var jpg, one, two bytes.Buffer
	blank := image.NewPaletted(img.Rect, pal.Palette)
	for _, err := range []error{
		jpeg.Encode(&jpg, img, nil), gif.Encode(&one, pal, nil),
		gif.EncodeAll(&two, &gif.GIF{Image: []*image.Paletted{blank, blank, pal}, Delay: []int{1, 1, 1}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	whole := encodePNG(t, img)
	badSum := bytes.Clone(whole)
	badSum[len(badSum)-14] ^= 0xff
	tests := map[string][]byte{
		"PNG": whole, "grey PNG": encodePNG(t, grey), "PNG with a palette": encodePNG(t, pal), "PNG without an end": whole[:len(whole)-12],
		"PNG with a wrong check sum": badSum, "PNG with junk behind it": append(bytes.Clone(whole), "PK\x03\x04"...),
		"JPEG": jpg.Bytes(), "JPEG that breaks off": jpg.Bytes()[:jpg.Len()-20], "GIF": one.Bytes(), "GIF, last of three": two.Bytes(),
		"GIF without an end": one.Bytes()[:one.Len()-3],
		"PGM":                append([]byte("P5 # a comment\n200 200\n255\n"), grey.Pix...),
		"PPM":                append([]byte("P6\n200 200 255\n"), ppm(img)...),
		"BMP, 24 bits":       bmpFile(200, 24, ppm(img)), "BMP, 8 bits": bmpFile(200, 8, grey.Pix),
	}
	for name, b := range tests {
		got, err := Read(bytes.NewReader(b), 40_000)
		if err != nil || len(got) != 1 || got[0] != address {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		if w, h, err := Size(bytes.NewReader(b)); w != 200 || h != 200 || err != nil {
			t.Errorf("%s: %d x %d pixels, %v", name, w, h, err)
		}
		if _, err := Read(bytes.NewReader(b), 39_999); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: over the limit got %v", name, err)
		}
	}
	if _, err := Read(strings.NewReader("RIFF....WEBP"), 1); !errors.Is(err, ErrFormat) {
		t.Errorf("unknown format: got %v", err)
	}
}

func ppm(img *image.RGBA) []byte {
	var b []byte
	for i := 0; i < len(img.Pix); i += 4 {
		b = append(b, img.Pix[i:i+3]...)
	}
	return b
}

// bmpFile makes a file of rows from top to bottom, whose length is a multiple of four.
func bmpFile(n, bits int, pix []byte) []byte {
	b := make([]byte, 54)
	copy(b, "BM")
	b[14], b[18], b[26], b[28] = 40, byte(n), 1, byte(bits)
	copy(b[22:], []byte{byte(-n), 0xff, 0xff, 0xff})
	if bits == 8 {
		for i := range 256 {
			b = append(b, byte(i), byte(i), byte(i), 0)
		}
	}
	b[10], b[11] = byte(len(b)), byte(len(b)>>8)
	return append(b, pix...)
}

func TestSeveral(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 900, 300))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	var want []string
	for i := range 3 {
		text := fmt.Sprintf("https://example.org/%d", i)
		want = append(want, text)
		one := painted(modules(t, text), 300, 300, color.Black, color.White, plain(30, 6))
		for y := range 300 {
			for x := range 300 {
				img.Set(i*300+x, y, one.At(x, y))
			}
		}
	}
	got, err := Read(bytes.NewReader(encodePNG(t, img)), 1<<20)
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
}

// A JPEG file of very many scans is given up.
func TestScans(t *testing.T) {
	s := &scans{r: strings.NewReader(strings.Repeat("\xff\xda\x00", maxScans+1))}
	b := make([]byte, 1000)
	if _, err := s.Read(b); !errors.Is(err, errScans) {
		t.Errorf("got %v", err)
	}
	one := &scans{r: strings.NewReader("\xff\xda")}
	for range 2 {
		if _, err := one.Read(b[:1]); err != nil {
			t.Fatal(err)
		}
	}
	if one.n != 1 {
		t.Errorf("a marker between two reads was counted %d times", one.n)
	}
}
