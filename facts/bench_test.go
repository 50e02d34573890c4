// SPDX-License-Identifier: Apache-2.0

package facts_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
)

// some are every nth message below a folder.
func some(t testing.TB, dir string, nth int) [][]byte {
	t.Helper()
	var all [][]byte
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".eml") {
			return err
		}
		if n++; n%nth != 0 {
			return nil
		}
		text, err := os.ReadFile(path)
		all = append(all, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// used is the time that processors have spent on this program.
func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFind is the cost of all facts of one message, parsing not counted.
func BenchmarkFind(b *testing.B) {
	for _, dir := range []string{"spamham/trec07p", "phish", "ham_modern"} {
		b.Run(filepath.Base(dir), func(b *testing.B) {
			var all []*mail.Message
			for _, text := range some(b, corpora.Dir(b, dir), 37) {
				msg, err := mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
				if err != nil {
					b.Fatal(err)
				}
				all = append(all, msg)
			}
			b.ReportAllocs()
			before := used(b)
			for n := 0; b.Loop(); n++ {
				if _, err := facts.Find(b.Context(), nil, all[n%len(all)]); err != nil {
					b.Fatal(err)
				}
			}
			// The clock tells little on a machine that others use.
			b.ReportMetric(float64(used(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
