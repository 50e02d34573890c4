// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const otherUser = 65534 // nobody.

// asOther has f look at files as a user who may not look at all, also if the test is root's: by the file system user of f's own thread. What f opens in
// other goroutines it opens as the test.
func asOther(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // And never unlocked: the thread ends with the goroutine.
		if err := errors.Join(unix.Setfsgid(otherUser), unix.Setfsuid(otherUser)); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}

// ownerOf is the user that a file belongs to.
func ownerOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

// What root makes in the service's folder is the service's.
func TestFilesThatRootMakes(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, otherUser, otherUser); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "key.pem")
	if _, _, err := mailweir(t, "dkim", "keygen", "--domain", "example.org", "--selector", "x", "--kind", "ed25519", "--file", key); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(dir, "report.xml")
	if err := writeReportFile(report, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{key, report} {
		if got := ownerOf(t, path); got != otherUser {
			t.Errorf("%s belongs to %d, want the owner of its folder, %d", filepath.Base(path), got, otherUser)
		}
	}
	secret, link := filepath.Join(t.TempDir(), "secret"), filepath.Join(dir, "link")
	if err := os.WriteFile(secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	beside := filepath.Join(dir, "beside")
	if err := os.WriteFile(beside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	inFolder := func(_, to string) error { return os.Symlink(filepath.Base(beside), to) }
	for _, make := range []func(from, to string) error{os.Symlink, os.Link, inFolder} {
		if err := make(secret, link); err != nil {
			t.Fatal(err)
		}
		if err := giveToFolder(link); err == nil || ownerOf(t, secret) != 0 || ownerOf(t, beside) != 0 {
			t.Errorf("a file behind a link was given away: %v", err)
		}
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	}
}
