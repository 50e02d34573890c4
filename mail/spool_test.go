// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// content is n octets that tell their place.
func content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8)
	}
	return b
}

// fill writes in pieces of an odd size.
func fill(t *testing.T, s *Spool, b []byte) {
	t.Helper()
	for len(b) > 0 {
		n := min(1237, len(b))
		if m, err := s.Write(b[:n]); m != n || err != nil {
			t.Fatalf("write: %d, %v", m, err)
		}
		b = b[n:]
	}
}

func TestSpool(t *testing.T) {
	for _, c := range []struct {
		name          string
		size, hint    int64
		memory, total int64
		inMemory      bool
		reservedMost  int64
	}{
		{name: "empty", memory: 1 << 20, total: 1 << 20},
		{name: "small", size: 1000, memory: 1 << 20, total: 1 << 20, inMemory: true, reservedMost: maxPage},
		{name: "grows", size: 300_000, memory: 1 << 20, total: 1 << 20, inMemory: true, reservedMost: 1 << 20},
		{name: "to the limit", size: 1 << 16, memory: 1 << 16, total: 1 << 20, inMemory: true, reservedMost: 1 << 17},
		{name: "over the limit", size: 1<<16 + 1, memory: 1 << 16, total: 1 << 20},
		{name: "hint over the limit", size: 10, hint: 1 << 17, memory: 1 << 16, total: 1 << 20},
		{name: "hint too small", size: 200_000, hint: 10, memory: 1 << 20, total: 1 << 20, inMemory: true, reservedMost: 1 << 19},
		{name: "hint right", size: 200_000, hint: 200_000, memory: 1 << 20, total: 1 << 20, inMemory: true, reservedMost: 1 << 20},
		{name: "no memory for all", size: 100_000, memory: 1 << 20, total: 50_000},
		{name: "nothing in memory", size: 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			sp := &Spooler{Dir: dir, Memory: c.memory, MemoryTotal: c.total}
			s := sp.New(c.hint)
			want := content(int(c.size))
			fill(t, s, want)
			if s.Size() != c.size {
				t.Errorf("size %d, want %d", s.Size(), c.size)
			}
			if got := s.Bytes(); c.inMemory != (got != nil) || c.inMemory && !bytes.Equal(got, want) {
				t.Errorf("%d octets in memory", len(got))
			}
			if used := sp.Used(); c.inMemory && (used < c.size || used > c.reservedMost) || !c.inMemory && used != 0 {
				t.Errorf("%d octets of memory accounted", used)
			}
			if got, err := io.ReadAll(s.Reader()); err != nil || !bytes.Equal(got, want) {
				t.Errorf("read %d octets, %v", len(got), err)
			}
			checkEmpty(t, dir)
			for range 2 {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			if sp.Used() != 0 {
				t.Errorf("%d octets of memory are not given back", sp.Used())
			}
			if _, err := s.Write([]byte("x")); !errors.Is(err, ErrSpoolClosed) {
				t.Errorf("write after close: %v", err)
			}
			if _, err := s.ReadAt(make([]byte, 1), 0); !errors.Is(err, ErrSpoolClosed) {
				t.Errorf("read after close: %v", err)
			}
		})
	}
}

// checkEmpty finds files that a crash would leave behind.
func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("left in the folder: %v, %v", names, err)
	}
}

func TestSpoolReadAt(t *testing.T) {
	want := content(5000)
	for _, memory := range []int64{0, 1 << 20} {
		s := (&Spooler{Dir: t.TempDir(), Memory: memory, MemoryTotal: memory}).New(0)
		defer s.Close()
		fill(t, s, want)
		for _, c := range []struct {
			off, n, got int
			err         error
		}{{0, 10, 10, nil}, {4990, 10, 10, nil}, {4990, 20, 10, io.EOF}, {5000, 1, 0, io.EOF}, {9000, 1, 0, io.EOF}} {
			p := make([]byte, c.n)
			n, err := s.ReadAt(p, int64(c.off))
			if n != c.got || err != c.err || !bytes.Equal(p[:n], want[min(c.off, 5000):min(c.off, 5000)+n]) {
				t.Errorf("memory %d: read %d at %d: got %d, %v, want %d, %v", memory, c.n, c.off, n, err, c.got, c.err)
			}
		}
		if _, err := s.ReadAt(make([]byte, 1), -1); err == nil || err == io.EOF {
			t.Errorf("read at -1: %v", err)
		}
	}
}

