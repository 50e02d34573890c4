// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/internal/corpora"
)

// maxOdd is how many of the good messages have something odd about them: one has brackets in brackets, on purpose.
const maxOdd = 1

// TestCorpora goes through mail of all kinds with a DNS that knows nothing: it ends without an error, and says of ordinary mail nothing that costs points.
func TestCorpora(t *testing.T) {
	f, err := newFilter(DefaultOptions(), filters.Deps{Now: now}, &authntest.Zone{})
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"ham_modern", "spam_modern", "phish", "spamham/spamassassin/easy-ham-1", "spamham/spamassassin/hard-ham-1", "evasion", "mime"} {
		messages, points := 0, 0
		codes := map[string]int{}
		err := filepath.WalkDir(corpora.Dir(t, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil || len(text) > 4<<20 {
				return err
			}
			msg := filtertest.Message(t, string(text))
			if dir == "ham_modern" && msg.Header().Get("From") == "" {
				return msg.Close() // Some files there are no mail.
			}
			messages++
			found, err := f.Inspect(t.Context(), envelope("a@bare.test", ours), msg)
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			score := 0.0
			for _, fi := range found {
				codes[fi.Code]++
				score += fi.Score
				if fi.Code == codeShifted || fi.Code == codeFromOdd {
					t.Logf("%s: %s", filepath.Base(path), fi.Detail)
				}
			}
			if score > 0 {
				points++
			}
			return msg.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
		if dir == "ham_modern" && points > maxOdd {
			t.Errorf("%s: %d messages with points", dir, points)
		}
		t.Logf("%s: %d messages, %d with points: %v", dir, messages, points, codes)
	}
}
