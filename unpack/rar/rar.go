// SPDX-License-Identifier: Apache-2.0

// Package rar stands before the library that reads RAR archives (technote.txt of RAR 4, rarlab.com/technote.htm of RAR 5). The library makes
// any key and any window that a header asks for, and has no other way to tell a wrong password than to unpack. This package reads the
// headers first: what each file is packed and encrypted with, and where. It does not unpack. Package unpack calls it.
package rar

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
)

// Magic begins an archive of version 1.5 and later; what follows is 00 or 01 00.
const Magic = "Rar!\x1a\x07"

// Is tells if b begins as an archive does.
func Is(b []byte) bool {
	if len(b) < 10 || string(b[:len(Magic)]) != Magic {
		return false
	}
	return b[6] == 0 && b[9] == mainBlock || b[6] == 1 && b[7] == 0
}

// Bounds of what is read.
const (
	maxHeader = 2 << 20 // Octets of one header.
	maxBlocks = 1 << 16 // Headers.
	maxName   = 4 << 10 // Octets.

	maxLocators = 4 // Places where the header of the archive may say that the quick open record is.
	// MaxQuick is how many headers of quick open records are told that the archive does not have.
	MaxQuick = 500
)

// Archive is what the headers of an archive say.
type Archive struct {
	Version4 bool // Else 5.
	Volume   bool
	Sealed   bool // The headers behind the first are encrypted, by Lock.
	Lock     Lock
	Streams  []File   // Streams of NTFS, once Files was called. Their names are those of the files they are of, a colon, and theirs.
	Quick    []string // Names of files in the quick open record that are not so in the archive; "" for other headers. At most MaxQuick.
	QuickCut bool     // There are more, or more records than are read.

	r    io.ReaderAt
	size int64
	at   int64 // Behind the last header that was read plain.
	keys *keyring
}

// File is one file of an archive.
type File struct {
	Name      string
	Window    int64 // Octets that unpacking looks back at; 0 if it is only stored.
	Size      int64 // Octets; -1 if it is not known.
	Solid     bool  // It needs what was unpacked before.
	Dir       bool
	Encrypted bool
	Split     bool   // It begins or goes on in another volume.
	Sum       uint32 // CRC-32, of version 4.
	Unproved  bool   // Packed by version 5, which writes a checksum with it, and there is none.
	Old       bool   // Packed by the method of RAR 2.9.
	Lock      Lock

	at, long int64
	a        *Archive

	stream string // The name of a stream, with a colon before it.
	nameAt int    // Where in a header of version 5 the name stands.
	body   []byte // Of a stream of version 5: the header up to there,
	extra  []byte // and what is behind its name.
}

// Open reads the first headers of an archive that begins r; ok is false if there is none.
func Open(r io.ReaderAt, size int64) (a *Archive, ok bool) {
	var b [8]byte
	if n, _ := r.ReadAt(b[:], 0); n < len(b) || string(b[:6]) != Magic {
		return nil, false
	}
	a = &Archive{r: r, size: size, keys: &keyring{}}
	switch {
	case b[6] == 0:
		a.Version4 = true
		return a, a.open4()
	case b[6] == 1 && b[7] == 0:
		return a, a.open5()
	}
	return nil, false
}

// Files lists the files. Those of a sealed archive need the password. The list ends where a header cannot be read, or is not plain.
func (a *Archive) Files(password string) []File {
	read := a.block4
	if !a.Version4 {
		read = a.block5
	}
	var all []File
	a.Streams = nil
	off, last := a.at, ""
	for range maxBlocks {
		f, next, ok := read(off, password)
		if !ok || next <= off {
			break
		}
		switch {
		case f == nil:
		case f.stream != "":
			f.a, f.Name = a, last+f.stream
			a.Streams = append(a.Streams, *f)
		default:
			f.a, last = a, f.Name
			all = append(all, *f)
		}
		off = next
	}
	return all
}

// Opens tells if a password opens a sealed archive.
func (a *Archive) Opens(password string) bool {
	if fits, sure := a.Lock.Fits(password); sure {
		return fits
	}
	read := a.block4
	if !a.Version4 {
		read = a.block5
	}
	_, _, ok := read(a.at, password)
	return ok
}

// open4 reads the archive header of version 4.
func (a *Archive) open4() bool {
	h, ok := a.plain(7, 7)
	if !ok || h[2] != mainBlock {
		return false
	}
	flags := binary.LittleEndian.Uint16(h[3:])
	a.Volume, a.Sealed = flags&1 != 0, flags&0x80 != 0
	a.Lock = Lock{}
	size := int64(binary.LittleEndian.Uint16(h[5:]))
	if flags&2 != 0 {
		size = 13 // A comment stands in it.
	}
	a.at = 7 + max(size, 7)
	return true
}

