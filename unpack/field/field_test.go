// SPDX-License-Identifier: Apache-2.0

package field

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// feed reads a notation of the tests: { begins, | separates, } ends.
func feed(s string) []Field {
	var p Parser
	for _, r := range s {
		switch r {
		case '{':
			p.Begin()
		case '|':
			p.Separate()
		case '}':
			p.End()
		default:
			p.Text(string(r))
		}
	}
	p.Close()
	return p.Fields
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"none", "text", nil},
		{"plain", `{ DDEAUTO c:\\windows\\cmd.exe "/k calc.exe" }`, []string{`DDEAUTO c:\windows\cmd.exe /k calc.exe`}},
		{"case and result", `{ddeauto excel x|shown}`, []string{"DDEAUTO excel x"}},
		{"switches", `{HYPERLINK \l "x" \o "tip" \* MERGEFORMAT }`, []string{"HYPERLINK x tip MERGEFORMAT"}},
		{"escape", `{DDE "C:\\Programs\\a" "say \"x\""}`, []string{`DDE C:\Programs\a say "x"`}},
		{"quote", `{ { QUOTE 68 68 69 65 85 84 79 } cmd }`, []string{"QUOTE 68 68 69 65 85 84 79", "DDEAUTO cmd"}},
		{"quote of three digits", `{ {QUOTE 068 0x44 069} cmd }`, []string{"QUOTE 068 0x44 069", "DDE cmd"}},
		{"result inside", `{ {SET x|DDE} cmd }`, []string{"SET x", "DDE cmd"}},
		{"never ended", `{DDE cmd`, []string{"DDE cmd"}},
		{"ends too often", `}}|{DDE cmd}}`, []string{"DDE cmd"}},
		{"empty", `{ }`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range feed(c.text) {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDepth(t *testing.T) {
	fields := feed(strings.Repeat("{DDE x ", 1000) + "{DDE inner}" + strings.Repeat("}", 1000) + "{DDE last}")
	if n := len(fields); n != 1002 || fields[n-1].String() != "DDE last" || !slices.ContainsFunc(fields, func(f Field) bool { return f.String() == "DDE inner" }) {
		t.Errorf("got %d fields, the last is %v", n, fields[n-1])
	}
}

// TestMany: fields that do nothing hide none that does, and all together have a limit.
func TestMany(t *testing.T) {
	fields := feed(strings.Repeat("{PAGE}", 2*MaxFields) + strings.Repeat("{DDE x}", 2*MaxFields))
	if n := len(fields); n != 2*MaxFields || fields[MaxFields].Name != "DDE" {
		t.Errorf("got %d fields", n)
	}
}

// TestBlanks: white space does not push away what stands behind it.
func TestBlanks(t *testing.T) {
	fields := feed("{" + strings.Repeat(" \t\u00a0", MaxText) + "DDEAUTO" + strings.Repeat(" ", MaxText) + `cmd "a  b"|` + strings.Repeat(" ", MaxText) + "}")
	if len(fields) != 1 || fields[0].String() != "DDEAUTO cmd a b" {
		t.Errorf("got %.100q", fields)
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct {
		text, address string
		loads         bool
	}{
		{`HYPERLINK "http://a.test/"`, "http://a.test/", false},
		{`INCLUDETEXT "\\\\a.test\\x"`, `\\a.test\x`, true},
		{`INCLUDEPICTURE "http://a.test/p.png" \d`, "http://a.test/p.png", false},
		{`INCLUDEPICTURE "\\\\a.test\\x.png" \d`, `\\a.test\x.png`, true},
		{`DATABASE \d "\\\\a.test\\x.mdb" \s "SELECT"`, `\\a.test\x.mdb`, true},
		{`LINK Excel.Sheet.8 "http://a.test/x.xls" "a" \a`, "http://a.test/x.xls", true},
		{`LINK`, "", true},
		{`PAGE`, "", false},
	} {
		var p Parser
		address, loads := p.Simple(c.text).Target()
		if address != c.address || loads != c.loads {
			t.Errorf("%s: got %q, %v", c.text, address, loads)
		}
	}
}

func TestRemote(t *testing.T) {
	for address, want := range map[string]bool{
		"http://a.test/x.dotm":               true,
		"HTTPS://a.test":                     true,
		" http://a.test":                     true,
		`\\a.test\share\x.dot`:               true,
		"//a.test/x":                         true,
		"file://a.test/x":                    true,
		"file:////a.test/x":                  true,
		`file:///\\a.test\x`:                 true,
		"file:%5C%5Ca.test%5Cx":              true,
		"mhtml:http://a.test!x-usc:http://b": true,
		"ms-msdt:/id PCWDiagnostic":          true,
		"":                                   false,
		"Normal.dotm":                        false,
		`C:\Users\x\Normal.dotm`:             false,
		"file:///C:/Users/x/Normal.dotm":     false,
		`file:///C:\Users\x\Normal.dotm`:     false,
		"file://C:/x":                        false,
		`\\?\C:\x`:                           false,
		"../x.docx":                          false,
		"mailto:a@example.org":               false,
		"file://localhost/x":                 false,
		"embeddings/oleObject1.bin":          false,
		"C:x":                                false,
		"x y: z":                             false,
	} {
		if got := Remote(address); got != want {
			t.Errorf("%q: got %v", address, got)
		}
	}
}

func FuzzFields(f *testing.F) {
	f.Add(`{ { QUOTE 68 0x44 } "a\" | b } HYPERLINK \l x`)
	f.Fuzz(func(t *testing.T, s string) {
		fields := feed(s)
		if len(fields) > min(2*MaxFields, len(s)) {
			t.Fatalf("%d fields of %d octets", len(fields), len(s))
		}
		for _, f := range fields {
			if len(f.String()) > 4*MaxText {
				t.Fatalf("a field of %d octets", len(f.String()))
			}
			Remote(f.Name)
			f.Target()
		}
	})
}
