// SPDX-License-Identifier: Apache-2.0

package html

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
)

// TestHam tells what is found in ordinary mail, and that remedies can be applied to it.
func TestHam(t *testing.T) {
	f := newFilter(t, DefaultOptions())
	for _, dir := range []string{"ham_modern", "spamham/spamassassin/easy-ham-1", "spamham/spamassassin/easy-ham-2", "spamham/spamassassin/hard-ham-1", "evasion/wooyun-email-xss"} {
		messages, with := 0, 0
		codes := map[string]int{}
		err := filepath.WalkDir(corpora.Dir(t, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			messages++
			msg := filtertest.Message(t, string(text))
			found, err := f.Inspect(t.Context(), filtertest.Envelope(), msg)
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			var edits []mail.Edit
			for _, fi := range found {
				codes[fi.Code]++
				if fi.Remedy != nil && !slices.ContainsFunc(edits, func(e mail.Edit) bool { return cmp.Equal(e, fi.Remedy) }) {
					edits = append(edits, fi.Remedy)
				}
				if dir == "ham_modern" {
					t.Logf("%s: %s: %s", filepath.Base(path), fi.Code, fi.Detail)
				}
			}
			if len(found) > 0 {
				with++
			}
			if err := msg.Write(io.Discard, edits); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			return msg.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d messages, %d with findings: %v", dir, messages, with, codes)
	}
}
