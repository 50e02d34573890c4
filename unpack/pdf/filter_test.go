// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"encoding/ascii85"
	"fmt"
	"io"
	"strings"
	"testing"
)

// packLZW encodes with codes of nine bits only: a clear code comes before longer ones are due.
func packLZW(data []byte) []byte {
	var out []byte
	acc, have := 0, 0
	put := func(code int) {
		acc, have = acc<<9|code, have+9
		for ; have >= 8; have -= 8 {
			out = append(out, byte(acc>>(have-8)))
		}
	}
	for i, c := range data {
		if i%200 == 0 {
			put(lzwClear)
		}
		put(int(c))
	}
	put(lzwEnd)
	return append(out, byte(acc<<(8-have)))
}

func TestFilters(t *testing.T) {
	content := []byte(strings.Repeat("What is inside? ", 100) + "\x00\xff")
	var a85 bytes.Buffer
	w := ascii85.NewEncoder(&a85)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var runs []byte
	for i := 0; i < len(content); i += 100 {
		part := content[i:min(len(content), i+100)]
		runs = append(append(runs, byte(len(part)-1)), part...)
	}
	flat := deflate(t, content)
	tests := []struct {
		name, entries string
		data          []byte
	}{
		{"none", "", content},
		{"Flate", "/Filter/FlateDecode", flat},
		{"Flate, line ends before it", "/Filter/FlateDecode", append([]byte("\r\n"), flat...)},
		{"Flate, no check sum", "/Filter/FlateDecode", flat[:len(flat)-4]},
		{"Flate, no header", "/Filter/FlateDecode", append([]byte{0, 2, 0, 0xfd, 0xff}, append(content[:2:2], deflate(t, content[2:])[2:]...)...)},
		{"short name", "/Filter/Fl", flat},
		{"short key", "/F/Fl", flat},
		{"hexadecimal", "/Filter[/ASCIIHexDecode]", fmt.Appendf(nil, "%x >rest", content)},
		{"85", "/Filter/ASCII85Decode", append(a85.Bytes(), "~>rest"...)},
		{"LZW", "/Filter/LZWDecode", packLZW(content)},
		{"runs", "/Filter/RunLengthDecode", append(runs, 128, 'x')},
		{"chain", "/Filter[/AHx/Fl]/DecodeParms[null<</Predictor 1>>]", fmt.Appendf(nil, "%x>", flat)},
		{"names in hexadecimal", "/#46ilter/F#6cateDecode", flat},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := report(t, made(streamed("/Type/EmbeddedFile"+test.entries, test.data)), Options{})
			if len(r.Files) != 1 {
				t.Fatalf("got %d files", len(r.Files))
			}
			f, err := r.Files[0].Open()
			if err != nil {
				t.Fatal(err)
			}
			// Without a check sum the data is there, and then the reader says that something is missing.
			got, err := io.ReadAll(f)
			if !bytes.Equal(got, content) || err != nil && !damage(err) {
				t.Errorf("got %d octets %.40q, %v", len(got), got, err)
			}
		})
	}
}

// The example of section 7.4.4.2, and codes that grow longer: data that the standard's early change decides about.
func TestLZW(t *testing.T) {
	got, err := io.ReadAll(newLZW(bytes.NewReader([]byte{0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01}), true))
	if want := []byte{45, 45, 45, 45, 45, 65, 45, 45, 45, 66}; err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, early := range []bool{true, false} {
		in := []byte(strings.Repeat("abcdefghijklmnopqrstuvwxyz0123456789", 300))
		got, err := io.ReadAll(newLZW(bytes.NewReader(growLZW(in, early)), early))
		if err != nil || !bytes.Equal(got, in) {
			t.Errorf("early %v: got %d of %d octets, %v", early, len(got), len(in), err)
		}
	}
	if _, err := io.ReadAll(newLZW(bytes.NewReader([]byte{0xff, 0xff, 0xff}), true)); err != errDamaged {
		t.Errorf("code out of nothing: got %v", err)
	}
}

// growLZW is a plain LZW encoder.
func growLZW(data []byte, early bool) []byte {
	var out []byte
	acc, have, width, change := uint64(0), uint(0), uint(9), 0
	if early {
		change = 1
	}
	put := func(code int) {
		acc, have = acc<<width|uint64(code), have+width
		for ; have >= 8; have -= 8 {
			out = append(out, byte(acc>>(have-8)))
		}
	}
	table := map[string]int{}
	code := func(s string) int {
		if len(s) == 1 {
			return int(s[0])
		}
		return table[s]
	}
	next, s := lzwFirst, ""
	put(lzwClear)
	for _, c := range data {
		if longer := s + string([]byte{c}); s == "" || table[longer] > 0 {
			s = longer
			continue
		}
		put(code(s))
		if next < lzwMost-2 {
			table[s+string([]byte{c})] = next
			next++
			// The reader is one entry behind.
			if next-1+change >= 1<<width && width < 12 {
				width++
			}
		}
		s = string([]byte{c})
	}
	put(code(s))
	put(lzwEnd)
	return append(out, byte(acc<<(8-have)))
}

