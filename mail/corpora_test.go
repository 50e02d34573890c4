// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"cmp"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
)

// TestCorpora reads the files below the folder in MAILWEIR_CORPORA: nothing panics, structure is sound, what is written
// is what was read. It logs how many messages of each pack have which defect.
func TestCorpora(t *testing.T) {
	dir := corpora.Dir(t)
	packs, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range packs {
		t.Run(pack.Name(), func(t *testing.T) { readPack(t, filepath.Join(dir, pack.Name())) })
	}
}

func readPack(t *testing.T, dir string) {
	files := sample(t, dir)
	codes := map[string]int{}
	example := map[string]string{}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
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
			if len(content) < 1<<20 {
				checkRebuilt(t, content)
			}
		})
	}
	byCount := slices.SortedFunc(maps.Keys(codes), func(a, b string) int { return cmp.Compare(codes[b], codes[a]) })
	for _, c := range byCount {
		t.Logf("%-24s %5d of %d, %s", c, codes[c], len(files), example[c])
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
