// SPDX-License-Identifier: Apache-2.0

package ole

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// readDirectory reads all entries, and hangs them under their storages.
func (f *File) readDirectory(start uint32) error {
	runs, err := f.chain(f.fat, start, min(MaxEntries*entrySize, f.size), f.sector)
	if err != nil {
		return err
	}
	page := make([]byte, f.sector)
	for _, r := range runs {
		for off := r.Offset; off < r.Offset+r.Length; off += f.sector {
			n := min(f.sector, r.Offset+r.Length-off)
			if err := readFull(f.r, page[:n], off); err != nil {
				return err
			}
			for i := int64(0); i+entrySize <= n; i += entrySize {
				e := f.entry(page[i : i+entrySize])
				e.Offset = off + i
				f.Entries = append(f.Entries, e)
			}
		}
	}
	if len(f.Entries) == 0 {
		return fmt.Errorf("%w: there is no directory", ErrFormat)
	}
	if len(f.Entries) >= MaxEntries {
		f.damage("limit directory entries (%d) exceeded", MaxEntries)
		f.Cut = true
	}
	if f.Root().Kind != Root {
		f.damage("the first directory entry is not the root")
		f.Root().Kind = Root
	}
	f.hang()
	return nil
}

// entry reads a directory entry (MS-CFB section 2.6.1).
func (f *File) entry(b []byte) *Entry {
	le := binary.LittleEndian
	e := &Entry{
		Name: utf16Name(b, int(le.Uint16(b[64:]))), Kind: Kind(b[66]), left: le.Uint32(b[68:]), right: le.Uint32(b[72:]), child: le.Uint32(b[76:]),
		Class: GUID(b[80:96]), start: le.Uint32(b[116:]), Size: int64(le.Uint32(b[120:])),
	}
	if f.sector == 4096 {
		// Version 3 writers leave rubbish in the upper half. A size of 2^63 and more is cut to what the file has.
		e.Size |= int64(le.Uint32(b[124:])&0x7FFFFFFF) << 32
	}
	return e
}

// hang builds the tree from the entries' references, each entry once. Recursion is replaced by a list: the references are hostile.
func (f *File) hang() {
	type todo struct {
		id     uint32
		parent *Entry
	}
	root := f.Root()
	root.seen = true
	list := []todo{{root.child, root}}
	for len(list) > 0 {
		t := list[len(list)-1]
		list = list[:len(list)-1]
		if t.id == noEntry {
			continue
		}
		if int64(t.id) >= int64(len(f.Entries)) {
			f.damage("a directory entry refers to one that is not there")
			continue
		}
		e := f.Entries[t.id]
		if e.seen {
			f.damage("a directory entry is referred to twice")
			continue
		}
		e.seen = true
		if e.Kind != Storage && e.Kind != Stream {
			f.damage("a directory entry of kind %d is referred to", e.Kind)
			continue
		}
		e.Parent = t.parent
		if e.depth = t.parent.depth + 1; e.depth > MaxDepth {
			f.damage("limit depth (%d) exceeded", MaxDepth)
			e.Parent, e.depth = root, 1
		}
		e.Parent.Children = append(e.Parent.Children, e)
		list = append(list, todo{e.right, t.parent}, todo{e.left, t.parent})
		if e.Kind == Storage {
			list = append(list, todo{e.child, e})
		}
	}
	for _, e := range f.Entries {
		e.Orphan = !e.seen && (e.Kind == Storage || e.Kind == Stream)
	}
}

// manyChildren is from how many on children are looked up and not gone through.
const manyChildren = 64

// Child is the child by that name, in any case; nil if there is none.
func (e *Entry) Child(name string) *Entry {
	if len(e.Children) >= manyChildren {
		return e.index()[strings.ToUpper(name)]
	}
	for _, c := range e.Children {
		if strings.EqualFold(c.Name, name) {
			return c
		}
	}
	return nil
}

// index is the children by their names in capitals, as they are compared (MS-CFB section 2.6.4).
func (e *Entry) index() map[string]*Entry {
	if e.names != nil {
		return e.names
	}
	e.names = make(map[string]*Entry, len(e.Children))
	for _, c := range e.Children {
		if name := strings.ToUpper(c.Name); e.names[name] == nil {
			e.names[name] = c
		}
	}
	return e.names
}

// GUID is a class identifier, as it is stored.
type GUID [16]byte

// String is the usual way to write it: "0002CE02-0000-0000-C000-000000000046".
func (g GUID) String() string {
	le := binary.LittleEndian
	return fmt.Sprintf("%08X-%04X-%04X-%X-%X", le.Uint32(g[0:]), le.Uint16(g[4:]), le.Uint16(g[6:]), g[8:10], g[10:16])
}

// IsZero tells if there is none.
func (g GUID) IsZero() bool { return g == GUID{} }
