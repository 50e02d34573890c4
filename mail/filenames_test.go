// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Each way in which a client may be told the name x.exe is found. The first column is the number in docs/reference/evasions.md.
func TestFilenameForms(t *testing.T) {
	const d, c = "Content-Disposition: attachment; ", "Content-Type: text/plain; "
	for _, f := range []struct {
		number int
		name   string
		fields string
	}{
		{74, "second disposition", d + "filename=a.png\n" + d + "filename=x.exe\n"},
		{88, "filename", d + "filename=x.exe\n"},
		{88, "name beside filename", d + "filename=a.png\n" + c + "name=x.exe\n"},
		{88, "name of the disposition", d + "name=x.exe\n"},
		{88, "filename of the type", c + "filename=x.exe\n"},
		{88, "two filenames", d + "filename=a.png; filename=x.exe\n"},
		{88, "two filenames, the other way", d + "filename=x.exe; filename=a.png\n"},
		{88, "extended", d + "filename*=utf-8''x%2Eexe\n"},
		{88, "extended beside plain", d + "filename*=''x.exe; filename=a.png\n"},
		{88, "extended without charset", d + "filename*=x.e%78e\n"},
		{88, "not decoded", d + "filename*=utf-8''a.png; filename=x.exe\n"},
		{88, "sections", d + "filename*0=x.; filename*1=exe\n"},
		{88, "sections in another order", d + "filename*1=exe; filename*0=x.\n"},
		{88, "sections, order not by number", d + "filename*1=x.; filename*0=exe\n"},
		{88, "sections with a gap", d + "filename*0=x.; filename*2=exe\n"},
		{88, "sections up to the gap", d + "filename*0=x.exe; filename*2=.png\n"},
		{88, "sections that begin with one", d + "filename*1=x.; filename*2=exe\n"},
		{88, "plain, then sections", d + "filename=x.; filename*1=exe\n"},
		{88, "section twice, first", d + "filename*0=x.; filename*1=exe; filename*1=png\n"},
		{88, "section twice, last", d + "filename*0=x.; filename*1=png; filename*1=exe\n"},
		{88, "section behind one without a number", d + "filename*=x.; filename*1=exe\n"},
		{88, "section without a number", d + "filename*0=x.; filename*=exe\n"},
		{88, "section with a word for its number", d + "filename*0=x.; filename*b=exe\n"},
		{88, "encoded sections", d + "filename*0*=utf-8''x%2E; filename*1*=%65xe\n"},
		{88, "mixed sections", d + "filename*0*=utf-8''x%2E; filename*1=exe\n"},
		{88, "charset in the second section", d + "filename*1*=''exe; filename*0*=x.\n"},
		{88, "sections over two fields", d + "filename*0=x.\n" + c + "filename*1=exe\n"},
		{88, "quoted sections", d + "filename*0=\"x.\"; filename*1=\"exe\"\n"},
		{88, "percent in a plain value", d + "filename=\"x%2Eexe\"\n"},
		{88, "capitals", "CONTENT-DISPOSITION: ATTACHMENT; FILENAME=x.exe\n"},
		{88, "blank before the colon", "Content-Disposition : attachment; filename=x.exe\n"},
		{88, "folding in the name", d + "filename=\"x.\n exe\"\n"},
		{88, "folding before the value", d + "filename=\n x.exe\n"},
		{88, "blanks around the equals sign", d + "filename = x.exe\n"},
		{88, "no semicolon", "Content-Disposition: attachment filename=x.exe\n"},
		{88, "comment in the parameter", d + "file(x)name=x.exe\n"},
		{88, "comment behind the parameter", d + "filename(x)=x.exe\n"},
		{88, "comment in the value", d + "filename=x(y).exe\n"},
		{88, "comment behind the value", d + "filename=x.exe(.png)\n"},
		{88, "comment before the value", d + "filename=(a) x.exe\n"},
		{88, "quoted pair", d + "filename=\"x\\.exe\"\n"},
		{88, "quote in the middle", d + "filename=x\".\"exe\n"},
		{88, "text behind the quote", d + "filename=\"x.\"exe\n"},
		{88, "quote that does not end", d + "filename=\"x.exe\n"},
		{88, "quote that does not end before another parameter", d + "filename=\"x.exe; size=1\n"},
		{88, "quotes in single quotes", d + "filename=\"a.png\\\"; filename=x.exe; x=\"\n"},
		{88, "blank ends the value", d + "filename=x.exe a.png\n"},
		{88, "semicolon in quotes", d + "filename=\"x.exe;.png\n"},
		{88, "controls around the name", d + "\x01filename\v=x.exe\n"},
		{88, "line separator behind the name", d + "filename\u2028=x.exe\n"},
		{89, "encoded word", d + "filename=\"=?utf-8?q?x=2Eexe?=\"\n"},
		{89, "encoded word without quotes", d + "filename==?utf-8?b?eC5leGU=?=\n"},
		{89, "two encoded words", d + "filename=\"=?utf-8?q?x=2E?= =?utf-8?q?exe?=\"\n"},
		{89, "encoded words without a blank", d + "filename=\"=?utf-8?q?x=2E?==?utf-8?q?exe?=\"\n"},
		{89, "encoded word in sections", d + "filename*0=\"=?utf-8?q?x=2E\"; filename*1=\"exe?=\"\n"},
		{89, "encoded word in UTF-16", d + "filename=\"=?utf-16le?b?eAAuAGUAeABlAA==?=\"\n"},
		{89, "UTF-16, low octet first", d + "filename*=utf-16''x%00.%00e%00x%00e%00\n"},
		{89, "UTF-16, high octet first", d + "filename*=utf-16''%00x%00.%00e%00x%00e\n"},
		{93, "description", "Content-Description: x.exe\n"},
		{93, "location", "Content-Location: http://example.org/a/x.exe?y\n"},
	} {
		t.Run(fmt.Sprintf("%d %s", f.number, f.name), func(t *testing.T) {
			m := parseBoth(t, []byte(f.fields+"\nx\n"), DefaultLimits())
			if got := m.Root().Filenames(); !slices.Contains(got, "x.exe") {
				t.Errorf("%q: got %q", f.fields, got)
			}
			after := parse(t, write(t, m, RenameEntity{"1", "a b.txt"}))
			if got := after.Root().Filenames(); !slices.Equal(got, []string{"a b.txt"}) || after.Root().MediaType != "text/plain" {
				t.Errorf("%q: renamed: got %q of %s", f.fields, got, after.Root().MediaType)
			}
			checkRebuilt(t, []byte(f.fields+"\nx\n"))
		})
	}
}

