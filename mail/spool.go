// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Spooler makes spools. It keeps small content in memory and the rest in files without a name, so that a crash
// leaves nothing behind. It is safe for many goroutines. The zero value keeps at most nothing in memory and
// writes to the system's folder for temporary files.
type Spooler struct {
	Dir         string // Folder for the files; a tmpfs is advised.
	Memory      int64  // Octets that one spool may keep in memory.
	MemoryTotal int64  // Octets that all spools together may keep in memory.

	used atomic.Int64
}

// DefaultSpooler keeps 1 MiB of a message in memory, 32 MiB in all.
func DefaultSpooler(dir string) *Spooler {
	return &Spooler{Dir: dir, Memory: 1 << 20, MemoryTotal: 32 << 20}
}

// Used tells how many octets all spools together keep in memory now.
func (s *Spooler) Used() int64 { return s.used.Load() }

// New makes an empty spool. hint is the expected size in octets, 0 if it is not known.
func (s *Spooler) New(hint int64) *Spool {
	return &Spool{spooler: s, hint: hint}
}

// Spool holds octets that are written once and then read at any offset, by many goroutines. Writing is for one
// goroutine. An error of Write may be a full disk (syscall.ENOSPC); what was written before it stays readable.
type Spool struct {
	spooler  *Spooler
	hint     int64
	mem      []byte
	reserved int64
	file     *os.File
	size     int64
}

var (
	_ io.ReaderAt    = (*Spool)(nil)
	_ io.WriteCloser = (*Spool)(nil)
)

// ErrSpoolClosed is returned by reads and writes after Close.
var ErrSpoolClosed = errors.New("spool is closed")

// pages are the buffers of spools that stayed in memory, for use by the next. A pool is a cache, not state.
var pages = sync.Pool{}

// maxPage bounds the octets of a buffer that is kept for the next spool: a small message is not to take the memory of a large one.
const maxPage = 128 << 10

// Write appends p.
func (s *Spool) Write(p []byte) (int, error) {
	if s.spooler == nil {
		return 0, ErrSpoolClosed
	}
	if s.file == nil && !s.fits(int64(len(p))) {
		if err := s.toFile(); err != nil {
			return 0, err
		}
	}
	if s.file != nil {
		n, err := s.file.Write(p)
		s.size += int64(n)
		return n, err
	}
	s.mem = append(s.mem, p...)
	s.size += int64(len(p))
	return len(p), nil
}

// fits reserves memory for n octets more and tells if there was enough of it.
func (s *Spool) fits(n int64) bool {
	if max(s.size+n, s.hint) > s.spooler.Memory {
		return false
	}
	if s.mem == nil {
		s.mem = s.page()
	}
	// append doubles a slice that is too small, so what it will take is reserved and not what it holds.
	want := int64(cap(s.mem))
	if s.size+n > want {
		want = max(2*want, s.size+n)
	}
	if more := want - s.reserved; more > 0 {
		if s.spooler.used.Add(more) > s.spooler.MemoryTotal {
			s.spooler.used.Add(-more)
			return false
		}
		s.reserved = want
	}
	if int64(cap(s.mem)) < s.size+n {
		grown := make([]byte, len(s.mem), want)
		copy(grown, s.mem)
		s.mem = grown
	}
	return true
}

func (s *Spool) page() []byte {
	if p, _ := pages.Get().(*[]byte); p != nil && int64(cap(*p)) >= s.hint {
		return (*p)[:0]
	}
	return make([]byte, 0, max(s.hint, 32<<10))
}

// toFile moves the spool from memory into a file without a name.
func (s *Spool) toFile() error {
	f, err := unnamedFile(s.spooler.Dir)
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if _, err := f.Write(s.mem); err != nil {
		f.Close()
		return fmt.Errorf("spool: %w", err)
	}
	s.file = f
	s.freeMemory()
	return nil
}

func (s *Spool) freeMemory() {
	if s.mem != nil && cap(s.mem) <= maxPage {
		mem := s.mem[:0]
		pages.Put(&mem)
	}
	s.mem = nil
	s.spooler.used.Add(-s.reserved)
	s.reserved = 0
}

// unnamedFile opens a file that has no name, so that it is gone when it is closed or the process dies.
func unnamedFile(dir string) (*os.File, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	fd, err := unix.Open(dir, unix.O_RDWR|unix.O_TMPFILE|unix.O_CLOEXEC, 0o600)
	if err == nil {
		return os.NewFile(uintptr(fd), dir), nil
	}
	// Not every file system knows O_TMPFILE.
	f, err := os.CreateTemp(dir, "spool-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadAt reads like io.ReaderAt.
func (s *Spool) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case s.spooler == nil:
		return 0, ErrSpoolClosed
	case off < 0:
		return 0, errors.New("spool: negative offset")
	case s.file != nil:
		return s.file.ReadAt(p, off)
	case off >= s.size:
		return 0, io.EOF
	}
	n := copy(p, s.mem[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Bytes is the content if it is in memory, else nil. The caller does not change it, nor use it after Close.
func (s *Spool) Bytes() []byte { return s.mem }

// Size is the number of octets written.
func (s *Spool) Size() int64 { return s.size }

// Reader reads the content from its start.
func (s *Spool) Reader() *io.SectionReader { return io.NewSectionReader(s, 0, s.size) }

// Close gives memory and file back. A second Close does nothing.
func (s *Spool) Close() error {
	if s.spooler == nil {
		return nil
	}
	s.freeMemory()
	s.spooler = nil
	if s.file != nil {
		return s.file.Close()
	}
	return nil
}
