// SPDX-License-Identifier: Apache-2.0

package officeclean_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/unpack/officeclean"
	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

// pack makes a zip file of parts, by name and text in turn.
func pack(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		f, err := w.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpacked(t testing.TB, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(text)
	}
	return parts
}

func clean(b []byte) ([]byte, error) {
	return officeclean.Document(bytes.NewReader(b), int64(len(b)))
}

const (
	types  = `<?xml version="1.0"?><Types xmlns="t">`
	bin    = `<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>`
	main   = `<Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>`
	data   = `<Override PartName="/word/vbaData.xml" ContentType="application/vnd.ms-word.vbaData+xml"/>`
	rels   = `<Relationships xmlns="r">`
	prefix = "http://schemas.microsoft.com/office/2006/relationships/"
)

func TestPackage(t *testing.T) {
	got, err := clean(pack(
		t,
		"[Content_Types].xml", types+bin+main+data+`</Types>`,
		"_rels/.rels", rels+`<Relationship Id="rId1" Type="x/officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml", "<document/>",
		"word/_rels/document.xml.rels", rels+`<Relationship Id="rId1" Type="`+prefix+`vbaProject" Target="vbaProject.bin"/>`+
			`<Relationship Id="rId2" Type="x/styles" Target="styles.xml"></Relationship></Relationships>`,
		"word/vbaProject.bin", "macros",
		"word/_rels/vbaProject.bin.rels", rels+`<Relationship Id="rId1" Type="`+prefix+`wordVbaData" Target="vbaData.xml"/></Relationships>`,
		"word/vbaData.xml", "<data/>",
		"word/styles.xml", "<styles/>",
		"word/_rels/settings.xml.rels", rels+`<Relationship Id="rId1" Type="x/attachedTemplate" Target="http://a.test/?a&amp;b" TargetMode="External"/></Relationships>`,
	))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"[Content_Types].xml":          types + strings.Replace(bin, "application/vnd.ms-office.vbaProject", "application/octet-stream", 1) + main + `</Types>`,
		"_rels/.rels":                  rels + `<Relationship Id="rId1" Type="x/officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml":            "<document/>",
		"word/_rels/document.xml.rels": rels + `<Relationship Id="rId2" Type="x/styles" Target="styles.xml"></Relationship></Relationships>`,
		"word/styles.xml":              "<styles/>",
		"word/_rels/settings.xml.rels": rels + `<Relationship Id="rId1" Type="x/attachedTemplate" Target="about:blank" TargetMode="External"/></Relationships>`,
	}
	if diff := cmp.Diff(want, unpacked(t, got)); diff != "" {
		t.Error(diff)
	}
}

func TestMacroSheet(t *testing.T) {
	got, err := clean(pack(
		t,
		"[Content_Types].xml", types+`<Override PartName="/xl/macrosheets/sheet1.xml" ContentType="application/vnd.ms-excel.macrosheet+xml"/></Types>`,
		"xl/_rels/workbook.xml.rels", rels+`<Relationship Id="rId1" Type="`+prefix+`xlMacrosheet" Target="macrosheets/sheet1.xml"/></Relationships>`,
		"xl/macrosheets/sheet1.xml", `<xm:macrosheet><f>EXEC("calc")</f></xm:macrosheet>`,
		"xl/macrosheets/_rels/sheet1.xml.rels", rels+`</Relationships>`,
		"xl/workbook.xml", "<workbook/>",
	))
	if err != nil {
		t.Fatal(err)
	}
	parts := unpacked(t, got)
	if s := parts["xl/macrosheets/sheet1.xml"]; strings.Contains(s, "EXEC") || !strings.Contains(s, "<worksheet ") {
		t.Errorf("sheet: %s", s)
	}
	if s := parts["[Content_Types].xml"]; strings.Contains(s, "macrosheet+xml") || !strings.Contains(s, "spreadsheetml.worksheet+xml") {
		t.Errorf("types: %s", s)
	}
	if s := parts["xl/_rels/workbook.xml.rels"]; !strings.Contains(s, `/worksheet"`) {
		t.Errorf("relationships: %s", s)
	}
	if _, ok := parts["xl/macrosheets/_rels/sheet1.xml.rels"]; ok || len(parts) != 4 {
		t.Errorf("got %d parts", len(parts))
	}
}

// TestReferences: nothing in the package refers to what was taken out of it.
func TestReferences(t *testing.T) {
	got, err := clean(pack(
		t,
		"[Content_Types].xml", types+`<Override PartName="/xl/calcChain.xml" ContentType="a/calcChain+xml"/><Override PartName="/xl/odd name.bin" ContentType="application/vnd.ms-office.vbaProject"/>`+
			`<Override PartName="/xl/macrosheets/sheet1.xml" ContentType="application/vnd.ms-excel.macrosheet+xml"/></Types>`,
		"xl/_rels/workbook.xml.rels", rels+`<Relationship Id="a" Type="`+prefix+`calcChain" Target="calcChain.xml"/><Relationship Id="b" Type="x/other" Target="..\XL\odd%20name.bin"/>`+
			`<Relationship Id="c" Type="`+prefix+`xlMacrosheet" Target="/xl/macrosheets/sheet1.xml"/><Relationship Id="d" Type="x/styles" Target="styles.xml"/></Relationships>`,
		"xl/calcChain.xml", "<calcChain/>", "xl/odd name.bin", "x", "xl/macrosheets/sheet1.xml", "<macrosheet/>", "xl/styles.xml", "<styles/>", "xl/workbook.xml", "<workbook/>",
	))
	if err != nil {
		t.Fatal(err)
	}
	parts := unpacked(t, got)
	for _, name := range []string{"[Content_Types].xml", "xl/_rels/workbook.xml.rels"} {
		if s := parts[name]; strings.Contains(s, "calcChain") || strings.Contains(s, "odd") {
			t.Errorf("%s: %s", name, s)
		}
	}
	if _, ok := parts["xl/calcChain.xml"]; ok || len(parts) != 5 {
		t.Errorf("got %d parts", len(parts))
	}
}

func TestCompound(t *testing.T) {
	source := oletest.Source("Attribute VB_Name = \"M\"\r\nSub AutoOpen()\r\n" + strings.Repeat("x = 1\r\n", 1000))
	streams := []oletest.Stream{
		{Path: "WordDocument", Data: strings.Repeat("text", 2000)},
		{Path: "Macros/VBA/dir", Data: oletest.Source("x")},
		{Path: "Macros/VBA/M", Data: source},
		{Path: "Macros/PROJECT", Data: "Module=M"},
		{Path: "1Table", Data: "small"},
	}
	before := oletest.Build(ole.GUID{1}, streams...)
	after, err := clean(before)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before) || bytes.Contains(after, []byte("Attribut")) || bytes.Contains(after, []byte("Module=M")) {
		t.Error("macros are left, or the size is another")
	}
	f, err := ole.Open(bytes.NewReader(after), int64(len(after)))
	if err != nil || len(f.Damage) > 0 {
		t.Fatalf("%v, damage %q", err, f.Damage)
	}
	for _, s := range []oletest.Stream{streams[0], streams[4]} {
		b, err := f.Read(f.Find(s.Path), 1<<20)
		if err != nil || string(b) != s.Data {
			t.Errorf("%s: got %.20q, %v", s.Path, b, err)
		}
	}
	if e := f.Find("Macros"); e == nil || len(e.Children) > 0 {
		t.Errorf("got %+v", e)
	}
	for _, e := range f.Entries {
		if e.Orphan {
			t.Errorf("%q is left over", e.Name)
		}
	}
}

