// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	made := make([]*Secret, 8)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			s, err := OpenSecret(path)
			if err != nil {
				t.Error(err)
				return
			}
			made[i] = s
		})
	}
	wg.Wait()
	a := made[0]
	for _, s := range made {
		if s == nil || s.key != a.key {
			t.Fatal("two secrets for one file")
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	b, err := OpenSecret(path + "2")
	if err != nil {
		t.Fatal(err)
	}
	same := map[Key]string{}
	for name, k := range map[string]Key{
		"ab, c": a.Key("k", "ab", "c"), "a, bc": a.Key("k", "a", "bc"), "abc": a.Key("k", "abc"), "abc and nothing": a.Key("k", "abc", ""),
		"another kind": a.Key("ka", "bc"), "nothing": a.Key("k"), "another secret": b.Key("k", "abc"),
	} {
		if other, ok := same[k]; ok {
			t.Errorf("%s and %s have one key", name, other)
		}
		same[k] = name
	}
	if key, group := a.Key("k", "x"), a.Group("x"); key != a.Key("k", "x") || group != a.Group("x") {
		t.Error("not the same twice")
	}
}

func TestNoSecret(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"empty":    {"", 0o600, "64 hexadecimal digits"},
		"short":    {strings.Repeat("0", 62), 0o600, "64 hexadecimal digits"},
		"long":     {strings.Repeat("0", 66), 0o600, "64 hexadecimal digits"},
		"no digit": {strings.Repeat("x", 64), 0o600, "64 hexadecimal digits"},
		"open":     {strings.Repeat("0", 64), 0o604, "everybody"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(tt.text), tt.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, tt.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenSecret(path); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "no", "folder")} {
		if _, err := OpenSecret(path); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

// Who only looks finds the secret that there is, and makes none.
func TestLookSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	one, err := LookSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := LookSecret(path); err != nil || one.Key("a") == two.Key("a") {
		t.Errorf("%v, or the same secret without a file", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file was made")
	}
	made, err := OpenSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := LookSecret(path); err != nil || same.Key("a") != made.Key("a") {
		t.Errorf("%v, or another secret than the file's", err)
	}
}
