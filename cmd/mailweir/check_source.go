// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// source is one message to check.
type source struct {
	name string // As it is shown.
	base string // File name for --out.
	path string // "-" for standard input.
	read []byte // What was read from there.
	off  int64  // Where the message begins in the file.
	size int64  // Octets of the message; -1 for the rest of the file.
	err  error  // Why it cannot be read.
	spam bool   // How it is to be learned.
}

// open gives the content.
func (s source) open() (r io.ReaderAt, size int64, closer func(), err error) {
	if s.err != nil {
		return nil, 0, nil, s.err
	}
	if s.path == "-" {
		return bytes.NewReader(s.read), int64(len(s.read)), func() {}, nil
	}
	f, err := openRegular(s.path)
	if err != nil {
		return nil, 0, nil, err
	}
	if s.size >= 0 {
		return io.NewSectionReader(f, s.off, s.size), s.size, func() { _ = f.Close() }, nil
	}
	fi, err := f.Stat()
	if err != nil {
		return nil, 0, nil, errors.Join(err, f.Close())
	}
	return f, fi.Size(), func() { _ = f.Close() }, nil
}

// openRegular opens a file that can be read from any place on, and waits for nobody at the other end of a pipe.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	if fi, err := f.Stat(); err != nil || !fi.Mode().IsRegular() {
		return nil, errors.Join(err, errNotRegular, f.Close())
	}
	return f, nil
}

var errNotRegular = errors.New("no regular file; - is standard input")

// cause is the error without the name of the file, which is told anyway.
func cause(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err
	}
	return err
}

// eachSource finds the messages that the arguments name.
func eachSource(args []string, visit func(source) error) error {
	for _, arg := range args {
		if arg == "-" {
			if err := visit(source{name: "-", base: "stdin", path: "-", size: -1}); err != nil {
				return err
			}
			continue
		}
		root := arg
		if fi, err := os.Stat(arg); err == nil && fi.IsDir() {
			root += "/" // Behind a symbolic link, too.
		}
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil && (e == nil || path == root):
				return err
			case err != nil: // A folder that cannot be read is told of, and the others are looked at.
				return visit(source{name: path, path: path, size: -1, err: err})
			case e.IsDir() && e.Name() == "tmp" && isMaildir(filepath.Dir(path)):
				return fs.SkipDir
			case !e.Type().IsRegular() && path != arg || e.IsDir():
				return nil
			}
			return eachMessage(path, visit)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func isMaildir(dir string) bool {
	for _, sub := range []string{"cur", "new"} {
		if fi, err := os.Stat(filepath.Join(dir, sub)); err != nil || !fi.IsDir() {
			return false
		}
	}
	return true
}

// eachMessage finds the messages of one file: an mbox may hold many. It knows no more of them at a time than the one before the one it is at.
func eachMessage(path string, visit func(source) error) error {
	whole := source{name: path, base: filepath.Base(path), path: path, size: -1}
	f, err := openRegular(path)
	if whole.err = err; err != nil {
		return visit(whole)
	}
	defer f.Close()
	box, from := mbox{r: bufio.NewReaderSize(f, 64<<10)}, int64(0)
	for n := 0; ; n++ {
		at, err := box.next()
		if err != nil && !errors.Is(err, io.EOF) {
			whole.err = err
			return visit(whole)
		}
		if err != nil && n < 2 {
			return visit(whole)
		}
		if n > 0 {
			part := source{name: fmt.Sprintf("%s:%d", path, n), base: fmt.Sprintf("%s.%d", whole.base, n), path: path, off: from, size: at - from}
			if err := visit(part); err != nil {
				return err
			}
		}
		if from = at; err != nil {
			return nil
		}
	}
}

// mbox finds the lines that begin a message in an mbox: "From " behind an empty line. A file that does not begin with one is no mbox.
type mbox struct {
	r     *bufio.Reader
	at    int64 // Octets read.
	begun bool
	empty bool // Whether the line before was.
}

// next is the offset of the next such line. At the end it is the size, with io.EOF.
func (m *mbox) next() (int64, error) {
	if !m.begun {
		m.begun, m.empty = true, true
		if first, _ := m.r.Peek(5); string(first) != "From " {
			return 0, io.EOF
		}
	}
	for lineStart := true; ; {
		piece, err := m.r.ReadSlice('\n')
		start, begins := m.at, lineStart && m.empty && bytes.HasPrefix(piece, []byte("From "))
		m.at += int64(len(piece))
		m.empty = lineStart && len(bytes.TrimRight(piece, "\r\n")) == 0
		lineStart = err == nil
		switch {
		case begins:
			if !lineStart {
				err = m.skipLine()
			}
			if err == nil || errors.Is(err, io.EOF) {
				return start, nil
			}
			return 0, err
		case errors.Is(err, io.EOF):
			return m.at, io.EOF
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return 0, err
		}
	}
}

// skipLine reads on to the end of a line.
func (m *mbox) skipLine() error {
	for {
		piece, err := m.r.ReadSlice('\n')
		if m.at += int64(len(piece)); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}
