// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// maxSample is how many files of one folder of the test mail are read, unless MAILWEIR_CORPORA_ALL is set.
const maxSample = 1000

// sample are the names of the regular files below a folder: if there are many, some that are spread evenly, the same ones each time.
func sample(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) <= maxSample || os.Getenv("MAILWEIR_CORPORA_ALL") != "" {
		return all
	}
	some := make([]string, maxSample)
	for i := range some {
		some[i] = all[i*len(all)/maxSample]
	}
	t.Logf("%s: %d of %d files; set MAILWEIR_CORPORA_ALL for all", dir, len(some), len(all))
	return some
}
