// SPDX-License-Identifier: Apache-2.0

package hashes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/scanners"
)

// replace puts new content in the file's place by rename, with a time of modification of its own.
func replace(t *testing.T, file, content string, modified time.Time) {
	t.Helper()
	write(t, file+".new", content)
	if err := os.Chtimes(file+".new", modified, modified); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

func TestReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list")
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	replace(t, file, "", start)
	c := &clock{t: start}
	s, err := newScanner(Options{Files: []string{file}, CheckEvery: 5 * time.Second}, c.now)
	if err != nil {
		t.Fatal(err)
	}
	verdict := func(want scanners.Verdict, when string) {
		t.Helper()
		if got := scan(t, s, bad); got.Verdict != want {
			t.Errorf("%s: got %+v, want %s", when, got, want)
		}
	}
	probe := func(want string) {
		t.Helper()
		_, err := s.Probe(t.Context())
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("Probe: got %v, want %q", err, want)
		}
	}
	verdict(scanners.Clean, "empty list")

	replace(t, file, md5Hex(), start.Add(time.Minute))
	c.advance(4 * time.Second)
	verdict(scanners.Clean, "before the time to look")
	c.advance(time.Second)
	verdict(scanners.Infected, "after it")
	probe("")

	replace(t, file, "broken", start.Add(2*time.Minute))
	c.advance(5 * time.Second)
	verdict(scanners.Infected, "broken list keeps the old")
	probe("the lists of 2026-01-01T00:01:00Z stay in use: list " + file + ": line 1: want")
	c.advance(5 * time.Second)
	verdict(scanners.Infected, "still broken")
	probe("line 1: want")

	replace(t, file, "", start.Add(3*time.Minute))
	c.advance(5 * time.Second)
	verdict(scanners.Clean, "mended")
	probe("")

	replace(t, file, md5Hex(), start.Add(4*time.Minute))
	c.advance(5 * time.Second)
	verdict(scanners.Infected, "listed again")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	c.advance(5 * time.Second)
	verdict(scanners.Infected, "missing list keeps the old")
	probe("no such file")

	// The same size and time of modification as of the list before: the file is another one.
	replace(t, file, sha1Hex(), start.Add(4*time.Minute))
	c.advance(5 * time.Second)
	verdict(scanners.Infected, "back")
	probe("")
}

// A list with other digests is another version, though their number and the time of the newest list are the same: verdicts kept
// since the last answer would be stale.
func TestProbeTellsListsApart(t *testing.T) {
	dir := t.TempDir()
	old, newest := filepath.Join(dir, "old"), filepath.Join(dir, "newest")
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	replace(t, old, strings.Repeat("0", 32), start)
	replace(t, newest, "", start.Add(time.Hour))
	c := &clock{t: start}
	s, err := newScanner(Options{Files: []string{old, newest}, CheckEvery: time.Second}, c.now)
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	replace(t, old, md5Hex(), start.Add(time.Minute))
	c.advance(time.Second)
	if after, err := s.Probe(t.Context()); err != nil || after == before {
		t.Errorf("got %q, %v, and %q before", after, err, before)
	}
}
