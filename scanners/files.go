// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	filePrefix = "mailweir-scan-" // Of all files that Files writes, and of none that others write.
	staleAfter = time.Hour        // No scan takes that long: an older file was left by a crash.
)

// copyBuffer is how many octets of content are copied at a time.
const copyBuffer = 64 << 10

// Files puts content into files, for scanners that have to be told a path. Names are random, and a file that is there already is
// never opened. Only mailweir's user may read a file, or its group if Group says so.
type Files struct {
	dir string
	gid int // -1: no group.
}

// NewFiles checks that dir, an absolute path, is a folder, and removes what a crash has left there. group is the name of the
// group that may read the files too, for a daemon that opens them as another user; "" is none. mailweir's user
// has to be in it.
func NewFiles(dir, group string) (*Files, error) {
	if !filepath.IsAbs(dir) || strings.ContainsAny(dir, "\r\n\x00") {
		return nil, fmt.Errorf("folder %q: want an absolute path", dir)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("folder %q: not a folder", dir)
	}
	f := &Files{dir: filepath.Clean(dir), gid: -1}
	if group != "" {
		g, err := user.LookupGroup(group)
		if err != nil {
			return nil, err
		}
		if f.gid, err = strconv.Atoi(g.Gid); err != nil {
			return nil, err
		}
	}
	f.removeStale(time.Now())
	return f, nil
}

// Dir is the folder.
func (f *Files) Dir() string { return f.dir }

// Write makes a file of content while ctx lasts. The caller removes it by os.Remove; after an error there is none.
func (f *Files) Write(ctx context.Context, content io.Reader) (path string, err error) {
	path = filepath.Join(f.dir, filePrefix+rand.Text())
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	err = errors.Join(f.share(file), fill(ctx, file, content), file.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	return path, nil
}

func (f *Files) share(file *os.File) error {
	if f.gid < 0 {
		return nil
	}
	if err := file.Chown(-1, f.gid); err != nil {
		return err
	}
	return file.Chmod(0o640)
}

func fill(ctx context.Context, file io.Writer, content io.Reader) error {
	reading, writing := Send(file, readerFunc(func(p []byte) (int, error) {
		if err := context.Cause(ctx); err != nil {
			return 0, err
		}
		return content.Read(p)
	}))
	return errors.Join(reading, writing)
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// removeStale removes old files of ours. What cannot be removed stays: it is in nobody's way.
func (f *Files) removeStale(now time.Time) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), filePrefix) || e.Type()&fs.ModeType != 0 {
			continue
		}
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > staleAfter {
			_ = os.Remove(filepath.Join(f.dir, e.Name()))
		}
	}
}
