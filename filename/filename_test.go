// SPDX-License-Identifier: Apache-2.0

package filename

import (
	"slices"
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"as it is":             {"report.pdf", "report.pdf"},
		"trailing dot":         {"evil.exe.", "evil.exe"},
		"trailing blanks":      {"evil.exe . .", "evil.exe"},
		"stream":               {"evil.exe::$DATA", "evil.exe"},
		"named stream":         {"evil.exe:x.txt", "evil.exe"},
		"drive":                {`C:\Temp\evil.exe`, "evil.exe"},
		"drive, no folder":     {"C:evil.exe", "evil.exe"},
		"path":                 {"../../evil.exe", "evil.exe"},
		"path of windows":      {`..\..\evil.exe`, "evil.exe"},
		"other computer":       {`\\192.0.2.1\share\evil.exe`, "evil.exe"},
		"name is a folder":     {"evil.exe/", "evil.exe"},
		"full-width":           {"evil．ｅｘｅ", "evil.exe"},
		"full-width solidus":   {"x／evil.exe", "evil.exe"},
		"one dot leader":       {"evil\u2024exe", "evil.exe"},
		"ideographic stop":     {"evil。exe", "evil.exe"},
		"zero width":           {"evil.e\u200bx\u2060e", "evil.exe"},
		"soft hyphen":          {"evil.e\u00adxe", "evil.exe"},
		"braille blank":        {"evil.exe\u2800", "evil.exe"},
		"no-break space":       {"evil.exe\u00a0", "evil.exe"},
		"override, as saved":   {"invoice\u202efdp.exe", "invoicefdp.exe"},
		"override, as shown":   {"invoice\u202efdp.exe", "invoiceexe.pdf"},
		"override, ended":      {"a\u202efdp.exe\u202c.txt", "aexe.pdf.txt"},
		"nul":                  {"evil.exe\x00.txt", "evil.exe"},
		"line end":             {"evil.exe\r\n.txt", "evil.exe"},
		"nul left out":         {"evil.e\x00xe", "evil.exe"},
		"folded":               {"evil.e\r\n xe", "evil.exe"},
		"percent":              {"evil%2Eexe", "evil.exe"},
		"percent, nul":         {"evil.exe%00.txt", "evil.exe"},
		"encoded word":         {"=?utf-8?Q?evil=2Eexe?=", "evil.exe"},
		"encoded word, base64": {"=?utf-8?B?ZXZpbC5leGU=?=", "evil.exe"},
		"encoded word, no end": {"=?utf-8?Q?evil.exe?", "evil.exe"},
		"extended":             {"utf-8''evil%2eexe", "evil.exe"},
		"extended, no charset": {"''evil%2eexe", "evil.exe"},
		"extended in a word":   {"=?utf-8?Q?utf-8''evil%2eexe?=", "evil.exe"},
		"quotes":               {`"evil.exe"`, "evil.exe"},
		"semicolon":            {"evil.exe;", "evil.exe"},
		"parameters":           {`evil.exe"; x=y`, "evil.exe"},
		"comment":              {"evil.exe (not really)", "evil.exe"},
		"quoted pair":          {`evil\.exe`, "evil.exe"},
		"query":                {"evil.exe?x=.txt", "evil.exe"},
		"too long, cut":        {strings.Repeat("a", 251) + ".exe.txt", strings.Repeat("a", 251) + ".exe"},
		"too long, end":        {strings.Repeat("a", 10_000) + ".exe", strings.Repeat("a", 251) + ".exe"},
		"class identifier":     {"a.{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}", "a.{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}"},
		"not UTF-8":            {"evil\xff.exe", "evil\ufffd.exe"},
		"apostrophes":          {"it's Bob's evil.exe", "it's Bob's evil.exe"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Forms(c.in)
			if !slices.Contains(got, c.want) {
				t.Errorf("got %q, want %q among them", got, c.want)
			}
		})
	}
}

func TestFormsOfPlainNames(t *testing.T) {
	for _, name := range []string{"report.pdf", "Größe 2024.xlsx", "отчёт.docx", "no extension", "a-b_c.tar.gz"} {
		if got := Forms(name); len(got) != 1 || got[0] != name {
			t.Errorf("got %q, want only %q", got, name)
		}
	}
	if got := Forms(""); len(got) != 0 {
		t.Errorf("got %q for no name", got)
	}
}

