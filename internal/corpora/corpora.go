// SPDX-License-Identifier: Apache-2.0

// Package corpora finds the collections of mail and files that some tests and benchmarks read. They are other people's, and no part of the project:
// the environment variable MAILWEIR_CORPORA names the folder where they lie. Where it is not set such a test is skipped; where it is set and what the
// test wants is not there, the test fails, because it would else pass without having looked at anything.
package corpora

import (
	"os"
	"path/filepath"
	"testing"
)

// Env names the environment variable with the folder of the corpora.
const Env = "MAILWEIR_CORPORA"

// Set tells if there are to be corpora. It is for what can do without them; who needs them calls Dir or Files.
func Set() bool { return os.Getenv(Env) != "" }

// Dir is a folder of the corpora, by its path below the folder of all; without a path that folder itself. It skips the test if there are to be no
// corpora, and ends it with a failure if the folder is missing, unreadable or empty. It is to be called from the goroutine of the test.
func Dir(t testing.TB, path ...string) string {
	t.Helper()
	dir := below(t, path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("%s is set: %v", Env, err)
	}
	if len(entries) == 0 {
		t.Fatalf("%s is set: there is nothing in %s", Env, dir)
	}
	return dir
}

// Files are the files of the corpora whose path fits a pattern of filepath.Glob, in order of their names. It skips and fails as Dir does; that
// nothing fits is a failure.
func Files(t testing.TB, pattern ...string) []string {
	t.Helper()
	files, err := filepath.Glob(below(t, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("%s is set: there is no %s", Env, filepath.Join(pattern...))
	}
	return files
}

// below is the path below the folder of the corpora. That has to be an absolute one, because tests run in folders of their own.
func below(t testing.TB, path []string) string {
	t.Helper()
	if !Set() {
		t.Skip(Env + " does not name the folder of the corpora")
	}
	return filepath.Join(append([]string{os.Getenv(Env)}, path...)...)
}
