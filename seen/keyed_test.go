// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What one has closed another finds; who only looks makes nothing.
func TestOpenKeyed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	o := Options{Max: 100, Classes: []Class{{Keep: time.Hour}}}
	if _, _, err := OpenKeyed(path, true, o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + ".key"} {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v: who only looks has made it", name, err)
		}
	}
	secret, store, err := OpenKeyed(path, false, o)
	if err != nil {
		t.Fatal(err)
	}
	store.Update(secret.Key("a"), func(e Entry, _ bool) (Entry, bool) { return e, true })
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	secret, store, err = OpenKeyed(path, true, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, known := store.Get(secret.Key("a")); !known {
		t.Error("what was closed is not there")
	}
	for _, broken := range []string{path + ".key", path} {
		if err := os.WriteFile(broken, []byte("none of ours, and long enough to see that"), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, st, err := OpenKeyed(path, false, o); err == nil || s != nil || st != nil {
			t.Errorf("%s is broken: got %v, %v, %v", broken, s, st, err)
		}
		if err := os.Remove(path + ".key"); err != nil {
			t.Fatal(err)
		}
	}
}
