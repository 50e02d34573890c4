// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	stdtar "archive/tar"
	stdzip "archive/zip"
	"bytes"
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

// zipOf makes a zip with empty members of these names; one named mimetype, by a "=", has a text.
func zipOf(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := stdzip.NewWriter(&b)
	for _, n := range names {
		name, content, _ := bytes.Cut([]byte(n), []byte("="))
		f, err := w.CreateHeader(&stdzip.FileHeader{Name: string(name), Method: stdzip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tarOf makes a tar archive of one file. An old one has no mark.
func tarOf(t testing.TB, old bool) []byte {
	t.Helper()
	var b bytes.Buffer
	w := stdtar.NewWriter(&b)
	if err := w.WriteHeader(&stdtar.Header{Name: "file", Mode: 0o600, Size: 4, Format: stdtar.FormatUSTAR}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c := b.Bytes()
	if !old {
		return c
	}
	sum := 0
	for i := range 512 {
		if i >= 257 && i < 265 {
			c[i] = 0
		}
		if i < 148 || i >= 156 {
			sum += int(c[i])
		}
	}
	sum += 8 * ' '
	for i := 5; i >= 0; i-- {
		c[148+i] = byte('0' + sum%8)
		sum /= 8
	}
	return c
}

// oleOf makes the start of a compound file whose root has the class, with streams of these names.
func oleOf(class string, streams ...string) []byte {
	b := make([]byte, 512*4)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	b[30] = 9
	entry := func(i int, name string, typ byte) []byte {
		e := b[512+i*128:][:128]
		for j, u := range utf16.Encode([]rune(name)) {
			binary.LittleEndian.PutUint16(e[2*j:], u)
		}
		binary.LittleEndian.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66] = typ
		return e
	}
	copy(entry(0, "Root Entry", 5)[80:], class)
	for i, s := range streams {
		entry(i+1, s, 2)
	}
	return b
}

// program makes the headers of a program for Windows.
func program() []byte {
	b := make([]byte, 512)
	copy(b, "MZ")
	b[0x3c] = 0x80
	copy(b[0x40:], "\x0e\x1f\xba\x0e\x00\xb4\x09\xcd\x21\xb8\x01\x4c\xcd\x21This program cannot be run in DOS mode.\r\r\n$")
	copy(b[0x80:], "PE\x00\x00\x4c\x01")
	return b
}

// at puts s at that place of n zero octets.
func at(n, place int, s string) []byte {
	b := make([]byte, n)
	copy(b[place:], s)
	return b
}

// wideText is s in UTF-16.
func wideText(s string, order binary.AppendByteOrder, mark bool) []byte {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}
