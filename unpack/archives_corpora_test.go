// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
)

// corpus gives the files of a folder of the test corpora that have one of the extensions.
func corpus(t *testing.T, folder string, ext ...string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(corpora.Dir(t, folder), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains(ext, strings.ToLower(filepath.Ext(path))) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestArchivesCorpora: what is in archives that other programs wrote comes out, or a Problem tells why it does not. With -v, what came out of
// each is listed.
func TestArchivesCorpora(t *testing.T) {
	files := corpus(t, "attach", ".zip", ".zipx", ".7z", ".rar", ".exe", ".tmp", ".jpg", ".001", ".002", ".z01", ".zx01", ".r00")
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text := append([]byte("Content-Transfer-Encoding: binary\r\nContent-Disposition: attachment; filename=\""+filepath.Base(path)+"\"\r\n\r\n"), b...)
			u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir()), Options: Options{Passwords: []string{"test", "12345678", "password"}}}
			began := time.Now()
			c := contents(t, u, parse(t, text, mail.DefaultLimits()))
			took := time.Since(began)
			said := map[string]bool{}
			for _, p := range c.Problems {
				said[p.Place.String()] = true
			}
			var list strings.Builder
			for _, l := range c.Leaves[1:] {
				if l.Within != c.Leaves[0] {
					continue
				}
				fmt.Fprintf(&list, "\n  %s %s %d %s %s", l.By, l, l.Size, l.Type.Name, l.Sealed)
				if l.Sealed != "" && !said[l.String()] {
					t.Errorf("%s is sealed without a Problem", l)
				}
			}
			for _, p := range c.Problems {
				fmt.Fprintf(&list, "\n  ! %s %s", p.Kind, p)
			}
			t.Logf("%d octets, %v, %s, %d leaves:%s", len(b), took.Round(time.Millisecond), c.Leaves[0].Type.Name, len(c.Leaves)-1, list.String())
			archive := strings.Contains("zip zipx 7z rar", strings.TrimPrefix(filepath.Ext(path), "."))
			if archive && len(c.Leaves) == 1 && len(c.Problems) == 0 && !slices.Contains(emptyArchives(), filepath.Base(path)) {
				t.Error("nothing came out, and nothing was said")
			}
		})
	}
}

// emptyArchives are files of the corpora that hold nothing, or are none.
func emptyArchives() []string {
	return []string{"empty.7z", "empty2.7z", "invalid.zip"}
}
