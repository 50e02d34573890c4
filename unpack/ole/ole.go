// SPDX-License-Identifier: Apache-2.0

// Package ole reads compound files (MS-CFB), the container of old Office documents, Outlook's .msg, Windows Installer's .msi and of
// objects that are embedded in documents. It reads what can be read of a damaged file, as the programs do that open them, and tells
// where in the file each stream lies, so that it can be blanked in place. What is in the streams is for others to know.
package ole

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf16"
)

// Limits of what is read of one file.
const (
	MaxEntries = 1 << 16 // Directory entries.
	MaxDepth   = 64      // Storages inside storages; what is deeper hangs on the root.
	maxSteps   = 8       // How often each sector may be stepped over, over all streams.
	minSteps   = 1 << 16 // Steps that every file may have.
)

// Magic is what a compound file begins with.
const Magic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// Special sector numbers (MS-CFB section 2.1).
const (
	maxSector  = 0xFFFFFFFA // Sector numbers are up to this.
	endOfChain = 0xFFFFFFFE
	noEntry    = 0xFFFFFFFF
)

const (
	headerSize = 512
	entrySize  = 128
	miniSector = 64
	miniCutoff = 4096 // Smaller streams are in the mini stream.
	inHeader   = 109  // FAT sectors that the header lists.
)

// ErrFormat is returned for what is no compound file, or one with nothing left to read.
var ErrFormat = errors.New("not a compound file")

// ErrLimit is returned when streams share sectors so much that reading them would never end.
var ErrLimit = errors.New("limit sectors of streams exceeded")

// Kind is what a directory entry stands for.
type Kind byte

// The kinds (MS-CFB section 2.6.1).
const (
	Storage Kind = 1
	Stream  Kind = 2
	Root    Kind = 5
)

// Entry is one directory entry.
type Entry struct {
	Name     string // As it is stored, with control characters such as \x01 in front.
	Kind     Kind
	Class    GUID   // Class of the object in a storage.
	Size     int64  // Octets of a stream, as the entry says.
	Parent   *Entry // Nil for the root and for orphans.
	Children []*Entry
	Orphan   bool  // No storage lists it; programs do not see it.
	Offset   int64 // Of the entry itself in the file.

	start uint32
	depth int
	left  uint32
	right uint32
	child uint32
	seen  bool
	names map[string]*Entry // Of the children, when there are many and one was asked for.
}

// Path is the names from below the root down to e.
func (e *Entry) Path() []string {
	var path []string
	for ; e != nil && e.Kind != Root; e = e.Parent {
		path = append([]string{e.Name}, path...)
	}
	return path
}

// File is an open compound file. It is for one goroutine.
type File struct {
	Entries []*Entry // In the directory's order; the first is the root.
	Damage  []string // What is wrong with the file, one line each; no more than a few.
	Cut     bool     // Some of it was left out, by a limit.

	r       io.ReaderAt
	size    int64
	sector  int64
	fat     []uint32
	miniFAT []uint32
	mini    []Run   // Where the mini stream lies.
	miniAt  []int64 // Offset in it of each of them.
	miniEnd int64   // Octets of it.
	steps   int64   // Left.
}

// Root is the root storage.
func (f *File) Root() *Entry { return f.Entries[0] }

// Find is the entry at that path below the root, in any case; nil if there is none.
func (f *File) Find(path ...string) *Entry {
	e := f.Root()
	for _, name := range path {
		if e = e.Child(name); e == nil {
			return nil
		}
	}
	return e
}

// Is tells if a file may be a compound file by its first octets.
func Is(head []byte) bool { return len(head) >= len(Magic) && string(head[:len(Magic)]) == Magic }

// Open reads the header, the allocation tables and the directory. Its errors are ErrFormat and those of r.
func Open(r io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, headerSize)
	if size < headerSize {
		return nil, fmt.Errorf("%w: %d octets", ErrFormat, size)
	}
	if err := readFull(r, head, 0); err != nil {
		return nil, err
	}
	if !Is(head) {
		return nil, ErrFormat
	}
	f := &File{r: r, size: size, sector: 512}
	switch shift := binary.LittleEndian.Uint16(head[30:]); shift {
	case 9:
	case 12:
		f.sector = 4096
	default:
		f.damage("sector shift %d", shift)
		if binary.LittleEndian.Uint16(head[26:]) == 4 {
			f.sector = 4096
		}
	}
	if n := binary.LittleEndian.Uint32(head[56:]); n != miniCutoff {
		f.damage("streams of less than %d octets are said to be small", n)
	}
	f.steps = maxSteps*f.sectors() + minSteps
	if err := f.readFAT(head); err != nil {
		return nil, err
	}
	if err := f.readDirectory(binary.LittleEndian.Uint32(head[48:])); err != nil {
		return nil, err
	}
	return f, f.readMini(binary.LittleEndian.Uint32(head[60:]))
}