func TestCannot(t *testing.T) {
	source := oletest.Source("Attribute VB_Name = \"M\"\r\nSub AutoOpen()")
	plain := pack(t, "[Content_Types].xml", types+main+`</Types>`, "word/document.xml", "<document/>")
	for _, c := range []struct {
		name string
		in   []byte
		want error
	}{
		{"empty", nil, officeclean.ErrCannot},
		{"text", []byte("text"), officeclean.ErrCannot},
		{"nothing to take out", plain, officeclean.ErrNothing},
		{"no macros", oletest.Build(ole.GUID{}, oletest.Stream{Path: "WordDocument", Data: "x"}), officeclean.ErrNothing},
		{"macros in the root", oletest.Build(ole.GUID{}, oletest.Stream{Path: "VBA/M", Data: source}), officeclean.ErrCannot},
		{"macros in odd places", oletest.Build(ole.GUID{}, oletest.Stream{Path: "a/b/M", Data: source}), officeclean.ErrCannot},
		{"a zip file", pack(t, "a.txt", "x"), officeclean.ErrCannot},
		{"cut", plain[:len(plain)-30], officeclean.ErrCannot},
		{"one name twice", pack(t, "[Content_Types].xml", types, "a", "1", "A", "2"), officeclean.ErrCannot},
		{"binary macro sheet", pack(t, "[Content_Types].xml", types+`<Override PartName="/s.bin" ContentType="application/vnd.ms-excel.macrosheet+xml"/>`, "s.bin", "x"), officeclean.ErrCannot},
		{"UTF-16", pack(t, "[Content_Types].xml", "\xff\xfe<\x00"), officeclean.ErrCannot},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := clean(c.in); !errors.Is(err, c.want) {
				t.Errorf("got %d octets, %v", len(got), err)
			}
		})
	}
}

func FuzzDocument(f *testing.F) {
	f.Add(pack(f, "[Content_Types].xml", types+bin+main+data, "word/_rels/document.xml.rels", rels+`<Relationship Id="rId1" Type="`+prefix+`vbaProject" Target="vbaProject.bin"/>`, "word/vbaProject.bin", "x"))
	f.Add(oletest.Build(ole.GUID{}, oletest.Stream{Path: "Macros/VBA/M", Data: oletest.Source("Attribute VB_Name = \"M\"")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := clean(b)
		if err != nil {
			return
		}
		if again, err := clean(got); err == nil && bytes.Equal(again, b) {
			t.Fatal("cleaning goes round in a circle")
		}
		if ole.Is(b) && len(got) != len(b) {
			t.Fatalf("%d octets became %d", len(b), len(got))
		}
	})
}
