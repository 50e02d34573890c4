// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// giveToFolder gives a file that root has made to the owner of its folder: what an administrator makes is for the service to read. It does nothing for others.
func giveToFolder(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	// Both are asked of the same folder: who owns the one around it may put another in its place meanwhile.
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	info, err := folder.Stat()
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("owner of %s is not known", folder.Name())
	}
	fd, err := unix.Openat(int(folder.Fd()), filepath.Base(path), unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	// The folder's owner may have put another file in its place.
	if info, err = f.Stat(); err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || !info.Mode().IsRegular() || st.Nlink != 1 {
		return fmt.Errorf("%s is no file of its own", path)
	}
	return f.Chown(int(owner.Uid), int(owner.Gid))
}
