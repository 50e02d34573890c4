// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

// mso is a container of macros, as Office writes it beside HTML and into XML: its header is 50 octets long.
func mso(t testing.TB, content string) string {
	t.Helper()
	return "ActiveMime\x00\x00\x01\xf0\x04\x00\x00\x00\xff\xff\xff\xff\x00\x00\x07\xf0" + strings.Repeat("\x00", 24) + packedText(t, content)
}

func binData(name, content string) string {
	return `<w:binData w:name="` + name + `" xml:space="preserve">` + base64.StdEncoding.EncodeToString([]byte(content)) + `</w:binData>`
}

const types = `<Types><Default Extension="xml" ContentType="application/xml"/></Types>`

// TestOfficeEvasion: what documents hide is found wherever they hide it. Each row tells of one line, by how it begins, that must be there.
func TestOfficeEvasion(t *testing.T) {
	macro := macroFile()
	vba := `macro.vba: VBA macro with AutoOpen, Shell in module "M"`
	openXML := func(members ...string) string {
		files := []zipEntry{deflated("[Content_Types].xml", types)}
		for i := 0; i+1 < len(members); i += 2 {
			files = append(files, deflated(members[i], members[i+1]))
		}
		return string(zipBytes(files...))
	}
	long := "<!-- " + strings.Repeat("x", 10_000) + " -->"
	flat := `<?xml version="1.0"?>` + long + `<?mso-application progid="Word.Document"?><w:wordDocument>` + binData("editdata.mso", mso(t, macro)) + `</w:wordDocument>`
	lnk := "L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F" + strings.Repeat("\x00", 60)
	for _, c := range []struct{ name, content, want string }{
		{"picture.docx", openXML("word/media/image1.png", macro), "word/media/image1.png! " + vba},
		{"no name.docx", openXML("word/x", macro, "word/_rels/x.rels", `<Relationship Type="x/vbaProject" Target="..\WORD\%78"/>`), "word/x! " + vba},
		{"chunk.docx", openXML("word/afchunk.dat", rtfObject(ole1("equation.3", "x"))), `word/afchunk.dat/object 1! macro.equation`},
		{"in docx.docx", openXML("word/embeddings/a.docx", openXML("word/_rels/s.xml.rels", `<Relationship Type="x/attachedTemplate" Target="http://a.test/x" TargetMode="External"/>`)), "word/embeddings/a.docx! macro.template"},
		{"flat.doc", flat, "editdata.mso/project! " + vba},
		{"flat.zip", string(zipBytes(deflated("flat.doc", flat))), "flat.doc/editdata.mso/project! " + vba},
		{"page.doc", "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--b\r\nContent-Location: file:///C:/x/editdata.mso\r\nContent-Type: application/x-mso\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(mso(t, macro))) + "\r\n--b--\r\n", "part 1.2/project! " + vba},
		{"raw.doc", compoundOf(oletest.Stream{Path: "x/y", Data: "pcode\x01\xff\x3f" + autoOpen + strings.Repeat("'", 4096-len(autoOpen))}), "! macro.vba: VBA macro with AutoOpen, Shell"},
		{"rights.docx", compoundOf(oletest.Stream{Path: "EncryptedPackage", Data: "x"}, oletest.Stream{Path: "\x06DataSpaces/Version", Data: "x"}), "? encrypted"},
		{"rights.doc", compoundOf(oletest.Stream{Path: "\x09DRMContent", Data: "x"}), "? encrypted"},
		{"shortcut.doc", compoundOf(oletest.Stream{Path: "ObjectPool/_1/\x01Ole10Native", Data: dropped("invoice.pdf", `C:\a\invoice.pdf`, lnk)}), "invoice.pdf (ole, document)"},
		{
			"sound.msg", compoundOf(oletest.Stream{Path: "__properties_version1.0", Data: "x"}, oletest.Stream{Path: "__substg1.0_8002001F", Data: oletest.Wide(`\\a.test\s\x.wav`)}),
			`! macro.ole_link: message that may have Outlook play "\\\\a.test\\s\\x.wav"`,
		},
		{"script.odt", string(zipBytes(deflated("META-INF/manifest.xml", "<manifest/>"), deflated("Scripts/python/a.py", "import os"))), "! macro.basic: scripts Scripts/python/a.py"},
		{"query.dqy", "XLODBC\r\n1\r\nDRIVER=SQL Server;SERVER=a.test\r\nselect 1\r\n", "! macro.query"},
		{"behind.rtf", `{\rtf1 text}` + macro, "behind the text! " + vba},
		{"unicode.rtf", `{\rtf1{\field{\*\fldinst \u68?\u68?{\*\x y}EAUTO cmd}}}`, `! macro.dde: field "DDEAUTO cmd"`},
		{"two.one", "\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3.." + fileObject("@echo off") + fileObject("MZ"), "object 2 (onenote, document): MZ"},
		{"publisher.pub", compoundOf(oletest.Stream{Path: "Contents", Data: "CHNKINK"}, oletest.Stream{Path: "VBA/M", Data: oletest.Source(autoOpen)}), "! " + vba},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := opened(t, c.name, c.content)
			for _, l := range lines {
				if strings.HasPrefix(l, c.want) {
					return
				}
			}
			t.Errorf("no line %s in\n%s", c.want, strings.Join(lines, "\n"))
		})
	}
}

