// SPDX-License-Identifier: Apache-2.0

// Package oletest makes compound files for tests, so that no test needs a document that somebody wrote.
package oletest

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"github.com/mailweir/mailweir/unpack/ole"
)

// Stream is a stream of the file to be made.
type Stream struct {
	Path string // Storages and the name, with slashes between them.
	Data string
}

const (
	sector     = 512
	miniSector = 64
	cutoff     = 4096
	endOfChain = 0xFFFFFFFE
	noEntry    = 0xFFFFFFFF
	fatSector  = 0xFFFFFFFD
)

type entry struct {
	name        string
	kind        ole.Kind
	class       ole.GUID
	data        string
	start, size uint32
	children    []int
}

// Build makes a compound file of version 3 with these streams; the root has the class.
func Build(class ole.GUID, streams ...Stream) []byte {
	b := &builder{entries: []*entry{{name: "Root Entry", kind: ole.Root, class: class}}}
	for _, s := range streams {
		at := 0
		names := strings.Split(s.Path, "/")
		for i, name := range names {
			at = b.child(at, name, i == len(names)-1)
		}
		b.entries[at].data = s.Data
	}
	return b.build()
}

type builder struct {
	entries []*entry
	fat     []uint32
	body    []byte
}

func (b *builder) child(parent int, name string, isStream bool) int {
	for _, c := range b.entries[parent].children {
		if b.entries[c].name == name {
			return c
		}
	}
	e := &entry{name: name, kind: ole.Storage}
	if isStream {
		e.kind = ole.Stream
	}
	b.entries = append(b.entries, e)
	n := len(b.entries) - 1
	b.entries[parent].children = append(b.entries[parent].children, n)
	return n
}

// put adds sectors with the data and gives the first.
func (b *builder) put(data []byte) uint32 {
	if len(data) == 0 {
		return endOfChain
	}
	start := uint32(len(b.fat))
	for i := 0; i < len(data); i += sector {
		b.fat = append(b.fat, uint32(len(b.fat)+1))
	}
	b.fat[len(b.fat)-1] = endOfChain
	b.body = append(b.body, pad(data, sector)...)
	return start
}

func pad(b []byte, n int) []byte {
	return append(append([]byte(nil), b...), make([]byte, (n-len(b)%n)%n)...)
}

func (b *builder) build() []byte {
	var mini []byte
	var miniFAT []uint32
	for _, e := range b.entries {
		e.size = uint32(len(e.data))
		switch {
		case e.kind != ole.Stream:
		case len(e.data) >= cutoff:
			e.start = b.put([]byte(e.data))
		case len(e.data) == 0:
			e.start = endOfChain
		default:
			e.start = uint32(len(miniFAT))
			for i := 0; i < len(e.data); i += miniSector {
				miniFAT = append(miniFAT, uint32(len(miniFAT)+1))
			}
			miniFAT[len(miniFAT)-1] = endOfChain
			mini = append(mini, pad([]byte(e.data), miniSector)...)
		}
	}
	b.entries[0].start, b.entries[0].size = b.put(mini), uint32(len(mini))
	miniStart := b.put(numbers(miniFAT))
	dirStart := b.put(b.directory())
	fatStart := uint32(len(b.fat))
	n := 1
	for (len(b.fat)+n+127)/128 > n {
		n++
	}
	for range n {
		b.fat = append(b.fat, fatSector)
	}
	table := numbers(b.fat)
	for len(table) < n*sector {
		table = append(table, 0xFF)
	}
	return append(append(header(n, fatStart, dirStart, miniStart, len(miniFAT)), b.body...), table...)
}

func numbers(list []uint32) []byte {
	var b []byte
	for _, n := range list {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

func header(fats int, fat, dir, mini uint32, minis int) []byte {
	h := make([]byte, sector)
	le := binary.LittleEndian
	copy(h, ole.Magic)
	le.PutUint16(h[24:], 0x3E)
	le.PutUint16(h[26:], 3)
	le.PutUint16(h[28:], 0xFFFE)
	le.PutUint16(h[30:], 9)
	le.PutUint16(h[32:], 6)
	le.PutUint32(h[44:], uint32(fats))
	le.PutUint32(h[48:], dir)
	le.PutUint32(h[56:], cutoff)
	le.PutUint32(h[60:], mini)
	le.PutUint32(h[64:], uint32((minis+127)/128))
	le.PutUint32(h[68:], endOfChain)
	for i := range 109 {
		n := uint32(noEntry)
		if i < fats {
			n = fat + uint32(i)
		}
		le.PutUint32(h[76+4*i:], n)
	}
	return h
}

// directory writes the entries; the children of one hang to the right of each other.
func (b *builder) directory() []byte {
	right := map[int]int{}
	for _, e := range b.entries {
		for i := 1; i < len(e.children); i++ {
			right[e.children[i-1]] = e.children[i]
		}
	}
	var out []byte
	for i, e := range b.entries {
		d := make([]byte, 128)
		units := utf16.Encode([]rune(e.name))
		for k, u := range units {
			binary.LittleEndian.PutUint16(d[2*k:], u)
		}
		binary.LittleEndian.PutUint16(d[64:], uint16(2*len(units)+2))
		d[66], d[67] = byte(e.kind), 1
		for off, n := range map[int]int{68: 0, 72: right[i], 76: firstOf(e.children)} {
			ref := uint32(noEntry)
			if n > 0 {
				ref = uint32(n)
			}
			binary.LittleEndian.PutUint32(d[off:], ref)
		}
		copy(d[80:], e.class[:])
		binary.LittleEndian.PutUint32(d[116:], e.start)
		binary.LittleEndian.PutUint32(d[120:], e.size)
		out = append(out, d...)
	}
	return out
}

func firstOf(list []int) int {
	if len(list) == 0 {
		return 0
	}
	return list[0]
}

// Source packs the source of a Visual Basic module as it is kept: in chunks of octets that stand for themselves. The text is to begin with
// an Attribute line, as all modules do.
func Source(text string) string {
	out := []byte{1}
	for len(text) > 0 {
		n := min(len(text), 3000)
		var data []byte
		for i := 0; i < n; i += 8 {
			data = append(data, 0)
			data = append(data, text[i:min(i+8, n)]...)
		}
		out = binary.LittleEndian.AppendUint16(out, uint16(len(data)-1)|0xB000)
		out = append(out, data...)
		text = text[n:]
	}
	return string(out)
}

// Wide is text in UTF-16.
func Wide(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}
