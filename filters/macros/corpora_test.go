// SPDX-License-Identifier: Apache-2.0

package macros

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/internal/corpora"
)

// each calls f for the files below the folders.
func each(t *testing.T, f func(path string, content string), folders ...string) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			if err == nil {
				f(path, string(b))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// expected are the codes of the documents of oletools, strelka, ClamAV and others, by a pattern of their names. The first that matches counts; what
// matches none is harmless.
var expected = []struct{ pattern, codes string }{
	{"autostart-encrypt-standardpassword.*", "macro.autorun macro.vba"},
	{"dde-test-encrypt-standardpassword.*", "macro.dde"},
	{"excel4_sample_macro.slk", "macro.xlm"},
	{"excel4_sample_macro*", "macro.autorun macro.xlm"},
	{"dde-*.zip", ""}, // The password is told nowhere.
	{"dde-*", "macro.dde"},
	{"embedded-*", "macro.object"},
	{"sample_with_external_link_to_doc.*", "macro.ole_link"},
	{"sample_with_vba.ppt", "macro.action macro.vba"},
	{"sample_with_*", "macro.object"},
	{"test.iqy", "macro.query"},
	{"test.one*", "macro.object"},
	{"test.xls", "macro.autorun macro.vba macro.xlm"},
	{"test_pe_object*.doc", "macro.object"},
	{"clam.exe.rtf", "macro.object"},
	{"clam.ole.doc", "macro.object"},
	{"clam.ppt", "macro.object"},
	{"clam.pdf", "macro.pdf_embedded"},
}

// TestCorporaDocuments: each document is found to do what it was made for, and nothing else.
func TestCorporaDocuments(t *testing.T) {
	root := corpora.Dir(t, "attach")
	f := newFilter(t, &Options{MaxClean: 32 << 20})
	files, remedies := 0, 0
	each(t, func(path, content string) {
		msg := filtertest.Message(t, letter(filepath.Base(path), content))
		found, err := f.Inspect(t.Context(), filtertest.Envelope(), msg)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var got []string
		for _, one := range found {
			got = append(got, one.Code)
			if one.Remedy != nil {
				remedies++
			}
		}
		slices.Sort(got)
		want := ""
		for _, e := range expected {
			if ok, _ := filepath.Match(e.pattern, filepath.Base(path)); ok {
				want = e.codes
				break
			}
		}
		files++
		if got := strings.Join(slices.Compact(got), " "); got != want {
			t.Errorf("%s: got %q, want %q", filepath.Base(path), got, want)
		}
	}, filepath.Join(root, "oletools"), filepath.Join(root, "strelka"), filepath.Join(root, "msg-extractor"), filepath.Join(root, "clamav-testfiles"))
	t.Logf("%d files, %d findings with a remedy", files, remedies)
	if files == 0 {
		t.Error("there are no files")
	}
}

// TestCorporaHam: ordinary mail has no findings.
func TestCorporaHam(t *testing.T) {
	root := corpora.Dir(t)
	f := newFilter(t, DefaultOptions())
	messages := 0
	each(t, func(path, content string) {
		found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, content))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		messages++
		for _, one := range found {
			t.Errorf("%s: %s %s", path, one.Code, one.Detail)
		}
	}, filepath.Join(root, "ham_modern"), filepath.Join(root, "spamham", "spamassassin", "easy-ham-1"), filepath.Join(root, "spamham", "spamassassin", "easy-ham-2"),
		filepath.Join(root, "spamham", "spamassassin", "hard-ham-1"))
	t.Logf("%d messages", messages)
	if messages == 0 {
		t.Error("there are no messages")
	}
}