func TestSpoolConcurrentReads(t *testing.T) {
	want := content(200_000)
	for _, memory := range []int64{0, 1 << 20} {
		s := (&Spooler{Dir: t.TempDir(), Memory: memory, MemoryTotal: memory}).New(0)
		defer s.Close()
		fill(t, s, want)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if got, err := io.ReadAll(s.Reader()); err != nil || !bytes.Equal(got, want) {
					t.Errorf("read %d octets, %v", len(got), err)
				}
			})
		}
		wg.Wait()
	}
}

// Many spools at once never account more than they may, and nothing in the end.
func TestSpoolMemoryTotal(t *testing.T) {
	sp := &Spooler{Dir: t.TempDir(), Memory: 1 << 20, MemoryTotal: 1 << 19}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			s := sp.New(0)
			defer s.Close()
			fill(t, s, content(100_000))
			if sp.Used() > sp.MemoryTotal+16<<18 { // Asked for and given back at once by those who get none.
				t.Errorf("%d octets accounted", sp.Used())
			}
		})
	}
	wg.Wait()
	if sp.Used() != 0 {
		t.Errorf("%d octets of memory are not given back", sp.Used())
	}
}

// The memory of a closed spool serves the next one; it must not show the old content.
func TestSpoolReuse(t *testing.T) {
	sp := DefaultSpooler(t.TempDir())
	for i := range 10 {
		s := sp.New(0)
		want := content(1000 + i)[i:]
		fill(t, s, want)
		if !bytes.Equal(s.Bytes(), want) {
			t.Fatal("content of another spool")
		}
		s.Close()
	}
}

func TestSpoolWithoutFolder(t *testing.T) {
	s := (&Spooler{Dir: filepath.Join(t.TempDir(), "none")}).New(0)
	defer s.Close()
	if n, err := s.Write([]byte("x")); n != 0 || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("write: %d, %v", n, err)
	}
	if s.Size() != 0 {
		t.Errorf("size %d", s.Size())
	}
}

// TestSpoolFullDisk fills a tiny file system: the error names it, what was written before stays readable, and memory is given back.
func TestSpoolFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("a tmpfs cannot be mounted here: %v", err)
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	sp := &Spooler{Dir: dir, Memory: 1 << 10, MemoryTotal: 1 << 20}
	s := sp.New(0)
	want := content(200_000)
	var err error
	for off := 0; err == nil && off < len(want); off += 1000 {
		_, err = s.Write(want[off : off+1000])
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v", err)
	}
	got, err := io.ReadAll(s.Reader())
	if err != nil || int64(len(got)) != s.Size() || s.Size() < 1000 || !bytes.HasPrefix(want, got) {
		t.Errorf("read back %d of %d octets, %v", len(got), s.Size(), err)
	}
	checkEmpty(t, dir)
	if err := s.Close(); err != nil || sp.Used() != 0 {
		t.Errorf("close: %v, %d octets accounted", err, sp.Used())
	}

	// The step from memory to the file may fail, too.
	full := sp.New(0)
	defer full.Close()
	other := sp.New(0)
	defer other.Close()
	for err = nil; err == nil; {
		_, err = other.Write(want[:4096])
	}
	fill(t, full, want[:1000])
	if _, err := full.Write(want[:1000]); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("over the memory limit: got %v", err)
	}
	if got, err := io.ReadAll(full.Reader()); err != nil || !bytes.Equal(got, want[:1000]) {
		t.Errorf("read back %d octets, %v", len(got), err)
	}
}
