// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"
)

// zipEntry is one member as a test writes it. What is not set is made right.
type zipEntry struct {
	name    string
	content string
	method  uint16
	flags   uint16
	raw     []byte // Packed data; made from content if nil.

	local   func(*zipFields) // Changes the local header.
	central func(*zipFields) // Changes the directory record.
	hidden  bool             // Not in the directory.
}

// zipFields are the fields that the two headers of a member have in common.
type zipFields struct {
	name         string
	method       uint16
	flags        uint16
	crc          uint32
	packed, size uint32
	offset       uint32 // Of the local header; only in the directory.
	extra        []byte
}

func stored(name, content string) zipEntry { return zipEntry{name: name, content: content} }

func deflated(name, content string) zipEntry {
	return zipEntry{name: name, content: content, method: methodDeflate}
}

// deflate packs s.
func deflate(s string) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.Bytes()
}

// zipBytes writes a zip file: local headers with their data, the directory, the end record.
func zipBytes(entries ...zipEntry) []byte {
	var b []byte
	var dir []byte
	count := 0
	for _, e := range entries {
		raw := e.raw
		if raw == nil {
			raw = []byte(e.content)
			if e.method == methodDeflate {
				raw = deflate(e.content)
			}
		}
		f := zipFields{
			name: e.name, method: e.method, flags: e.flags, crc: crc32.ChecksumIEEE([]byte(e.content)),
			packed: uint32(len(raw)), size: uint32(len(e.content)), offset: uint32(len(b)),
		}
		b = append(appendLocal(b, f, e.local), raw...)
		if !e.hidden {
			dir = appendRecord(dir, f, e.central)
			count++
		}
	}
	at := len(b)
	return appendEnd(append(b, dir...), count, len(dir), at)
}

func appendLocal(b []byte, f zipFields, change func(*zipFields)) []byte {
	if change != nil {
		change(&f)
	}
	le := binary.LittleEndian
	b = append(b, "PK\x03\x04\x14\x00"...)
	b = le.AppendUint16(b, f.flags)
	b = le.AppendUint16(b, f.method)
	b = append(b, 0, 0, 0, 0)
	b = le.AppendUint32(b, f.crc)
	b = le.AppendUint32(b, f.packed)
	b = le.AppendUint32(b, f.size)
	b = le.AppendUint16(b, uint16(len(f.name)))
	b = le.AppendUint16(b, uint16(len(f.extra)))
	return append(append(b, f.name...), f.extra...)
}

func appendRecord(b []byte, f zipFields, change func(*zipFields)) []byte {
	if change != nil {
		change(&f)
	}
	le := binary.LittleEndian
	b = append(b, "PK\x01\x02\x14\x00\x14\x00"...)
	b = le.AppendUint16(b, f.flags)
	b = le.AppendUint16(b, f.method)
	b = append(b, 0, 0, 0, 0)
	b = le.AppendUint32(b, f.crc)
	b = le.AppendUint32(b, f.packed)
	b = le.AppendUint32(b, f.size)
	b = le.AppendUint16(b, uint16(len(f.name)))
	b = le.AppendUint16(b, uint16(len(f.extra)))
	b = append(b, make([]byte, 10)...)
	b = le.AppendUint32(b, f.offset)
	return append(append(b, f.name...), f.extra...)
}

func appendEnd(b []byte, count, size, offset int) []byte {
	le := binary.LittleEndian
	b = append(b, "PK\x05\x06\x00\x00\x00\x00"...)
	b = le.AppendUint16(b, uint16(count))
	b = le.AppendUint16(b, uint16(count))
	b = le.AppendUint32(b, uint32(size))
	b = le.AppendUint32(b, uint32(offset))
	return append(b, 0, 0)
}

