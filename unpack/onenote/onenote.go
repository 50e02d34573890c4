// SPDX-License-Identifier: Apache-2.0

// Package onenote finds the files that are embedded in a OneNote section (MS-ONESTORE): the objects of its file data store, and the names
// under which they are shown. It does not read the pages.
package onenote

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// Limits of one section.
const (
	MaxFiles = 10_000
	MaxNames = 1000
	maxName  = 4096 // Octets of a name.
)

// Magic is what sections and tables of contents begin with (MS-ONESTORE section 2.3.1).
const (
	Magic   = "\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3"
	magicTO = "\xA1\x2F\xFF\x43\xD9\xEF\x76\x4C\x9E\xE2\x10\xEA\x57\x22\x76\x5F"
)

// packed is the format of a section as it is stored on servers (section 2.8), which has its files in pieces.
const (
	packed   = "\x2C\xE9\x8D\x63\xD4\xA6\xC1\x4B\x9A\x36\xB3\xFC\x25\x11\xA5\xB7"
	packedAt = 48
)

// fileData begins an object of the file data store (section 2.6.13); its length follows, twelve octets that say nothing, and the file.
const (
	fileData = "\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC"
	dataAt   = 36
)

// Properties that hold names of files (MS-ONE section 2.1.12): of the file as it is shown, and where it was taken from.
const (
	embeddedName = "\x9C\x1D\x00\x1C"
	sourcePath   = "\x9D\x1D\x00\x1C"
)

// File is an embedded file.
type File struct{ Offset, Size int64 }

// Section is what was found.
type Section struct {
	Files []File
	Names []string // Which of the files they belong to is not told.

	tries int // To read names.
}

// Is tells if the octets begin as OneNote's files do.
func Is(head []byte) bool {
	return bytes.HasPrefix(head, []byte(Magic)) || bytes.HasPrefix(head, []byte(magicTO))
}

// IsPacked tells of sections as they are stored on servers, in which no files are found.
func IsPacked(head []byte) bool {
	return Is(head) && len(head) > packedAt && bytes.HasPrefix(head[packedAt:], []byte(packed))
}

// window is how much is looked at at once.
const window = 64 << 10

// Read looks through all of the section, whatever its own lists say. The error is that of r.
func Read(r io.ReaderAt, size int64) (*Section, error) {
	s := &Section{}
	page := make([]byte, window)
	for off := int64(0); off < size; {
		n := min(size-off, window)
		if got, err := r.ReadAt(page[:n], off); int64(got) < n {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return s, err
		}
		for _, at := range indexes(page[:n], fileData) {
			s.file(r, off+at, size)
		}
		for _, id := range []string{embeddedName, sourcePath} {
			for _, at := range indexes(page[:n], id) {
				s.name(r, off+at, size)
			}
		}
		if n < window {
			break
		}
		off += window - int64(len(fileData)) + 1
	}
	return s, nil
}

func indexes(b []byte, text string) []int64 {
	var all []int64
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(text))
		if i < 0 {
			return all
		}
		all = append(all, int64(from+i))
		from += i + len(text)
	}
}

func (s *Section) file(r io.ReaderAt, off, size int64) {
	b := make([]byte, 8)
	if _, err := r.ReadAt(b, off+int64(len(fileData))); err != nil || len(s.Files) >= MaxFiles {
		return
	}
	f := File{off + dataAt, int64(binary.LittleEndian.Uint64(b) & (1<<62 - 1))}
	if f.Offset >= size || len(s.Files) > 0 && s.Files[len(s.Files)-1].Offset >= f.Offset {
		return
	}
	f.Size = min(f.Size, size-f.Offset)
	s.Files = append(s.Files, f)
}

// maxProperties is how many properties an object with a file may have.
const maxProperties = 64

// name reads the value of the property whose number stands at off. The numbers of all properties of an object stand before their values
// (MS-ONESTORE section 2.6.7), so the beginning of the list is looked for, and then the values before this one are skipped.
func (s *Section) name(r io.ReaderAt, off, size int64) {
	if s.tries++; s.tries > 2*MaxNames {
		return
	}
	start := max(off-4*maxProperties-2, 0)
	b := make([]byte, min(size-start, 4*maxProperties*2+4*maxName))
	n, _ := r.ReadAt(b, start)
	b = b[:n]
	at := int(off - start)
	for i := 0; i < maxProperties && at-4*i-2 >= 0; i++ {
		first := at - 4*i
		count := int(binary.LittleEndian.Uint16(b[first-2:]))
		if count <= i || count > maxProperties || first+4*count > len(b) {
			continue
		}
		if name := value(b[first:], count, i); name != "" {
			if len(s.Names) < MaxNames && !slices.Contains(s.Names, name) {
				s.Names = append(s.Names, name)
			}
			return
		}
	}
}

// value reads the i-th of count properties as a name; "" if it cannot be one.
func value(b []byte, count, i int) string {
	ids, data := b[:4*count], b[4*count:]
	for k := range i {
		n, ok := length(binary.LittleEndian.Uint32(ids[4*k:]), data)
		if !ok || n > len(data) {
			return ""
		}
		data = data[n:]
	}
	if len(data) < 4 {
		return ""
	}
	n := binary.LittleEndian.Uint32(data)
	if n < 4 || n > maxName || n%2 != 0 || int(n) > len(data)-4 {
		return ""
	}
	units := make([]uint16, n/2)
	for k := range units {
		units[k] = binary.LittleEndian.Uint16(data[4+2*k:])
	}
	name := strings.TrimRight(string(utf16.Decode(units)), "\x00")
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '\uFFFD' }) {
		return ""
	}
	return name
}

// length is that of a property's value, by the type in its number (section 2.6.6). Of references there is no more than a count.
func length(id uint32, data []byte) (n int, ok bool) {
	switch id >> 26 & 31 {
	case 1, 2, 8, 10, 12: // No value, a bit in the number, or one reference.
		return 0, true
	case 3:
		return 1, true
	case 4:
		return 2, true
	case 5, 9, 11, 13:
		return 4, true
	case 6:
		return 8, true
	case 7:
		if len(data) >= 4 {
			return 4 + int(min(binary.LittleEndian.Uint32(data), 1<<30)), true
		}
	}
	return 0, false
}
