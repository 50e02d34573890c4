// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

// opened gives what is in a file of that name: a line for each leaf but the first, with its content if that is short, for each fact and for each
// Problem.
func opened(t testing.TB, name, content string) []string {
	t.Helper()
	text := "Content-Type: application/octet-stream; name=\"" + name + "\"\r\nContent-Transfer-Encoding: binary\r\n\r\n" + content
	c := contents(t, &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}, parse(t, []byte(text), mail.DefaultLimits()))
	var lines []string
	for i, l := range c.Leaves {
		where := strings.TrimPrefix(strings.TrimPrefix(l.Place.String(), name), "/")
		if i > 0 {
			b, err := io.ReadAll(l.Reader())
			if err != nil {
				t.Fatal(err)
			}
			if len(b) > 40 {
				b = []byte(fmt.Sprintf("%d octets", len(b)))
			}
			lines = append(lines, fmt.Sprintf("%s (%s, %s): %s", where, l.By, l.Kept, b))
		}
		for _, f := range l.Facts {
			lines = append(lines, fmt.Sprintf("%s! %s: %s", where, f.Code, f.Detail))
		}
		for _, link := range l.Links {
			lines = append(lines, where+"> "+link)
		}
	}
	for _, p := range c.Problems {
		lines = append(lines, fmt.Sprintf("? %s: %s", p.Kind, p))
	}
	return lines
}

