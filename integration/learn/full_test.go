// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestDiskFull: a disk that is full ends learning, and it says so; what was counted was learned, and can be read. With more room the next run goes on from there, as if nothing had happened.
func TestDiskFull(t *testing.T) {
	const total = 6 * batch
	dir := t.TempDir()
	resize(t, dir, 0, "size=12m")
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	box := write(t, true, 0, total)
	// Of the usual size: a small model is written as a whole so often that the database does not grow.
	whole, full := filepath.Join(t.TempDir(), "learned.db"), filepath.Join(dir, "learned.db")
	run(t, whole, "spam", box)
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		var errs bytes.Buffer
		cmd := command(ctx, t, full, "spam", box)
		cmd.Stderr = &errs
		err := cmd.Run()
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || exit.ExitCode() != 2 || !strings.Contains(errs.String(), "mailweir: learn: database or disk is full") {
			t.Fatalf("got %v, %q", err, errs.String())
		}
		if _, spam := learned(t, full); spam == 0 || spam == total || spam%batch != 0 {
			t.Errorf("%d were learned", spam)
		}
	}
	resize(t, dir, syscall.MS_REMOUNT, "size=200m")
	run(t, full, "spam", box)
	if !bytes.Equal(exported(t, full), exported(t, whole)) {
		t.Error("it is not what it would be on a disk with room")
	}
}

// resize puts a small disk in memory into the place of a folder, or makes it larger. It takes root's rights.
func resize(t *testing.T, dir string, flags uintptr, size string) {
	t.Helper()
	err := syscall.Mount("tmpfs", dir, "tmpfs", flags, size)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("it takes root to mount a small disk")
	}
	if err != nil {
		t.Fatal(err)
	}
}
