// SPDX-License-Identifier: Apache-2.0

package iso9660

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// Flags of a directory record, ECMA-119 section 9.1.6.
const (
	flagDirectory = 0x02
	flagMore      = 0x80 // The next record has the next extent of the same file.
)

// record is a directory record, ECMA-119 section 9.1.
type record struct {
	start, size int64 // A block, and octets.
	other       int64 // The block as the big-endian half of the number says; as start if that is all right.
	attributes  int64 // Blocks before the content.
	flags       byte
	interleaved bool
	name        string // As it is written.
	use         []byte // System use.
}

// parseRecord reads the record that b begins with.
func parseRecord(b []byte) (record, bool) {
	if len(b) < recordLen || int(b[0]) < recordLen+1 || int(b[0]) > len(b) {
		return record{}, false
	}
	b = b[:b[0]]
	r := record{
		start: int64(binary.LittleEndian.Uint32(b[2:])), other: int64(binary.BigEndian.Uint32(b[6:])), attributes: int64(b[1]),
		size: int64(binary.LittleEndian.Uint32(b[10:])), flags: b[25], interleaved: b[26] != 0 || b[27] != 0,
	}
	end := min(recordLen+int(b[32]), len(b))
	r.name = string(b[recordLen:end])
	if end += 1 - int(b[32])&1; end < len(b) {
		r.use = b[end:]
	}
	return r, true
}

// isSelf tells if the record is of the directory itself or the one above.
func (r record) isSelf() bool { return r.name == "\x00" || r.name == "\x01" }

// directory is one that waits to be read.
type directory struct {
	path string
	record
}

// walk reads the directories of a volume, each once however often it is listed.
func (l *lister) walk(v volume) error {
	seen := map[int64]bool{}
	waiting := []directory{{record: v.root}}
	for len(waiting) > 0 {
		d := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if seen[d.start] {
			continue
		}
		seen[d.start] = true
		if l.dirs++; l.dirs > MaxDirectories {
			l.fault("limit directories (%d) exceeded", MaxDirectories)
			return nil
		}
		more, err := l.read(&v, d)
		if err != nil {
			return err
		}
		waiting = append(waiting, more...)
	}
	return nil
}

// read reads one directory, notes its files and gives its directories.
func (l *lister) read(v *volume, d directory) (more []directory, err error) {
	off := (d.start + d.attributes) * v.block
	if d.size > MaxDirectory || off+d.size > l.size {
		l.fault("a directory of %d octets breaks off", d.size)
	}
	b, err := l.octets(off, min(d.size, MaxDirectory))
	if err != nil {
		return nil, err
	}
	var extents []Extent
	for at := 0; at < len(b); {
		r, ok := parseRecord(b[at:])
		if !ok {
			// Records do not cross sectors; behind the last one in a sector are zeros.
			if b[at] != 0 {
				l.fault("a directory has no record where one should be")
			}
			at = (at/sector + 1) * sector
			continue
		}
		first := at == 0 && d.path == ""
		at += int(b[at])
		if r.isSelf() {
			if first {
				v.skip = suspSkip(r.use)
			}
			continue
		}
		rock, err := l.rockRidge(v, r)
		if err != nil {
			return nil, err
		}
		names := v.names(d.path, r, rock.name)
		if r.flags&flagDirectory != 0 && len(names) > 0 {
			if len(more) < MaxDirectories {
				more = append(more, directory{path: names[len(names)-1], record: r})
			}
			continue
		}
		extents = l.file(v, r, extents, names, rock.compressed)
	}
	return more, nil
}

// file notes a file, or keeps its extent if there are more to come.
func (l *lister) file(v *volume, r record, extents []Extent, names []string, compressed bool) []Extent {
	start := (r.start + r.attributes) * v.block
	switch {
	case r.size > 0 && (start >= l.size || r.size > l.size-start):
		l.fault("a file lies outside of the image")
		start = min(start, l.size)
		r.size = min(r.size, l.size-start)
	case r.interleaved:
		l.fault("an interleaved file")
	}
	if len(extents) < MaxExtents {
		extents = append(extents, Extent{start, r.size})
	} else {
		l.fault("limit extents (%d) exceeded", MaxExtents)
	}
	if r.flags&flagMore != 0 {
		return extents
	}
	for _, n := range names {
		l.add(n, extents, compressed)
	}
	if r.other != r.start && r.other != 0 && r.other*v.block < l.size {
		l.fault("a file has two places")
		at := r.other * v.block
		l.add(names[0], []Extent{{at, min(r.size, l.size-at)}}, compressed)
	}
	return nil
}

// names are the paths of a record: that of ISO 9660 or Joliet, and that of Rock Ridge.
func (v *volume) names(dir string, r record, rock string) []string {
	name := r.name
	if v.joliet {
		var units []uint16
		for b := []byte(name); len(b) > 1; b = b[2:] {
			units = append(units, binary.BigEndian.Uint16(b))
		}
		name = string(utf16.Decode(units))
	}
	if i := strings.LastIndexByte(name, ';'); i > 0 {
		name = name[:i]
	}
	name = strings.TrimSuffix(name, ".")
	all := []string{join(dir, name)}
	if rock != "" && rock != name {
		all = append(all, join(dir, rock))
	}
	return all
}

func join(dir, name string) string {
	if dir != "" {
		name = dir + "/" + name
	}
	return name[max(len(name)-MaxName, 0):]
}

// suspSkip reads the SP entry of the first record, SUSP section 5.3: how much of each system use area is for others.
func suspSkip(use []byte) int {
	for _, off := range []int{0, 14} {
		if len(use) >= off+7 && string(use[off:off+2]) == "SP" && use[off+4] == 0xbe && use[off+5] == 0xef {
			return int(use[off+6])
		}
	}
	return 0
}

// rock is what Rock Ridge says of a file.
type rock struct {
	name       string
	compressed bool
}

// rockRidge reads the entries in the system use area of a record, and where that is continued.
func (l *lister) rockRidge(v *volume, r record) (rock, error) {
	var k rock
	use := r.use[min(v.skip, len(r.use)):]
	for range maxContinue {
		var next Extent
		for len(use) >= 4 && int(use[2]) >= 4 && int(use[2]) <= len(use) {
			e := use[:use[2]]
			use = use[len(e):]
			switch sig := string(e[:2]); {
			case sig == "NM" && len(e) > 5:
				k.name += string(e[5:])
			case sig == "ZF":
				k.compressed = true
			case sig == "CE" && len(e) >= 28:
				next = Extent{
					int64(binary.LittleEndian.Uint32(e[4:]))*v.block + int64(binary.LittleEndian.Uint32(e[12:])),
					min(int64(binary.LittleEndian.Uint32(e[20:])), sector),
				}
			case sig == "ST":
				use = nil
			}
		}
		if next.Size == 0 || len(k.name) > MaxName {
			break
		}
		b, err := l.octets(next.Offset, next.Size)
		if err != nil {
			return k, err
		}
		use = b
	}
	return k, nil
}
