// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
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

// rarStream is a stream of NTFS that the file before it has.
func rarStream(name, content string) []byte {
	b := rarStored("STM", content, rarRecord(7, []byte(name)...))
	return rarRetyped(b, 3)
}

// rarRetyped is a header of RAR 5, shorter than 128 octets, as one of another kind.
func rarRetyped(b []byte, kind byte) []byte {
	b = bytes.Clone(b)
	b[5] = kind
	binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:5+b[4]]))
	return b
}

// rarQuick is an archive whose quick open record has a header where the one of a file stands.
func rarQuick(file, header []byte) []byte {
	record := append([]byte{0}, byte(len(file)), byte(len(header)))
	record = append(record, header...)
	record = append([]byte{byte(len(record))}, record...)
	record = append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(record)), record...)
	quick := rarRetyped(rarStored("QO", string(record), nil), 3)
	main := rarHeader(1, 0, []byte{0}, rarRecord(1, 1, byte(13+len(file))), "")
	return concat([]byte(rarMagic+"\x01\x00"), main, file, quick, rarHeader(5, 0, []byte{0}, nil, ""))
}

// rar4Stream is a header of RAR 4 for a stream, with its data.
func rar4Stream(name, content string) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, uint32(len(content)))
	b = append(le.AppendUint32(b, uint32(len(content))), 2)
	b = le.AppendUint32(le.AppendUint32(b, crc32.ChecksumIEEE([]byte(content))), 0)
	b = append(b, 29, 0x30, 3, 0, 0, 0, 0, 0, 'S', 'T', 'M')
	for _, c := range name {
		b = le.AppendUint16(b, uint16(c))
	}
	return append(rar4Header(0x7a, 0x8000, b), content...)
}

// rarHeaderOnly is the header of a file of three octets.
func rarHeaderOnly(name string) []byte {
	b := rarStored(name, "two", nil)
	return b[:len(b)-3]
}

// rar4Header is a header of RAR 4.
func rar4Header(kind byte, flags uint16, body []byte) []byte {
	le := binary.LittleEndian
	h := le.AppendUint16([]byte{kind}, flags)
	h = append(le.AppendUint16(h, uint16(7+len(body))), body...)
	return append(le.AppendUint16(nil, uint16(crc32.ChecksumIEEE(h))), h...)
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
		{name: "stream of NTFS", file: rarBytes(0, one, rarStream(":..\\..\\evil.lnk", "payload"), two), want: []string{
			"a.txt=one", "b.txt:hidden.exe=two", `a.txt:..\..\evil.lnk=payload`,
		}},
		{
			name: "stream of NTFS, version 4", file: concat([]byte(rarMagic+"\x00"), rar4Header(0x73, 0, make([]byte, 6)), rar4Stream(":evil.lnk", "payload")),
			want: []string{":evil.lnk=payload"},
		},
		{name: "quick open record", file: rarQuick(one, one[:len(one)-3]), want: []string{"a.txt=one"}},
		{
			name: "quick open record of its own", file: rarQuick(one, rarHeaderOnly("e.exe")),
			want: []string{"a.txt=one", "e.exe="}, bad: []string{"unscannable e.exe: the quick open record has it"},
		},
		{name: "before version 1.5", file: []byte(rarOld + "0123456789"), bad: []string{"unscannable : RAR archive from before"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaves, problems := walkFile(t, tt.file)
			checkLeaves(t, leaves, tt.want)
			checkProblems(t, problems, tt.bad)
		})
	}
	t.Run("no checksum", func(t *testing.T) {
		_, problems := walkFile(t, rarBytes(0, rarHeader(2, 0, []byte{0, 3, 0, 0x80, 1, 1, 1, 'a'}, nil, "packed")))
		if len(problems) == 0 || problems[0].Kind != Damaged || !strings.Contains(problems[0].Detail, "no checksum of a") {
			t.Errorf("got %v", problems)
		}
	})
	t.Run("many streams", func(t *testing.T) {
		_, problems := walkFile(t, rarBytes(0, append([][]byte{one}, copies(maxStreams+1, rarStream(":s", "two"))...)...))
		checkProblems(t, problems, []string{"unscannable : limit streams of NTFS (500) exceeded: it has 501"})
	})
	t.Run("names of a link", func(t *testing.T) {
		u := newTestUnpacker(t)
		c := contents(t, u, parse(t, message("f", rarBytes(0, link)), smallLimits()))
		if l := c.Leaves[1]; len(l.Aliases) != 2 || l.Aliases[1] != "../../target" {
			t.Errorf("got %q", l.Aliases)
		}
	})
}
