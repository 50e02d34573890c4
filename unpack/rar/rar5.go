// SPDX-License-Identifier: Apache-2.0

package rar

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// Kinds of headers of version 5.
const (
	mainHeader       = 1
	fileHeader       = 2
	encryptionHeader = 4
	endHeader        = 5
)

// header5 is a header of version 5.
type header5 struct {
	kind  uint64
	flags uint64
	body  numbers // Without the extra area,
	extra numbers // which stands here.
	data  int64   // Octets behind it.
}

// numbers reads numbers of variable length. What is not there is zero, and bad.
type numbers struct {
	b   []byte
	bad bool
}

func (n *numbers) next() uint64 {
	v, k := binary.Uvarint(n.b)
	if k <= 0 {
		n.bad, n.b = true, nil
		return 0
	}
	n.b = n.b[k:]
	return v
}

func (n *numbers) take(k uint64) []byte {
	if k > uint64(len(n.b)) {
		n.bad, n.b = true, nil
		return nil
	}
	b := n.b[:k]
	n.b = n.b[k:]
	return b
}

// open5 reads the headers of an archive of version 5 that are plain: one of encryption, or that of the archive.
func (a *Archive) open5() bool {
	h, next, ok := a.header5(8, "")
	if !ok {
		return false
	}
	a.at = next
	switch h.kind {
	case encryptionHeader:
		a.Sealed = true
		a.Lock = lock5(&h.body, false)
	case mainHeader:
		a.Volume = h.body.next()&1 != 0
		a.locators(&h.extra)
	}
	return true
}

// locators follows the records of the archive's header that tell where the quick open record is.
func (a *Archive) locators(extra *numbers) {
	var seen []int64
	for len(extra.b) > 0 && !extra.bad {
		record := numbers{b: extra.take(extra.next())}
		if record.next() != 1 || record.next()&1 == 0 {
			continue
		}
		at := 8 + int64(record.next()&(1<<62-1))
		switch {
		case slices.Contains(seen, at):
		case len(seen) == maxLocators:
			a.QuickCut = true
			return
		default:
			seen = append(seen, at)
			a.quick(at)
		}
	}
}

// header5 reads the header at off.
func (a *Archive) header5(off int64, password string) (h header5, next int64, ok bool) {
	read := func(n int) ([]byte, bool) { return a.plain(off, n) }
	before, align := int64(0), func(n int64) int64 { return n }
	if a.Sealed {
		iv, ok := a.plain(off, ivLen)
		if !ok || a.Lock.power > MaxPower {
			return h, 0, false
		}
		key := a.keys.get(a.Lock, password)
		read = func(n int) ([]byte, bool) { return a.decrypt(key, iv, off+ivLen, n) }
		before, align = ivLen, padded
	}
	start, ok := read(4 + 3) // A checksum and the length.
	if !ok {
		return h, 0, false
	}
	size, k := binary.Uvarint(start[4:])
	if k <= 0 || size == 0 || size > maxHeader {
		return h, 0, false
	}
	b, ok := read(4 + k + int(size))
	if !ok || a.Sealed && crc32.ChecksumIEEE(b[4:]) != binary.LittleEndian.Uint32(b) {
		return h, 0, false
	}
	next = off + before + align(int64(len(b)))
	c := numbers{b: b[4+k:]}
	h.kind, h.flags = c.next(), c.next()
	var extra, data uint64
	if h.flags&1 != 0 {
		extra = c.next()
	}
	if h.flags&2 != 0 {
		data = c.next()
	}
	if c.bad || extra > uint64(len(c.b)) {
		return h, 0, false
	}
	h.data = int64(min(data, uint64(a.size)))
	cut := len(c.b) - int(extra)
	h.body.b, h.extra.b = c.b[:cut], c.b[cut:]
	return h, next, true
}

// block5 reads a block of version 5 and gives the file, if it is the first block of one.
func (a *Archive) block5(off int64, password string) (f *File, next int64, ok bool) {
	h, at, ok := a.header5(off, password)
	if !ok {
		return nil, 0, false
	}
	switch {
	case h.kind == endHeader:
		return nil, a.size, true
	case h.kind == fileHeader && h.flags&8 == 0:
		f = file5(&h)
		f.at, f.long = at, h.data
	case h.kind == serviceHeader && h.flags&8 == 0:
		if f = stream5(&h); f != nil {
			f.at, f.long = at, h.data
		}
	case h.kind == mainHeader && a.Sealed:
		a.Volume = a.Volume || h.body.next()&1 != 0
	}
	return f, at + h.data, true
}

// file5 reads a file header of version 5.
func file5(h *header5) *File {
	b := &h.body
	whole := len(b.b)
	flags := b.next()
	f := &File{Size: int64(b.next()), Dir: flags&1 != 0}
	if flags&8 != 0 || f.Size < 0 {
		f.Size = -1
	}
	b.next() // Attributes.
	if flags&2 != 0 {
		b.take(4)
	}
	f.Unproved = true
	if flags&4 != 0 {
		b.take(4)
		f.Unproved = false
	}
	how := b.next()
	f.Solid = how&0x40 != 0
	if how&0x380 != 0 {
		f.Window = 0x20000 << (how & 0x7c00 >> 10)
		if how&0x3f == 1 && how&0x100000 == 0 {
			f.Window += f.Window / 32 * int64(how&0xf8000>>15)
		}
	}
	f.Unproved = f.Unproved && f.Window > 0
	b.next() // System.
	f.nameAt = whole - len(b.b)
	name := b.take(b.next())
	f.Name = string(name[:min(len(name), maxName)])
	for len(h.extra.b) > 0 && !h.extra.bad {
		record := numbers{b: h.extra.take(h.extra.next())}
		switch kind := record.next(); {
		case record.bad:
		case kind == 2:
			f.Unproved = false
		case kind == 1:
			f.Encrypted = true
			f.Lock = lock5(&record, true)
		case kind == serviceData && f.Name == streamService:
			f.stream = string(record.b[:min(len(record.b), maxName)])
		}
	}
	return f
}

// lock5 reads how a key is made: a version, flags, the power of 2 of the rounds, a salt, a vector if it is that of a file, and a value to check
// passwords by.
func lock5(b *numbers, vector bool) Lock {
	b.next()
	flags := b.next()
	l := Lock{five: true}
	for _, c := range b.take(1) {
		l.power = int(c)
	}
	l.salt = bytes.Clone(b.take(salt5Len))
	if vector {
		l.iv = bytes.Clone(b.take(ivLen))
	}
	if flags&1 != 0 {
		l.check = bytes.Clone(b.take(checkLen))
	}
	return l
}
