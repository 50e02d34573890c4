// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the .want files")

// TestGolden reads testdata/*.eml and compares structure, decoded leaves and defects with the .want file beside; the .readme file says why the
// case is there.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range files {
		base := strings.TrimSuffix(name, ".eml")
		t.Run(filepath.Base(base), func(t *testing.T) {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(base + ".readme"); err != nil {
				t.Error(err)
			}
			got := describeMessage(t, parseBoth(t, content, DefaultLimits()))
			if *update {
				if err := os.WriteFile(base+".want", []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(base + ".want")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// describeMessage tells all that Parse found out, in lines.
func describeMessage(t *testing.T, m *Message) string {
	t.Helper()
	var b strings.Builder
	var walk func(p *Part)
	walk = func(p *Part) {
		fmt.Fprintf(&b, "%s %s %s offsets %d %d %d %d", p.ID, p.MediaType, p.Encoding, p.Boundary, p.Start, p.Body, p.End)
		if p.Disposition != "" {
			fmt.Fprintf(&b, " %s", p.Disposition)
		}
		if names := p.Filenames(); len(names) > 0 {
			fmt.Fprintf(&b, " %q of %q", p.Filename(), names)
		}
		b.WriteByte('\n')
		if p.IsLeaf() {
			body, err := io.ReadAll(p.Open())
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "\t%q\n", body)
		}
		for _, c := range p.Children {
			walk(c)
		}
	}
	walk(m.Root())
	for _, d := range m.Defects() {
		fmt.Fprintf(&b, "%s in %s at %d: %s\n", d.Code, d.Part, d.Offset, d.Detail)
	}
	return b.String()
}
