// SPDX-License-Identifier: Apache-2.0

package tnef

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

func le32(v int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(v))) }

// attr is an attribute as programs write it.
func attr(level byte, id int, data string) string {
	sum := 0
	for _, c := range []byte(data) {
		sum += int(c)
	}
	return string(level) + le32(id) + le32(len(data)) + data + le32(sum & 0xffff)[:2]
}

func stream(attrs ...string) string { return signature + "\x01\x00" + strings.Join(attrs, "") }

func render() string        { return attr(2, 0x69002, strings.Repeat("\x00", 14)) }
func title(n string) string { return attr(2, 0x18010, n+"\x00") }
func data(d string) string  { return attr(2, 0x6800f, d) }

func utf16le(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func pad(s string) string { return s + strings.Repeat("\x00", (4-len(s)%4)%4) }

// props are MAPI properties: tags by turns with their values as they are written.
func props(all ...string) string {
	return le32(len(all)/2) + strings.Join(all, "")
}

func tag(kind, id int) string { return le32(id<<16 | kind) }

// value is one of a type without a fixed size.
func value(v string) string { return le32(1) + le32(len(v)) + pad(v) }

// names are properties with so many names, and numbers are those.
func names(n int) string {
	var all []string
	for _, name := range numbers(n) {
		all = append(all, tag(typeString8, propFilename), value(name+"\x00"))
	}
	return props(all...)
}

func numbers(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

func read(t *testing.T, data string) (items []string, err error) {
	t.Helper()
	r := New(strings.NewReader(data), int64(len(data)))
	for {
		item, err := r.Next()
		if err != nil {
			return items, err
		}
		if item.Offset < 0 || item.Size < 0 || item.Offset+item.Size > int64(len(data)) || len(item.Names) > MaxNames {
			t.Fatalf("%+v in %d octets", item, len(data))
		}
		items = append(items, fmt.Sprintf("%s %s=%s", item.Kind, strings.Join(item.Names, "|"), data[item.Offset:item.Offset+item.Size]))
	}
}

func TestReader(t *testing.T) {
	named := tag(typeUnicode, 0x8001) + strings.Repeat("g", 16) + le32(1) + le32(6) + pad(utf16le("ab"))
	tests := []struct {
		name, data string
		want       []string
		damaged    bool
	}{
		{
			"two files", stream(render(), title("a.txt"), data("one"), render(), title("b.txt"), data("two")),
			[]string{"attachment a.txt=one", "attachment b.txt=two"},
			false,
		},
		{"name behind the data", stream(render(), data("one"), title("a.txt")), []string{"attachment a.txt=one"}, false},
		{"no name", stream(render(), data("one")), []string{"attachment =one"}, false},
		{"no data", stream(render(), title("a.lnk")), []string{"attachment a.lnk="}, false},
		{"all names", stream(render(), title("EVIL~1.EXE"), attr(2, 0x69001, "other.txt\x00"), data("MZ"), attr(2, 0x69005, props(
			tag(typeUnicode, propLongFilename), value(utf16le("evil ä.exe")), tag(typeString8, propFilename), value("good.txt\x00"),
		))), []string{"attachment evil ä.exe|EVIL~1.EXE|other.txt|good.txt=MZ"}, false},
		{"all kinds of properties", stream(render(), attr(2, 0x69005, props(
			tag(0x0003, 0x3705), le32(1), tag(0x0040, 0x3007), le32(1)+le32(2), tag(0x0048, 0x1234), strings.Repeat("x", 16),
			tag(0x1003, 0x1234), le32(3)+le32(1)+le32(2)+le32(3), tag(0x101e, 0x1234), le32(2)+le32(1)+pad("a")+le32(5)+pad("bbbbb"),
			named, value("v"), tag(typeBinary, propAttachData), value("MZ data"), tag(0x0001, 0x55), "",
		))), []string{"attachment =MZ data"}, false},
		{
			"object", stream(render(), attr(2, 0x69005, props(tag(typeObject, propAttachData), value(strings.Repeat("i", 16)+"inner")))),
			[]string{"attachment =inner"},
			false,
		},
		{
			"bodies", stream(attr(1, 0x2800c, "text"), attr(1, 0x69003, props(tag(typeBinary, propHTML), value("<html>"), tag(typeBinary, propRTF),
				value("rtf"), tag(typeString8, propBody), value("plain")))),
			[]string{"text body.txt=text", "html body.html=<html>", "rtf body.rtf=rtf", "text body.txt=plain"},
			false,
		},
		{"picture", stream(render(), attr(2, 0x68011, "wmf")), []string{"picture picture=wmf"}, false},
		{
			"extension apart", stream(render(), title("a"), data("MZ"), attr(2, 0x69005, props(tag(typeString8, propExtension), value(".exe\x00")))),
			[]string{"attachment a|a.exe=MZ"},
			false,
		},
		{"a line end behind", stream(render(), data("one")) + "\r\n", []string{"attachment =one"}, false},
		{"wrong checksum", stream(render(), title("a")[:11]+"??", data("one")), []string{"attachment a=one"}, true},
		{"rubbish behind", stream(render(), data("one")) + "rubbish at the end", []string{"attachment =one"}, true},
		{"cut", stream(render(), data("one two three"))[:headerLen+25+attrLen+5], []string{"attachment =one t"}, true},
		{
			"properties cut", stream(render(), attr(2, 0x69005, props(tag(typeBinary, propAttachData), le32(1)+le32(1000)+"MZ")), data("two")),
			[]string{"attachment =MZ", "attachment =two"},
			true,
		},
		{
			"data behind many properties", stream(render(), attr(2, 0x69005, props(append(slices.Repeat([]string{tag(1, 0x55), ""}, 70_000), tag(typeBinary, propAttachData), value("MZ"))...))),
			[]string{"attachment =MZ"},
			false,
		},
		{"too many names", stream(render(), attr(2, 0x69005, names(MaxNames+1)), data("MZ")), []string{"attachment " + strings.Join(numbers(MaxNames), "|") + "=MZ"}, true},
		{"too much data", stream(render() + strings.Repeat(data("x"), MaxData) + data("MZ")), slices.Repeat([]string{"attachment =x"}, MaxData), true},
		{"empty", stream(), nil, false},
		{"other signature", "\x78\x9f\x3e\x32\x00\x00" + attr(1, 0x89006, le32(0x10000)) + render() + data("MZ"), []string{"attachment =MZ"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(t, tt.data)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
			if errors.Is(err, ErrFormat) != tt.damaged || !tt.damaged && !errors.Is(err, io.EOF) {
				t.Errorf("got error %v, want damage %v", err, tt.damaged)
			}
			if !Is([]byte(tt.data)) {
				t.Error("not recognised")
			}
		})
	}
}

// An example of MS-OXRTFCP section 4.1.1.
func TestExpand(t *testing.T) {
	const example = "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20" +
		"\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0"
	tests := []struct {
		name, data, want string
		damaged          bool
	}{
		{"example", example, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", false},
		{"plain", le32(20) + le32(5) + "MELA" + le32(0) + "{\\rtf and more", "{\\rtf", false},
		{
			"runs into itself", "\x1a\x00\x00\x00\x1c\x00\x00\x00LZFu\xe2\xd4\x4b\x51\x41\x00\x04\x20WXYZ\x0d\x6e}\x01\x0e\xb0",
			"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", false,
		},
		{"cut", example[:30], "{\\rtf1\\ansi\\ansicpg1252", true},
		{"other", strings.Repeat("x", 20), "", true},
		{"header cut", "LZFu", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Expand(strings.NewReader(tt.data))
			var got []byte
			if err == nil {
				got, err = io.ReadAll(r)
			}
			if !strings.HasPrefix(string(got), tt.want) || errors.Is(err, ErrFormat) != tt.damaged {
				t.Errorf("got %q and %v, want %q and damage %v", got, err, tt.want, tt.damaged)
			}
		})
	}
}

func TestReadErrorIsNoDamage(t *testing.T) {
	if _, err := New(bytes.NewReader(nil), 100).Next(); err == nil || errors.Is(err, ErrFormat) {
		t.Errorf("got %v, want an error of reading", err)
	}
}

// FuzzReader: no panic, items inside the stream, an end.
func FuzzReader(f *testing.F) {
	f.Add(stream(render(), title("a.txt"), data("one"), attr(2, 0x69005, props(tag(typeUnicode, propLongFilename), value(utf16le("long"))))))
	f.Add(stream(attr(1, 0x69003, props(tag(0x1003, 1), le32(1)+le32(2), tag(typeObject, propAttachData), value(strings.Repeat("i", 20))))))
	f.Fuzz(func(t *testing.T, data string) {
		if items, _ := read(t, data); len(items) > len(data) {
			t.Fatalf("%d items in %d octets", len(items), len(data))
		}
	})
}

// FuzzExpand: no panic, and no more than the header says.
func FuzzExpand(f *testing.F) {
	f.Add("\x1a\x00\x00\x00\x1c\x00\x00\x00LZFu\xe2\xd4\x4b\x51\x41\x00\x04\x20WXYZ\x0d\x6e}\x01\x0e\xb0")
	f.Fuzz(func(t *testing.T, data string) {
		r, err := Expand(strings.NewReader(data))
		if err != nil {
			return
		}
		got, _ := io.ReadAll(io.LimitReader(r, 1<<20))
		if want := int64(binary.LittleEndian.Uint32([]byte(data[4:]))); int64(len(got)) > want || len(got) > len(data)*17 {
			t.Fatalf("%d octets of %d", len(got), len(data))
		}
	})
}
