// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
)

const maxFile = 512 << 20 // Octets of one list.

// store keeps the sites of some files and reads them again when one of them changes. There is no goroutine: whoever asks when it is time to look,
// looks; others meanwhile go on with what there is.
type store struct {
	files []string
	every time.Duration
	now   func() time.Time
	log   logrus.FieldLogger

	sites atomic.Pointer[sites]

	mu      sync.Mutex    // Held by who looks.
	checked time.Time     // When the files were looked at last.
	seen    []fs.FileInfo // The files as they were when read last; nil if one could not be opened.
}

func openStore(files []string, every time.Duration, now func() time.Time, log logrus.FieldLogger) (*store, error) {
	s := &store{files: files, every: every, now: now, log: log, checked: now()}
	return s, s.load()
}

// current returns the sites to go by.
func (s *store) current() *sites {
	if len(s.files) == 0 || !s.mu.TryLock() {
		return s.sites.Load()
	}
	defer s.mu.Unlock()
	if now := s.now(); now.Sub(s.checked) >= s.every {
		s.checked = now
		if s.changed() {
			if err := s.load(); err != nil {
				s.log.WithField("err", err).Warn("list of sites not read, the old one stays in use")
			}
		}
	}
	return s.sites.Load()
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

// load reads all files. The sites are exchanged only if every file could be read.
func (s *store) load() error {
	s.seen = nil // With a file that cannot be opened, the next check tries again.
	all := newSites()
	var seen []fs.FileInfo
	for _, name := range s.files {
		info, err := readList(name, all)
		if info != nil {
			seen = append(seen, info)
		}
		if err != nil {
			if len(seen) == len(s.files) {
				s.seen = seen // Broken: not tried again before it changes.
			}
			return fmt.Errorf("list %s: %w", name, err)
		}
	}
	s.seen = seen
	s.sites.Store(all)
	return nil
}

// readList adds the sites of one file. The file is described as it was before its first octet was read: a change while it is read is seen later.
func readList(name string, to *sites) (fs.FileInfo, error) {
	// Without O_NONBLOCK a named pipe would hold us up before we can refuse it.
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("larger than %d octets", int64(maxFile))
	}
	return info, to.parse(f)
}
