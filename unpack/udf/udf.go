// SPDX-License-Identifier: Apache-2.0

// Package udf reads images of UDF file systems (ECMA-167 with OSTA UDF 1.02 to 2.60), as DVDs and images that Windows makes have them. It tells
// where files are; it neither opens nor keeps them. Package unpack calls it.
package udf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrFormat is wrapped by errors that tell of octets that are not as the format has them; other errors are those of reading.
var ErrFormat = errors.New("udf image is damaged")

// Limits of an image. What is beyond them is left out, and List says so.
const (
	MaxDescriptors = 256
	MaxDirectories = 10_000
	MaxFiles       = 20_000
	MaxExtents     = 1_000   // Of one file.
	MaxDirectory   = 4 << 20 // Octets of one directory.
	MaxNames       = 8 << 20 // Octets of all names together.
	MaxName        = 4 << 10 // Octets of one path.
	MaxPartitions  = 16
	maxFaults      = 8
)

const (
	sector  = 2048
	anchor  = 256 // The sector of the anchor; others are at the end.
	tagLen  = 16
	maxHops = 64 // Blocks of allocation descriptors of one file.
)

// Tag identifiers, ECMA-167 sections 3/7.2.1 and 4/7.2.1.
const (
	tagAnchor        = 2
	tagPartition     = 5
	tagLogicalVolume = 6
	tagTerminator    = 8
	tagFileSet       = 256
	tagFileName      = 257
	tagAllocation    = 258
	tagFile          = 261
	tagExtendedFile  = 266
)

// Extent is a run of octets in the image.
type Extent struct{ Offset, Size int64 }

// File is one file.
type File struct {
	Name    string // Its path.
	Extents []Extent
}

// Image is what is in an image.
type Image struct {
	Files  []File
	Faults []string
}

// partition is one by its reference number: a run of sectors, or, for metadata, the file that they are in.
type partition struct {
	start   int64    // Octets.
	extents []Extent // Of the file; nil if there is none.
}

// lister is the making of a list.
type lister struct {
	r     io.ReaderAt
	size  int64
	block int64
	image *Image
	told  map[string]bool

	physical map[uint16]int64 // Octets where partitions start, by their numbers.
	volume   []byte           // The logical volume descriptor.
	parts    []partition
	names    int
}

// List finds all files in the image of size octets that r holds. An image without a volume is an error that wraps ErrFormat.
func List(r io.ReaderAt, size int64) (*Image, error) {
	l := &lister{r: r, size: size, block: sector, image: &Image{}, told: map[string]bool{}, physical: map[uint16]int64{}}
	for _, at := range []int64{anchor, size/sector - 1 - anchor, size/sector - 1, 512} {
		a, err := l.octets(at*sector, 512)
		if err != nil {
			return nil, err
		}
		if tag(a) != tagAnchor {
			continue
		}
		// The main sequence of descriptors, and the reserve.
		for _, off := range []int{16, 24} {
			if err := l.descriptors(le32(a, off+4), le32(a, off)); err != nil {
				return nil, err
			}
			if l.volume != nil {
				return l.image, l.files()
			}
		}
	}
	return nil, fmt.Errorf("%w: no volume", ErrFormat)
}

func le32(b []byte, off int) int64  { return int64(binary.LittleEndian.Uint32(b[off:])) }
func le16(b []byte, off int) uint16 { return binary.LittleEndian.Uint16(b[off:]) }

// tag is the identifier of a descriptor; 0 if b is too short for one.
func tag(b []byte) uint16 {
	if len(b) < tagLen {
		return 0
	}
	return le16(b, 0)
}

func (l *lister) fault(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(l.told) < maxFaults && !l.told[text] {
		l.told[text] = true
		l.image.Faults = append(l.image.Faults, text)
	}
}

// octets reads n of them at off, or none if the image does not have them.
func (l *lister) octets(off, n int64) ([]byte, error) {
	if off < 0 || n <= 0 || off > l.size-n {
		return nil, nil
	}
	b := make([]byte, n)
	if _, err := l.r.ReadAt(b, off); err != nil {
		return nil, fmt.Errorf("read image: %w", err)
	}
	return b, nil
}

// descriptors reads the volume descriptors in the extent.
func (l *lister) descriptors(at, size int64) error {
	for i := range min(size/sector, MaxDescriptors) {
		d, err := l.octets((at+i)*sector, sector)
		if err != nil {
			return err
		}
		switch tag(d) {
		case tagPartition:
			if len(l.physical) < MaxPartitions {
				l.physical[le16(d, 22)] = le32(d, 188)
			}
		case tagLogicalVolume:
			l.volume = d
		case tagTerminator, 0:
			return nil
		}
	}
	return nil
}

// files finds the partitions and then the root.
func (l *lister) files() error {
	d := l.volume
	if l.block = le32(d, 212); l.block < 512 || l.block > 32<<10 || l.block&(l.block-1) != 0 {
		l.fault("blocks of %d octets", l.block)
		l.block = sector
	}
	maps := d[440:min(440+le32(d, 264), sector)]
	for len(maps) >= 6 && int(maps[1]) >= 6 && int(maps[1]) <= len(maps) && len(l.parts) < MaxPartitions {
		if err := l.partition(maps[:maps[1]]); err != nil {
			return err
		}
		maps = maps[maps[1]:]
	}
	set, err := l.at(le16(d, 256), le32(d, 252), sector)
	if err != nil {
		return err
	}
	if tag(set) != tagFileSet {
		l.fault("no file set")
		return nil
	}
	return l.walk(icb{part: le16(set, 408), block: le32(set, 404)})
}

// partition reads a partition map, ECMA-167 section 3/10.7 and UDF 2.60 section 2.2.10.
func (l *lister) partition(m []byte) error {
	if m[0] == 1 {
		l.parts = append(l.parts, partition{start: l.physical[le16(m, 4)] * l.block})
		return nil
	}
	if len(m) < 64 {
		l.parts = append(l.parts, partition{start: -1})
		return nil
	}
	p := partition{start: l.physical[le16(m, 38)] * l.block}
	switch kind := string(m[5:28]); kind {
	case "*UDF Metadata Partition":
		// Its file is in the partition before, by number.
		l.parts = append(l.parts, p)
		f, err := l.file(icb{part: uint16(len(l.parts) - 1), block: le32(m, 40)})
		if err != nil {
			return err
		}
		l.parts[len(l.parts)-1].extents = f.extents
		return nil
	case "*UDF Sparable Partition":
	default:
		l.fault("a partition of unknown kind")
	}
	l.parts = append(l.parts, p)
	return nil
}

// where is the offset of a block in a partition, or -1.
func (l *lister) where(part uint16, block int64) int64 {
	if int(part) >= len(l.parts) || l.parts[part].start < 0 {
		return -1
	}
	p := l.parts[part]
	off := block * l.block
	if p.extents == nil {
		return p.start + off
	}
	for _, e := range p.extents {
		if off < e.Size {
			return e.Offset + off
		}
		off -= e.Size
	}
	return -1
}

func (l *lister) at(part uint16, block, n int64) ([]byte, error) {
	off := l.where(part, block)
	if off < 0 {
		return nil, nil
	}
	return l.octets(off, min(n, max(l.size-off, 0)))
}