// A name given in one regular form is one name.
func TestOneFilename(t *testing.T) {
	for _, f := range []string{
		"Content-Disposition: attachment; filename=a.txt\nContent-Type: text/plain; name=a.txt\n",
		"Content-Disposition: attachment; filename=\"a.txt\"; size=1\n",
		"Content-Disposition: attachment;\n filename=\"a.txt\"\n",
		"Content-Disposition: attachment; filename=\"a.txt\"; filename*=utf-8''a.txt\n",
		"Content-Disposition: attachment; filename*0=\"a.\"; filename*1=txt\n",
		"Content-Description: b.txt\nContent-Type: text/plain; name=a.txt\n",
	} {
		if got := parse(t, f+"\nx\n").Root().Filenames(); !slices.Equal(got, []string{"a.txt"}) {
			t.Errorf("%q: got %q", f, got)
		}
	}
	for _, f := range []string{"Content-Description: The text.\n", "Content-Location: http://example.org/\n", "Content-Description: Version 1.\n"} {
		if got := parse(t, f+"\nx\n").Root().Filenames(); got != nil {
			t.Errorf("%q: got %q", f, got)
		}
	}
}

// A new name is the one that is written, whatever is in it.
func TestRename(t *testing.T) {
	for _, name := range []string{"a.txt", "a b.txt", "ä.txt", "a\"b\\c.txt", "a\r\nX: y.txt", "a;b.txt", "100%25.txt", "=?utf-8?q?a?=", "a\x00b", " a ", strings.Repeat("long ", 30) + "x"} {
		in := crlf("Subject: x\nContent-Type: TEXT/HTML; charset=\"utf-8\"; name=old\n\nx\n")
		got := write(t, parse(t, in), RenameEntity{"1", name})
		m := parse(t, got)
		if names := m.Root().Filenames(); !slices.Equal(names, []string{name}) || m.Root().Params["charset"] != "utf-8" || m.Root().MediaType != "text/html" || len(m.Defects()) > 0 {
			t.Errorf("%q: got %q", name, got)
		}
		if len(m.Header()) != 4 || !strings.HasSuffix(got, "\r\n\r\nx\r\n") {
			t.Errorf("%q: got %q", name, got)
		}
	}
	long := strings.Repeat("ä", 200)
	if got := parse(t, write(t, parse(t, "\nx"), RenameEntity{"1", long})).Root().Filename(); got != long[:maxNameOctets-1] {
		t.Errorf("got %q", got)
	}
}
