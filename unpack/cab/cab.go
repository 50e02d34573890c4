// SPDX-License-Identifier: Apache-2.0

// Package cab reads cabinet files (MS-CAB): stored, MSZIP and LZX. A cabinet may be one of a set; what is continued in others is not
// there. Package unpack calls it.
package cab

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Errors that are not of reading.
var (
	ErrFormat      = errors.New("cabinet is damaged")
	ErrUnsupported = errors.New("cabinet needs what is not supported")
	ErrSet         = errors.New("the other cabinets of the set are not here")
)

// Limits of a cabinet, by the width of its numbers but for MaxName.
const (
	MaxFolders = 0xffff
	MaxFiles   = 0xffff
	MaxName    = 4 << 10 // Octets of one name; the format has 255.
)

// Magic begins every cabinet.
const Magic = "MSCF"

const (
	headerLen = 36
	folderLen = 8
	fileLen   = 16
	blockLen  = 8 // Before the data of a block.
)

// Flags of the header.
const (
	flagPrevious = 1
	flagNext     = 2
	flagReserve  = 4
)

// Folder numbers of files that begin or end in other cabinets.
const (
	fromPrevious = 0xfffd
	toNext       = 0xfffe
	fromBoth     = 0xffff
)

// nameIsUTF is the file attribute that tells of a name in UTF-8.
const nameIsUTF = 0x80

// File is one file in a cabinet.
type File struct {
	Name      string // As it is written, with backslashes.
	UTF8      bool   // The name is, else it is in some code page.
	Size      int64
	Elsewhere bool // It begins or ends in another cabinet.

	folder int
	offset int64 // In the folder when unpacked.
}

// folder is a run of blocks that are unpacked as one stream.
type folder struct {
	start  int64 // Of its first block.
	blocks int
	method uint16
}

// Cabinet is an open cabinet. It is not safe for several goroutines.
type Cabinet struct {
	r         io.ReaderAt
	size      int64 // What is there.
	Size      int64 // Octets of the cabinet, as its header says; what is behind is not of it.
	Set       bool  // It is one of several.
	folders   []folder
	files     int
	next      int64 // Of the next file entry.
	blockMore int64 // Reserved octets in each block.

	current int // The folder that stream unpacks.
	stream  io.Reader
	at      int64 // In it.
}

// Is tells if head is the beginning of a cabinet, with a header that makes sense.
func Is(head []byte) bool {
	return len(head) >= headerLen && bytes.HasPrefix(head, []byte(Magic)) && head[25] == 1 && binary.LittleEndian.Uint32(head[8:]) >= headerLen &&
		binary.LittleEndian.Uint32(head[4:]) == 0
}

// Open reads the header and the folders of the cabinet of at most size octets that r begins with.
func Open(r io.ReaderAt, size int64) (*Cabinet, error) {
	c := &Cabinet{r: r, size: size, current: -1}
	h, err := c.octets(0, headerLen)
	if err != nil {
		return nil, err
	}
	if !Is(h) {
		return nil, fmt.Errorf("%w: no header", ErrFormat)
	}
	c.Size = int64(binary.LittleEndian.Uint32(h[8:]))
	c.next = int64(binary.LittleEndian.Uint32(h[16:]))
	c.files = int(binary.LittleEndian.Uint16(h[28:]))
	flags := binary.LittleEndian.Uint16(h[30:])
	c.Set = flags&(flagPrevious|flagNext) != 0
	off, folderMore, err := c.optional(flags)
	if err != nil {
		return nil, err
	}
	for range binary.LittleEndian.Uint16(h[26:]) {
		f, err := c.octets(off, folderLen)
		if err != nil {
			return nil, err
		}
		c.folders = append(c.folders, folder{
			start: int64(binary.LittleEndian.Uint32(f)), blocks: int(binary.LittleEndian.Uint16(f[4:])), method: binary.LittleEndian.Uint16(f[6:]),
		})
		off += folderLen + folderMore
	}
	return c, nil
}

// optional reads what may stand behind the header: sizes of reserved octets, names of the cabinets before and behind.
func (c *Cabinet) optional(flags uint16) (off, folderMore int64, err error) {
	off = headerLen
	if flags&flagReserve != 0 {
		b, err := c.octets(off, 4)
		if err != nil {
			return 0, 0, err
		}
		folderMore, c.blockMore = int64(b[2]), int64(b[3])
		off += 4 + int64(binary.LittleEndian.Uint16(b))
	}
	for _, flag := range []uint16{flagPrevious, flagNext} {
		if flags&flag == 0 {
			continue
		}
		for range 2 {
			name, err := c.text(off)
			if err != nil {
				return 0, 0, err
			}
			off += int64(len(name)) + 1
		}
	}
	return off, folderMore, nil
}

