// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"cmp"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestCorpora reads every file below the folder in MAILWEIR_CORPORA: nothing panics, structure is sound, what is written
// is what was read. It logs how many messages of each pack have which defect.
func TestCorpora(t *testing.T) {
	dir := os.Getenv("MAILWEIR_CORPORA")
	if dir == "" {
		t.Skip("MAILWEIR_CORPORA names no folder with test mail")
	}
	packs, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range packs {
		t.Run(pack.Name(), func(t *testing.T) { readPack(t, filepath.Join(dir, pack.Name())) })
	}
}

func readPack(t *testing.T, dir string) {
	files := 0
	codes := map[string]int{}
	example := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files++
		t.Run(e.Name(), func(t *testing.T) {
			m := parseBoth(t, content, DefaultLimits())
			seen := map[string]bool{}
			for _, d := range m.Defects() {
				if !seen[d.Code] {
					codes[d.Code]++
				}
				seen[d.Code] = true
				example[d.Code] = name
			}
			decodeAll(t, m)
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	byCount := slices.SortedFunc(maps.Keys(codes), func(a, b string) int { return cmp.Compare(codes[b], codes[a]) })
	for _, c := range byCount {
		t.Logf("%-24s %5d of %d, %s", c, codes[c], files, example[c])
	}
}

// decodeAll reads all that can be asked of the leaves.
func decodeAll(t *testing.T, m *Message) {
	t.Helper()
	for p := range m.Parts() {
		if _, err := io.Copy(io.Discard, p.Open()); err != nil {
			t.Errorf("part %s: %v", p.ID, err)
		}
		if _, err := p.Text(1 << 20); err != nil {
			t.Errorf("part %s: %v", p.ID, err)
		}
		p.Filenames()
	}
	for _, f := range m.Header() {
		DecodeWords(f.Value())
	}
}
