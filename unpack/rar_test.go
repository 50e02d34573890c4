// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/mailweir/mailweir/unpack/rar"
)

const rarMagic = rar.Magic

// rarHeader writes a header of RAR 5 and the data behind it.
func rarHeader(kind, flags uint64, body, extra []byte, data string) []byte {
	h := binary.AppendUvarint(nil, kind)
	if extra != nil {
		flags |= 1
	}
	if data != "" {
		flags |= 2
	}
	h = binary.AppendUvarint(h, flags)
	if extra != nil {
		h = binary.AppendUvarint(h, uint64(len(extra)))
	}
	if data != "" {
		h = binary.AppendUvarint(h, uint64(len(data)))
	}
	h = append(append(h, body...), extra...)
	h = append(binary.AppendUvarint(nil, uint64(len(h))), h...)
	return append(append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(h)), h...), data...)
}

// rarStored is a file that is not compressed.
func rarStored(name, content string, extra []byte) []byte {
	b := binary.AppendUvarint(nil, 4) // There is a checksum.
	b = binary.AppendUvarint(b, uint64(len(content)))
	b = binary.AppendUvarint(b, 0o100644)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(content)))
	b = append(b, 0, 1) // Method; Unix.
	b = binary.AppendUvarint(b, uint64(len(name)))
	return rarHeader(2, 0, append(b, name...), extra, content)
}

// rarBytes is an archive of RAR 5; flags are those of its main header.
func rarBytes(flags byte, files ...[]byte) []byte {
	b := append([]byte(rarMagic+"\x01\x00"), rarHeader(1, 0, []byte{flags}, nil, "")...)
	return append(append(b, concat(files...)...), rarHeader(5, 0, []byte{0}, nil, "")...)
}

// rarRecord is one record of an extra area.
func rarRecord(kind byte, data ...byte) []byte {
	return append([]byte{byte(len(data) + 1), kind}, data...)
}

func TestRAR(t *testing.T) {
	one, two := rarStored("a.txt", "one", nil), rarStored("b.txt:hidden.exe", "two", nil)
	link := rarStored("link", "", rarRecord(5, append([]byte{1, 0, 12}, "../../target"...)...))
	locked := rarStored("c", "noise noise noise", rarRecord(1, append([]byte{0, 0, 15}, make([]byte, 32)...)...))
	slow := rarStored("c", "noise noise noise", rarRecord(1, append([]byte{0, 0, 24}, make([]byte, 32)...)...))
	headers := append([]byte(rarMagic+"\x01\x00"), rarHeader(4, 0, append([]byte{0, 0, 15}, make([]byte, 16)...), nil, "")...)
	changed := rarBytes(0, rarStored("a.txt", "one", nil))
	changed[len(changed)-10]++
	tests := []struct {
		name string
		file []byte
		want []string
		bad  []string
	}{
		{name: "stored", file: rarBytes(0, one, two), want: []string{"a.txt=one", "b.txt:hidden.exe=two"}},
		{name: "behind an image", file: concat([]byte("\xff\xd8\xff\xe0 image Rar!\x1a\x07 and more"), rarBytes(0, one)), want: []string{"a.txt=one"}},
		{name: "before rubbish", file: concat(rarBytes(0, one), []byte("rubbish")), want: []string{"a.txt=one"}},
		{name: "link", file: rarBytes(0, link, one), want: []string{"link=../../target", "a.txt=one"}},
		{name: "volume", file: rarBytes(1, one), want: []string{"a.txt=one"}, bad: []string{"unscannable : RAR: a volume of several"}},
		{name: "encrypted", file: rarBytes(0, locked, one), want: []string{"c=", "a.txt=one"}, bad: []string{"encrypted c: needs a password"}},
		{name: "encrypted, key slow to make", file: rarBytes(0, slow, one), want: []string{"c=", "a.txt=one"}, bad: []string{"encrypted c: needs a password"}},
		{name: "headers encrypted", file: headers, bad: []string{"encrypted : needs a password, even for the names"}},
		{name: "checksum", file: changed, want: []string{"a.txt=ooe"}, bad: []string{"damaged a.txt: breaks off: rardecode: bad file checksum"}},
		{name: "cut in the data", file: without(rarBytes(0, one), 10), want: []string{"a.txt=o"}, bad: []string{"damaged a.txt: breaks off: unexpected EOF", "damaged : RAR: unexpected EOF"}},
		{name: "signature only", file: []byte(rarMagic + "\x01\x00 and nothing that is a header"), bad: []string{"damaged : RAR: there is no header"}},
		{name: "signature in text", file: []byte("The signature is " + rarMagic + " and no more")},
		{name: "before version 1.5", file: []byte(rarOld + "0123456789"), bad: []string{"unscannable : RAR archive from before"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaves, problems := walkFile(t, tt.file)
			checkLeaves(t, leaves, tt.want)
			checkProblems(t, problems, tt.bad)
		})
	}
	t.Run("names of a link", func(t *testing.T) {
		u := newTestUnpacker(t)
		c := contents(t, u, parse(t, message("f", rarBytes(0, link)), smallLimits()))
		if l := c.Leaves[1]; len(l.Aliases) != 2 || l.Aliases[1] != "../../target" {
			t.Errorf("got %q", l.Aliases)
		}
	})
}
