// SPDX-License-Identifier: Apache-2.0

package hashes

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
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

func TestAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	write(t, one, md5Hex())
	write(t, two, "")
	c := &clock{}
	s, err := newScanner(Options{Files: []string{one, two}, CheckEvery: time.Second}, c.now)
	if err != nil {
		t.Fatal(err)
	}
	replace(t, one, "", time.Unix(1, 0))
	replace(t, two, "broken", time.Unix(1, 0))
	c.advance(time.Second)
	if got := scan(t, s, bad); got.Verdict != scanners.Infected {
		t.Errorf("got %+v: half of the change was taken", got)
	}
}

func TestNamedPipe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Files: []string{file}, CheckEvery: time.Second}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list")
	write(t, file, md5Hex())
	c := &clock{}
	s, err := newScanner(Options{Files: []string{file}, CheckEvery: time.Second}, c.now)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				c.advance(time.Second)
				if got, err := s.Scan(t.Context(), strings.NewReader(bad), int64(len(bad))); err != nil || got.Verdict != scanners.Infected {
					t.Errorf("got %+v, %v", got, err)
				}
				if _, err := s.Probe(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 50 {
		replace(t, file, md5Hex()+strings.Repeat("\n", i), time.Unix(int64(i), 0))
	}
	wg.Wait()
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
