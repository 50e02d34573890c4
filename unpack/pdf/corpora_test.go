// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
)

// Each PDF file of the corpora is read without a problem but encryption, and quickly decoded.
func TestCorpora(t *testing.T) {
	files := 0
	err := filepath.WalkDir(corpora.Dir(t), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".pdf" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, p := range report(t, b, Options{}).Problems {
			if !p.Encrypted {
				t.Errorf("%s: %s", path, p.Detail)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files", files)
}
