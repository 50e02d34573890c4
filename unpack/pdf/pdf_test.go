// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// made makes a file of objects, numbered from 1; the first one is the catalog.
func made(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n0\n%%%%EOF\n", len(objects)+1)
	return b.Bytes()
}

// streamed makes a stream object.
func streamed(entries string, data []byte) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", entries, len(data), data)
}

func deflate(t testing.TB, data []byte) []byte {
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

// packed makes an object stream of objects with numbers from first on.
func packed(t testing.TB, first int, objects ...string) string {
	t.Helper()
	var head, body strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&head, "%d %d ", first+i, body.Len())
		body.WriteString(o + "\n")
	}
	data := deflate(t, []byte(head.String()+body.String()))
	return streamed(fmt.Sprintf("/Type/ObjStm/N %d/First %d/Filter/FlateDecode", len(objects), head.Len()), data)
}

func report(t testing.TB, b []byte, opts Options) *Report {
	t.Helper()
	r, err := Read(bytes.NewReader(b), int64(len(b)), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func facts(r *Report) []string {
	var all []string
	for _, f := range r.Facts {
		all = append(all, f.Code+": "+f.Detail)
	}
	return all
}

func TestFacts(t *testing.T) {
	const js = `macro.pdf_javascript: runs JavaScript: "app.alert(1)"`
	const opens = `macro.pdf_action: when it is opened: runs JavaScript`
	tests := []struct {
		name string
		file []byte
		want []string
	}{
		{"nothing", made("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"), nil},
		{"goes to a page", made("<</Type/Catalog/OpenAction[2 0 R/Fit]>>", "<</Type/Page>>"), nil},
		{"goes to a page by an action", made("<</OpenAction<</S/GoTo/D[2 0 R/XYZ null null 1]>>>>", "<</Type/Page>>"), nil},
		{"form without scripts", made("<</AcroForm<</Fields[2 0 R]/NeedAppearances true>>>>", "<</FT/Tx/T(name)/V(JavaScript)>>"), nil},
		{"link to a page of another file", made("<</A<</S/GoToR/F(chapter2.pdf)/D[0/Fit]>>>>"), nil},
		{"script", made("<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>"), []string{opens, js}},
		{"names in hexadecimal", made("<</#4fpenAction<</S/Java#53cript/#4a#53<6170702E616C657274283129>>>>>"), []string{opens, js}},
		{"script in a stream", made("<</OpenAction 2 0 R>>", "<</S/JavaScript/JS 3 0 R>>",
			streamed("/Filter/FlateDecode", deflate(t, []byte("app.alert(1)")))), []string{opens, js}},
		{"script in UTF-16", made("<</S/JavaScript/JS<feff006100700070002e0061006c00650072007400280031002900>>>"), []string{js}},
		{"script of the names tree", made("<</Names<</JavaScript<</Names[(a)2 0 R]>>>>>>", "<</S/JavaScript/JS(app.alert\\(1\\))>>"), []string{js}},
		{"script without an action type", made("<</JS(app.alert\\(1\\))>>"), []string{js}},
		{"comment between tokens", made("<</OpenAction%x\n<</S%y\r/JavaScript/JS%z\n(app.alert\\(1\\))>>>>"), []string{opens, js}},
		{"first of two equal keys", made("<</S/JavaScript/S/GoTo/JS(app.alert\\(1\\))/JS()>>"), []string{"macro.pdf_javascript: runs JavaScript", js}},
		{"brackets that do not match", made("<</Kids[1 2>>/A ]/JS(app.alert\\(1\\))>>"), []string{js}},
		{"no end of the dictionary", []byte("%PDF-1.4\n1 0 obj <</JS(app.alert\\(1\\)) endobj"), []string{js}},
		{"in an object stream", made("<</OpenAction 5 0 R>>", packed(t, 5, "<</S/JavaScript/JS(app.alert\\(1\\))>>")), []string{opens, js}},
		{"in an old revision", append(made("<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>"), made("<</Type/Catalog>>")...), []string{opens, js}},
		{"behind something else", append(bytes.Repeat([]byte("MIME\r\n"), 2000), made("<</JS(app.alert\\(1\\))>>")...), []string{js}},
		{"object without a number", []byte("%PDF-1.4\nobj<</JS(app.alert\\(1\\))>>"), []string{js}},
		{
			"page event", made("<</Type/Page/AA<</O<</S/URI/URI(http://a.example.org/)>>>>>>"),
			[]string{`macro.pdf_action: on event "O": opens a web address "http://a.example.org/"`},
		},
		{
			"action after an action", made("<</OpenAction<</S/GoTo/Next[<</S/Launch/F(a.exe)>>]>>>>"),
			[]string{`macro.pdf_action: when it is opened: starts "a.exe"`, `macro.pdf_launch: starts "a.exe"`},
		},
		{"launch", made("<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>"), []string{`macro.pdf_launch: starts "cmd.exe" with "/c calc"`}},
		{"launch of a file specification", made("<</S/Launch/F<</Type/Filespec/UF(b.exe)/F(a.exe)>>>>"), []string{`macro.pdf_launch: starts "b.exe"`}},
		{"file on another machine", made(`<</AA<</O<</S/GoToE/F(\\\\192.0.2.1\\x)/D[0/Fit]>>>>>>`), []string{
			`macro.pdf_action: on event "O": opens another file "\\192.0.2.1\x"`,
			`macro.pdf_action: opens a file on another machine "\\192.0.2.1\x"`,
		}},
		{
			"submit", made("<</A<</S/SubmitForm/F<</FS/URL/F(https://a.example.org/f)>>>>>>"),
			[]string{`macro.pdf_submit: sends the form to "https://a.example.org/f"`},
		},
		{"import", made("<</A<</S/ImportData/F(a.fdf)>>>>"), []string{`macro.pdf_submit: reads form data "a.fdf"`}},
		{"XFA", made("<</AcroForm<</XFA[(template)2 0 R]>>>>", streamed("", []byte("<template/>"))), []string{"macro.pdf_xfa: has an XFA form"}},
		{"rich media", made("<</Type/Annot/Subtype/RichMedia>>"), []string{"macro.pdf_richmedia: holds rich media (Flash, film or 3D)"}},
		{"3D", made("<</Type/Annot/Subtype/3D>>"), []string{"macro.pdf_richmedia: holds a 3D model"}},
		{"a group of transparency and a paragraph", made("<</S/Transparency/Type/Group>>", "<</S/P/Type/StructElem>>", "<</S/Sound>>"), nil},
		{"embedded program", made("<</Names<</EmbeddedFiles<</Names[(a)2 0 R]>>>>>>", "<</Type/Filespec/F(a.exe)/EF<</F 3 0 R>>>>",
			streamed("/Type/EmbeddedFile", []byte("MZ"))), []string{`macro.pdf_embedded: holds a file "a.exe"`}},
		{"embedded invoice data", made("<</Type/Filespec/F(factur-x.xml)/EF<</F 2 0 R>>>>",
			streamed("/Type/EmbeddedFile", []byte("<?xml version='1.0'?><a/>"))), nil},
		{
			"embedded program by another name", made("<</Type/Filespec/F(factur-x.xml)/EF<</F 2 0 R>>>>", streamed("", []byte("MZ\x90"))),
			[]string{`macro.pdf_embedded: holds a file "factur-x.xml"`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := report(t, test.file, Options{})
			if diff := cmp.Diff(test.want, facts(r)); diff != "" {
				t.Errorf("%s\n%s", test.file, diff)
			}
			if len(r.Problems) > 0 {
				t.Errorf("problems: %v", r.Problems)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	b := made(
		"<</Annots[<</Subtype/Link/A<</S/URI/URI(https://a.example.org/)>>>>]>>",
		"<</S/URI/URI 3 0 R>>", "(https://b.example.org/?x=\\050\\051)",
		"<</S/URI/URI<68747470733A2F2F632E6578616D706C652E6F7267>>>", "<</S/URI/URI(https://a.example.org/)>>",
		packed(t, 20, "<</S/URI/URI(https://d.example.org/)>>"),
		"<</S/SubmitForm/F(https://e.example.org/)>>", "<</S/GoToR/F<</FS/URL/F(https://f.example.org/x.pdf)>>>>",
	)
	want := []string{
		"https://a.example.org/", "https://b.example.org/?x=()", "https://c.example.org",
		"https://e.example.org/", "https://f.example.org/x.pdf", "https://d.example.org/",
	}
	if diff := cmp.Diff(want, report(t, b, Options{}).Links); diff != "" {
		t.Error(diff)
	}
}

func TestFiles(t *testing.T) {
	content := []byte("MZ" + strings.Repeat("program ", 100))
	b := made(
		"<</Type/Filespec/UF(\xfe\xff\x00b\x00.\x00e\x00x\x00e)/F(a.pdf)/Unix(a.pdf)/EF<</F 2 0 R/UF 2 0 R>>>>",
		streamed("/Filter[/ASCIIHexDecode/FlateDecode]", fmt.Appendf(nil, "%x>", deflate(t, content))),
		streamed("/Type/EmbeddedFile", content),
	)
	r := report(t, b, Options{})
	if len(r.Files) != 2 {
		t.Fatalf("got %d files", len(r.Files))
	}
	if diff := cmp.Diff([]string{"b.exe", "a.pdf"}, r.Files[0].Names); diff != "" {
		t.Error(diff)
	}
	for _, f := range r.Files {
		if got := octets(t, f.Stream); !bytes.Equal(got, content) {
			t.Errorf("%v: got %q", f.Names, got)
		}
	}
	if f := r.Files[1]; !f.Stored || !bytes.Equal(b[f.Offset:f.Offset+f.Size], content) {
		t.Errorf("stored file is at %d, %d octets", f.Offset, f.Size)
	}
}

func octets(t *testing.T, s Stream) []byte {
	t.Helper()
	r, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A Length that is wrong in either direction, or missing, or of an object that is not there, changes nothing.
func TestWrongLength(t *testing.T) {
	data := deflate(t, []byte("app.alert(1)"))
	for _, length := range []string{"3", "100000", "-1", "9 0 R", "(x)", "1 0 R"} {
		object := fmt.Sprintf("<</Filter/FlateDecode/Length %s>>stream\r\n%s\r\nendstream", length, data)
		r := report(t, made("<</S/JavaScript/JS 2 0 R>>", object), Options{})
		if got := facts(r); len(got) != 1 || !strings.Contains(got[0], "app.alert(1)") {
			t.Errorf("Length %s: got %q", length, got)
		}
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"depth", made(strings.Repeat("<</A", 1000) + strings.Repeat(">>", 1000)), errDeep.Error()},
		{"depth of arrays", made(strings.Repeat("[", 100_000)), errDeep.Error()},
		{"values", made("[" + strings.Repeat("/A", maxValues+1) + "]"), errValues.Error()},
		{"objects", append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("obj<</Parent 1 0 R>> "), maxObjects+1)...), errObjects.Error()},
		{"unknown filter of an object stream", made(streamed("/Type/ObjStm/N 1/First 4/Filter/None", nil)), "object stream 1 cannot be read whole"},
		{
			"damaged object stream", made(streamed("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", []byte("x\x9c\xff\xff\xff"))),
			"object stream 1 cannot be read whole",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, p := range report(t, test.file, Options{}).Problems {
				got = append(got, p.Detail)
			}
			if diff := cmp.Diff([]string{"PDF: " + test.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Strings that never end are read again for each object in them, and the work ends.
func TestWork(t *testing.T) {
	b := append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("1 0 obj<</A("), 1<<18)...)
	found := false
	for _, p := range report(t, b, Options{}).Problems {
		found = found || p.Detail == "PDF: "+errWork.Error()
	}
	if !found {
		t.Error("no problem tells that the work was too much")
	}
}

func TestSpend(t *testing.T) {
	no := errors.New("no")
	b := made("<</OpenAction 5 0 R>>", packed(t, 5, "<</S/JavaScript/JS(app.alert\\(1\\))>>"))
	_, err := Read(bytes.NewReader(b), int64(len(b)), Options{Spend: func(n int64) error {
		if n > 0 {
			return no
		}
		return nil
	}})
	if !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
}

// A file whose reading fails gives no answer.
func TestReadError(t *testing.T) {
	no := errors.New("no")
	if _, err := Read(faulty{no}, 1000, Options{}); !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
}

type faulty struct{ err error }

func (f faulty) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestFound(t *testing.T) {
	file := made("<</Type/Catalog>>")
	tests := []struct {
		name string
		b    []byte
		want bool
	}{
		{"at the start", file, true},
		{"in the first octets", append([]byte("\x89PNG\r\n"), file...), true},
		{"late", append(make([]byte, 100_000), file...), true},
		{"mentioned late, no end mark", append(make([]byte, 100_000), "%PDF-1.4 is how a file begins"...), false},
		{"end mark alone", []byte("startxref"), false},
		{"empty", nil, false},
		{"without a hyphen", []byte("%PDF 1.4\n"), true},
		{"form data", []byte("%FDF-1.2\n"), true},
	}
	for _, test := range tests {
		head := test.b[:min(len(test.b), 4096)]
		if got := Found(bytes.NewReader(test.b), int64(len(test.b)), head); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}
