// SPDX-License-Identifier: Apache-2.0

package spamservers

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/rspamd"
	"github.com/mailweir/mailweir/filters/spamd"
	"github.com/mailweir/mailweir/internal/corpora"
)

// largest is the size of messages of the collections that are sent: a few hold archives of many megabytes, which are no matter of spam.
const largest = 1 << 20

// TestCorpora: whatever collections of mail hold, broken and hostile messages first, the real servers answer, and we understand what they say. SpamAssassin is slow,
// so it is given fewer.
func TestCorpora(t *testing.T) {
	corpora.Dir(t)
	for _, dir := range []string{"evasion", "mime", "phish", "spam_modern", "ham_modern"} {
		t.Run("rspamd "+dir, func(t *testing.T) {
			rs := startRspamd(t)
			corpus(t, corpora.Dir(t, dir), 400, newWay(t, rspamd.Kind(), rs.options(nil)), "rspamd.score")
		})
		t.Run("spamd "+dir, func(t *testing.T) {
			sa := startSpamd(t)
			corpus(t, corpora.Dir(t, dir), 40, newWay(t, spamd.Kind(), sa.options(func(o *spamd.Options) { o.Large = "truncate" })), "spamd.score")
		})
	}
}

// corpus sends at most n messages of a folder, evenly from all of it.
func corpus(t *testing.T, dir string, n int, w *way, code string) {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() <= largest {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d messages, %v", len(files), err)
	}
	step := max(1, len(files)/n)
	var next, answered, spam atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				i := int(next.Add(1)-1) * step
				if i >= len(files) {
					return
				}
				text, err := os.ReadFile(files[i])
				if err != nil {
					t.Error(err)
					return
				}
				o := w.send(t, filtertest.Envelope(), string(text))
				f, ok := o.find(code)
				if !ok || f.Detail != filters.Line(f.Detail) {
					t.Errorf("%s: %v", files[i], o.findings)
					continue
				}
				answered.Add(1)
				if f.Score >= 5 {
					spam.Add(1)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d of %d messages asked about, %d with 5 points or more", answered.Load(), len(files), spam.Load())
}
