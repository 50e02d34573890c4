// SPDX-License-Identifier: Apache-2.0

package reload

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// replace puts new text in the file's place by rename, with a time of modification of its own.
func replace(t *testing.T, file, text string, modified time.Time) {
	t.Helper()
	if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file+".new", modified, modified); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

var errBad = errors.New("bad")

// join makes one text of all files. A file that begins with "bad" is an error.
func join(files []*os.File) (*string, error) {
	var all string
	for _, f := range files {
		b, err := io.ReadAll(f)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(string(b), "bad") {
			return nil, fmt.Errorf("%s: %w", filepath.Base(f.Name()), errBad)
		}
		all += string(b)
	}
	return &all, nil
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	replace(t, one, "1", time.Unix(1, 0))
	replace(t, two, "2", time.Unix(1, 0))
	now := time.Unix(0, 0)
	var failed []string
	f, err := Open([]string{one, two}, Options{
		Every: 5 * time.Second, MaxOctets: 10, Now: func() time.Time { return now }, Failed: func(err error) { failed = append(failed, err.Error()) },
	}, join)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		do     func()
		pass   time.Duration
		want   string
		fault  string
		failed int
	}{
		{"as it was", func() {}, 0, "12", "", 0},
		{"before the time to look", func() { replace(t, one, "3", time.Unix(1, 0)) }, 4 * time.Second, "12", "", 0},
		{"another file of the same size and time", func() {}, time.Second, "32", "", 0},
		{"half of a change is none", func() { replace(t, one, "4", time.Unix(2, 0)); replace(t, two, "bad", time.Unix(2, 0)) }, 5 * time.Second, "32", "two: bad", 1},
		{"what is bad is not read again", func() {}, 5 * time.Second, "32", "two: bad", 1},
		{"mended", func() { replace(t, two, "5", time.Unix(3, 0)) }, 5 * time.Second, "45", "", 1},
		{"gone", func() { os.Remove(one) }, 5 * time.Second, "45", "no such file", 2},
		{"still gone", func() {}, 5 * time.Second, "45", "no such file", 2},
		{"too large", func() { replace(t, one, strings.Repeat("x", 11), time.Unix(3, 0)) }, 5 * time.Second, "45", "larger than 10 octets", 3},
		{"back", func() { replace(t, one, "6", time.Unix(4, 0)) }, 5 * time.Second, "65", "", 3},
		{"gone once more", func() { os.Remove(one) }, 5 * time.Second, "65", "no such file", 4},
	} {
		tt.do()
		now = now.Add(tt.pass)
		if got := *f.Current(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if err := f.Fault(); (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("%s: fault %v, want %q", tt.name, err, tt.fault)
		}
		if len(failed) != tt.failed {
			t.Errorf("%s: failed with %q", tt.name, failed)
		}
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	pipe, bad := filepath.Join(dir, "pipe"), filepath.Join(dir, "bad")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	replace(t, bad, "bad", time.Unix(1, 0))
	for name, want := range map[string]string{pipe: "not a regular file", dir: "not a regular file", bad: "bad: bad", filepath.Join(dir, "x"): "no such file"} {
		if _, err := Open([]string{name}, Options{MaxOctets: 10}, join); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	if f, err := Open(nil, Options{}, join); err != nil || *f.Current() != "" {
		t.Errorf("no file: %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list")
	replace(t, file, "x", time.Unix(0, 0))
	var clock atomic.Int64
	f, err := Open([]string{file}, Options{Every: time.Second, MaxOctets: 100, Now: func() time.Time { return time.Unix(clock.Add(1), 0) }}, join)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got := *f.Current(); strings.Trim(got, "x") != "" || got == "" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	for i := range 50 {
		replace(t, file, strings.Repeat("x", i+1), time.Unix(int64(i), 0))
	}
	wg.Wait()
	if got := *f.Current(); len(got) != 50 || f.Fault() != nil {
		t.Errorf("got %q, %v", got, f.Fault())
	}
}
