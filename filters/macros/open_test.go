// SPDX-License-Identifier: Apache-2.0

package macros

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

// TestCorporaOpen: documents that others made open after they were cleaned.
func TestCorporaOpen(t *testing.T) {
	root := corpora.Dir(t, "attach")
	o := newOffice(t)
	before := map[string][]byte{}
	each(t, func(path, content string) {
		if name := filepath.Base(path); regexp.MustCompile(`(?i)\.(do|xl|pp|po)[a-z]+$`).MatchString(name) {
			before[name] = []byte(content)
		}
	}, filepath.Join(root, "oletools"), filepath.Join(root, "strelka"))
	if cleaned, macros := o.compare(before); cleaned == 0 || macros == 0 {
		t.Errorf("%d documents were cleaned, %d of them had macros", cleaned, macros)
	}
}

// Documents as LibreOffice reads them, of which it makes those of other programs.
const (
	flatHead = `<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"` +
		` xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"` +
		` office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.`
	flatText  = flatHead + `text"><office:body><office:text><text:p>Dear reader,</text:p><text:p>the second of two lines.</text:p></office:text></office:body></office:document>`
	flatSheet = flatHead + `spreadsheet"><office:body><office:spreadsheet><table:table table:name="Sheet1"><table:table-row><table:table-cell office:value-type="float" office:value="17"/>` +
		`<table:table-cell office:value-type="string"><text:p>a cell</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document>`
	flatSlide = flatHead + `presentation"><office:body><office:presentation><draw:page draw:name="one"><draw:frame svg:width="9cm" svg:height="2cm" svg:x="1cm" svg:y="1cm"><draw:text-box>` +
		`<text:p>A slide with a line</text:p></draw:text-box></draw:frame></draw:page></office:presentation></office:body></office:document>`
)

// TestMadeOpen: documents of all programs that get a real project of macros open after they were cleaned.
func TestMadeOpen(t *testing.T) {
	o := newOffice(t)
	first := func(format, name, source string) []byte {
		made := o.convert(format, map[string][]byte{name: []byte(source)})
		if made[name] == "" {
			t.Fatalf("%s: LibreOffice made no %s", name, format)
		}
		return []byte(made[name])
	}
	project := vbaProject()
	before := map[string][]byte{
		"a.xlsm": withProject(t, first("xlsx", "a.fods", flatSheet), project, "xl/", "workbook.xml"),
		"a.docm": withProject(t, first("docx", "a.fodt", flatText), project, "word/", "document.xml"),
		"a.pptm": withProject(t, first("pptx", "a.fodp", flatSlide), project, "ppt/", "presentation.xml"),
		"a.doc":  withStorage(t, first("doc", "a.fodt", flatText), project, "Macros"),
		"a.xls":  withStorage(t, first("xls", "a.fods", flatSheet), project, "_VBA_PROJECT_CUR"),
	}
	// LibreOffice reads macros of a workbook before 2007 only if a record says that there are some, and writes none.
	if cleaned, macros := o.compare(before); cleaned != len(before) || macros != len(before)-1 {
		t.Errorf("of %d documents %d had macros that LibreOffice reads, and %d were cleaned", len(before), macros, cleaned)
	}
}

// vbaProject is a project with one module, so that it is read (MS-OVBA section 2.3.4.2).
func vbaProject() []byte {
	record := func(id uint16, data string) string {
		b := binary.LittleEndian.AppendUint16(nil, id)
		return string(binary.LittleEndian.AppendUint32(b, uint32(len(data)))) + data
	}
	const name = "Module1"
	dir := record(0x01, "\x01\x00\x00\x00") + record(0x02, "\x09\x04\x00\x00") + record(0x14, "\x09\x04\x00\x00") + record(0x03, "\xE4\x04") + record(0x04, "VBAProject") +
		record(0x09, "\x01\x00\x00\x00") + "\x01\x00" + record(0x0F, "\x01\x00") + record(0x13, "\xFF\xFF") +
		record(0x19, name) + record(0x47, oletest.Wide(name)) + record(0x1A, name) + record(0x32, oletest.Wide(name)) + record(0x31, "\x00\x00\x00\x00") + record(0x21, "") + record(0x2B, "") + record(0x10, "")
	return oletest.Build(
		ole.GUID{}, oletest.Stream{Path: "PROJECT", Data: "ID=\"{00000000-0000-0000-0000-000000000000}\"\r\nModule=" + name + "\r\nName=\"VBAProject\"\r\n"},
		oletest.Stream{Path: "VBA/dir", Data: oletest.Source(dir)}, oletest.Stream{Path: "VBA/_VBA_PROJECT", Data: "\xCC\x61\xFF\xFF\x00\x00\x00"},
		oletest.Stream{Path: "VBA/" + name, Data: oletest.Source("Attribute VB_Name = \"Module1\"\r\nSub Auto_Open()\r\nMsgBox 1\r\nEnd Sub\r\n")},
	)
}

// parts are those of a zip file.
func parts(t testing.TB, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(text)
	}
	return all
}

// withProject puts a project into an Open XML document, as its program does.
func withProject(t testing.TB, b, project []byte, folder, main string) []byte {
	t.Helper()
	all := parts(t, b)
	all[folder+"vbaProject.bin"] = string(project)
	replace := func(name, old, with string) {
		if !strings.Contains(all[name], old) {
			t.Fatalf("%s has no %s", name, old)
		}
		all[name] = strings.Replace(all[name], old, with, 1)
	}
	replace("[Content_Types].xml", "</Types>", `<Override PartName="/`+folder+`vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>`)
	rels := folder + "_rels/" + main + ".rels"
	replace(rels, "</Relationships>", `<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/></Relationships>`)
	for was, is := range map[string]string{
		"openxmlformats-officedocument.wordprocessingml.document.main":   "ms-word.document.macroEnabled.main",
		"openxmlformats-officedocument.spreadsheetml.sheet.main":         "ms-excel.sheet.macroEnabled.main",
		"openxmlformats-officedocument.presentationml.presentation.main": "ms-powerpoint.presentation.macroEnabled.main",
	} {
		all["[Content_Types].xml"] = strings.Replace(all["[Content_Types].xml"], was, is, 1)
	}
	members := []string{"[Content_Types].xml", all["[Content_Types].xml"]}
	for name, text := range all {
		if name != members[0] {
			members = append(members, name, text)
		}
	}
	return []byte(zipOf(t, members...))
}

// withStorage puts a project into a compound file, in a storage of that name, in the place of one that is there.
func withStorage(t testing.TB, b, project []byte, storage string) []byte {
	t.Helper()
	class, streams := streamsOf(t, b, "")
	_, more := streamsOf(t, project, storage+"/")
	for _, s := range streams {
		if !strings.HasPrefix(s.Path, storage+"/") {
			more = append(more, s)
		}
	}
	return oletest.Build(class, more...)
}

func streamsOf(t testing.TB, b []byte, below string) (class ole.GUID, streams []oletest.Stream) {
	t.Helper()
	f, err := ole.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.Entries {
		if e.Kind != ole.Stream {
			continue
		}
		data, err := f.Read(e, e.Size)
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, oletest.Stream{Path: below + strings.Join(e.Path(), "/"), Data: string(data)})
	}
	return f.Root().Class, streams
}