func le32(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

// dropped is a stream Ole10Native with a file in it.
func dropped(label, path, data string) string {
	s := "\x02\x00" + label + "\x00" + path + "\x00\x00\x00\x03\x00" + le32(len(path)+1) + path + "\x00" + le32(len(data)) + data
	return le32(len(s)) + s
}

// ole1 is an object with a header of OLE 1.
func ole1(class, data string) string {
	return "\x01\x05\x00\x00\x02\x00\x00\x00" + le32(len(class)+1) + class + "\x00" + le32(0) + le32(0) + le32(len(data)) + data
}

const autoOpen = "Attribute VB_Name = \"M\"\r\nSub AutoOpen()\r\nShell \"calc\"\r\nEnd Sub\r\n"

func compoundOf(streams ...oletest.Stream) string {
	return string(oletest.Build(ole.GUID{}, streams...))
}

func packedText(t testing.TB, text string) string {
	t.Helper()
	var b strings.Builder
	w := zlib.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func macroFile() string {
	return compoundOf(oletest.Stream{Path: "Macros/VBA/M", Data: oletest.Source(autoOpen)}, oletest.Stream{Path: "WordDocument", Data: "x"})
}

func rtfObject(data string) string {
	return `{\rtf1{\object\objemb{\*\objclass Package}{\*\objdata ` + hex.EncodeToString([]byte(data)) + `}}}`
}

func officeCases(t testing.TB) []struct {
	name, content string
	want          []string
} {
	source := oletest.Source(autoOpen)
	return []struct {
		name, content string
		want          []string
	}{
		{"macro.png", macroFile(), []string{
			`! macro.autorun: VBA macro runs by itself: AutoOpen in module "M"`, `! macro.vba: VBA macro with AutoOpen, Shell in module "M"`,
		}},
		{"empty.doc", compoundOf(oletest.Stream{Path: "VBA/M", Data: oletest.Source("Attribute VB_Name = \"M\"\r\n")}), nil},
		{"stomped.doc", compoundOf(
			oletest.Stream{Path: "VBA/_VBA_PROJECT", Data: strings.Repeat("\x00", 40) + "\x00AutoOpen\x00"}, oletest.Stream{Path: "VBA/M", Data: oletest.Source("Attribute VB_Name = \"M\"\r\n")},
		), []string{"! macro.stomped: compiled VBA is not of the source that is shown: it has AutoOpen", "! macro.vba: VBA macro without source"}},
		{"dropped.doc", compoundOf(oletest.Stream{Path: "ObjectPool/_1/\x01Ole10Native", Data: dropped("run.txt", `C:\a\run.exe`, "MZ")}), []string{
			`! macro.object: packed file "run.txt"`, "run.txt (ole, document): MZ",
		}},
		{"equation.doc", compoundOf(oletest.Stream{Path: "ObjectPool/_1/Equation Native", Data: "x"}), []string{
			"! macro.equation: object of the Equation Editor, which old versions of Office run with its faults",
		}},
		{"link.doc", compoundOf(oletest.Stream{Path: "\x01Ole", Data: "xx\xE0\xC9\xEA\x79\xF9\xBA\xCE\x11\x8C\x82\x00\xAA\x00\x4B\xA9\x0B" + le32(30) + oletest.Wide("http://a.test/x")}), []string{
			`! macro.ole_link: object is loaded from "http://a.test/x"`, "> http://a.test/x",
		}},
		{"mail.msg", compoundOf(
			oletest.Stream{Path: "__properties_version1.0", Data: "x"}, oletest.Stream{Path: "__substg1.0_1000001F", Data: oletest.Wide("hello")},
			oletest.Stream{Path: "__attach_version1.0_#00000000/__substg1.0_3707001F", Data: oletest.Wide("a.doc")},
			oletest.Stream{Path: "__attach_version1.0_#00000000/__substg1.0_37010102", Data: macroFile()},
			oletest.Stream{Path: "__attach_version1.0_#00000001/__substg1.0_3701000D/__properties_version1.0", Data: "x"},
			oletest.Stream{Path: "__attach_version1.0_#00000001/__substg1.0_3701000D/__substg1.0_0037001F", Data: oletest.Wide("Fwd")},
			oletest.Stream{Path: "__attach_version1.0_#00000001/__substg1.0_3701000D/__substg1.0_1000001F", Data: oletest.Wide("inner")},
		), []string{
			"message.txt (ole, message): hello", fmt.Sprintf("a.doc (ole, message): %d octets", len(macroFile())),
			`a.doc! macro.autorun: VBA macro runs by itself: AutoOpen in module "M"`, `a.doc! macro.vba: VBA macro with AutoOpen, Shell in module "M"`,
			"Fwd.msg/message.txt (ole, message): inner",
		}},
		{"setup.msi", string(oletest.Build(ole.GUID{0x84, 0x10, 0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46}, oletest.Stream{Path: "\u430B\u4131\u4735\u45FE", Data: "MZ"})), []string{
			"Binary.t (ole, document): MZ",
		}},
		{"object.rtf", rtfObject(ole1("Package", dropped("a.txt", `C:\a.exe`, "MZ")[4:])), []string{
			`! macro.object: object of class "Package"`, fmt.Sprintf("object 1 (rtf, document): %d octets", len(ole1("Package", dropped("a.txt", `C:\a.exe`, "MZ")[4:]))),
			`object 1! macro.object: packed file "a.txt"`, "object 1/a.txt (object, document): MZ",
		}},
		{"odd.doc", `{\rt{\object\objupdate{\*\objdata ` + strings.ReplaceAll(hex.EncodeToString([]byte(ole1("equation.3", "data"))), "64", `6{\x}4`) + `}}}`, []string{
			"! macro.object: object, which acts when the file is opened, written so as not to be found",
			"object 1 (rtf, document): " + ole1("equation.3", "data"),
			`object 1! macro.equation: object of the Equation Editor ("equation.3"), which old versions of Office run with its faults`,
			"object 1/equation.3 (object, document): data",
		}},
		{"template.rtf", `{\rtf1{\*\template \\\\a.test\\x.dotm}{\field{\*\fldinst DDEAUTO cmd}}}`, []string{
			`! macro.template: template is loaded from "\\\\a.test\\x.dotm"`, `! macro.dde: field "DDEAUTO cmd"`, `> \\a.test\x.dotm`,
		}},
		{"notes.one", "\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3..\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC\x02" + strings.Repeat("\x00", 19) + "MZ", []string{
			"! macro.object: embedded files (1)", "object 1 (onenote, document): MZ",
		}},
		{"flat.xml", `<?xml version="1.0"?><?mso-application progid="Word.Document"?><pkg:package><pkg:part pkg:name="/word/vbaProject.bin"><pkg:binaryData>` +
			base64.StdEncoding.EncodeToString([]byte(macroFile())) + `</pkg:binaryData></pkg:part></pkg:package>`, []string{
			fmt.Sprintf("word/vbaProject.bin (officexml, document): %d octets", len(macroFile())),
			`word/vbaProject.bin! macro.autorun: VBA macro runs by itself: AutoOpen in module "M"`, `word/vbaProject.bin! macro.vba: VBA macro with AutoOpen, Shell in module "M"`,
		}},
		{"editdata.mso", "ActiveMime" + strings.Repeat("\x00", 40) + packedText(t, "project"), []string{"project (activemime, document): project"}},
		{"data.csv", "a,=cmd|'/c calc'!A0,b", []string{`! macro.dde: formula "cmd|'/c calc'!A0"`}},
		{"data.txt", "a,=cmd|'/c calc'!A0,b", nil},
		{"sheet.txt", "ID;P\nO;E\nC;X1;Y1;EEXEC(\"calc\")\nE", []string{"! macro.xlm: symbolic link file: a formula runs a program"}},
		{"query.txt", "WEB\r\n1\r\nhttp://a.test/x\r\n", []string{`! macro.query: web query loads a sheet from "http://a.test/x"`, "> http://a.test/x"}},
		{"old.xls", "\x09\x00\x04\x00\x02\x00\x40\x00" + "\x18\x00\x0B\x00\x00\x00Auto_Open", []string{"! macro.xlm: Excel 4 macros", "! macro.autorun: Excel 4 macros run by themselves: Auto_Open"}},
		{"locked.docx", compoundOf(oletest.Stream{Path: "EncryptionInfo", Data: "\x09\x00\x09\x00xxxx"}, oletest.Stream{Path: "EncryptedPackage", Data: "x"}), []string{
			"? encrypted: locked.docx: needs a password; the unknown way of encryption",
		}},
		{"damaged.doc", ole.Magic + strings.Repeat("\xFF", 600), []string{"? damaged: damaged.doc: a compound file that cannot be read: not a compound file: there is no directory"}},
		{"loose.doc", compoundOf(oletest.Stream{Path: "anything", Data: "xx" + source}), []string{
			`! macro.autorun: VBA macro runs by itself: AutoOpen in module "anything"`, `! macro.vba: VBA macro with AutoOpen, Shell in module "anything"`,
		}},
	}
}

func TestOffice(t *testing.T) {
	for _, c := range officeCases(t) {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, opened(t, c.name, c.content)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDocumentInZip: the parts of a document are leaves, and what the document does is told of the document.
func TestDocumentInZip(t *testing.T) {
	doc := zipBytes(
		deflated("[Content_Types].xml", `<Types><Override PartName="/word/odd.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>`),
		deflated("word/_rels/settings.xml.rels", `<Relationships><Relationship Id="a" Type="x/attachedTemplate" Target="http://a.test/x.dotm" TargetMode="External"/></Relationships>`),
		deflated("word/vbaProject.bin", macroFile()),
		deflated("word/odd.bin", "not what it is said to be"),
	)
	lines := opened(t, "a.zip", string(zipBytes(deflated("a.docx", string(doc)))))
	for _, want := range []string{
		`a.docx! macro.template: template is loaded from "http://a.test/x.dotm"`,
		`a.docx! macro.vba: VBA project that cannot be read`,
		`a.docx/word/vbaProject.bin! macro.vba: VBA macro with AutoOpen, Shell in module "M"`,
		`a.docx> http://a.test/x.dotm`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %s in\n%s", want, strings.Join(lines, "\n"))
		}
	}
	plain := opened(t, "a.zip", string(zipBytes(deflated("x.rel", `<Relationship Type="x/attachedTemplate" Target="http://a.test/x.dotm" TargetMode="External"/>`))))
	if len(plain) != 1 {
		t.Errorf("an archive that is no document: %q", plain)
	}
}

// FuzzOffice: whatever a document is, the walk ends within its limits.
func FuzzOffice(f *testing.F) {
	for _, c := range officeCases(f) {
		f.Add([]byte(c.content))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := smallLimits()
		l.Octets, l.Entries = 1<<20, 200
		u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
		msg := parse(t, append([]byte("Content-Type: application/octet-stream; name=a.csv\r\nContent-Transfer-Encoding: binary\r\n\r\n"), data...), l)
		c := contents(t, u, msg)
		for _, l := range c.Leaves {
			const codes = 30 // The first of each is there in any case.
			if len(l.Facts) > MaxFacts+codes || len(l.Links) > MaxLinks || len(l.Aliases) > MaxAliases {
				t.Fatalf("%s: %d facts, %d links, %d names", l.Place, len(l.Facts), len(l.Links), len(l.Aliases))
			}
		}
		for _, p := range c.Problems {
			if strings.Contains(p.Detail, "broke off") {
				t.Fatal(p)
			}
		}
	})
}
