// SPDX-License-Identifier: Apache-2.0

// Package iso9660 reads images of ISO 9660 file systems (ECMA-119) with all the names that systems may show for a file: of the primary volume
// descriptor, of Joliet, and of Rock Ridge (SUSP, RRIP). Boot images (El Torito) are files as well. It tells where files are; it neither
// opens nor keeps them. Package unpack calls it.
package iso9660

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrFormat is wrapped by errors that tell of octets that are not as the format has them; other errors are those of reading.
var ErrFormat = errors.New("iso 9660 image is damaged")

// Limits of an image. What is beyond them is left out, and List says so.
const (
	MaxDescriptors = 64
	MaxDirectories = 10_000
	MaxFiles       = 20_000
	MaxExtents     = 1_000   // Of one file.
	MaxDirectory   = 4 << 20 // Octets of one directory.
	MaxNames       = 8 << 20 // Octets of all names together.
	MaxName        = 4 << 10 // Octets of one path.
)

const (
	sector      = 2048
	systemArea  = 16 * sector // Before the descriptors; free for other uses.
	identifier  = "CD001"
	recordLen   = 33 // Of a directory record without its name.
	maxFaults   = 8  // That are told.
	maxContinue = 16 // Continuation areas of one record.
)

// Offset is where the identifier of the first descriptor stands, which tells an image from other files.
const Offset = systemArea + 1

// Identifier is what stands there.
const Identifier = identifier

// Extent is a run of octets in the image.
type Extent struct{ Offset, Size int64 }

// File is one file. If several directories have it, it is there once.
type File struct {
	Names      []string // Its paths in all name spaces.
	Extents    []Extent // Its content, one after another.
	Compressed bool     // By zisofs: what the system shows is something else.
}

// Image is what is in an image.
type Image struct {
	Files  []*File
	System Extent // What stands before the file system; a hybrid image has a boot sector or more there.
	End    int64  // Behind the file system.
	UDF    bool   // There is a UDF file system too, which may have other files.
	Faults []string
}

// List finds all files in the image of size octets that r holds. An image without a directory is an error that wraps ErrFormat.
func List(r io.ReaderAt, size int64) (*Image, error) {
	l := &lister{r: r, size: size, image: &Image{System: Extent{0, min(systemArea, size)}}, byExtent: map[Extent]*File{}}
	if err := l.descriptors(); err != nil {
		return nil, err
	}
	if len(l.roots) == 0 {
		return nil, fmt.Errorf("%w: no volume", ErrFormat)
	}
	for _, root := range l.roots {
		if err := l.walk(root); err != nil {
			return nil, err
		}
	}
	if l.boot > 0 {
		if err := l.catalog(l.boot); err != nil {
			return nil, err
		}
	}
	l.image.End = min(max(l.image.End, systemArea), size)
	return l.image, nil
}

// lister is the making of a list.
type lister struct {
	r        io.ReaderAt
	size     int64
	image    *Image
	roots    []volume
	boot     int64 // Sector of the boot catalog; 0 if there is none.
	byExtent map[Extent]*File
	dirs     int
	names    int
	told     map[string]bool
}

// volume is one name space.
type volume struct {
	joliet bool
	block  int64 // Octets of a logical block.
	root   record
	skip   int // Octets of system use that SUSP passes over.
}

func (l *lister) fault(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if l.told == nil {
		l.told = map[string]bool{}
	}
	if len(l.told) < maxFaults && !l.told[text] {
		l.told[text] = true
		l.image.Faults = append(l.image.Faults, text)
	}
}

// octets reads n of them at off; fewer if the image ends before.
func (l *lister) octets(off, n int64) ([]byte, error) {
	if off < 0 || off >= l.size || n <= 0 {
		return nil, nil
	}
	b := make([]byte, min(n, l.size-off))
	if _, err := l.r.ReadAt(b, off); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read image: %w", err)
	}
	return b, nil
}

// descriptors reads the volume descriptors, ECMA-119 section 8, and looks for those of UDF behind them.
func (l *lister) descriptors() error {
	for i := range int64(MaxDescriptors) {
		d, err := l.octets(systemArea+i*sector, sector)
		if err != nil {
			return err
		}
		if len(d) < sector {
			return nil
		}
		switch id := string(d[1:6]); {
		case id == identifier:
			l.descriptor(d)
		case id == "NSR02" || id == "NSR03":
			l.image.UDF = true
		case id != "BEA01" && id != "TEA01" && id != "BOOT2":
			return nil
		}
	}
	l.fault("limit descriptors (%d) exceeded", MaxDescriptors)
	return nil
}

func (l *lister) descriptor(d []byte) {
	switch d[0] {
	case 0:
		if bytes.HasPrefix(d[7:], []byte("EL TORITO SPECIFICATION")) && l.boot == 0 {
			l.boot = int64(binary.LittleEndian.Uint32(d[0x47:]))
		}
	case 1, 2:
		block := int64(binary.LittleEndian.Uint16(d[128:]))
		if block < 512 || block > sector || block&(block-1) != 0 {
			l.fault("blocks of %d octets", block)
			block = sector
		}
		joliet := d[0] == 2 && d[88] == '%' && d[89] == '/' && (d[90] == '@' || d[90] == 'C' || d[90] == 'E')
		root, _ := parseRecord(d[156:190])
		l.roots = append(l.roots, volume{joliet: joliet, block: block, root: root})
		l.image.End = max(l.image.End, int64(binary.LittleEndian.Uint32(d[80:]))*block)
	}
}

// catalog reads the boot catalog: a validation entry, a default entry, sections of more.
func (l *lister) catalog(at int64) error {
	const entryLen = 32
	b, err := l.octets(at*sector, sector)
	if err != nil {
		return err
	}
	for i := 1; (i+1)*entryLen <= len(b); i++ {
		e := b[i*entryLen:]
		start := int64(binary.LittleEndian.Uint32(e[8:])) * sector
		if e[0] != 0x88 && e[0] != 0 || start == 0 || start >= l.size {
			continue
		}
		size := int64(binary.LittleEndian.Uint16(e[6:])) * 512
		if n := e[1] & 0x0f; n >= 1 && n <= 3 {
			size = []int64{1200 << 10, 1440 << 10, 2880 << 10}[n-1]
		}
		l.add(fmt.Sprintf("boot image %d", i), []Extent{{start, min(max(size, 512), l.size-start)}}, false)
	}
	return nil
}

// add notes a file, or one more name of it.
func (l *lister) add(name string, extents []Extent, compressed bool) {
	key := Extent{-1, int64(len(l.image.Files))} // A file of nothing is like no other.
	if len(extents) > 0 && extents[0].Size > 0 {
		key = extents[0]
	}
	if l.names += len(name); l.names > MaxNames {
		l.fault("limit names (%d octets) exceeded", MaxNames)
		return
	}
	f := l.byExtent[key]
	if f != nil && len(f.Extents) != len(extents) {
		f = nil
	}
	if f == nil {
		if len(l.image.Files) == MaxFiles {
			l.fault("limit files (%d) exceeded", MaxFiles)
			return
		}
		f = &File{Extents: extents}
		l.byExtent[key] = f
		l.image.Files = append(l.image.Files, f)
	}
	f.Compressed = f.Compressed || compressed
	if slices.Contains(f.Names, name) {
		return
	}
	f.Names = append(f.Names, name)
}
