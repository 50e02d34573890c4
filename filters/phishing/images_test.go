// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/qr/pictures"
)

const evil = "qr : a QR code leads to evil.com"

// modules are those of a QR code, with a margin.
func modules(t testing.TB, text string) (n int, dark func(x, y int) bool) {
	t.Helper()
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.GetWidth(), m.Get
}

// drawnCode is a QR code of one sign for each module, an end of line for each row.
func drawnCode(t testing.TB, dark, light, end string) string {
	t.Helper()
	n, at := modules(t, "https://evil.com/x")
	var b strings.Builder
	for y := range n {
		for x := range n {
			if at(x, y) {
				b.WriteString(dark)
			} else {
				b.WriteString(light)
			}
		}
		b.WriteString(end)
	}
	return b.String()
}

func TestDrawnCodes(t *testing.T) {
	f := newFilter(t, nil)
	table := func(dark, light string) string {
		return "<table cellspacing=0><tr>" + strings.TrimSuffix(drawnCode(t, dark, light, "</tr><tr>"), "<tr>") + "</table>"
	}
	for _, tt := range []struct{ name, text string }{
		{"table with bgcolor", page("<p>Scan:</p>" + table(`<td bgcolor="#000000" width=4></td>`, `<td bgcolor=white width=4></td>`))},
		{"table with styles", page(table(`<td style="background:#123"></td>`, `<td style="background-color:#fff">&nbsp;</td>`))},
		{"preformatted", page("<pre>" + drawnCode(t, "██", "  ", "\r\n") + "</pre>")},
		{"lines with breaks", page("<div style='font-family:monospace'>" + drawnCode(t, "██", "&nbsp;&nbsp;", "<br>") + "</div>")},
		{"blocks of their own", page("<div>" + drawnCode(t, "&#x2588;&#x2588;", "&#x2591;&#x2591;", "</div><div>") + "</div>")},
		{"plain text", lines("", "Scan this:", "", strings.TrimSuffix(drawnCode(t, "##", "  ", "\r\n"), "\r\n"))},
		{"squares", lines("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit", "", drawnCode(t, "⬛", "⬜", "\r\n"))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff([]string{evil}, told(inspect(t, f, tt.text))); d != "" {
				t.Errorf("(-want +got):\n%s\n%s", d, tt.text)
			}
		})
	}
}

// attached is a message with files, each a part.
func attached(files ...[]byte) string {
	var b strings.Builder
	b.WriteString("From: x@shop.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
	for i, f := range files {
		fmt.Fprintf(&b, "--b\r\nContent-Type: image/png; name=%d.png\r\nContent-Transfer-Encoding: base64\r\n\r\n", i)
		text := base64.StdEncoding.EncodeToString(f)
		for ; len(text) > 76; text = text[76:] {
			b.WriteString(text[:76] + "\r\n")
		}
		b.WriteString(text + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

// plainPNG is a white image.
func plainPNG(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// claimed is a PNG file that says it is larger than it is.
func claimed(t testing.TB, w, h int) []byte {
	t.Helper()
	b := plainPNG(t, 32, 32)
	binary.BigEndian.PutUint32(b[16:], uint32(w))
	binary.BigEndian.PutUint32(b[20:], uint32(h))
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// numbered are files that differ, in what stands behind their end.
func numbered(file []byte, n int) [][]byte {
	var all [][]byte
	for i := range n {
		all = append(all, append(bytes.Clone(file), byte(i), byte(i>>8)))
	}
	return all
}

func TestPictures(t *testing.T) {
	skipped := func(n int) string {
		return fmt.Sprintf("qr : %d images or drawings are too large, or too many, to look for QR codes in them", n)
	}
	qr := code(t, "https://evil.com/x")
	big := append(plainPNG(t, 3990, 4000), make([]byte, 10_000)...)
	for _, tt := range []struct {
		name  string
		files [][]byte
		want  []string
	}{
		{"lines and dots", numbered(plainPNG(t, 1, 1000), pictures.MaxImages+1), nil},
		{"many", append(numbered(plainPNG(t, 30, 30), pictures.MaxImages-1), qr), []string{evil}},
		{"too many", numbered(plainPNG(t, 30, 30), pictures.MaxImages+2), []string{skipped(2)}},
		{"one very often", append(slicesRepeat(plainPNG(t, 30, 30), pictures.MaxImages+1), qr), []string{evil}},
		{"too large", [][]byte{claimed(t, 5000, 4000), qr}, []string{skipped(1), evil}},
		{"too large to count", [][]byte{claimed(t, 70_000, 4000)}, []string{skipped(1)}},
		{"large ones before a small one", append(numbered(big, 5), qr), []string{skipped(1), evil}},
		{"large ones in small files", append(numbered(plainPNG(t, 4000, 4000), 5), append(bytes.Clone(qr), make([]byte, 100_000)...)), []string{skipped(2), evil}},
		{"damaged", [][]byte{[]byte("\x89PNG\r\n\x1a\nxxxxxxxxxxxxxxxxx"), qr}, []string{evil}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, told(inspect(t, newFilter(t, nil), attached(tt.files...)))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func slicesRepeat(b []byte, n int) [][]byte {
	var all [][]byte
	for range n {
		all = append(all, b)
	}
	return all
}

// TestPayloads: where a code leads is found in whatever form it holds it.
func TestPayloads(t *testing.T) {
	for name, payload := range map[string]string{
		"link":                         "https://evil.com/x",
		"text":                         "Pay at https://evil.com/x now",
		"visiting card":                "BEGIN:VCARD\r\nVERSION:3.0\r\nURL:www.evil.com/x\r\nEND:VCARD",
		"visiting card with two links": "BEGIN:VCARD\r\nVERSION:3.0\r\nURL:https://shop.example/\r\nURL:https://evil.com/x\r\nEND:VCARD",
		"short message":                "SMSTO:+15550100:see evil.com/x",
		"two lines":                    "https://shop.example/\nhttps://evil.com/x",
		"prefix":                       "URL:www.evil.com/x",
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff([]string{evil}, told(inspect(t, newFilter(t, nil), attached(code(t, payload))))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// The same image is read once.
func TestSameImage(t *testing.T) {
	f := newFilter(t, nil)
	qr := code(t, "https://evil.com/x")
	if d := cmp.Diff([]string{evil}, told(inspect(t, f, attached(qr, qr, qr)))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := testutil.ToFloat64(f.metrics.codes); got != 1 {
		t.Errorf("%v codes were read of one image", got)
	}
}

// Drawings beyond the limit are told.
func TestTooMuchDrawn(t *testing.T) {
	area := strings.Repeat(strings.Repeat("# ##  # ", 100)+"\r\n", 30) + "and\r\n"
	got := told(inspect(t, newFilter(t, nil), lines("", strings.Repeat(area, 100))))
	want := []string{"qr : 1 images or drawings are too large, or too many, to look for QR codes in them"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
