// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/qr"
)

// pdfFile makes a PDF file of objects, numbered from 1.
func pdfFile(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	b.WriteString("trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n")
	return b.Bytes()
}

func pdfStream(entries string, data []byte) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", entries, len(data), data)
}

func zlibbed(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// code is the picture of a QR code.
func code(t testing.TB, text string) *image.Gray {
	t.Helper()
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 200, 200, nil)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, 200, 200))
	for y := range 200 {
		for x := range 200 {
			if !m.Get(x, y) {
				img.Pix[y*200+x] = 255
			}
		}
	}
	return img
}

func pdfContents(t *testing.T, text []byte) *Contents {
	t.Helper()
	return contents(t, &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}, parse(t, text, mail.DefaultLimits()))
}

func TestPDF(t *testing.T) {
	file := pdfFile(
		"<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>",
		"<</S/URI/URI(https://example.org/)>>",
		"<</Type/Filespec/UF(a.zip)/F(b.zip)/EF<</F 4 0 R>>>>",
		pdfStream("/Type/EmbeddedFile/Filter/FlateDecode", zlibbed(t, []byte("content"))),
		pdfStream("/Type/EmbeddedFile", []byte("stored")),
	)
	// Something before the header, as programs allow.
	c := pdfContents(t, message("a.pdf", append([]byte("junk\r\n"), file...)))
	var got []string
	for _, l := range c.Leaves {
		if l.By == "pdf" {
			got = append(got, fmt.Sprintf("%s %s %q %q", l, l.Kept, l.Aliases, read(t, l)))
		}
	}
	want := []string{`a.pdf/a.zip document ["a.zip" "b.zip"] "content"`, `a.pdf/file 2 document ["file 2"] "stored"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	top := c.Leaves[0]
	facts := []Fact{
		{"macro.pdf_action", "when it is opened: runs JavaScript"},
		{"macro.pdf_javascript", `runs JavaScript: "app.alert(1)"`},
		{"macro.pdf_embedded", `holds a file "a.zip"`},
		{"macro.pdf_embedded", "holds a file"},
	}
	if diff := cmp.Diff(facts, top.Facts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"https://example.org/"}, top.Links); diff != "" {
		t.Error(diff)
	}
	if len(c.Problems) > 0 {
		t.Errorf("problems: %v", c.Problems)
	}
}

// A QR code in a PDF file's image comes out as a leaf that can be read, whatever the image is stored as; other pictures that are no JPEG
// do not come out.
func TestPDFCodes(t *testing.T) {
	img := code(t, "https://example.org/")
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, nil); err != nil {
		t.Fatal(err)
	}
	bits := make([]byte, 200*25)
	rgb := make([]byte, 0, 3*len(img.Pix))
	for i, c := range img.Pix {
		bits[i/8] |= c & 1 << (7 - i%8)
		rgb = append(rgb, c, c, c)
	}
	grey := "/Subtype/Image/Width 200/Height 200/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode"
	c := pdfContents(t, message("a.pdf", pdfFile(
		pdfStream("/Subtype/Image/Width 200/Height 200/Filter/DCTDecode", file.Bytes()),
		pdfStream("/Subtype/Image/Width 200/Height 200/Filter[/FlateDecode/DCTDecode]", zlibbed(t, file.Bytes())),
		pdfStream(grey, zlibbed(t, img.Pix)),
		pdfStream(strings.Replace(grey, "Gray", "RGB", 1), zlibbed(t, rgb)),
		pdfStream("/Subtype/Image/Width 200/Height 200/ImageMask true/Filter/FlateDecode", zlibbed(t, bits)),
		pdfStream(grey, zlibbed(t, bytes.Repeat([]byte{0x80}, 200*200))),
	)))
	n := 0
	for _, l := range c.Leaves {
		if l.By != "pdf" {
			continue
		}
		n++
		if got, err := qr.Read(l.Reader(), 1<<20); err != nil || len(got) != 1 || got[0] != "https://example.org/" {
			t.Errorf("%s (%s): got %q, %v", l, l.Type.Name, got, err)
		}
	}
	if n != 5 {
		t.Errorf("%d images have come out", n)
	}
}

// More images with codes than are taken out are told; more that are plain are not.
func TestPDFManyCodes(t *testing.T) {
	img := code(t, "https://example.org/")
	grey := "/Subtype/Image/Width 200/Height 200/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode"
	for _, test := range []struct {
		name           string
		pixels         []byte
		images, leaves int
		problems       int
	}{
		{"as many", img.Pix, maxPDFImages, maxPDFImages, 0},
		{"one more", img.Pix, maxPDFImages + 1, maxPDFImages, 1},
		{"plain ones", make([]byte, 200*200), maxPDFImages + 1, 0, 0},
	} {
		var objects []string
		for range test.images {
			objects = append(objects, pdfStream(grey, zlibbed(t, test.pixels)))
		}
		c := pdfContents(t, message("a.pdf", pdfFile(objects...)))
		n := 0
		for _, l := range c.Leaves {
			if l.By == "pdf" {
				n++
			}
		}
		if n != test.leaves || len(c.Problems) != test.problems {
			t.Errorf("%s: got %d leaves, problems %v", test.name, n, c.Problems)
		}
	}
}

// An embedded file that cannot be read, and one that breaks off, are told.
func TestPDFDamage(t *testing.T) {
	whole := zlibbed(t, bytes.Repeat([]byte("content"), 100))
	c := pdfContents(t, message("a.pdf", pdfFile(
		pdfStream("/Type/EmbeddedFile/Filter/Unknown", []byte("x")),
		pdfStream("/Type/EmbeddedFile/Filter/FlateDecode", whole[:len(whole)/2]),
		strings.Repeat("[", 1000),
	)))
	kinds := map[Kind]int{}
	for _, p := range c.Problems {
		kinds[p.Kind]++
	}
	if diff := cmp.Diff(map[Kind]int{Unscannable: 2, Damaged: 1}, kinds); diff != "" {
		t.Errorf("%s\n%v", diff, c.Problems)
	}
}

// A file that needs a password is told, with what its embedded files are.
func TestPDFEncrypted(t *testing.T) {
	file := pdfFile("<</Filter/Standard/V 2/R 3/Length 128/P -4/O<"+strings.Repeat("41", 32)+">/U<"+strings.Repeat("42", 32)+">>>",
		"<</Type/Filespec/F(\x01\x02)/EF<</F 3 0 R>>>>", pdfStream("/Type/EmbeddedFile", []byte("sealed")))
	file = append(file, "trailer<</Encrypt 1 0 R/ID[<00><00>]>>"...)
	c := pdfContents(t, message("a.pdf", file))
	if len(c.Problems) == 0 || c.Problems[0].Kind != Encrypted {
		t.Errorf("got problems %v", c.Problems)
	}
	last := c.Leaves[len(c.Leaves)-1]
	if last.By != "pdf" || last.Sealed != Encrypted {
		t.Errorf("got leaf %s, sealed %q", last, last.Sealed)
	}
}

// Octets that streams are decoded to are spent of the budget.
func TestPDFBudget(t *testing.T) {
	limits := mail.DefaultLimits()
	limits.Octets = 1 << 20
	bomb := pdfStream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", zlibbed(t, make([]byte, 4<<20)))
	u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
	c := contents(t, u, parse(t, message("a.pdf", pdfFile(bomb)), limits))
	if len(c.Problems) == 0 || c.Problems[0].Kind != Unscannable || !strings.Contains(c.Problems[0].Detail, "octets") {
		t.Errorf("got %v", c.Problems)
	}
}

// All PDF files of the corpus of phishing mail are read; those that are encrypted open with words of their mail.
func TestPDFCorpora(t *testing.T) {
	mails := corpora.Files(t, "phish", "*", "*.eml")
	files, facts, links, codes := 0, 0, 0, 0
	for _, name := range mails {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("pdf")) {
			continue
		}
		msg, err := mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			continue // What the parser refuses is not for the unpacker to read.
		}
		c := contents(t, &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}, msg)
		for _, l := range c.Leaves {
			if l.Type.Name == "pdf" {
				files, facts, links = files+1, facts+len(l.Facts), links+len(l.Links)
			}
			if l.By == "pdf" {
				if got, err := qr.Read(l.Reader(), 16<<20); err == nil {
					codes += len(got)
				}
			}
		}
		for _, p := range c.Problems {
			if strings.Contains(p.Detail, "PDF") {
				t.Errorf("%s: %s", name, p)
			}
		}
	}
	t.Logf("%d PDF files, %d facts, %d links, %d QR codes", files, facts, links, codes)
	if files == 0 {
		t.Error("the corpus has no PDF files")
	}
}
