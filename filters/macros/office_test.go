// SPDX-License-Identifier: Apache-2.0

package macros

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters/filtertest"
)

// office is LibreOffice with a profile of its own. The test is skipped if it is not installed.
type office struct {
	t       testing.TB
	program string
	folder  string
}

func newOffice(t testing.TB) *office {
	t.Helper()
	if testing.Short() {
		t.Skip("LibreOffice is slow")
	}
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed: that cleaned documents open is not shown")
	}
	return &office{t, program, t.TempDir()}
}

// convert converts files and gives what they became, by the name without its extension. A file that does not open gives nothing.
func (o *office) convert(format string, files map[string][]byte) map[string]string {
	o.t.Helper()
	in, out := filepath.Join(o.folder, "in"), filepath.Join(o.folder, "out")
	args := []string{"--headless", "--norestore", "-env:UserInstallation=file://" + filepath.Join(o.folder, "profile"), "--convert-to", format, "--outdir", out}
	for _, dir := range []string{in, out} {
		if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
			o.t.Fatal(err)
		}
	}
	for name, b := range files {
		path := filepath.Join(in, stem(name)+filepath.Ext(name))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			o.t.Fatal(err)
		}
		args = append(args, path)
	}
	const bound = 3 * time.Minute
	ctx, cancel := context.WithTimeout(o.t.Context(), bound)
	defer cancel()
	if said, err := exec.CommandContext(ctx, o.program, args...).CombinedOutput(); err != nil {
		o.t.Logf("soffice: %v: %s", err, said)
	}
	made := map[string]string{}
	extension, _, _ := strings.Cut(format, ":")
	for name := range files {
		b, err := os.ReadFile(filepath.Join(out, stem(name)+"."+extension))
		if err == nil {
			made[name] = string(b)
		}
	}
	return made
}

// stem is a name without an extension, that only one file has.
func stem(name string) string { return strings.ReplaceAll(name, ".", "_") }

// flat is the format whose text tells all that a document shows.
func flat(name string) string {
	switch filepath.Ext(name)[1:2] {
	case "x":
		return "fods"
	case "p":
		return "fodp"
	}
	return "fodt"
}

var (
	flatBody = regexp.MustCompile(`(?s)<office:body>.*</office:body>`)
	flatTag  = regexp.MustCompile(`<[^>]*>`)
	flatData = regexp.MustCompile(`(?s)<office:binary-data>.*?</office:binary-data>`)
)

// shown is the text of a flat OpenDocument file.
func shown(document string) string {
	body := flatData.ReplaceAllString(flatBody.FindString(document), "")
	return strings.Join(strings.Fields(flatTag.ReplaceAllString(body, " ")), " ")
}

// remedied gives the document after the remedies of all its findings; nil if there is none.
func remedied(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	f := newFilter(t, &Options{MaxClean: 32 << 20})
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, letter(name, string(content))))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range found {
		if c, ok := one.Remedy.(Clean); ok {
			return c.Body
		}
	}
	return nil
}

// maxShown is how much of a text that is not as it was is told.
const maxShown = 1000

// compare shows that each document opens after it is cleaned, says what it said, and has no module of macros any more. It tells how many were
// cleaned, and how many of them had a module before.
func (o *office) compare(before map[string][]byte) (cleaned, macros int) {
	o.t.Helper()
	for _, format := range []string{"fodt", "fods", "fodp"} {
		files := map[string][]byte{}
		for name, b := range before {
			if flat(name) != format {
				continue
			}
			if after := remedied(o.t, name, b); after != nil {
				files["before-"+name], files["after-"+name] = b, after
			}
		}
		if len(files) == 0 {
			continue
		}
		made := o.convert(format, files)
		for name := range before {
			if files["before-"+name] != nil {
				cleaned++
				if strings.Contains(made["before-"+name], module) {
					macros++
				}
				o.same(name, made["before-"+name], made["after-"+name])
			}
		}
	}
	return cleaned, macros
}

// module begins a module of macros in a flat OpenDocument file.
const module = "<ooo:module "

func (o *office) same(name, was, is string) {
	o.t.Helper()
	want, got := shown(was), shown(is)
	if strings.HasPrefix(name, "excel4_") {
		want = strings.TrimSpace(strings.ReplaceAll(want, "#NAME?", "")) // Of the macro sheet, which is empty now.
	}
	switch {
	case was == "":
		o.t.Logf("%s: does not open as it came", name)
	case is == "":
		o.t.Errorf("%s: does not open any more", name)
	case want != got:
		o.t.Errorf("%s: was\n%.*s\nis\n%.*s", name, maxShown, want, maxShown, got)
	case strings.Contains(is, module):
		o.t.Errorf("%s: there are macros left", name)
	}
}
