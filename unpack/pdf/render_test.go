// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// page is a document of one page with words and a picture, and its catalog's and page's other entries; the objects begin at number 10.
// If pack is set, the catalog and these objects are in an object stream, found by a cross-reference stream.
func page(t testing.TB, pack bool, catalog, leaf string, objects ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	entries := make([][3]int, 10+len(objects)) // Of the cross-reference table: kind, offset, index.
	add := func(n int, o string) {
		entries[n] = [3]int{1, b.Len(), 0}
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, o)
	}
	root := "<</Type/Catalog/Pages 2 0 R" + catalog + ">>"
	add(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	add(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</I 6 0 R>>>>"+leaf+">>")
	add(4, streamed("/Filter/FlateDecode", deflate(t, []byte("BT /F 24 Tf 10 60 Td (What is inside?) Tj ET q 50 0 0 20 10 10 cm /I Do Q"))))
	add(5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	add(6, streamed("/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8", []byte("\x00\x80\xff\x40")))
	if !pack {
		add(1, root)
		for i, o := range objects {
			add(10+i, o)
		}
		start := b.Len()
		fmt.Fprintf(&b, "xref\n0 %d\n", len(entries))
		for _, e := range entries {
			fmt.Fprintf(&b, "%010d 00000 %c \n", e[1], "fn"[e[0]])
		}
		fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(entries), start)
		return b.Bytes()
	}
	add(7, packed(t, 10, append(slices.Clip(objects), root)...))
	for i := range objects {
		entries[10+i] = [3]int{2, 7, i}
	}
	entries = append(entries, [3]int{2, 7, len(objects)})
	entries[8] = [3]int{1, b.Len(), 0}
	var table []byte
	for _, e := range entries {
		table = append(table, byte(e[0]), byte(e[1]>>8), byte(e[1]), byte(e[2]))
	}
	start := b.Len()
	add(8, streamed(fmt.Sprintf("/Type/XRef/W[1 2 1]/Size %d/Root %d 0 R", len(entries), len(entries)-1), table))
	fmt.Fprintf(&b, "startxref\n%d\n%%%%EOF\n", start)
	return b.Bytes()
}

// A reader opens what was made harmless without complaint and shows the same page.
func TestNeutraliseRenders(t *testing.T) {
	tool, err := exec.LookPath("mutool")
	if err != nil {
		t.Skip("mutool (Debian package mupdf-tools) is not installed")
	}
	program := streamed("/Type/EmbeddedFile", []byte("MZ"))
	for name, b := range map[string][]byte{
		"script":         page(t, false, "/OpenAction 10 0 R", "", "<</S/JavaScript/JS(app.alert\\(1\\))>>"),
		"names":          page(t, false, "/Names<</JavaScript<</Names[(a)10 0 R]>>>>", "", "<</S/JavaScript/JS(app.alert\\(1\\))>>"),
		"event and form": page(t, false, "/AcroForm<</Fields[]/XFA 10 0 R>>", "/AA<</O<</S/Launch/F(a.exe)>>>>", streamed("", []byte("<template/>"))),
		"link":           page(t, false, "", "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(a.exe)>>>>]"),
		"object stream":  page(t, true, "/OpenAction 10 0 R", "", "<</S/JavaScript/JS(app.alert\\(1\\))>>", "<</S/JavaScript/JS(app.alert\\(2\\))>>"),
		"embedded file":  page(t, false, "/Names<</EmbeddedFiles<</Names[(a)10 0 R]>>>>", "", "<</Type/Filespec/F(a.exe)/EF<</F 11 0 R>>>>", program),
	} {
		t.Run(name, func(t *testing.T) {
			after, err := neutralise(b)
			if err != nil || bytes.Equal(after, b) {
				t.Fatalf("nothing was changed: %v", err)
			}
			want, got := render(t, tool, b), render(t, tool, after)
			if !bytes.Equal(got, want) {
				t.Error("the page looks otherwise")
			}
		})
	}
}

// render is the first page as an image.
func render(t *testing.T, tool string, b []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pgm")
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	told, err := exec.CommandContext(t.Context(), tool, "draw", "-q", "-r", "72", "-F", "pgm", "-o", out, in, "1").CombinedOutput()
	if err != nil || strings.Contains(string(told), "error") {
		t.Fatalf("mutool: %v: %s", err, told)
	}
	img, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(img, []byte{0xff}) == len(img)-len("P5\n200 100\n255\n") {
		t.Fatal("the page is blank")
	}
	return img
}
