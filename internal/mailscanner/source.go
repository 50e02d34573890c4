// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Limits of what is read.
const (
	maxFile  = 16 << 20 // Octets of one file.
	maxTotal = 64 << 20 // Octets of all files.
	maxLine  = 64 << 10 // Octets of a line, and of a value once its variables are filled in.
	maxFiles = 1000     // Files that one include may stand for.
)

// etcDir is where MailScanner's files usually are.
const etcDir = "/etc/MailScanner"

// place is a line of a file below the folder.
type place struct {
	file string
	line int // From 1; 0 for the whole file or for no place.
}

// String is file:line.
func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
}

// line is a line of a file, without its end.
type line struct {
	place
	text string // UTF-8.
}

// source reads files below one folder.
type source struct {
	root *os.Root
	dir  string // Absolute.
	env  func(string) (string, bool)
	vars map[string]string // %name% by name, in lower case.
	left int64             // Octets that may still be read.
	done map[string][]line // Files that were read, by their names below the folder.
}

func newSource(root *os.Root, dir string, env func(string) (string, bool)) *source {
	if env == nil {
		env = func(string) (string, bool) { return "", false }
	}
	return &source{root: root, dir: dir, env: env, vars: map[string]string{}, left: maxTotal, done: map[string][]line{}}
}

// errOddName is for names that a config cannot have.
var errOddName = errors.New("its name has characters that a config may not have")

// errOutside is for files that are not below the folder.
var errOutside = errors.New("is not below the folder that is imported, so it was not read")

// rel is the name below the folder of a file that MailScanner knows by its path. What is below /etc/MailScanner, or what the variable
// %etc-dir% says, is below the folder, so that a copy of another host's files can be imported.
func (s *source) rel(name string) (string, error) {
	if !filepath.IsAbs(name) {
		if filepath.IsLocal(name) {
			return path.Clean(name), nil
		}
		return "", errOutside
	}
	for _, base := range []string{s.dir, s.vars["etc-dir"], etcDir} {
		if base == "" {
			continue
		}
		if r, err := filepath.Rel(base, name); err == nil && filepath.IsLocal(r) {
			return filepath.ToSlash(r), nil
		}
	}
	return "", errOutside
}

// lines reads a file that MailScanner knows by that path.
func (s *source) lines(name string) ([]line, error) {
	rel, err := s.rel(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", printable(name), err)
	}
	if lines, ok := s.done[rel]; ok {
		return lines, nil
	}
	f, err := s.open(rel)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := s.scan(rel, f)
	if err != nil {
		return nil, err
	}
	s.done[rel] = lines
	return lines, nil
}

// open opens a regular file. Without O_NONBLOCK a named pipe would hold us up before it can be refused.
func (s *source) open(rel string) (*os.File, error) {
	f, err := s.root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s: %w", printable(rel), err)
	}
	st, err := f.Stat()
	switch {
	case err != nil:
	case !st.Mode().IsRegular():
		err = errors.New("not a regular file")
	case st.Size() > maxFile:
		err = limitError{fmt.Sprintf("larger than %d octets", maxFile)}
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", printable(rel), err)
	}
	return f, nil
}

// limitError is for input that is over a limit. It ends the import.
type limitError struct{ text string }

func (e limitError) Error() string { return e.text }

func isLimit(err error) bool {
	var l limitError
	return errors.As(err, &l)
}

func (s *source) scan(rel string, r io.Reader) ([]line, error) {
	in := bufio.NewScanner(io.LimitReader(r, min(s.left, maxFile)+1))
	in.Buffer(make([]byte, 0, 4096), maxLine)
	var lines []line
	for n := 1; in.Scan(); n++ {
		s.left -= int64(len(in.Bytes())) + 1
		if s.left < 0 {
			return nil, limitError{fmt.Sprintf("%s:%d: more than %d octets in all files", rel, n, maxTotal)}
		}
		lines = append(lines, line{place{printable(rel), n}, text(in.Bytes())})
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return nil, limitError{fmt.Sprintf("%s:%d: a line of more than %d octets", rel, len(lines)+1, maxLine)}
	}
	return lines, in.Err()
}

// text is a line as UTF-8. What is not UTF-8 is taken for ISO-8859-1, which MailScanner's own files are in.
func text(b []byte) string {
	if utf8.Valid(b) {
		return strings.TrimSuffix(string(b), "\r")
	}
	var t strings.Builder
	for _, c := range b {
		t.WriteRune(rune(c))
	}
	return strings.TrimSuffix(t.String(), "\r")
}

var (
	percentVar = regexp.MustCompile(`%([^%]+)%`)
	envVar     = regexp.MustCompile(`\$\{?(\w+)\}?`)
)

// expand fills in %variables% and environment variables. Unknown ones are empty, as in MailScanner.
func (s *source) expand(value string) (string, error) {
	value, err := s.fill(percentVar, value, func(name string) string { return s.vars[strings.ToLower(name)] })
	if err != nil {
		return "", err
	}
	return s.fill(envVar, value, func(name string) string {
		v, _ := s.env(name)
		return v
	})
}

func (s *source) fill(e *regexp.Regexp, value string, get func(string) string) (string, error) {
	var out strings.Builder
	last := 0
	for _, m := range e.FindAllStringSubmatchIndex(value, -1) {
		out.WriteString(value[last:m[0]])
		out.WriteString(get(value[m[2]:m[3]]))
		last = m[1]
		if out.Len() > maxLine {
			return "", limitError{fmt.Sprintf("a value of more than %d octets", maxLine)}
		}
	}
	out.WriteString(value[last:])
	if out.Len() > maxLine {
		return "", limitError{fmt.Sprintf("a value of more than %d octets", maxLine)}
	}
	return out.String(), nil
}