// plain reads n octets.
func (a *Archive) plain(off int64, n int) ([]byte, bool) {
	if off < 0 || off > a.size-int64(n) {
		return nil, false
	}
	b := make([]byte, n)
	got, _ := a.r.ReadAt(b, off)
	return b, got == n
}

// Kinds of blocks of version 4.
const (
	mainBlock    = 0x73
	fileBlock    = 0x74
	serviceBlock = 0x7a
	endBlock     = 0x7b
)

// header4 reads the header at off; next is behind it, with what fills the last block if it is encrypted.
func (a *Archive) header4(off int64, password string) (h []byte, next int64, ok bool) {
	read := func(n int) ([]byte, bool) { return a.plain(off, n) }
	overhead := func(int64) int64 { return 0 }
	if a.Sealed {
		salt, ok := a.plain(off, saltLen)
		if !ok {
			return nil, 0, false
		}
		key := a.keys.get(Lock{salt: salt}, password)
		read = func(n int) ([]byte, bool) { return a.decrypt(key, key.iv, off+saltLen, n) }
		overhead = func(n int64) int64 { return saltLen + padded(n) - n }
	}
	if h, ok = read(7); !ok {
		return nil, 0, false
	}
	le := binary.LittleEndian
	size := int(le.Uint16(h[5:]))
	if size < 7 || h[2] < 0x72 || h[2] > endBlock {
		return nil, 0, false
	}
	if h, ok = read(size); !ok || a.Sealed && uint16(crc32.ChecksumIEEE(h[2:])) != le.Uint16(h) {
		return nil, 0, false
	}
	return h, off + int64(size) + overhead(int64(size)), true
}

// block4 reads a block of version 4 and gives the file, if it is of one.
func (a *Archive) block4(off int64, password string) (f *File, next int64, ok bool) {
	h, next, ok := a.header4(off, password)
	if !ok {
		return nil, 0, false
	}
	le := binary.LittleEndian
	kind, flags := h[2], le.Uint16(h[3:])
	if kind == endBlock {
		return nil, a.size, true
	}
	if flags&0x8000 == 0 || len(h) < 11 {
		return nil, next, true
	}
	long := int64(le.Uint32(h[7:]))
	if kind == fileBlock || kind == serviceBlock {
		var rest []byte
		if f, rest = file4(h, flags); f == nil {
			return nil, 0, false
		}
		if long, f.at = f.long, next; kind == serviceBlock {
			f = f.stream4(rest)
		}
	}
	if long < 0 || long > a.size {
		long = a.size
	}
	return f, next + long, true
}

// file4 reads a file header of version 4, and gives what stands behind the name too; nil if it makes no sense.
func file4(h []byte, flags uint16) (f *File, rest []byte) {
	const fixed = 32
	if len(h) < fixed {
		return nil, nil
	}
	le := binary.LittleEndian
	f = &File{long: int64(le.Uint32(h[7:])), Size: int64(le.Uint32(h[11:]))}
	name := int(le.Uint16(h[26:]))
	rest = h[fixed:]
	if flags&0x100 != 0 {
		if len(rest) < 8 {
			return nil, nil
		}
		f.long |= int64(le.Uint32(rest)) << 32
		f.Size |= int64(le.Uint32(rest[4:])) << 32
		rest = rest[8:]
	}
	if f.Size == 1<<32-1 || f.Size < 0 {
		f.Size = -1
	}
	if name > len(rest) {
		return nil, nil
	}
	f.Name = string(rest[:min(name, maxName)])
	if flags&0x200 != 0 {
		f.Name = wideName(rest[:min(name, maxName)])
	}
	f.Name = strings.ReplaceAll(f.Name, `\`, "/")
	f.Dir, f.Solid, f.Encrypted = flags&0xe0 == 0xe0, flags&0x10 != 0, flags&4 != 0
	f.Old, f.Split, f.Sum = h[24] == 29, flags&3 != 0, le.Uint32(h[16:])
	if stored := h[25] == 0x30; !stored && !f.Dir {
		f.Window = 0x10000 << (flags & 0xe0 >> 5)
	}
	if rest = rest[name:]; flags&0x400 != 0 && len(rest) >= saltLen {
		f.Lock = Lock{salt: bytes.Clone(rest[:saltLen])}
	}
	return f, rest
}
