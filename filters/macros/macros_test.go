// SPDX-License-Identifier: Apache-2.0

package macros

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

func newFilter(t testing.TB, o *Options) filters.Filter {
	t.Helper()
	f, err := New(o, filters.Deps{Unpacker: filtertest.Unpacker(t)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// zipOf makes a zip file of members, by name and content in turn.
func zipOf(t testing.TB, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i+1 < len(members); i += 2 {
		f, err := w.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, members[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var source = oletest.Source("Attribute VB_Name = \"M\"\r\nSub AutoOpen()\r\nShell \"calc\"\r\nEnd Sub\r\n")

// word is an old Word document with a macro.
func word() string {
	return string(oletest.Build(
		ole.GUID{}, oletest.Stream{Path: "WordDocument", Data: "text"}, oletest.Stream{Path: "Macros/VBA/M", Data: source},
	))
}

// docm is a Word document with a macro and a remote template.
func docm(t testing.TB) string {
	const rel = `<Relationships xmlns="r"><Relationship Id="rId1" Type="x/`
	return zipOf(
		t,
		"[Content_Types].xml", `<Types xmlns="t"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>`,
		"word/document.xml", "<w:document>text</w:document>",
		"word/_rels/document.xml.rels", rel+`vbaProject" Target="vbaProject.bin"/></Relationships>`,
		"word/_rels/settings.xml.rels", rel+`attachedTemplate" Target="http://a.test/x.dotm" TargetMode="External"/></Relationships>`,
		"word/vbaProject.bin", string(oletest.Build(ole.GUID{}, oletest.Stream{Path: "VBA/M", Data: source})),
	)
}

const script = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>\nendobj\n" +
	"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\ntrailer\n<< /Root 1 0 R /Size 3 >>\nstartxref\n0\n%%EOF\n"

// letter is a message with a text and one attachment.
func letter(name, content string) string {
	var lines strings.Builder
	for s := base64.StdEncoding.EncodeToString([]byte(content)); s != ""; {
		n := min(len(s), 76)
		lines.WriteString(s[:n] + "\r\n")
		s = s[n:]
	}
	return "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n" +
		"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		lines.String() + "--b--\r\n"
}

func TestConformance(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New:      func(t testing.TB) filters.Filter { return newFilter(t, &Options{MaxClean: 1 << 20}) },
		Messages: []string{letter("a.doc", word()), letter("a.docm", docm(t)), letter("a.pdf", script), letter("a.rtf", `{\rtf1{\object{\*\objdata 0105}}}`)},
	})
}

// inspect gives the findings of a message, and the message with their remedies.
func inspect(t testing.TB, o *Options, text string) (found []filters.Finding, after string) {
	t.Helper()
	msg := filtertest.Message(t, text)
	found, err := newFilter(t, o).Inspect(t.Context(), filtertest.Envelope(), msg)
	if err != nil {
		t.Fatal(err)
	}
	var edits []mail.Edit
	for _, f := range found {
		if f.Remedy != nil {
			edits = append(edits, f.Remedy)
		}
	}
	var b strings.Builder
	if err := msg.Write(&b, edits); err != nil {
		t.Fatal(err)
	}
	return found, b.String()
}

// lines are findings as text, "+" in front of those with a remedy.
func lines(found []filters.Finding) []string {
	var all []string
	for _, f := range found {
		mark := "- "
		if f.Remedy != nil {
			mark = "+ "
		}
		all = append(all, mark+f.Code+" "+string(f.Part)+" "+f.File+" "+f.Detail)
	}
	slices.Sort(all)
	return all
}

func TestFindings(t *testing.T) {
	signed := func(s string) string {
		return strings.Replace(s, "multipart/mixed", "multipart/signed", 1)
	}
	inZip := letter("a.zip", zipOf(t, "a.doc", word()))
	auto, vba := `VBA macro runs by itself: AutoOpen in module "M"`, `VBA macro with AutoOpen, Shell in module "M"`
	for _, c := range []struct {
		name, text string
		options    *Options
		want       []string
		left       []string // Findings once the remedies are applied.
	}{
		{"none", letter("a.txt", "text"), DefaultOptions(), nil, nil},
		{"old document", letter("a.doc", word()), DefaultOptions(), []string{"+ macro.autorun 1.2 a.doc a.doc: " + auto, "+ macro.vba 1.2 a.doc a.doc: " + vba}, nil},
		{"package", letter("a.txt", docm(t)), DefaultOptions(), []string{
			"+ macro.autorun 1.2 a.txt a.txt/word/vbaProject.bin: " + auto, `+ macro.template 1.2 a.txt a.txt: template is loaded from "http://a.test/x.dotm"`,
			"+ macro.vba 1.2 a.txt a.txt/word/vbaProject.bin: " + vba,
		}, nil},
		{"PDF", letter("a.pdf", script), &Options{Ignore: []string{"macro.pdf_action"}, MaxClean: 1 << 20}, []string{`+ macro.pdf_javascript`}, nil},
		{
			"in an archive", inZip, DefaultOptions(),
			[]string{"- macro.autorun 1.2 a.zip a.zip/a.doc: " + auto, "- macro.vba 1.2 a.zip a.zip/a.doc: " + vba},
			[]string{"- macro.autorun 1.2 a.zip a.zip/a.doc: " + auto, "- macro.vba 1.2 a.zip a.zip/a.doc: " + vba},
		},
		{
			"signed", signed(letter("a.doc", word())), &Options{Ignore: []string{"macro.autorun"}, MaxClean: 1 << 20},
			[]string{"- macro.vba 1.2 a.doc a.doc: " + vba},
			[]string{"- macro.vba 1.2 a.doc a.doc: " + vba},
		},
		{
			"too large to clean", letter("a.doc", word()), &Options{Ignore: []string{"macro.autorun"}, MaxClean: 100},
			[]string{"- macro.vba 1.2 a.doc a.doc: " + vba},
			[]string{"- macro.vba 1.2 a.doc a.doc: " + vba},
		},
		{"ignored", letter("a.doc", word()), &Options{Ignore: []string{"macro.autorun", "macro.vba"}}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, after := inspect(t, c.options, c.text)
			got := lines(found)
			if c.name == "PDF" {
				got = []string{got[0][:len(c.want[0])]} // What it says of a script is not this package's.
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			found, again := inspect(t, c.options, after)
			if diff := cmp.Diff(c.left, lines(found)); diff != "" {
				t.Errorf("after the remedies: %s", diff)
			}
			if again != after {
				t.Error("the remedies are not done at once")
			}
		})
	}
}

// TestPartly: what cannot be taken out has no remedy, beside what can.
func TestPartly(t *testing.T) {
	dropped := "\x02\x00a.exe\x00a.exe\x00\x00\x00\x03\x00\x06\x00\x00\x00a.exe\x00\x02\x00\x00\x00MZ"
	doc := string(oletest.Build(
		ole.GUID{}, oletest.Stream{Path: "Macros/VBA/M", Data: source}, oletest.Stream{Path: "ObjectPool/_1/\x01Ole10Native", Data: "\x29\x00\x00\x00" + dropped},
	))
	found, after := inspect(t, DefaultOptions(), letter("a.doc", doc))
	want := []string{
		`+ macro.autorun 1.2 a.doc a.doc: VBA macro runs by itself: AutoOpen in module "M"`, `+ macro.vba 1.2 a.doc a.doc: VBA macro with AutoOpen, Shell in module "M"`,
		`- macro.object 1.2 a.doc a.doc: packed file "a.exe"`,
	}
	if diff := cmp.Diff(want, lines(found)); diff != "" {
		t.Error(diff)
	}
	found, _ = inspect(t, DefaultOptions(), after)
	if diff := cmp.Diff(want[2:], lines(found)); diff != "" {
		t.Error(diff)
	}
}

// TestRest: beside the document nothing of the message changes.
func TestRest(t *testing.T) {
	text := letter("a.doc", word())
	_, after := inspect(t, DefaultOptions(), text)
	cut := func(s string) (head, tail string) {
		head, rest, _ := strings.Cut(s, "base64\r\n\r\n")
		return head, rest[strings.Index(rest, "--b--"):]
	}
	head, tail := cut(text)
	if h, tl := cut(after); h != head || tl != tail {
		t.Errorf("got %q ... %q", h, tl)
	}
}

func TestClean(t *testing.T) {
	a, b := Clean{mail.RewriteBody{Part: "1.2", Body: []byte("a")}}, Clean{mail.RewriteBody{Part: "1.2", Body: []byte("b")}}
	if a.String() != "clean document 1.2, 1 octets" || a.GoString() == b.GoString() {
		t.Errorf("got %s, %#v, %#v", a, a, b)
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	f, err := New(DefaultOptions(), filters.Deps{Unpacker: filtertest.Unpacker(t), Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, letter("a.doc", word()))); err != nil {
		t.Fatal(err)
	}
	m := f.(*filter).metrics
	if got := testutil.ToFloat64(m.findings.WithLabelValues("macro.vba")); got != 1 {
		t.Errorf("macro.vba: got %v", got)
	}
	if got := testutil.ToFloat64(m.cleaned); got != 2 {
		t.Errorf("remedies: got %v", got)
	}
}

func TestOptions(t *testing.T) {
	if err := DefaultOptions().Validate(); err != nil {
		t.Error(err)
	}
	for want, o := range map[string]*Options{
		`ignore: there is no "macro.x"; there are: macro.vba`: {Ignore: []string{"macro.x"}},
		`ignore: "macro.vba" is named twice`:                  {Ignore: []string{"macro.vba", "macro.vba"}},
		`max_clean: -1: want 0 to 64MiB`:                      {MaxClean: -1},
		`max_clean: 67108865: want 0 to 64MiB`:                {MaxClean: 64<<20 + 1},
	} {
		if err := o.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, err := New(o, filters.Deps{}); err == nil {
			t.Errorf("%s: the filter was made", want)
		}
	}
}

// TestCodes: every fact that package unpack can tell about a document is a finding.
func TestCodes(t *testing.T) {
	code := regexp.MustCompile(`"(macro\.[a-z_]+)"`)
	seen := 0
	err := filepath.WalkDir("../../unpack", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range code.FindAllSubmatch(text, -1) {
			seen++
			if !slices.Contains(codes(), string(m[1])) {
				t.Errorf("%s tells of %s, which is no code of the filter", path, m[1])
			}
		}
		return err
	})
	if err != nil || seen == 0 {
		t.Errorf("%d codes, %v", seen, err)
	}
}

// TestReadme: the README names every code and the default.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range codes() {
		if !strings.Contains(string(text), "| `"+c+"` | macro |") {
			t.Errorf("README.md does not tell of %s", c)
		}
	}
	if want := "| `ignore` | " + strings.Join(DefaultOptions().Ignore, ", ") + " |"; !strings.Contains(string(text), want) {
		t.Errorf("README.md has no line %s", want)
	}
}