func (c *Cabinet) octets(off, n int64) ([]byte, error) {
	if off < 0 || off > c.size-n {
		return nil, fmt.Errorf("%w: cut short", ErrFormat)
	}
	b := make([]byte, n)
	if _, err := c.r.ReadAt(b, off); err != nil {
		return nil, fmt.Errorf("read cabinet: %w", err)
	}
	return b, nil
}

// text reads up to NUL.
func (c *Cabinet) text(off int64) (string, error) {
	for n := int64(300); ; n = MaxName {
		b, err := c.octets(off, min(n, max(c.size-off, 0)))
		if err != nil {
			return "", err
		}
		if name, _, ok := bytes.Cut(b, []byte{0}); ok {
			return string(name), nil
		}
		if n == MaxName {
			return "", fmt.Errorf("%w: a name has no end", ErrFormat)
		}
	}
}

// Next gives the next file; io.EOF if there is none.
func (c *Cabinet) Next() (*File, error) {
	if c.files == 0 {
		return nil, io.EOF
	}
	c.files--
	h, err := c.octets(c.next, fileLen)
	if err != nil {
		return nil, err
	}
	name, err := c.text(c.next + fileLen)
	if err != nil {
		return nil, err
	}
	c.next += fileLen + int64(len(name)) + 1
	f := &File{
		Name: name, UTF8: h[14]&nameIsUTF != 0, Size: int64(binary.LittleEndian.Uint32(h)),
		offset: int64(binary.LittleEndian.Uint32(h[4:])), folder: int(binary.LittleEndian.Uint16(h[8:])),
	}
	switch f.folder {
	case fromPrevious, fromBoth:
		f.folder, f.Elsewhere = 0, true
	case toNext:
		f.folder, f.Elsewhere = len(c.folders)-1, true
	}
	return f, nil
}

// Open unpacks a file. Files are best opened in their order: a folder is unpacked anew for one that lies before the last one. The reader is
// good until the next file is opened.
func (c *Cabinet) Open(f *File) (io.Reader, error) {
	if f.Elsewhere {
		return nil, ErrSet
	}
	if f.folder < 0 || f.folder >= len(c.folders) {
		return nil, fmt.Errorf("%w: file in a folder that is not there", ErrFormat)
	}
	if c.current != f.folder || c.at > f.offset {
		stream, err := c.unpack(c.folders[f.folder])
		if err != nil {
			return nil, err
		}
		c.current, c.stream, c.at = f.folder, stream, 0
	}
	return &fileReader{c: c, folder: f.folder, skip: f.offset - c.at, left: f.Size}, nil
}

// fileReader reads a file from the stream of its folder.
type fileReader struct {
	c      *Cabinet
	folder int
	skip   int64
	left   int64
}

func (r *fileReader) Read(p []byte) (int, error) {
	if r.skip > 0 {
		n, err := io.CopyN(io.Discard, r.c.stream, r.skip)
		r.c.at += n
		r.skip -= n
		if err != nil {
			return 0, early(err)
		}
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.c.stream.Read(p[:min(int64(len(p)), r.left)])
	r.c.at += int64(n)
	r.left -= int64(n)
	if err != nil {
		err = early(err)
	}
	return n, err
}

// early makes damage of an end before the end.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: a folder ends early", ErrFormat)
	}
	return err
}

// Methods of compression, in the low four bits.
const (
	methodStored  = 0
	methodMSZIP   = 1
	methodQuantum = 2
	methodLZX     = 3
)

// unpack begins to unpack a folder.
func (c *Cabinet) unpack(f folder) (io.Reader, error) {
	b := &blocks{c: c, next: f.start, left: f.blocks}
	switch f.method & 0xf {
	case methodStored:
		return &stored{blocks: b}, nil
	case methodMSZIP:
		return &mszip{blocks: b}, nil
	case methodLZX:
		bits := int(f.method >> 8 & 0x1f)
		if bits < minWindow || bits > maxWindow {
			return nil, fmt.Errorf("%w: LZX window of %d bits", ErrFormat, bits)
		}
		return newLZX(b, bits), nil
	case methodQuantum:
		return nil, fmt.Errorf("%w: Quantum compression", ErrUnsupported)
	}
	return nil, fmt.Errorf("%w: compression method %d", ErrUnsupported, f.method&0xf)
}
