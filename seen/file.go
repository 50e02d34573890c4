// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Limits of the file.
const (
	maxOctets    = int64(headOctets) + 4*MaxEntries*recordOctets // A larger one is none of ours.
	slack        = 4096                                          // Records beyond twice the entries before the file is written anew.
	lockPatience = 2 * time.Second                               // Until a lock is given up that another process does not let go.
	lockPause    = 5 * time.Millisecond
	keepPause    = 5 * time.Second // After which Keep tries again.
)

// place is how far the file is known.
type place struct {
	id       [idOctets]byte
	end      int64 // Where the part ends that has been read or written; 0 if there is no head.
	rewriteA int64 // Records from which the file is written anew, after a try that failed; else 0.
}

var (
	errForeign = errors.New("is another kind of file")
	errLarge   = errors.New("is too large")
	errBusy    = errors.New("another process has it locked")
)

// load reads the file without a lock: what is just being appended is read later.
func (s *Store) load() error {
	f, err := os.OpenFile(s.path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // Or a pipe would be waited for.
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	s.saving.Lock()
	defer s.saving.Unlock()
	size, err := sizeOf(f)
	if err != nil {
		return err
	}
	return s.catchUp(f, size)
}

func sizeOf(f *os.File) (int64, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return 0, err
	case !info.Mode().IsRegular():
		return 0, errForeign
	case info.Size() > maxOctets:
		return 0, errLarge
	}
	return info.Size(), nil
}

// catchUp reads what others have appended, or all of a file that has taken the place of the one known.
func (s *Store) catchUp(f *os.File, size int64) error {
	var head [headOctets]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if shown := min(n, len(magic)); string(head[:shown]) != magic[:shown] {
		return errForeign
	}
	if n < headOctets { // Empty, or somebody was killed when it was made.
		s.file = place{}
		return nil
	}
	if id := head[len(magic):]; s.file.end == 0 || !bytes.Equal(id, s.file.id[:]) {
		s.file = place{end: int64(headOctets)}
		copy(s.file.id[:], id)
	}
	whole := size - (size-int64(headOctets))%recordOctets
	if whole <= s.file.end {
		s.file.end = whole // Somebody has cut off what was broken.
		return nil
	}
	if err := s.read(io.NewSectionReader(f, s.file.end, whole-s.file.end)); err != nil {
		return err
	}
	s.file.end = whole
	return nil
}

// read takes over records. Broken ones are passed over.
func (s *Store) read(r io.Reader) error {
	const batch = 256
	in := bufio.NewReaderSize(r, batch*recordOctets)
	now := seconds(s.now())
	for {
		b, err := in.Peek(batch * recordOctets)
		s.mu.Lock()
		for i := 0; i+recordOctets <= len(b); i += recordOctets {
			if r, ok := parseRecord(b[i:]); ok {
				s.table.merge(r, now)
			}
		}
		s.mu.Unlock()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := in.Discard(len(b)); err != nil {
			return err
		}
	}
}

// Save appends what is new to the file, and takes over what other stores have appended. Nothing new costs nothing. What could not be saved is tried again
// by the next Save.
func (s *Store) Save(ctx context.Context) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	s.mu.Lock()
	list := s.table.unsaved()
	s.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	if err := s.save(ctx, list); err != nil {
		return fmt.Errorf("save %s: %w", s.path, err)
	}
	return nil
}

func (s *Store) save(ctx context.Context, list []record) error {
	f, err := s.lock(ctx)
	if err == nil {
		defer f.Close() // Which lets go of the lock.
		err = s.append(f, list)
	}
	if err != nil {
		s.mu.Lock()
		s.table.unsave(list)
		s.mu.Unlock()
		return err
	}
	return s.rewrite(f)
}

// append adds records to the file, which is locked.
func (s *Store) append(f *os.File, list []record) error {
	size, err := sizeOf(f)
	if err != nil {
		return err
	}
	if err := s.catchUp(f, size); err != nil {
		return err
	}
	begin := s.file.end
	if size > begin { // Somebody was killed in the middle of a record.
		if err := f.Truncate(begin); err != nil {
			return err
		}
	}
	var b []byte
	next := s.file
	if begin == 0 { // There was no file yet, or somebody has removed it: then this store may be the only one that knows.
		next = newPlace()
		b = append([]byte(magic), next.id[:]...)
		s.mu.Lock()
		list = s.table.all(seconds(s.now()))
		s.mu.Unlock()
	}
	for i := range list {
		b = list[i].append(b)
	}
	if n, err := f.Write(b); err != nil {
		if n > 0 {
			err = errors.Join(err, f.Truncate(begin))
		}
		return err
	}
	next.end = begin + int64(len(b))
	s.file = next
	return nil
}

// newPlace is an empty file with an ID of its own.
func newPlace() place {
	p := place{end: int64(headOctets)}
	_, _ = rand.Read(p.id[:]) // It never fails.
	return p
}

// lock opens the file, makes it if it is not there, and waits until nobody else writes to it. If that was in vain the last time it does not wait: many may
// stand in line behind us.
func (s *Store) lock(ctx context.Context) (*os.File, error) {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	if s.busy {
		cancel()
	}
	s.busy = false
	for {
		f, err := openOwn(s.path, os.O_RDWR|os.O_CREATE|os.O_APPEND|syscall.O_NONBLOCK)
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil && isAt(f, s.path) {
			return f, nil
		}
		f.Close()
		if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			s.busy = true
			return nil, errBusy
		case <-time.After(lockPause):
		}
	}
}

// isAt tells if the file is still the one at the path, and was not replaced while we waited for it.
func isAt(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}

// openOwn opens a file of our own. One that is made belongs to whom its folder belongs to, if a command of root's makes it.
func openOwn(path string, flags int) (*os.File, error) {
	_, err := os.Lstat(path)
	made := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil || !made || os.Geteuid() != 0 {
		return f, err
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		f.Close()
		return nil, err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		if err := f.Chown(int(owner.Uid), int(owner.Gid)); err != nil {
			f.Close()
			return nil, err
		}
	}
	return f, nil
}

// Keep is Save for who can do nothing about an error: told is called with the first of several in a row, and with nil when it is over. After an error it does
// nothing for some seconds: each try costs as much as there is to save by then.
func (s *Store) Keep(ctx context.Context, told func(error)) {
	now := s.now().UnixNano()
	if failed := s.failed.Load(); failed != 0 && now >= failed && now-failed < int64(keepPause) {
		return
	}
	err, failed := s.Save(ctx), int64(0)
	if err != nil {
		failed = now
	}
	if before := s.failed.Swap(failed); (before != 0) != (failed != 0) {
		told(err)
	}
}
