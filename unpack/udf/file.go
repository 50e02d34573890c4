// SPDX-License-Identifier: Apache-2.0

package udf

import (
	"encoding/binary"
	"unicode/utf16"
)

// icb is where the entry of a file is.
type icb struct {
	part  uint16
	block int64
}

// entry is what the entry of a file says.
type entry struct {
	ok      bool
	dir     bool
	size    int64
	extents []Extent
}

const typeDirectory = 4

// Kinds of allocation descriptors, ECMA-167 section 4/14.6.8.
const (
	shortAD  = 0
	longAD   = 1
	embedded = 3
)

// file reads the entry of a file, ECMA-167 sections 4/14.9 and 4/14.17.
func (l *lister) file(at icb) (entry, error) {
	b, err := l.at(at.part, at.block, l.block)
	if err != nil {
		return entry{}, err
	}
	head := 176
	switch tag(b) {
	case tagExtendedFile:
		head = 216
	case tagFile:
	default:
		return entry{}, nil
	}
	if len(b) < head {
		return entry{}, nil
	}
	e := entry{ok: true, dir: b[27] == typeDirectory, size: int64(binary.LittleEndian.Uint64(b[56:]) & (1<<62 - 1))}
	start := int64(head) + le32(b, head-8)
	length := le32(b, head-4)
	if start+length > int64(len(b)) {
		l.fault("an entry breaks off")
		return e, nil
	}
	kind := b[34] & 7
	if kind == embedded {
		e.extents = []Extent{{l.where(at.part, at.block) + start, min(length, e.size)}}
		return e, nil
	}
	err = l.allocation(&e, at.part, kind, b[start:start+length])
	return e, err
}

// allocation reads allocation descriptors, and those in the blocks that they go on in.
func (l *lister) allocation(e *entry, part uint16, kind byte, b []byte) error {
	width := map[byte]int{shortAD: 8, longAD: 16}[kind]
	if width == 0 {
		l.fault("allocation descriptors of unknown kind")
		return nil
	}
	left := e.size
	for hops := 0; len(b) >= width && left > 0; {
		size, block, in := le32(b, 0), le32(b, 4), part
		if kind == longAD {
			in = le16(b, 8)
		}
		b = b[width:]
		recorded := size >> 30
		size &= 1<<30 - 1
		if recorded == 3 {
			next, err := l.at(in, block, min(max(size, 24), 32<<10))
			if err != nil {
				return err
			}
			if hops++; tag(next) != tagAllocation || len(next) < 24 || hops > maxHops {
				l.fault("a file breaks off")
				return nil
			}
			b = next[24:min(24+le32(next, 20), int64(len(next)))]
			continue
		}
		if size == 0 {
			return nil
		}
		l.extent(e, recorded == 0, l.where(in, block), min(size, left))
		left -= size
	}
	return nil
}

// extent adds one. What was never written is zeros for who reads it, and left out here.
func (l *lister) extent(e *entry, recorded bool, off, size int64) {
	switch {
	case !recorded:
	case off < 0 || off > l.size:
		l.fault("a file lies outside of the image")
	case len(e.extents) == MaxExtents:
		l.fault("limit extents (%d) exceeded", MaxExtents)
	default:
		if size > l.size-off {
			l.fault("a file lies outside of the image")
			size = l.size - off
		}
		e.extents = append(e.extents, Extent{off, size})
	}
}

// directory is one that waits to be read.
type directory struct {
	path string
	icb
}

// walk reads the directories, each once however often it is listed.
func (l *lister) walk(root icb) error {
	seen := map[icb]bool{root: true}
	waiting := []directory{{icb: root}}
	for read := 0; len(waiting) > 0; read++ {
		if read == MaxDirectories {
			l.fault("limit directories (%d) exceeded", MaxDirectories)
			return nil
		}
		d := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		e, err := l.file(d.icb)
		if err != nil {
			return err
		}
		b, err := l.content(e)
		if err != nil {
			return err
		}
		for len(b) > 0 {
			var more *directory
			if more, b, err = l.name(d.path, b); err != nil {
				return err
			}
			if more != nil && !seen[more.icb] && len(seen) < MaxDirectories {
				seen[more.icb] = true
				waiting = append(waiting, *more)
			}
		}
	}
	return nil
}

// content reads a directory.
func (l *lister) content(e entry) ([]byte, error) {
	if !e.ok {
		l.fault("no entry where one should be")
		return nil, nil
	}
	var all []byte
	for _, x := range e.extents {
		if int64(len(all))+x.Size > MaxDirectory {
			l.fault("limit directory (%d octets) exceeded", MaxDirectory)
			break
		}
		b, err := l.octets(x.Offset, x.Size)
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	return all, nil
}

// name reads a file identifier, ECMA-167 section 4/14.4, and notes the file; of a directory it gives where that is.
func (l *lister) name(dir string, b []byte) (more *directory, rest []byte, err error) {
	const head, deleted, parent = 38, 0x04, 0x08
	if len(b) < head || tag(b) != tagFileName {
		if tag(b) != 0 {
			l.fault("a directory has no name where one should be")
		}
		return nil, nil, nil
	}
	start := head + int(le16(b, 36))
	end := start + int(b[19])
	if end > len(b) {
		l.fault("a directory breaks off")
		return nil, nil, nil
	}
	rest = b[min((end+3)&^3, len(b)):]
	if b[18]&(deleted|parent) != 0 {
		return nil, rest, nil
	}
	path := text(b[start:end])
	if dir != "" {
		path = dir + "/" + path
	}
	path = path[max(len(path)-MaxName, 0):]
	at := icb{part: le16(b, 28), block: le32(b, 24)}
	if b[18]&0x02 != 0 {
		return &directory{path: path, icb: at}, rest, nil
	}
	e, err := l.file(at)
	if err != nil {
		return nil, nil, err
	}
	l.add(path, e)
	return nil, rest, nil
}

func (l *lister) add(path string, e entry) {
	if !e.ok {
		l.fault("no entry where one should be")
		return
	}
	if l.names += len(path); len(l.image.Files) == MaxFiles || l.names > MaxNames {
		l.fault("limit files (%d) exceeded", MaxFiles)
		return
	}
	l.image.Files = append(l.image.Files, File{Name: path, Extents: e.extents})
}

// text decodes OSTA compressed Unicode, UDF 2.60 section 2.1.1.
func text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	kind, b := b[0], b[1:]
	var units []uint16
	if kind == 16 || kind == 255 {
		for ; len(b) > 1; b = b[2:] {
			units = append(units, binary.BigEndian.Uint16(b))
		}
		return string(utf16.Decode(units))
	}
	for _, c := range b {
		units = append(units, uint16(c))
	}
	return string(utf16.Decode(units))
}