// maxDamage is how many faults are told.
const maxDamage = 5

func (f *File) damage(format string, args ...any) {
	if len(f.Damage) < maxDamage {
		f.Damage = append(f.Damage, fmt.Sprintf(format, args...))
	}
}

// sectors is the number of sectors behind the header, the last one perhaps cut.
func (f *File) sectors() int64 { return (f.size - f.sector + f.sector - 1) / f.sector }

// readSector reads a sector; what is behind the end of the file is zero.
func (f *File) readSector(n uint32, into []byte) error {
	off := (int64(n) + 1) * f.sector
	have := min(max(f.size-off, 0), f.sector)
	clear(into[have:])
	return readFull(f.r, into[:have], off)
}

// readFAT reads the allocation table: its sectors are listed in the header and in the DIFAT (MS-CFB section 2.5).
func (f *File) readFAT(head []byte) error {
	perSector := f.sector / 4
	need := (f.sectors() + perSector - 1) / perSector
	list := make([]uint32, 0, min(need, inHeader))
	for i := range inHeader {
		list = append(list, binary.LittleEndian.Uint32(head[76+4*i:]))
	}
	page := make([]byte, f.sector)
	next := binary.LittleEndian.Uint32(head[68:])
	for range need/(perSector-1) + 1 {
		if int64(next) >= f.sectors() {
			break
		}
		if err := f.readSector(next, page); err != nil {
			return err
		}
		for i := range perSector - 1 {
			list = append(list, binary.LittleEndian.Uint32(page[4*i:]))
		}
		next = binary.LittleEndian.Uint32(page[f.sector-4:])
	}
	for _, n := range list {
		if int64(len(f.fat)) >= f.sectors() {
			break
		}
		if int64(n) >= f.sectors() {
			if n <= maxSector {
				f.damage("a sector of the allocation table is behind the end of the file")
			}
			// What stands behind a gap keeps its place.
			f.fat = append(f.fat, slices.Repeat([]uint32{noEntry}, int(perSector))...)
			continue
		}
		if err := f.readSector(n, page); err != nil {
			return err
		}
		f.fat = appendSectors(f.fat, page)
	}
	return nil
}

func appendSectors(to []uint32, page []byte) []uint32 {
	for i := 0; i+4 <= len(page); i += 4 {
		to = append(to, binary.LittleEndian.Uint32(page[i:]))
	}
	return to
}

// readMini reads what small streams are found by: the mini FAT, and where the mini stream lies (MS-CFB section 2.4).
func (f *File) readMini(start uint32) error {
	root := f.Root()
	runs, err := f.chain(f.fat, root.start, min(root.Size, f.size), f.sector)
	if err != nil {
		return err
	}
	f.mini = runs
	for _, r := range runs {
		f.miniAt = append(f.miniAt, f.miniEnd)
		f.miniEnd += r.Length
	}
	table, err := f.chain(f.fat, start, (f.miniEnd/miniSector+1)*4+f.sector, f.sector)
	if err != nil {
		return err
	}
	page := make([]byte, f.sector)
	for _, r := range table {
		for off := r.Offset; off+f.sector <= r.Offset+r.Length && int64(len(f.miniFAT)) <= f.miniEnd/miniSector; off += f.sector {
			if err := readFull(f.r, page, off); err != nil {
				return err
			}
			f.miniFAT = appendSectors(f.miniFAT, page)
		}
	}
	return nil
}

// readFull fills p from off; less is there is an error.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("compound file at octet %d: %w", off, err)
}

// utf16Name decodes a name; size is its octets with the NUL behind it, which may be wrong.
func utf16Name(b []byte, size int) string {
	var units []uint16
	for i := 0; i+2 <= min(size, 64); i += 2 {
		u := binary.LittleEndian.Uint16(b[i:])
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}