func TestPredictors(t *testing.T) {
	rows := [][]byte{{10, 20, 30, 40, 50, 60}, {11, 22, 33, 44, 55, 66}, {12, 24, 36, 48, 60, 72}}
	var want, png, tiff []byte
	for y, row := range rows {
		method := byte(y + 1) // Sub, Up, Average.
		png = append(png, method)
		for i, c := range row {
			var left, up byte
			if i >= 3 {
				left = row[i-3]
			}
			if y > 0 {
				up = rows[y-1][i]
			}
			png = append(png, c-[]byte{left, up, byte((int(left) + int(up)) / 2)}[y])
			tiff = append(tiff, c-left)
		}
		want = append(want, row...)
	}
	for kind, data := range map[int][]byte{15: png, 2: tiff} {
		entries := fmt.Sprintf("/Type/EmbeddedFile/Filter/FlateDecode/DecodeParms<</Predictor %d/Colors 3/Columns 2>>", kind)
		r := report(t, made(streamed(entries, deflate(t, data))), Options{})
		if got := octets(t, r.Files[0].Stream); !bytes.Equal(got, want) {
			t.Errorf("predictor %d: got %v", kind, got)
		}
	}
	if got := paeth(10, 20, 12); got != 20 {
		t.Errorf("Paeth: got %d", got)
	}
}

func TestGray(t *testing.T) {
	black := func(n int) string { return strings.Repeat("\x00", n) }
	tests := []struct {
		name, entries, data string
		want                byte
	}{
		{"grey", "/BitsPerComponent 8/ColorSpace/DeviceGray", strings.Repeat("\x40", 32*32), 0x40},
		{"grey reversed", "/BitsPerComponent 8/ColorSpace/DeviceGray/Decode[1 0]", strings.Repeat("\x40", 32*32), 0xbf},
		{"1 bit", "/BitsPerComponent 1/ColorSpace/DeviceGray", black(32 * 4), 0},
		{"mask", "/ImageMask true/Decode[1 0]", black(32 * 4), 0xff},
		{"4 bits", "/BitsPerComponent 4/ColorSpace/CalGray", strings.Repeat("\x55", 32*16), 0x55},
		{"RGB", "/BitsPerComponent 8/ColorSpace/DeviceRGB", strings.Repeat("\x40\x80\xc0", 32*32), 0x80},
		{"RGB of 16 bits", "/BitsPerComponent 16/ColorSpace/DeviceRGB", strings.Repeat("\x40\x00\x80\x00\xc0\x00", 32*32), 0x80},
		{"CMYK", "/BitsPerComponent 8/ColorSpace/DeviceCMYK", strings.Repeat("\x00\x00\x00\xff", 32*32), 0},
		{"ICC", "/BitsPerComponent 8/ColorSpace[/ICCBased 2 0 R]", strings.Repeat("\x40\x80\xc0", 32*32), 0x80},
		{"palette", "/BitsPerComponent 1/ColorSpace[/Indexed/DeviceRGB 1<101010 F0F0F0>]", black(32 * 4), 0x10},
		{"missing samples", "/BitsPerComponent 8/ColorSpace/DeviceGray", "", 0xff},
	}
	for _, test := range tests {
		b := made(streamed("/Subtype/Image/Width 32/Height 32/Filter/FlateDecode"+test.entries, deflate(t, []byte(test.data))), streamed("/N 3", nil))
		r := report(t, b, Options{})
		if len(r.Images) != 1 {
			t.Errorf("%s: got %d images", test.name, len(r.Images))
			continue
		}
		for _, most := range []int{1 << 20, 100} {
			img, err := r.Images[0].Gray(most)
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			if n := img.Rect.Dx() * img.Rect.Dy(); n > most || n == 0 {
				t.Errorf("%s: %d pixels", test.name, n)
			}
			if got := img.GrayAt(5, 5).Y; got != test.want {
				t.Errorf("%s: got %#x, want %#x", test.name, got, test.want)
			}
		}
	}
}

func TestImages(t *testing.T) {
	jpeg := []byte("\xff\xd8\xff jpeg")
	var objects []string
	for range 100 {
		objects = append(objects, streamed("/Subtype/Image/Width 1000/Height 100/Filter/DCTDecode", jpeg))
	}
	objects = append(objects, streamed("/Subtype/Image/Width 100/Height 101/Filter/DCTDecode", jpeg),
		streamed("/Subtype/Image/Width 100/Height 100/Filter/JPXDecode", jpeg), streamed("/Subtype/Image/Width 9/Height 9/Filter/DCTDecode", jpeg))
	r := report(t, made(objects...), Options{})
	if len(r.Images) > maxImages || r.Opaque != 1 {
		t.Fatalf("got %d images, %d opaque", len(r.Images), r.Opaque)
	}
	first := r.Images[0]
	if first.Width != 100 || !first.JPEG || !first.Stored || first.Size != int64(len(jpeg)) {
		t.Errorf("the square one is not the first: %+v", first)
	}
	if got := octets(t, first.Stream); !bytes.Equal(got, jpeg) {
		t.Errorf("got %q", got)
	}
}