func TestWindows(t *testing.T) {
	for in, want := range map[string]string{
		"a.exe": "a.exe", "a.exe...": "a.exe", `C:\x\a.exe`: "a.exe", "a:b:c": "b", "ab:c:d": "ab", ":a": ":a", "..": "", "/": "", "": "", " a": "a", "C:": "C", "a.exe\x00b": "a.exe", ".htaccess": ".htaccess",
	} {
		if got := Windows(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestExt(t *testing.T) {
	for in, want := range map[string]string{
		"a.EXE": "exe", "a.exe. ": "exe", "a": "", "a.tar.gz": "gz", "a.exe::$DATA": "exe", "dir.d/a": "", "a.ＥＸＥ": "exe", ".bat": "bat", "a. exe": "exe",
	} {
		if got := Ext(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestOddities(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"direction":            {"invoice\u202efdp.exe", Direction},
		"isolate":              {"a\u2067b.exe", Direction},
		"zero width":           {"in\u200bvoice.pdf", Invisible},
		"joiner in latin":      {"in\u200dvoice.pdf", Invisible},
		"filler":               {"a\u3164.pdf", Invisible},
		"nul":                  {"a.pdf\x00.exe", Control + "," + Double},
		"line end":             {"a\r\n.pdf", Control},
		"clsid":                {"a.{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}", ClassID},
		"clsid and dot":        {"a.{3050f4d8-98b5-11cf-bb82-00aa00bdce0b}.", ClassID},
		"shell folder":         {"::{20D04FE0-3AEA-1069-A2D8-08002B30309D}", ClassID},
		"shell name":           {"shell:startup", ClassID},
		"blanks":               {"a.pdf          .exe", Blanks + "," + Double},
		"no-break spaces":      {"a" + strings.Repeat("\u00a0", 12) + "b", Blanks},
		"double":               {"invoice.pdf.exe", Double},
		"double html":          {"Invoice.PDF.html", Double},
		"trailing dot":         {"evil.exe.", Disguised},
		"full-width":           {"evil.ｅｘｅ", Disguised},
		"percent":              {"evil%2Eexe", Disguised},
		"dot in other clothes": {"evil。exe", Disguised},
		"stream":               {"evil.exe::$DATA", Disguised + "," + Stream},
		"path":                 {"../a.pdf", Path},
		"other computer":       {`\\192.0.2.1\x\a.pdf`, Path},
		"device":               {"con.txt", Device},
		"too long":             {strings.Repeat("a", 300), TooLong},

		"plain":                  {"report.pdf", ""},
		"several dots":           {"report.v1.2.final.pdf", ""},
		"date":                   {"2024.01.05 minutes.docx", ""},
		"archive of a document":  {"report.pdf.zip", ""},
		"signature":              {"report.pdf.asc", ""},
		"path of an old program": {`C:\My Documents\report.doc`, ""},
		"subject":                {"Re: [list] release 1.2: notes.eml", ""},
		"time":                   {"Bildschirmfoto 10:15:33.png", ""},
		"macOS":                  {"Screenshot 2024-01-05 at 10.15.33\u202fAM.png", ""},
		"persian":                {"نامه\u200cها.pdf", ""},
		"hebrew with a mark":     {"\u200fדוח.pdf", ""},
		"emoji":                  {"\U0001f468\u200d\U0001f469\u200d\U0001f467 family.jpg", ""},
		"variation selector":     {"I \u2764\ufe0f mail.jpg", ""},
		"chinese":                {"报告（最终版）.docx", ""},
		"long":                   {strings.Repeat("é", 200) + ".pdf", ""},
		"encoded word":           {"=?utf-8?Q?report.pdf?=", ""},
		"encoded word of html":   {"=?utf-8?Q?report=2Ehtml?=", ""},
		"copy":                   {"report (1).pdf", ""},
		"columns":                {"contact.pdf", ""},
		"two blanks":             {"a  b.pdf", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(Oddities(c.in), ","); got != c.want {
				t.Errorf("%q: got %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{
		"a.exe", "invoice\u202efdp.exe", "=?utf-8?Q?a=2Eexe?=", "utf-8''a%2eexe", "a.exe\x00.txt", `C:\..\x.`, "a.{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}", "a\r\n b", "\xff\xfe",
		"(((", strings.Repeat("ﷺ", 300), "=?", "''", "\u202e\u202c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := Forms(name)
		if len(got) > MaxForms || (len(got) == 0) != (name == "") {
			t.Errorf("%d forms of %q", len(got), name)
		}
		for i, form := range got {
			if form == "" || slices.Contains(got[:i], form) || len(form) > 40*MaxName {
				t.Errorf("form %q of %q", form, name)
			}
		}
		if w := Windows(name); Windows(w) != w {
			t.Errorf("Windows(%q) is %q, and again %q", name, w, Windows(w))
		}
		for _, o := range Oddities(name) {
			if !slices.Contains(All(), o) {
				t.Errorf("oddity %q", o)
			}
		}
		Ext(name)
	})
}

func BenchmarkForms(b *testing.B) {
	for _, name := range []string{"report.pdf", "invoice\u202efdp.exe", strings.Repeat("a%2E", 1000)} {
		b.Run(name[:10], func(b *testing.B) {
			for b.Loop() {
				Forms(name)
				Oddities(name)
			}
		})
	}
}
