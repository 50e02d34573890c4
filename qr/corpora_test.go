// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"bytes"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
)

func TestCorpora(t *testing.T) {
	images, decoded := 0, 0
	dir := corpora.Dir(t, "attach")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(strings.TrimPrefix(path, dir), "qr") || !slices.Contains([]string{".png", ".jpg", ".gif"}, filepath.Ext(path)) {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		images++
		if got, err := Read(bytes.NewReader(b), 16<<20); len(got) > 0 {
			decoded++
		} else {
			t.Logf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d images decoded", decoded, images)
	if images == 0 {
		t.Error("there are no images of QR codes")
	}
	if decoded < images {
		t.Errorf("%d images are not decoded", images-decoded)
	}
}

// FuzzRead: no panic, whatever the image says of itself.
func FuzzRead(f *testing.F) {
	img := painted(modules(f, "a"), 29, 29, color.Black, color.White, plain(4, 1))
	f.Add(encodePNG(f, img))
	f.Add(append([]byte("P5 29 29 255 "), toGray(img).Pix...))
	f.Add(append([]byte("P4 32 24 "), make([]byte, 96)...))
	f.Add([]byte("GIF89a\x18\x00\x18\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x18\x00\x18\x00\x40\x02\x03\x84\x11\x05\x00;"))
	f.Add(bmpFile(24, 8, make([]byte, 24*24)))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Read(bytes.NewReader(b), 64*64)
		if err != nil && len(got) > 0 || len(got) > maxCodes {
			t.Errorf("got %q, %v", got, err)
		}
	})
}
