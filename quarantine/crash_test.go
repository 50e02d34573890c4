// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asChild runs this test alone in a process of its own, with arg for it to find, and gives the error of that process.
func asChild(t *testing.T, arg string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), childArg+"="+arg)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.Exited()) {
		t.Fatalf("child %s: %v\n%s", arg, err, out)
	}
	return err
}

const childArg = "QUARANTINE_TEST_CHILD"

// TestKilled kills a process in each step of Put. After each there is the whole entry or none; and what is left
// of one goes an hour later.
func TestKilled(t *testing.T) {
	if arg := os.Getenv(childArg); arg != "" {
		killedChild(t, arg)
		return
	}
	for step := 1; step <= 5; step++ {
		dir := filepath.Join(t.TempDir(), "quarantine")
		err := asChild(t, fmt.Sprintf("%d %s", step, dir))
		if killed := step < 5; killed != (err != nil) {
			t.Fatalf("step %d: child ended with %v", step, err)
		}
		later := time.Now().Add(2 * leftoverAge)
		s := reopen(t, dir, Options{Now: func() time.Time { return later }})
		want := "" // The rename of the JSON stands between steps 3 and 4.
		if step >= 4 {
			want = "A1"
		}
		if got := list(s, Filter{}); got != want {
			t.Errorf("step %d: listed %q, want %q", step, got, want)
		}
		for e := range s.List(Filter{}) {
			f, err := s.Open(e.ID)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(f); string(text) != testMessage || err != nil {
				t.Errorf("step %d: message %q, %v", step, text, err)
			}
			f.Close()
		}
		if _, _, err := s.Expire(t.Context()); err != nil {
			t.Error(err)
		}
		if got := len(files(t, s)); got != 2*len(strings.Fields(want)) {
			t.Errorf("step %d: left %v", step, files(t, s))
		}
	}
}

// killedChild kills itself before the step that arg begins with: the sync of the store, of the message, of the JSON, of the day.
func killedChild(t *testing.T, arg string) {
	var step int
	var dir string
	if _, err := fmt.Sscan(arg, &step, &dir); err != nil {
		t.Fatal(err)
	}
	s := reopen(t, dir, Options{})
	s.sync = func(f *os.File) error {
		if step--; step == 0 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			select {}
		}
		return f.Sync()
	}
	put(t, s, testEntry("A1"))
}

// TestFileSizeLimit: a file that may not grow is an error like any other.
func TestFileSizeLimit(t *testing.T) {
	if dir := os.Getenv(childArg); dir != "" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 4096, Max: 4096}); err != nil {
			t.Fatal(err)
		}
		refuses(t, reopen(t, dir, Options{}), syscall.EFBIG)
		return
	}
	if err := asChild(t, filepath.Join(t.TempDir(), "quarantine")); err != nil {
		t.Error(err)
	}
}

// TestFullDisk: a full disk is told, leaves nothing half-written, and the store goes on when there is room again.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("cannot mount a tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	refuses(t, s, syscall.ENOSPC)

	// There is room for the message and none for the JSON.
	for i := 0; ; i++ {
		err := s.root.WriteFile(fmt.Sprintf("filler%d", i), make([]byte, 4096), fileMode)
		if errors.Is(err, syscall.ENOSPC) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.root.Remove("filler0"); err != nil {
		t.Fatal(err)
	}
	before := len(files(t, s))
	if _, err := s.Put(t.Context(), testEntry("A1"), strings.NewReader(testMessage), int64(len(testMessage))); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Put: error %v, want %v", err, syscall.ENOSPC)
	}
	if after := files(t, s); len(after) != before {
		t.Errorf("left: %v", after)
	}
	if err := s.root.Remove("filler1"); err != nil {
		t.Fatal(err)
	}
	put(t, s, testEntry("A1"))
}

// refuses checks that a large message is refused and nothing of it left, and a small one is taken after that.
func refuses(t *testing.T, s *Store, want error) {
	t.Helper()
	const large = 1 << 20
	_, err := s.Put(t.Context(), testEntry("A1"), io.LimitReader(zeros{}, large), large)
	if !errors.Is(err, want) {
		t.Errorf("Put: error %v, want %v", err, want)
	}
	if left := files(t, s); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if err := s.Delete(put(t, s, testEntry("A1"))); err != nil {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestAtOnce has a daemon and two command lines at work on one folder. Nobody sees half an entry, and each entry is there
// until somebody removes it.
func TestAtOnce(t *testing.T) {
	first, _ := newStore(t, Options{Now: time.Now})
	const writers, each = 4, 15
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				id := put(t, first, testEntry(fmt.Sprintf("W%d-%d", w, i)))
				if i%3 != 0 {
					continue
				}
				if err := first.Delete(id); err != nil {
					t.Errorf("delete %s: %v", id, err)
				}
			}
		})
	}
	for range 2 {
		s := reopen(t, first.root.Name(), first.opts)
		reading.Go(func() {
			for {
				readAll(t, s)
				if _, _, err := s.Expire(t.Context()); err != nil {
					t.Error(err)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if got, want := len(strings.Fields(list(first, Filter{}))), writers*each*2/3; got != want {
		t.Errorf("%d entries, want %d", got, want)
	}
}

// readAll reads what there is.
func readAll(t *testing.T, s *Store) {
	for e, err := range s.List(Filter{}) {
		if err != nil {
			t.Error(err)
			continue
		}
		f, err := s.Open(e.ID)
		if errors.Is(err, fs.ErrNotExist) {
			continue // Deleted meanwhile.
		}
		if err != nil {
			t.Error(err)
			continue
		}
		if err := e.verify(f); err != nil {
			t.Errorf("entry %s: %v", e.ID, err)
		}
		f.Close()
	}
}
