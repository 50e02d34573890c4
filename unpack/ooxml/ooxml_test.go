// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// inspect gives the report on parts, by name and text in turn.
func inspect(t testing.TB, parts ...string) *Report {
	t.Helper()
	in := New()
	for i := 0; i+1 < len(parts); i += 2 {
		r := strings.NewReader(parts[i+1])
		if err := in.Part(parts[i], io.NewSectionReader(r, 0, r.Size())); err != nil {
			t.Fatal(err)
		}
	}
	return in.Report()
}

func facts(r *Report) []string {
	var all []string
	for _, f := range r.Facts {
		all = append(all, f.Code+": "+f.Detail)
	}
	return all
}

const relType = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

func rels(kind, target, mode string) string {
	return `<?xml version="1.0"?><Relationships xmlns="p"><Relationship Id="rId1" Type="` + relType + kind + `" Target="` + target + `" TargetMode="` + mode + `"/></Relationships>`
}

func wide(s, mark string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return mark + string(b)
}

func wordField(pieces ...string) string {
	s := `<w:document xmlns:w="w"><w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>`
	for _, p := range pieces {
		s += `<w:r><w:instrText xml:space="preserve">` + p + `</w:instrText></w:r>`
	}
	return s + `<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:document>`
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		name  string
		parts []string
		facts []string
		links []string
	}{
		{
			"template",
			[]string{"word/_rels/settings.xml.rels", rels("attachedTemplate", "http://a.test/x.dotm", "External")},
			[]string{`macro.template: template is loaded from "http://a.test/x.dotm"`},
			[]string{"http://a.test/x.dotm"},
		},
		{
			"template in UTF-16",
			[]string{"x.rels", wide(rels("attachedTemplate", "http://a.test/x.dotm", "External"), "\xff\xfe")},
			[]string{`macro.template: template is loaded from "http://a.test/x.dotm"`},
			[]string{"http://a.test/x.dotm"},
		},
		{
			"template without a mark",
			[]string{"x.rels", wide(rels("attachedTemplate", `\\a.test\x`, "External"), "")},
			[]string{`macro.template: template is loaded from "\\\\a.test\\x"`},
			[]string{`\\a.test\x`},
		},
		{"local template", []string{"x.rels", rels("attachedTemplate", "file:///C:/Normal.dotm", "External")}, nil, nil},
		{
			"entities",
			[]string{"x.rels", rels("oleObject", "&#104;ttp://a.test/?a&amp;b", "external")},
			[]string{`macro.ole_link: oleobject is loaded from "http://a.test/?a&b"`},
			[]string{"http://a.test/?a&b"},
		},
		{"frame", []string{"x.rels", rels("frame", "http://a.test/", "External")}, []string{`macro.ole_link: frame is loaded from "http://a.test/"`}, []string{"http://a.test/"}},
		{"hyperlink", []string{"x.rels", rels("hyperlink", "http://a.test/", "External")}, nil, []string{"http://a.test/"}},
		{"mail link", []string{"x.rels", rels("hyperlink", "mailto:a@example.org", "External")}, nil, []string{"mailto:a@example.org"}},
		{"internal", []string{"x.rels", rels("image", "media/image1.png", "Internal")}, nil, nil},
		{"DDE field", []string{"word/document.xml", wordField("DDE", "AUTO c:\\\\cmd.exe", " &quot;/c x&quot;")}, []string{`macro.dde: field "DDEAUTO c:\\cmd.exe /c x" (word/document.xml)`}, nil},
		{"simple field", []string{"d.xml", `<w:fldSimple xmlns:w="w" w:instr='DDE a "b"'><w:t>x</w:t></w:fldSimple>`}, []string{`macro.dde: field "DDE a b" (d.xml)`}, nil},
		{"field that loads", []string{"d.xml", wordField(`INCLUDETEXT "http://a.test/x.docx"`)}, []string{`macro.ole_link: field loads "http://a.test/x.docx" (d.xml)`}, []string{"http://a.test/x.docx"}},
		{"DDE link", []string{"x.xml", `<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>`}, []string{`macro.dde: DDE link to "cmd" with "/c calc" (x.xml)`}, nil},
		{
			"DDE link in binary",
			[]string{"x.bin", binaryLink + "\x18\x01\x00" + "\x03\x00\x00\x00c\x00m\x00d\x00" + "\x04\x00\x00\x00/\x00c\x00 \x00x\x00"},
			[]string{`macro.dde: DDE link to "cmd" with "/c x" (x.bin)`},
			nil,
		},
		{
			"Excel 2003",
			[]string{"d", `<Workbook><SupBook><Path>cmd|/c x</Path></SupBook><Cell ss:Formula="=cmd|'/c x'!A1"/></Workbook>`},
			[]string{`macro.dde: DDE link to "cmd" with "/c x"`, `macro.dde: formula "=cmd|'/c x'!A1" (d)`},
			nil,
		},
		{
			"slide",
			[]string{"s.xml", `<p:sld><a:hlinkClick r:id="" action="ppaction://macro?name=M"/><a:hlinkMouseOver action="ppaction://program"/><a:hlinkClick action="ppaction://hlinksldjump"/></p:sld>`},
			[]string{`macro.action: a click runs the macro "ppaction://macro?name=M" (s.xml)`, `macro.action: the mouse pointer starts a program: "ppaction://program" (s.xml)`},
			nil,
		},
		{"macro sheet", []string{
			"xl/workbook.xml", `<workbook><sheets><sheet name="S" state="veryHidden" r:id="rId1"/></sheets><definedNames><definedName name="_xlnm.Auto_Open">M!$A$1</definedName></definedNames></workbook>`,
			"xl/macrosheets/sheet1.xml", `<xm:macrosheet xmlns:xm="x"><row><c><f>EXEC("calc")</f></c></row></xm:macrosheet>`,
			"xl/_rels/workbook.xml.rels", rels("xlMacrosheet", "macrosheets/sheet1.xml", ""),
		}, []string{`macro.xlm: Excel 4 macros in macrosheets/sheet1.xml; sheets that are not shown: "S" very hidden; they call EXEC`, "macro.autorun: Excel 4 macros run by themselves: _xlnm.Auto_Open"}, nil},
		{"hidden sheet only", []string{"w.xml", `<workbook><sheet name="S" state="hidden"/></workbook>`}, nil, nil},
		{"binary workbook", []string{
			"w.bin", binaryBook + "\x80\x00\x9c\x01\x14\x02\x00\x00\x00\x01\x00\x00\x00\xff\xff\xff\xff\x02\x00\x00\x00H\x00i\x00" + "\x27\x1f" + strings.Repeat("\x00", 9) + "\x09\x00\x00\x00" + wide("auto_open", ""),
			"[Content_Types].xml", `<Types><Override PartName="/xl/macrosheets/sheet1.bin" ContentType="application/vnd.ms-excel.macrosheet"/></Types>`,
		}, []string{`macro.xlm: Excel 4 macros in macrosheets/sheet1.bin; sheets that are not shown: "Hi" very hidden`, "macro.autorun: Excel 4 macros run by themselves: auto_open"}, nil},
		{"Basic", []string{
			"Basic/Standard/Module1.xml", `<!DOCTYPE script:module><script:module script:name="Module1" script:language="StarBasic">Sub Go&#10;Shell("calc")&#10;End Sub</script:module>`,
			"content.xml", `<office:document-content><script:event-listener script:language="ooo:script" script:event-name="dom:load" xlink:href="vnd.sun.star.script:Standard.Module1.Go?language=Basic"/></office:document-content>`,
		}, []string{"macro.basic: macros in Basic/Standard/Module1", "macro.autorun: macros run by themselves: load Standard.Module1.Go?language=Basic"}, nil},
		{"empty Basic", []string{"m.xml", `<script:module script:name="M" script:language="StarBasic">REM  *****  BASIC  *****&#10;&#10;Sub Main&#10;&#10;End Sub</script:module>`}, nil, nil},
		{
			"OpenDocument",
			[]string{"content.xml", `<x><office:dde-source office:dde-application="soffice" office:dde-topic="t"/><text:section-source xlink:href="http://a.test/x.odt"/>` +
				`<text:a xlink:href="http://b.test/"/><table:table-cell table:formula="of:=DDE(&quot;cmd&quot;;&quot;/c&quot;;&quot;x&quot;)"/></x>`},
			[]string{`macro.dde: DDE link to "soffice" with "t" (content.xml)`, `macro.ole_link: section-source is loaded from "http://a.test/x.odt"`, `macro.dde: formula "of:=DDE(\"cmd\";\"/c\";\"x\")" (content.xml)`},
			[]string{"http://a.test/x.odt", "http://b.test/"},
		},
		{"no XML", []string{"x.png", "\x89PNG<Relationship>"}, nil, nil},
		{"in a comment", []string{"d.xml", `<x><!-- <ddeLink ddeService="a"/> --><![CDATA[<ddeLink/>]]></x>`}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := inspect(t, c.parts...)
			if diff := cmp.Diff(c.facts, facts(r)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.links, r.Links); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReport(t *testing.T) {
	r := inspect(t, "META-INF/manifest.xml", `<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>`,
		"[Content_Types].xml", `<Types><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Override PartName="/word/odd.png" ContentType="application/vnd.ms-office.vbaProject"/></Types>`,
		"word/_rels/document.xml.rels", rels("vbaProject", "other.bin", ""))
	if diff := cmp.Diff([]string{"word/odd.png", "other.bin"}, r.VBA); diff != "" || !r.Encrypted {
		t.Errorf("encrypted %v, %s", r.Encrypted, diff)
	}
}

func TestTags(t *testing.T) {
	s := newScanner(strings.NewReader(`<?xml?><a:b c="x>y" d = 'e&lt;' f=g /><h>text &amp; <!-- > --> more</h ><i j='"'>` + "<" + strings.Repeat("k", 2*maxTag) + ">end"))
	var got []string
	if err := s.each(func(tag tag) error {
		got = append(got, tag.name[:min(len(tag.name), 3)]+"|"+tag.text+"|"+tag.attr("c")+tag.attr("D")+tag.attr("f")+tag.attr("j"))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"?xm||", "b||x>ye<g", "h||", "|text & |", "||", "| more|", "h||", "i||\"", "kkk||", "|end|"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFiles(t *testing.T) {
	text := `<pkg:package><pkg:part pkg:name="/word/vbaProject.bin"><pkg:binaryData>QUJD` + "\n" + `</pkg:binaryData></pkg:part><w:binData w:name="oledata.mso">WFla</w:binData><w:binData w:name="cut">AAAA`
	files, err := Files(io.NewSectionReader(strings.NewReader(text), 0, int64(len(text))))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, f.Name+" "+strings.TrimSpace(text[f.Offset:f.Offset+f.Size]))
	}
	if diff := cmp.Diff([]string{"word/vbaProject.bin QUJD", "oledata.mso WFla", "cut AAAA"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestIsDocument(t *testing.T) {
	for head, want := range map[string]bool{
		`<?xml version="1.0"?><?mso-application progid="Word.Document"?>`: true, wide(`<?xml?><?mso-application?>`, "\xff\xfe"): true,
		"\ufeff<pkg:package xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\">": true,
		`<html xmlns="http://www.w3.org/1999/xhtml">`:                                           false, "": false, "text <?mso-application": false,
	} {
		if got := isDocument(head, false); got != want {
			t.Errorf("%q: got %v", head, got)
		}
	}
}

func FuzzPart(f *testing.F) {
	f.Add(rels("attachedTemplate", "http://a.test/x.dotm", "External"))
	f.Add(wordField("DDE a"))
	f.Add(binaryBook + "\x9c\x01\x14\x02\x00\x00\x00\x01\x00\x00\x00\xff\xff\xff\xff\x02\x00\x00\x00H\x00i\x00")
	f.Add("<x><!-- --><![CDATA[ ]]><y z='>'/><binaryData>AA</binaryData>")
	f.Fuzz(func(t *testing.T, s string) {
		r := inspect(t, "part", s)
		if len(r.Facts) > MaxFacts+20 || len(r.Links) > MaxLinks {
			t.Fatalf("%d facts, %d links", len(r.Facts), len(r.Links))
		}
		files, err := Files(io.NewSectionReader(strings.NewReader(s), 0, int64(len(s))))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Offset < 0 || f.Size < 0 || f.Offset+f.Size > int64(len(s)) {
				t.Fatalf("%+v of %d octets", f, len(s))
			}
		}
	})
}
