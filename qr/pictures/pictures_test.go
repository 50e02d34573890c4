// SPDX-License-Identifier: Apache-2.0

package pictures_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/qr/pictures"
)

// disk is one that fails from some octet on, once it is broken.
type disk struct {
	io.ReaderAt
	broken error
	from   int64
}

func (d *disk) ReadAt(p []byte, off int64) (int, error) {
	if d.broken != nil && off+int64(len(p)) > d.from {
		return 0, d.broken
	}
	return d.ReaderAt.ReadAt(p, off)
}

// TestBroken: that an image cannot be read, or not to its end, is an error, and not that it has no code.
func TestBroken(t *testing.T) {
	noise := image.NewPaletted(image.Rect(0, 0, 200, 200), palette.Plan9)
	for i := range noise.Pix {
		noise.Pix[i] = byte(rand.IntN(256))
	}
	for name, encode := range map[string]func(io.Writer) error{
		"PNG":  func(w io.Writer) error { return png.Encode(w, noise) },
		"GIF":  func(w io.Writer) error { return gif.Encode(w, noise, nil) },
		"JPEG": func(w io.Writer) error { return jpeg.Encode(w, noise, nil) },
	} {
		for _, from := range []int64{0, 16 << 10} {
			t.Run(fmt.Sprint(name, from), func(t *testing.T) {
				var b bytes.Buffer
				b.WriteString("Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n")
				if err := encode(&b); err != nil {
					t.Fatal(err)
				}
				d := &disk{ReaderAt: bytes.NewReader(b.Bytes()), from: from}
				msg, err := mail.Parse(d, int64(b.Len()), mail.NewBudget(mail.DefaultLimits(), nil))
				if err != nil {
					t.Fatal(err)
				}
				defer msg.Close()
				u := filtertest.Unpacker(t)
				if _, err := u.Contents(t.Context(), msg); err != nil {
					t.Fatal(err)
				}
				d.broken = errors.New("broken")
				if got, err := pictures.Read(t.Context(), u, msg); !errors.Is(err, d.broken) {
					t.Errorf("got %+v, %v", got, err)
				}
			})
		}
	}
}

// TestRead: the codes of a message are read once; a picture that is there twice counts once. Who goes away does not end it for the others.
func TestRead(t *testing.T) {
	m, err := qrcode.NewQRCodeWriter().Encode("https://example.org/", gozxing.BarcodeFormat_QR_CODE, 100, 100, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	part := "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(b.Bytes()) + "\r\n"
	text := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part + part + "--b\r\nContent-Type: image/png\r\n\r\nno image\r\n--b--\r\n"
	msg := filtertest.Message(t, text)
	u := filtertest.Unpacker(t)
	one, err := pictures.Read(t.Context(), u, msg)
	if err != nil || len(one.All) != 1 || one.Skipped != 0 {
		t.Fatalf("got %+v, %v", one, err)
	}
	if d := cmp.Diff([]string{"https://example.org/"}, one.All[0].Payloads); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if two, err := pictures.Read(t.Context(), u, msg); two != one || err != nil {
		t.Errorf("it was read again, %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	again := filtertest.Message(t, text)
	if _, err := pictures.Read(ctx, u, again); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got, err := pictures.Read(t.Context(), u, again); err != nil || len(got.All) != 1 {
		t.Errorf("after one that went away: got %+v, %v", got, err)
	}
}

// TestTurns: a large image waits for its turn, and ends with its context; a small one does not wait.
func TestTurns(t *testing.T) {
	for side, waits := range map[int]bool{100: false, 1100: true} {
		var b bytes.Buffer
		b.WriteString("Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n")
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			u := filtertest.Unpacker(t)
			var last func()
			for range runtime.GOMAXPROCS(0) {
				last, _ = u.Turn(t.Context())
			}
			msg, read := filtertest.Message(t, b.String()), make(chan error, 1)
			go func() { _, err := pictures.Read(t.Context(), u, msg); read <- err }()
			synctest.Wait()
			if waited := len(read) == 0; waited != waits {
				t.Errorf("%d pixels a side: waited %t", side, waited)
			}
			last()
			if err := <-read; err != nil {
				t.Errorf("%d pixels a side: %v", side, err)
			}
		})
	}
}