// fileObject is an object of the file data store of a OneNote section.
func fileObject(data string) string {
	return "\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC" + le32(len(data)) + strings.Repeat("\x00", 16) + data
}

// TestOfficeFlood: many facts of one code hide none of another, and many modules none that follow.
func TestOfficeFlood(t *testing.T) {
	var streams []oletest.Stream
	for i := range 2 * MaxFacts {
		streams = append(streams, oletest.Stream{Path: fmt.Sprintf("ObjectPool/_%d/\x01Ole10Native", i), Data: dropped(fmt.Sprintf("%d.txt", i), "x", "text")})
	}
	lines := opened(t, "a.doc", compoundOf(append(streams, oletest.Stream{Path: "\x01Ole", Data: "\xE0\xC9\xEA\x79\xF9\xBA\xCE\x11\x8C\x82\x00\xAA\x00\x4B\xA9\x0B" + le32(30) + oletest.Wide("http://a.test/x")})...))
	found := false
	for _, l := range lines {
		found = found || strings.HasPrefix(l, "! macro.ole_link")
	}
	if !found {
		t.Error("the link is hidden behind packed files")
	}
}

// TestZipInCompound: an archive that is a stream of a compound file is read as that, and what lies around its pieces is no damage.
func TestZipInCompound(t *testing.T) {
	archive := string(zipBytes(deflated("a.txt", "text")))
	lines := opened(t, "a.doc", compoundOf(
		oletest.Stream{Path: "one", Data: strings.Repeat("x", 63)}, oletest.Stream{Path: "package", Data: archive}, oletest.Stream{Path: "two", Data: "rest of another: " + archive[:40]},
	))
	found := false
	for _, l := range lines {
		found = found || strings.HasPrefix(l, "package/a.txt")
		if strings.HasPrefix(l, "? ") {
			t.Error(l)
		}
	}
	if !found {
		t.Errorf("got %q", lines)
	}
}

// TestOfficeHostile: files that are made to take long do not. The time is for who reads the log.
func TestOfficeHostile(t *testing.T) {
	var entries, lists []oletest.Stream
	for i := range 5_000 {
		entries = append(entries, oletest.Stream{Path: fmt.Sprintf("VBA/%d", i)})
	}
	zeros := "\x01" + strings.Repeat("\x03\xb0\x02\x00\xfc\x0f", 4000)
	for i := range 200 {
		lists = append(lists, oletest.Stream{Path: fmt.Sprintf("%d/dir", i), Data: zeros})
	}
	words := strings.Repeat("Shell CreateObject a_layout b_layout ", 100_000)
	for _, c := range []struct{ name, content string }{
		{"entries.doc", compoundOf(append(entries, oletest.Stream{Path: "VBA/M", Data: oletest.Source(autoOpen)})...)},
		{"lists.doc", compoundOf(lists...)},
		{"words.doc", compoundOf(oletest.Stream{Path: "VBA/_VBA_PROJECT", Data: words}, oletest.Stream{Path: "VBA/M", Data: oletest.Source("Attribute VB_Name = \"M\"\r\nSub x()\r\n" + words[:1<<20])})},
		{"objects.rtf", `{\rtf1` + strings.Repeat(`{\object\objdata 0105`, 100_000)},
		{"relations.docx", string(zipBytes(deflated("[Content_Types].xml", types), deflated("x.rels", strings.Repeat(`<Relationship Type="x/vbaProject" Target="`+strings.Repeat("x", 20)+`"/>`, 300_000))))},
	} {
		start := time.Now()
		lines := opened(t, c.name, c.content)
		t.Logf("%s: %d octets, %d lines, %v", c.name, len(c.content), len(lines), time.Since(start))
		for _, l := range lines {
			if strings.Contains(l, "broke off") {
				t.Error(l)
			}
		}
	}
}
