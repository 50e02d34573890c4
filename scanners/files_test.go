// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"context"
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func newFiles(t *testing.T, group string) *Files {
	t.Helper()
	f, err := NewFiles(t.TempDir(), group)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
}

func TestFiles(t *testing.T) {
	f := newFiles(t, "")
	content := strings.Repeat("0123456789", 20_000)
	paths := map[string]bool{}
	for range 3 {
		path, err := f.Write(t.Context(), iotest.HalfReader(strings.NewReader(content)))
		if err != nil {
			t.Fatal(err)
		}
		paths[path] = true
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Errorf("got %d octets, %v, want %d", len(got), err, len(content))
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 || filepath.Dir(path) != f.Dir() {
			t.Errorf("%s: got mode %v, %v, want 0600", path, info.Mode(), err)
		}
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
	if len(paths) != 3 {
		t.Errorf("got the names %v, want three", paths)
	}
	wantEmpty(t, f.Dir())
}

func TestFilesOfAGroup(t *testing.T) {
	g, err := user.LookupGroupId(strings.TrimSpace(func() string {
		u, err := user.Current()
		if err != nil {
			t.Fatal(err)
		}
		return u.Gid
	}()))
	if err != nil {
		t.Skip("our group has no name")
	}
	f := newFiles(t, g.Name)
	path, err := f.Write(t.Context(), strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("got mode %v, %v, want 0640", info.Mode(), err)
	}
}

func TestFilesAfterAnError(t *testing.T) {
	f := newFiles(t, "")
	broken := errors.New("broken")
	if path, err := f.Write(t.Context(), iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("abc")))); err == nil {
		t.Errorf("reader times out: got %s", path)
	}
	if path, err := f.Write(t.Context(), iotest.ErrReader(broken)); !errors.Is(err, broken) || path != "" {
		t.Errorf("got %q, %v, want %v", path, err, broken)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	if path, err := f.Write(ctx, strings.NewReader("abc")); !errors.Is(err, broken) || path != "" {
		t.Errorf("cancelled: got %q, %v, want %v", path, err, broken)
	}
	wantEmpty(t, f.Dir())
}

func TestFilesRemovesWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-2 * time.Hour)
	stale := filepath.Join(dir, filePrefix+"OLD")
	young := filepath.Join(dir, filePrefix+"YOUNG")
	others := filepath.Join(dir, "journal")
	for _, path := range []string{stale, young, others} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if path != young {
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := NewFiles(dir, ""); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{stale: false, young: true, others: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: got %v, want there %t", path, err, want)
		}
	}
}

func TestNewFilesRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ dir, group, want string }{
		{"", "", `folder "": want an absolute path`},
		{"work", "", `folder "work": want an absolute path`},
		{"/tmp/a\nb", "", `folder "/tmp/a\nb": want an absolute path`},
		{file, "", "not a folder"},
		{file + "/none", "", "not a directory"},
		{t.TempDir(), "no-such-group", "group: unknown group no-such-group"},
	} {
		if _, err := NewFiles(tt.dir, tt.group); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q, %q: got %v, want %s", tt.dir, tt.group, err, tt.want)
		}
	}
}
