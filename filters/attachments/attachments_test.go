// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
)

func TestConformance(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter { return newFilter(t, DefaultOptions()) },
		Messages: []string{
			letter(file("a.exe", program())),
			letter(file("a.zip", zipped(t, "b/evil.exe", program(), "c.lnk", link))),
			letter(file("a.jpg", program()), file("in\u202evoice.pdf", "x")),
			"Content-Type: message/partial; id=x; number=1; total=2\r\n\r\nSubject: x\r\n\r\nx\r\n",
		},
	})
}

// TestShipped: docs/reference/evasions.md 75, 88 to 95, 107, 112, 117, 136: what the shipped rules say of files.
func TestShipped(t *testing.T) {
	for name, c := range map[string]struct {
		in   attachment
		want string
	}{
		"picture":             {file("a.png", picture), ""},
		"pdf":                 {file("a.pdf", "%PDF-1.7\n"), ""},
		"html":                {file("a.html", "<html></html>"), ""},
		"zip of texts":        {file("a.zip", zipped(t, "a.txt", "x", "b/script.py", "#!/usr/bin/python\n")), ""},
		"document":            {file("a.docx", zipped(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>", "word/settings.js", "x")), ""},
		"archive as document": {file("a.docx", dressed(t)), ""},
		"archive with the name of a document behind": {file("a.zip;.docx", dressed(t)), "file.denied"},
		"archive that is shown as one":               {file("xcod\u202epiz.docx", dressed(t)), "file.name file.denied"},
		"archive as document without a name":         {attachment{"Content-Type: application/zip", dressed(t)}, "file.denied"},
		"patch":                                      {file("fix.patch", "--- a/x.js\n+++ b/x.js\n@@ -1 +1 @@\n-var a = eval(b);\n"), ""},
		"address":                                    {file("bob@example.com", "a text"), ""},
		"matlab":                                     {file("a.mat", "\x00\x01\x02\x03\x04MATLAB"), ""},
		"double extension":                           {file("2024.01.05.minutes.pdf", "%PDF-1.7\n"), ""},
		"program":                                    {file("a.exe", program()), "file.denied"},
		"name of a program":                          {file("a.exe", "text"), "file.denied"},
		"program, no name":                           {attachment{"Content-Type: application/octet-stream", program()}, "file.denied"},
		"program, other name":                        {file("a.dat", program()), "file.denied"},
		"program as picture":                         {file("a.png", program()), "file.denied file.mismatch"},
		"picture by type":                            {attachment{"Content-Type: image/png", program()}, "file.denied file.mismatch"},
		"media type of hta":                          {attachment{"Content-Type: application/hta", "text"}, "file.denied"},
		"dos name":                                   {file("www.example.com", program()), "file.denied"},
		"trailing dot":                               {file("a.exe.", "x"), "file.denied file.name"},
		"stream":                                     {file("a.exe::$DATA", "x"), "file.denied file.name"},
		"override":                                   {file("invoice\u202efdp.exe", "x"), "file.denied file.name"},
		"class identifier":                           {file("a.{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}", "x"), "file.denied file.name"},
		"double, that runs":                          {file("a.pdf.exe", "x"), "file.denied file.name"},
		"shortcut":                                   {file("a.lnk", link), "file.denied"},
		"shortcut, other name":                       {file("a.txt", link), "file.denied file.mismatch"},
		"url":                                        {file("a.txt", "[InternetShortcut]\r\nURL=file://192.0.2.1/x\r\n"), "file.denied"},
		"script":                                     {file("a.js", "x"), "file.denied"},
		"script by content":                          {file("a.txt", "@echo off\r\nstart x\r\n"), "file.denied"},
		"iso":                                        {file("a.bin", strings.Repeat("\x00", 0x8000)+"\x01CD001\x01"+strings.Repeat("\x00", 2048)), "file.denied"},
		"in a zip":                                   {file("a.zip", zipped(t, "b/evil.exe", "x")), "file.denied"},
		"in a zip, by content":                       {file("a.zip", zipped(t, "b/readme", program())), "file.denied"},
		"in a document":                              {file("a.docx", zipped(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>", "word/media/image1.png", program())), "file.denied"},
		"python":                                     {file("a.py", "x"), "file.denied"},
		"piece of a zip":                             {file("a.zip.002", "x"), "file.denied"},
		"rar as picture":                             {file("a.jpg", "Rar!\x1a\x07\x01\x00"), "file.mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			found := inspect(t, DefaultOptions(), letter(c.in))
			if got := codes(found); got != c.want {
				t.Errorf("got %s, want %s\n%+v", got, c.want, found)
			}
			for _, f := range found {
				if (f.Code == codeDenied) != (f.List == defaultList) || f.Code == codeDenied && f.Notice == "" {
					t.Errorf("%+v: want the list and a text for the recipient", f)
				}
			}
		})
	}
}

// dressed is an archive that looks like a document.
func dressed(t *testing.T) string {
	return zipped(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>", "evil.js", "x")
}

// TestTextOfAMessage: what is shown and not run is no file.
func TestTextOfAMessage(t *testing.T) {
	for _, body := range []string{"@echo off\r\nstart x\r\n", "<html><script>x</script></html>", "[InternetShortcut]\r\nURL=x\r\n"} {
		if found := inspect(t, DefaultOptions(), "Subject: x\r\n\r\n"+body); len(found) > 0 {
			t.Errorf("%q: got %+v", body, found)
		}
	}
	if found := inspect(t, DefaultOptions(), "Subject: x\r\n\r\n"+program()); codes(found) != codeDenied {
		t.Errorf("a program as the text: got %+v", found)
	}
}

func TestEveryNameCounts(t *testing.T) {
	for name, fields := range map[string]string{
		"name":        "Content-Type: text/plain; name=evil.exe\r\nContent-Disposition: attachment; filename=a.txt",
		"filename":    "Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=evil.exe",
		"extended":    "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt; filename*=''evil%2eexe",
		"continued":   "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt; filename*0=evi; filename*1=l.exe",
		"word":        "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=\"=?utf-8?B?ZXZpbC5leGU=?=\"",
		"two fields":  "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\nContent-Disposition: attachment; filename=evil.exe",
		"percent":     "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=evil%2Eexe",
		"full-width":  "Content-Type: text/plain\r\nContent-Disposition: attachment; filename*=utf-8''evil%EF%BC%8Eexe",
		"extended in": "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=\"utf-8''evil%2eexe\"",
	} {
		t.Run(name, func(t *testing.T) {
			found := inspect(t, DefaultOptions(), letter(attachment{fields, "text"}))
			if !strings.Contains(codes(found), codeDenied) {
				t.Errorf("got %+v", found)
			}
		})
	}
}

func TestRename(t *testing.T) {
	o := withRules(Rule{Do: wordRename, Name: []string{"*.bin"}, Rename: "{base}.{ext}.txt", User: "renamed"})
	message := letter(file("../a.bin. ", "x"), file("c.zip", zipped(t, "b.bin", "x")))
	found := inspect(t, o, message)
	var renames []filters.Finding
	for _, f := range found {
		if f.Code == codeRename {
			renames = append(renames, f)
		}
	}
	if len(renames) != 2 || renames[0].Remedy == nil || renames[1].Remedy != nil || renames[0].Notice != "renamed" {
		t.Fatalf("got %+v", found)
	}
	var out bytes.Buffer
	if err := filtertest.Message(t, message).Write(&out, []mail.Edit{renames[0].Remedy}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "a.bin.txt") || strings.Contains(got, "../a.bin") {
		t.Errorf("got %s", got)
	}
}

func TestFilesOfOneRuleAreOneFinding(t *testing.T) {
	var files []string
	for i := range 300 {
		files = append(files, strings.Repeat("a", i)+".exe", "x")
	}
	found := inspect(t, DefaultOptions(), letter(file("a.zip", zipped(t, files...))))
	var denied []filters.Finding
	for _, f := range found {
		if f.Code == codeDenied {
			denied = append(denied, f)
		}
	}
	if len(denied) != 1 || !strings.HasSuffix(denied[0].Detail, ", and 299 more") {
		t.Errorf("got %+v", found)
	}
}

func TestTooManyNames(t *testing.T) {
	var files []string
	for i := range 400 {
		files = append(files, strings.Repeat("%", 3000)+strings.Repeat("x", i), "")
	}
	found := inspect(t, DefaultOptions(), letter(file("a.zip", zipped(t, files...))))
	if got := codes(found); !strings.Contains(got, codeLimit) {
		t.Errorf("got %s", got)
	}
}

func TestLimits(t *testing.T) {
	message := letter(file("a", "1234"), file("b", "123"), attachment{"Content-Type: text/plain", "the text"})
	for name, c := range map[string]struct {
		set  func(*Options)
		want string
	}{
		"none":      {func(*Options) {}, ""},
		"max size":  {func(o *Options) { o.MaxSize = 3 }, "file.size"},
		"min size":  {func(o *Options) { o.MinSize = 4 }, "file.size"},
		"max total": {func(o *Options) { o.MaxTotal = 6 }, "file.size"},
		"max count": {func(o *Options) { o.MaxCount = 1 }, "file.count"},
		"fits":      {func(o *Options) { o.MaxSize, o.MinSize, o.MaxTotal, o.MaxCount = 4, 3, 7, 2 }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := DefaultOptions()
			c.set(o)
			if found := inspect(t, o, message); codes(found) != c.want {
				t.Errorf("got %+v, want %s", found, c.want)
			}
		})
	}
}

// TestPieces: docs/reference/evasions.md 59 and 60.
func TestPieces(t *testing.T) {
	partial := "Content-Type: message/partial; id=x; number=1; total=2\r\n\r\nSubject: x\r\n\r\nx\r\n"
	external := "Content-Type: message/external-body; access-type=URL; URL=\"http://example.org/\"\r\n\r\nContent-Type: text/plain\r\n\r\n"
	if got := codes(inspect(t, DefaultOptions(), partial)); !strings.Contains(got, codePartial) {
		t.Errorf("got %s", got)
	}
	if got := codes(inspect(t, DefaultOptions(), external)); !strings.Contains(got, codeExternal) {
		t.Errorf("got %s", got)
	}
	o := DefaultOptions()
	o.Partial, o.ExternalBody = wordAllow, wordAllow
	for _, message := range []string{partial, external} {
		if got := codes(inspect(t, o, message)); strings.Contains(got, codePartial) || strings.Contains(got, codeExternal) {
			t.Errorf("got %s", got)
		}
	}
}

// TestMismatch: docs/reference/evasions.md 75, 109 and 117.
func TestMismatch(t *testing.T) {
	for name, c := range map[string]struct {
		in        attachment
		dangerous bool
		all       bool
	}{
		"jpeg as png":             {file("a.png", "\xff\xd8\xff\xe0"), false, false},
		"html table as xls":       {file("a.xls", "<html><table></table></html>"), false, false},
		"rtf as doc":              {file("a.doc", `{\rtf1}`), false, false},
		"text as doc":             {file("a.doc", "words"), false, true},
		"script as text":          {file("a.txt", "#!/bin/sh\n"), false, true},
		"script by its name":      {attachment{"Content-Type: text/plain; name=a.sh", "#!/bin/sh\n"}, false, false},
		"picture as unknown":      {file("a.xyz", picture), false, false},
		"mail as text":            {file("a.txt", "Received: x\r\nFrom: y\r\n\r\nz"), false, true},
		"html as pdf":             {file("a.pdf", "<html><body>log in</body></html>"), true, true},
		"html as picture":         {attachment{"Content-Type: image/gif", "<html><script>x</script></html>"}, true, true},
		"svg as png":              {file("a.png", "<svg/>"), true, true},
		"svg as svg":              {file("a.svg", "<svg/>"), false, false},
		"zip as picture":          {file("a.jpg", zipped(t, "a", "b")), true, true},
		"zip as docx":             {file("a.docx", zipped(t, "a", "b")), false, true},
		"zip as pdf":              {file("a.pdf", zipped(t, "a", "b")), true, true},
		"gzip as text":            {file("a.txt", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"), true, true},
		"document as pdf":         {file("a.pdf", `{\rtf1}`), true, true},
		"document as picture":     {file("a.jpg", `{\rtf1}`), true, true},
		"picture with archive":    {file("a.png", picture+zipped(t, "a", "b")), true, true},
		"picture with web page":   {file("a.png", picture+"<script>x</script>"), true, true},
		"pdf with archive":        {file("a.pdf", "%PDF-1.7\n"+zipped(t, "a", "b")), true, true},
		"pdf with rar":            {file("a.pdf", "%PDF-1.7\n\x00Rar!\x1a\x07\x00"), true, true},
		"pdf with a file":         {file("a.pdf", "%PDF-1.7\n"+zipped(t, "a", "b")+"\nendstream\n"), false, true},
		"sound with archive":      {file("a.mp3", "ID3\x03\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x00"+zipped(t, "a", "b")), true, true},
		"document with archive":   {file("a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+zipped(t, "a", "b")), false, true},
		"text with uuencode":      {file("a.txt", "begin 644 a\n#86)C\n`\nend\n"), false, true},
		"one name of two is true": {attachment{"Content-Type: application/octet-stream; name=a.zip\r\nContent-Disposition: attachment; filename=a.jpg", zipped(t, "a", "b")}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			for how, want := range map[string]bool{mismatchDangerous: c.dangerous, mismatchAll: c.all, mismatchOff: false} {
				o := withRules(Rule{Do: wordAllow})
				o.Mismatch = how
				if found := inspect(t, o, letter(c.in)); strings.Contains(codes(found), codeMismatch) != want {
					t.Errorf("%s: got %+v, want %v", how, found, want)
				}
			}
		})
	}
}

func TestOddNamesAreOptional(t *testing.T) {
	o := withRules(Rule{Do: wordAllow})
	message := letter(file("a"+strings.Repeat(" ", 20)+"b.txt", "x"))
	if got := codes(inspect(t, o, message)); got != codeName {
		t.Errorf("got %s", got)
	}
	o.OddNames = nil
	if got := codes(inspect(t, o, message)); got != "" {
		t.Errorf("without odd_names: got %s", got)
	}
}
