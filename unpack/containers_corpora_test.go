// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// TestContainersCorpora: what is in compressed files, cabinets, images and the like that other programs wrote comes out, or a Problem tells
// why it does not. With -v, what came out of each is listed.
func TestContainersCorpora(t *testing.T) {
	files := corpus(t, "attach", ".cab", ".iso", ".cpio", ".deb", ".arj", ".tnef", ".gz", ".bz2", ".xz", ".zst", ".lz", ".tar", ".tgz", ".chm",
		".dmg", ".ace", ".arc", ".szdd", ".binhex", ".sis", ".xar", ".onepkg", ".a01", ".a02", ".a03", ".a04", ".a05", ".c00", ".z")
	empty := []string{"empty.gz", "Tar.Empty.tar", "false.positive.tar", "garbage-at-end.tnef", "multi-name-property.tnef"}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Appendf(nil, "Content-Transfer-Encoding: binary\r\nContent-Disposition: attachment; filename=%q\r\n\r\n%s", filepath.Base(path), b)
			u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
			c := contents(t, u, parse(t, text, mail.DefaultLimits()))
			said := map[string]bool{}
			var list strings.Builder
			for _, p := range c.Problems {
				said[p.Place.String()] = true
				fmt.Fprintf(&list, "\n  ! %s %s", p.Kind, p)
			}
			for _, l := range c.Leaves[1:] {
				fmt.Fprintf(&list, "\n  %s %s %d %s %q %s", l.By, l, l.Size, l.Type.Name, l.Aliases, l.Sealed)
				if l.Sealed != "" && !said[l.String()] && len(c.Problems) < MaxProblems {
					t.Errorf("%s is sealed without a Problem", l)
				}
			}
			t.Logf("%d octets, %s, %d leaves:%.3000s", len(b), c.Leaves[0].Type.Name, len(c.Leaves)-1, list.String())
			if len(c.Leaves) == 1 && len(c.Problems) == 0 && !slices.Contains(empty, filepath.Base(path)) {
				t.Error("nothing came out, and nothing was said")
			}
		})
	}
}
