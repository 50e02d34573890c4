// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
)

// BenchmarkLearn learns spam and then ham with one core, and tells how many messages a second of CPU time are learned, with everything: reading, database, start of the program.
// Memory is what the program held at most; it is the same for few messages and for many. With MAILWEIR_CORPORA it takes the mail of TREC 2007.
func BenchmarkLearn(b *testing.B) {
	trec := corpora.Dir(b, "spamham", "trec07p")
	for b.Loop() {
		database := filepath.Join(b.TempDir(), "learned.db")
		for _, class := range []string{"spam", "ham"} {
			cmd := command(b.Context(), b, database, class, "--jobs", "1", filepath.Join(trec, class))
			cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
			n := numbers(output(b, cmd))
			if len(n) != 4 || n[0] == 0 {
				b.Fatalf("%s: learned %v", class, n)
			}
			used := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
			b.ReportMetric(float64(n[0])/used, class+"/cpu-s")
			if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
				b.ReportMetric(float64(u.Maxrss)/1024, class+"-MiB")
			}
		}
	}
}
