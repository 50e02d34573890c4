// SPDX-License-Identifier: Apache-2.0

// Package ar reads Unix archives: those of ar(1) with GNU or BSD long names, and Debian packages, which are such. It tells where
// members are; it neither opens nor keeps them. Package unpack calls it.
package ar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ErrFormat is wrapped by errors that tell of octets that are not as the format has them; other errors are those of reading.
var ErrFormat = errors.New("ar archive is damaged")

// Limits of what is read at once.
const (
	MaxNames = 1 << 20 // Octets of the GNU table of long names; longer ones are cut.
	MaxName  = 4 << 10 // Octets of one name.
)

const (
	magic     = "!<arch>\n"
	thinMagic = "!<thin>\n"
	headerLen = 60
)

// Is tells if head, the first octets of a file, is the beginning of an archive.
func Is(head []byte) bool {
	return bytes.HasPrefix(head, []byte(magic)) || bytes.HasPrefix(head, []byte(thinMagic))
}

// Member is one member of an archive.
type Member struct {
	Name         string // As it is written, without the slash that GNU puts behind it.
	Offset, Size int64  // Octets, in the archive.
	Thin         bool   // The content is in another file that is not here.
}

// Reader finds the members one after another. It is not safe for several goroutines.
type Reader struct {
	r     io.ReaderAt
	size  int64
	next  int64
	names []byte
	thin  bool
}

// New reads the archive of size octets that r holds.
func New(r io.ReaderAt, size int64) (*Reader, error) {
	var head [len(magic)]byte
	if size < int64(len(head)) {
		return nil, fmt.Errorf("%w: too short", ErrFormat)
	}
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, fmt.Errorf("read magic: %w", err)
	}
	if !Is(head[:]) {
		return nil, fmt.Errorf("%w: no magic", ErrFormat)
	}
	return &Reader{r: r, size: size, next: int64(len(head)), thin: string(head[:]) == thinMagic}, nil
}

// Next finds the next member; io.EOF if there is none. A member that is cut short comes with an error that wraps ErrFormat.
func (r *Reader) Next() (*Member, error) {
	r.next += r.next & 1
	if r.next >= r.size {
		return nil, io.EOF
	}
	var h [headerLen]byte
	if r.size-r.next < headerLen {
		return nil, fmt.Errorf("%w: header is cut short", ErrFormat)
	}
	if _, err := r.r.ReadAt(h[:], r.next); err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	size, err := strconv.ParseInt(strings.TrimRight(string(h[48:58]), " "), 10, 64)
	if err != nil || size < 0 || h[58] != '`' || h[59] != '\n' {
		return nil, fmt.Errorf("%w: no header at offset %d", ErrFormat, r.next)
	}
	m := &Member{Offset: r.next + headerLen, Size: size}
	name := strings.TrimRight(string(h[:16]), " ")
	// In a thin archive, only the tables are there.
	m.Thin = r.thin && name != "/" && name != "//" && name != "/SYM64/"
	return r.finish(m, name)
}

// finish fits a member into the archive and finds its name.
func (r *Reader) finish(m *Member, name string) (*Member, error) {
	var cut error
	if m.Thin {
		r.next = m.Offset
		m.Size = 0
	} else {
		if rest := r.size - m.Offset; m.Size > rest {
			cut = fmt.Errorf("%w: member is cut short by %d octets", ErrFormat, m.Size-rest)
			m.Size = rest
		}
		r.next = m.Offset + m.Size
	}
	var err error
	switch {
	case name == "//":
		m.Name, err = name, r.readNames(m)
	case strings.HasPrefix(name, "#1/"):
		m.Name, err = r.bsdName(m, name)
	case len(name) > 1 && name[0] == '/' && name[1] >= '0' && name[1] <= '9':
		m.Name = r.longName(name)
	case len(name) > 1:
		m.Name = strings.TrimSuffix(name, "/")
	default:
		m.Name = name
	}
	if err != nil {
		return nil, err
	}
	return m, cut
}

// readNames keeps the table of long names.
func (r *Reader) readNames(m *Member) error {
	r.names = make([]byte, min(m.Size, MaxNames))
	if _, err := r.r.ReadAt(r.names, m.Offset); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read names: %w", err)
	}
	return nil
}

// longName is the name that "/123" points to; the pointer itself if there is none.
func (r *Reader) longName(name string) string {
	off, err := strconv.ParseUint(strings.TrimSpace(name[1:]), 10, 32)
	if err != nil || off >= uint64(len(r.names)) {
		return name
	}
	long := r.names[off:]
	if i := bytes.IndexAny(long, "\n\x00"); i >= 0 {
		long = long[:i]
	}
	return strings.TrimSuffix(string(long[:min(len(long), MaxName)]), "/")
}

// bsdName is the name that stands before the content, which it is taken from.
func (r *Reader) bsdName(m *Member, name string) (string, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(name[3:]), 10, 64)
	if err != nil || n < 0 || n > m.Size {
		return name, nil //nolint:nilerr // no such name then
	}
	b := make([]byte, min(n, MaxName))
	if _, err := r.r.ReadAt(b, m.Offset); err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read name: %w", err)
	}
	m.Offset += n
	m.Size -= n
	return string(bytes.TrimRight(b, "\x00")), nil
}
