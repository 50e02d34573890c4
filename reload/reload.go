// SPDX-License-Identifier: Apache-2.0

// Package reload keeps what was read from some files, and reads them again when one of them changes: lists of digests and of sites.
package reload

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

// Options are about the files.
type Options struct {
	Every     time.Duration    // How often, at most, they are looked at for a change.
	MaxOctets int64            // Of one file.
	Now       func() time.Time // The clock; nil for time.Now.
	Failed    func(error)      // Told why changed files were not read; once as long as one cannot be opened. May be nil.
}

// Files keeps a T that is read from files. There is no goroutine: whoever asks for it when it is time to look, looks; others meanwhile go on
// with what there is. It is safe for many goroutines.
type Files[T any] struct {
	names   []string
	options Options
	read    func([]*os.File) (*T, error)

	value atomic.Pointer[T]
	fault atomic.Pointer[error] // Of the last reading; nil if it went well.

	mu      sync.Mutex    // Held by who looks.
	checked time.Time     // When the files were looked at last.
	seen    []fs.FileInfo // The files as they were when read last, or found broken; nil if one could not be opened.
}

// Open reads the files for the first time. read is given all of them, in order, and closes none; what it returns is not changed any more.
func Open[T any](names []string, o Options, read func([]*os.File) (*T, error)) (*Files[T], error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Files[T]{names: names, options: o, read: read, checked: o.Now()}
	if err := f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

// Current gives what to go by: of the files as they are, or were when they could be read last.
func (f *Files[T]) Current() *T {
	if len(f.names) == 0 || !f.mu.TryLock() {
		return f.value.Load()
	}
	defer f.mu.Unlock()
	if now := f.options.Now(); now.Sub(f.checked) >= f.options.Every {
		f.checked = now
		if f.changed() {
			f.reload()
		}
	}
	return f.value.Load()
}

// Fault tells why the files as they are now could not be read; nil if they are in use.
func (f *Files[T]) Fault() error {
	if err := f.fault.Load(); err != nil {
		return *err
	}
	return nil
}

func (f *Files[T]) changed() bool {
	if f.seen == nil {
		return true
	}
	for i, name := range f.names {
		info, err := os.Stat(name)
		old := f.seen[i]
		if err != nil || !os.SameFile(info, old) || info.Size() != old.Size() || !info.ModTime().Equal(old.ModTime()) {
			return true
		}
	}
	return false
}

func (f *Files[T]) reload() {
	err := f.load()
	if err == nil {
		f.fault.Store(nil)
		return
	}
	before := f.Fault()
	f.fault.Store(&err)
	again := f.seen == nil && before != nil && before.Error() == err.Error() // No file could be opened, as at the last look.
	if f.options.Failed != nil && !again {
		f.options.Failed(err)
	}
}

// load reads all files. What there is is exchanged only if every one could be read.
func (f *Files[T]) load() error {
	f.seen = nil // With a file that cannot be opened, the next check tries again.
	var seen []fs.FileInfo
	var files []*os.File
	defer func() {
		for _, file := range files {
			file.Close()
		}
	}()
	for _, name := range f.names {
		file, info, err := open(name, f.options.MaxOctets)
		if err != nil {
			return fmt.Errorf("list %s: %w", name, err)
		}
		files, seen = append(files, file), append(seen, info)
	}
	f.seen = seen // As they were before the first octet was read: a change while they are read is seen later.
	value, err := f.read(files)
	if err != nil {
		return err
	}
	f.value.Store(value)
	return nil
}

func open(name string, limit int64) (*os.File, fs.FileInfo, error) {
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
	case info.Size() > limit:
		err = fmt.Errorf("larger than %d octets", limit)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}
