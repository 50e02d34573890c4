// SPDX-License-Identifier: Apache-2.0

package hashes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const maxFile = 2 << 30 // Octets of one list.

// store keeps the lists of some files and reads them again when one of them changes. There is no goroutine: whoever asks for the
// lists when it is time to look, looks; others meanwhile go on with the lists there are.
type store struct {
	files []string
	every time.Duration
	now   func() time.Time

	lists atomic.Pointer[lists]
	fault atomic.Pointer[error] // Of the last reading; nil if it went well.

	mu      sync.Mutex    // Held by who looks.
	checked time.Time     // When the files were looked at last.
	seen    []fs.FileInfo // The files as they were when read last, or found broken; nil if one could not be opened.
}

func openStore(files []string, every time.Duration, now func() time.Time) (*store, error) {
	s := &store{files: files, every: every, now: now, checked: now()}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

// current returns the lists to go by.
func (s *store) current() *lists {
	if len(s.files) == 0 || !s.mu.TryLock() {
		return s.lists.Load()
	}
	defer s.mu.Unlock()
	if now := s.now(); now.Sub(s.checked) >= s.every {
		s.checked = now
		if s.changed() {
			s.reload()
		}
	}
	return s.lists.Load()
}

// broken tells why the files as they are now could not be read; nil if they are in use.
func (s *store) broken() error {
	if err := s.fault.Load(); err != nil {
		return *err
	}
	return nil
}

func (s *store) changed() bool {
	if s.seen == nil {
		return true
	}
	for i, name := range s.files {
		info, err := os.Stat(name)
		old := s.seen[i]
		if err != nil || !os.SameFile(info, old) || info.Size() != old.Size() || !info.ModTime().Equal(old.ModTime()) {
			return true
		}
	}
	return false
}

func (s *store) reload() {
	if err := s.load(); err != nil {
		s.fault.Store(&err)
		return
	}
	s.fault.Store(nil)
}

// load reads all files. The lists are exchanged only if every one could be read.
func (s *store) load() error {
	s.seen = nil // With a file that cannot be opened, the next check tries again.
	l := newLists()
	var seen []fs.FileInfo
	var files []*os.File
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	for _, name := range s.files {
		f, info, err := open(name)
		if err != nil {
			return fmt.Errorf("list %s: %w", name, err)
		}
		files, seen = append(files, f), append(seen, info)
		if info.ModTime().After(l.newest) {
			l.newest = info.ModTime()
		}
	}
	s.seen = seen // As they were before the first octet was read: a change while they are read is seen later.
	for i, f := range files {
		if err := l.parse(f); err != nil {
			return fmt.Errorf("list %s: %w", s.files[i], err)
		}
	}
	l.sort()
	s.lists.Store(l)
	return nil
}

// open opens a list.
func open(name string) (*os.File, fs.FileInfo, error) {
	// Without O_NONBLOCK a named pipe would hold us up before we can refuse it.
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("not a regular file")
	case info.Size() > maxFile:
		err = fmt.Errorf("larger than %d octets", int64(maxFile))
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}