// appendEnd64 ends a file with zip64 records; the 32-bit ones say only that they do not fit.
func appendEnd64(b []byte, count, size, offset int) []byte {
	le := binary.LittleEndian
	at := len(b)
	b = append(b, "PK\x06\x06"...)
	b = le.AppendUint64(b, end64Len-12)
	b = append(b, make([]byte, 12)...)
	b = le.AppendUint64(b, uint64(count))
	b = le.AppendUint64(b, uint64(count))
	b = le.AppendUint64(b, uint64(size))
	b = le.AppendUint64(b, uint64(offset))
	b = append(b, "PK\x06\x07\x00\x00\x00\x00"...)
	b = le.AppendUint64(b, uint64(at))
	b = le.AppendUint32(b, 1)
	b = append(b, "PK\x05\x06\x00\x00\x00\x00"...)
	return append(append(b, bytes.Repeat([]byte{0xff}, 12)...), 0, 0)
}

func concat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func without(b []byte, n int) []byte { return b[:len(b)-n] }

func TestZip(t *testing.T) {
	long := strings.Repeat("word ", 1000)
	inner := string(zipBytes(deflated("c", "inner text")))
	docx := string(zipBytes(deflated("word/document.xml", "<w/>"), stored("media/a.png", "png")))
	tests := []struct {
		name string
		zip  []byte
		want []string // Leaves as "names=content", without the file itself.
		bad  []string // Problems as "kind names: part of the detail".
	}{
		{name: "stored and deflated", zip: zipBytes(stored("a", "one"), deflated("b", long)), want: []string{"a=one", "b=" + long}},
		{name: "empty archive", zip: zipBytes()},
		{name: "empty member and folder", zip: zipBytes(stored("d/", ""), stored("e", "")), want: []string{"d/=", "e="}},
		{name: "nested", zip: zipBytes(stored("in.zip", inner)), want: []string{"in.zip=" + inner, "in.zip/c=inner text"}},
		{name: "nested and deflated", zip: zipBytes(deflated("in.docx", docx)), want: []string{
			"in.docx=" + docx, "in.docx/word/document.xml=<w/>", "in.docx/media/a.png=png",
		}},
		{name: "nested and deflated in blocks of stored octets", zip: zipBytes(zipEntry{
			name: "in.zip", content: inner, method: methodDeflate, raw: storedBlocks(inner, 20),
		}), want: []string{"in.zip=" + inner, "in.zip/c=inner text"}},
		{name: "behind a program", zip: concat([]byte("MZ stub"), zipBytes(stored("a", "one"))), want: []string{"a=one"}},
		{name: "before rubbish", zip: concat(zipBytes(stored("a", "one")), []byte("rubbish")), want: []string{"a=one"}},
		{
			name: "two archives one after another", zip: concat(zipBytes(stored("a", "one")), zipBytes(stored("b", "two"))),
			want: []string{"b=two", "a=one"},
		},
		{
			name: "member that no directory lists", zip: zipBytes(stored("a", "one"), zipEntry{name: "b", content: "two", hidden: true}),
			want: []string{"a=one", "b=two"}, bad: []string{"damaged : 1 members are in no directory: b"},
		},
		{
			name: "no directory", zip: without(zipBytes(deflated("a", "one")), recordLen+1+endLen),
			want: []string{"a=one"}, bad: []string{"damaged : 1 members are in no directory: a"},
		},
		{
			name: "cut in the data", zip: without(zipBytes(deflated("a", long)), recordLen+1+endLen+8),
			want: []string{"a="}, bad: []string{"damaged a: unexpected EOF", "damaged : 1 members are in no directory: a"},
		},
		{
			name: "directory cut", zip: concat(without(zipBytes(stored("a", "one")), recordLen+1+endLen), appendEnd(nil, 1, 47, 34)),
			want: []string{"a=one"},
			bad:  []string{"damaged : there is no directory", "damaged : 1 members are in no directory: a"},
		},
		{name: "encrypted", zip: zipBytes(zipEntry{name: "a", content: "plain", flags: 1, raw: []byte("noise noise noise")}), want: []string{"a="}, bad: []string{"encrypted a: "}},
		{
			name: "encrypted, says the local header only", zip: zipBytes(zipEntry{
				name: "a", content: "plain", raw: []byte("noise"), local: func(f *zipFields) { f.flags |= 1 },
			}),
			want: []string{"a="}, bad: []string{"damaged a: local header and directory differ in encryption", "encrypted a: "},
		},
		{
			name: "encrypted, a lie", zip: zipBytes(zipEntry{name: "a", content: "plain", flags: 1}),
			want: []string{"a=plain"}, bad: []string{"encrypted a: "},
		},
		{name: "AES", zip: zipBytes(zipEntry{name: "a", content: "x", method: methodAES}), want: []string{"a="}, bad: []string{"encrypted a: "}},
		{
			name: "unknown method", zip: zipBytes(zipEntry{name: "a", content: "x", method: 98}),
			want: []string{"a="}, bad: []string{"unscannable a: compression method PPMd is not supported"},
		},
		{
			name: "checksum", zip: zipBytes(zipEntry{name: "a", content: "one", central: func(f *zipFields) { f.crc ^= 1 }}),
			want: []string{"a=one"}, bad: []string{"damaged a: checksum is wrong"},
		},
		{
			name: "size too small", zip: zipBytes(zipEntry{name: "a", content: long, method: 8, central: func(f *zipFields) { f.size = 1 }}),
			want: []string{"a=" + long},
			bad:  []string{"damaged a: local header and directory differ in size", "damaged a: 5000 octets, header says 1"},
		},
		{
			name: "methods differ", zip: zipBytes(zipEntry{name: "a", content: "one", method: 8, central: func(f *zipFields) { f.method = 0 }}),
			want: []string{"a=" + string(deflate("one")), "a=one"},
			bad:  []string{"damaged a: local header and directory differ in method", "damaged a: 9 octets, header says 3"},
		},
		{
			name: "names differ", zip: zipBytes(zipEntry{name: "a.exe", content: "one", central: func(f *zipFields) { f.name = "a.txt" }}),
			want: []string{"a.txt=one"}, bad: []string{"damaged a.txt: local header and directory differ in name (a.exe)"},
		},
		{
			name: "stored data longer than the directory says",
			zip: zipBytes(zipEntry{name: "a", content: "one two", central: func(f *zipFields) {
				f.packed, f.size, f.crc = 3, 3, crc32.ChecksumIEEE([]byte("one"))
			}}),
			want: []string{"a=one", "a=one two"}, bad: []string{"damaged a: local header and directory differ in size"},
		},
		{
			name: "no local header", zip: zipBytes(stored("a", "one"), zipEntry{name: "b", content: "two", central: func(f *zipFields) { f.offset = 3 }}),
			want: []string{"a=one", "b=", "b=two"},
			bad:  []string{"damaged b: there is no local header", "damaged : 1 members are in no directory: b"},
		},
		{
			name: "count", zip: func() []byte {
				b := zipBytes(stored("a", "one"))
				b[len(b)-12] = 7
				return b
			}(),
			want: []string{"a=one"}, bad: []string{"damaged : the directory lists 1 members and says 7"},
		},
		{
			name: "descriptor and no directory", zip: concat(
				appendLocal(nil, zipFields{name: "a", method: 8, flags: flagDescriptor}, nil), deflate("one"), []byte("PK\x07\x08"+strings.Repeat("\x00", 12)),
				appendLocal(nil, zipFields{name: "b", flags: flagDescriptor}, nil), []byte("two"), []byte("PK\x07\x08"+strings.Repeat("\x00", 12)),
			),
			want: []string{"a=one", "b=two"}, bad: []string{"damaged : 2 members are in no directory: a, b"},
		},
		{
			name: "what looks like a descriptor in stored data", zip: concat(
				appendLocal(nil, zipFields{name: "a", flags: flagDescriptor}, nil), []byte("one PK\x07\x08 PK\x03\x04 two"),
				[]byte("PK\x07\x08\x00\x00\x00\x00\x11\x00\x00\x00\x11\x00\x00\x00"),
			),
			want: []string{"a=one PK\x07\x08 PK\x03\x04 two"}, bad: []string{"damaged : 1 members are in no directory: a"},
		},
		{
			name: "zip64", zip: appendEnd64(concat(
				appendLocal(nil, zipFields{name: "a", crc: crc32.ChecksumIEEE([]byte("one")), packed: 3, size: 3}, nil), []byte("one"),
				appendRecord(nil, zipFields{
					name: "a", crc: crc32.ChecksumIEEE([]byte("one")), packed: 3, size: 0xffffffff,
					extra: []byte{1, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0},
				}, nil)), 1, recordLen+1+12, localLen+1+3),
			want: []string{"a=one"},
		},
		{
			name: "zip64 lie", zip: zipBytes(zipEntry{name: "a", content: "one", central: func(f *zipFields) {
				f.size, f.extra = 0xffffffff, []byte{1, 0, 8, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
			}}),
			want: []string{"a=one"},
			bad:  []string{"damaged a: local header and directory differ in size", "damaged a: 3 octets, header says 9223372036854775807"},
		},
		{
			name: "volume", zip: func() []byte {
				b := zipBytes(stored("a", "one"))
				b[len(b)-18] = 1
				return b
			}(),
			want: []string{"a=one"}, bad: []string{"unscannable : volume 2 of several"},
		},
		{
			name: "absurd name", zip: zipBytes(stored("../\x00\x1b[2J\u202egpj.exe"+strings.Repeat("x", 1000), "one")),
			want: []string{"../\ufffd\ufffd[2J\ufffdgpj.exe" + strings.Repeat("x", MaxName-25) + "...=one"},
		},
		{
			name: "twice the same name", zip: zipBytes(stored("a", "one"), stored("a", "two")), want: []string{"a=one", "a=two"},
		},
		{
			name: "archive inside something else, damaged", zip: concat(bytes.Repeat([]byte("document "), 10),
				without(zipBytes(deflated("a", long)), recordLen+1+endLen+8), bytes.Repeat([]byte("more "), 14000)),
			want: []string{"a="},
		},
		{
			name: "archive inside something else, encrypted", zip: concat([]byte("document "),
				zipBytes(zipEntry{name: "a", content: "x", flags: 1, raw: []byte("noise")}), bytes.Repeat([]byte("more "), 14000)),
			want: []string{"a="}, bad: []string{"encrypted a: needs a password"},
		},
		{
			name: "encrypted, and the headers differ in method", zip: zipBytes(zipEntry{
				name: "a", content: "x", raw: []byte("noise"), method: methodAES, flags: 1, central: func(f *zipFields) { f.method = 0 },
			}),
			want: []string{"a="}, bad: []string{"damaged a: local header and directory differ in method", "encrypted a: needs a password"},
		},
		{name: "signatures by chance", zip: []byte("text PK\x03\x04PK\x05\x06PK\x01\x02 xx PK\x03\x04" + strings.Repeat("\x00\xff", 40))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaves, problems := walkFile(t, tt.zip)
			checkLeaves(t, leaves, tt.want)
			checkProblems(t, problems, tt.bad)
		})
	}
}

// storedBlocks is a deflate stream of blocks without compression.
func storedBlocks(s string, block int) []byte {
	var b []byte
	for len(s) > 0 {
		n := min(block, len(s))
		final := byte(0)
		if n == len(s) {
			final = 1
		}
		b = append(b, final)
		b = binary.LittleEndian.AppendUint16(b, uint16(n))
		b = binary.LittleEndian.AppendUint16(b, ^uint16(n))
		b = append(b, s[:n]...)
		s = s[n:]
	}
	return b
}
