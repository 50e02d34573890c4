// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What some program shows is seen, however it is written.
func TestHidden(t *testing.T) {
	const js = `macro.pdf_javascript: runs JavaScript: "app.alert(1)"`
	const program = `macro.pdf_embedded: holds a file "a.exe"`
	script := "<</S/JavaScript/JS(app.alert\\(1\\))>>"
	inPack := func(entries string, object string) string {
		head := "7 0 "
		data := deflate(t, []byte(head+object))
		return streamed(fmt.Sprintf("%s/N 1/First %d/Filter/FlateDecode", entries, len(head)), data)
	}
	tests := []struct {
		name string
		file []byte
		want []string
	}{
		{"object stream without a type", made("<</Names 7 0 R>>", inPack("", script)), []string{js}},
		{"object stream whose type is elsewhere", made("<</Names 7 0 R>>", inPack("/Type 3 0 R", script), "/ObjStm"), []string{js}},
		{"reference without a space", made("<</F(a.exe)/EF<</F 2 0R>>>>", streamed("", []byte("MZ"))), []string{program}},
		{"comment in the head of an object", []byte("%PDF-1.4\n1 0 obj<</F(a.exe)/EF<</F 2 0 R>>>>endobj\n2 %x\n0 %y\nobj" +
			streamed("", []byte("MZ")) + "endobj"), []string{program}},
		{
			"associated file", made("<</Type/Catalog/AF[2 0 R]>>", "<</Type/Filespec/UF(a.exe)/EF 4 0 R>>", streamed("", []byte("MZ")), "<</UF 3 0 R>>"),
			[]string{program},
		},
		{
			"file of rich media", made("<</Type/Annot/Subtype/RichMedia/RichMediaContent<</Assets<</Kids[<</Kids[<</Names[(a)2 0 R]>>]>>]>>>>>>",
				"<</Type/Filespec/F(a.swf)/EF<</F 3 0 R>>>>", streamed("", []byte("FWS"))),
			[]string{"macro.pdf_richmedia: holds rich media (Flash, film or 3D)", `macro.pdf_embedded: holds a file "a.swf"`},
		},
		{
			"related file", made("<</Type/Filespec/F(a.txt)/EF<</F 2 0 R>>/RF<</F[(a.txt)2 0 R(b.exe)3 0 R]>>>>", streamed("", []byte("text")),
				streamed("", []byte("MZ"))),
			[]string{`macro.pdf_embedded: holds a file "b.exe"`},
		},
		{"launch for another system", made("<</S/Launch/Unix<</F(/bin/sh)/P(-c x)>>>>"), []string{`macro.pdf_launch: starts "/bin/sh" with "-c x"`}},
		{"launch of a file for some systems", made("<</S/Launch/F<</Unix(a.sh)/DOS(a.bat)>>>>"), []string{`macro.pdf_launch: starts "a.bat"`}},
		{"script of a rendition", made("<</S/Rendition/OP 0/R 2 0 R/JS(app.alert\\(1\\))>>"), []string{"macro.pdf_richmedia: plays film or sound", js}},
		{"script of a 3D model", made(streamed("/Type/3D/Subtype/U3D/OnInstantiate 2 0 R", nil), streamed("", []byte("app.alert(1)"))), []string{js}},
		{"type of an action that is defined again", append(made("<</S 2 0 R/F(cmd.exe)>>", "/Launch"), strings.Repeat("2 0 obj/GoTo endobj ", 3)...), []string{`macro.pdf_launch: starts "cmd.exe"`}},
		{
			"opening action of a type that is defined again", append(made("<</OpenAction<</S 2 0 R/URI(http://a.test)>>>>", "/URI"), "2 0 obj/GoTo endobj"...),
			[]string{`macro.pdf_action: when it is opened: opens a web address "http://a.test"`},
		},
		{"rich media by reference", made("<</Type/Annot/Subtype 2 0 R>>", "/RichMedia"), []string{"macro.pdf_richmedia: holds rich media (Flash, film or 3D)"}},
		{"object stream that lists what is not there", made("<</Names 9 0 R>>", streamed("/Type/ObjStm/N 2/First 12", []byte("7 99999 9 0 "+script))), []string{js}},
		{"script of form data", made("<</FDF<</JavaScript<</After(app.alert\\(1\\))>>>>>>"), []string{js}},
		{"scripts of the document in form data", made("<</FDF<</JavaScript 2 0 R>>>>", "<</Doc[(a)(app.alert\\(1\\))]>>"), []string{"macro.pdf_javascript: runs JavaScript"}},
		{"form data for a file elsewhere", made("<</FDF<</F(http://a.test/x.pdf)>>>>"), []string{`macro.pdf_action: opens a file on another machine "http://a.test/x.pdf"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := report(t, test.file, Options{})
			got := facts(r)
			slices.Sort(got)
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) || len(r.Problems) > 0 {
				t.Errorf("got %q, problems %v, want %q\n%s", got, r.Problems, test.want, test.file)
			}
		})
	}
}

// A name that is defined again is a name all the same.
func TestNamesOfFile(t *testing.T) {
	file := append(made("<</F 3 0 R/EF<</F 2 0 R>>>>", streamed("", []byte("MZ")), "(a.exe)"), "3 0 obj(a.txt)endobj"...)
	if r := report(t, file, Options{}); len(r.Files) != 1 || !slices.Contains(r.Files[0].Names, "a.exe") || !slices.Contains(r.Files[0].Names, "a.txt") {
		t.Errorf("got %+v", r.Files)
	}
}

// What is said in two ways is told: no table is looked at that says which of them counts.
func TestAmbiguousPack(t *testing.T) {
	pack := streamed("/Type/ObjStm/N 1/First 4/Filter 3 0 R", deflate(t, []byte("9 0 <</S/JavaScript/JS(x)>>")))
	file := made("<</Names 9 0 R>>", pack, "/FlateDecode")
	if r := report(t, file, Options{}); len(r.Facts) == 0 || len(r.Problems) > 0 {
		t.Errorf("got %+v", r)
	}
	embedded := append(made("<</F(a.exe)/EF<</F 2 0 R>>>>", streamed("/Filter 3 0 R", deflate(t, []byte("MZ"))), "/FlateDecode"), "3 0 obj/ASCIIHexDecode endobj"...)
	if r := report(t, embedded, Options{}); len(r.Problems) == 0 {
		t.Error("nothing is told of an embedded file")
	}
	many := append(made("<</S 2 0 R/F(cmd.exe)>>", "/Launch"), strings.Repeat("2 0 obj/GoTo endobj ", maxRevisions)...)
	if r := report(t, many, Options{}); len(r.Problems) == 0 {
		t.Error("nothing is told of an action with many types")
	}
	if r := report(t, append(file, "3 0 obj/ASCIIHexDecode endobj"...), Options{}); len(r.Problems) == 0 {
		t.Error("nothing is told")
	}
}

// What cannot be found is told.
func TestMissingFile(t *testing.T) {
	r := report(t, made("<</F(a.exe)/EF<</F 9 0 R>>>>"), Options{})
	if len(r.Problems) != 1 || r.Problems[0].Encrypted {
		t.Errorf("got %v", r.Problems)
	}
}

func TestHiddenLinks(t *testing.T) {
	r := report(t, made("<</URI<</Base(https://example.org/a/)>>/Outlines<</First<</A<</S/URI/URI(https://example.net/)>>>>>>>>",
		"<</AcroForm<</Fields[<</AA<</U<</S/URI/URI 3 0 R>>>>>>]>>>>", "(https://example.com/)",
		"<</AA<</O<</S/URI/URI<68747470733a2f2f6578616d706c652e746573742f>>>>>>>>"), Options{})
	want := []string{"https://example.org/a/", "https://example.net/", "https://example.com/", "https://example.test/"}
	if !slices.Equal(r.Links, want) {
		t.Errorf("got %q, want %q", r.Links, want)
	}
}

// A trailer that no program uses may name an encryption, so that what is not encrypted is read as if it was.
func TestEncryptionOfOthers(t *testing.T) {
	l, key := newLock(t, 3, 16, "")
	other := sealedFile(t, l, key, methodRC4, "/V 2/R 3/Length 128", "x")
	pack := packed(t, 50, "<</S/JavaScript/JS(app.alert\\(1\\))>>")
	for name, b := range map[string][]byte{
		"before": append(bytes.Clone(other), made("<</Names 50 0 R>>", pack, pack, pack, pack)...),
		"behind": append(made("<</Names 50 0 R>>", pack), other...),
	} {
		if r := report(t, b, Options{}); len(r.Problems) == 0 {
			t.Errorf("%s: nothing is told: %q", name, facts(r))
		}
	}
	// An embedded file would be nothing but noise.
	b := append(bytes.Clone(other), made("<</F(a.exe)/EF<</F 51 0 R>>>>")...)
	b = append(b, "51 0 obj"+streamed("", []byte("MZ"))+"endobj"...)
	if r := report(t, b, Options{}); len(r.Problems) == 0 {
		t.Errorf("a file: nothing is told: %q", facts(r))
	}
	if r := report(t, other, Options{}); len(r.Problems) > 0 {
		t.Errorf("got %v", r.Problems)
	}
}

// A stream may name its own crypt filter.
func TestNamedCryptFilter(t *testing.T) {
	l, key := newLock(t, 4, 16, "")
	c := &crypt{key: key}
	script := c.encrypt(t, place{num: 2}, methodAES128, []byte("app.alert(1)"))
	entries := "/V 4/R 4/CF<</Mine<</CFM/AESV2>>>>/StmF/Identity/StrF/Identity"
	file := string(sealedFile(t, l, key, methodAES128, entries, "x"))
	at, end := strings.Index(file, "2 0 obj"), strings.Index(file, "3 0 obj")
	file = file[:at] + "2 0 obj\n" + streamed("/Filter/Crypt/DecodeParms<</Name/Mine>>", script) + "\nendobj\n" + file[end:]
	got := facts(report(t, []byte(file), Options{}))
	if want := `macro.pdf_javascript: runs JavaScript: "app.alert(1)"`; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
