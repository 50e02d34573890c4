// SPDX-License-Identifier: Apache-2.0

package onenote

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// object is an object of the file data store.
func object(size uint64, data string) string {
	b := binary.LittleEndian.AppendUint64([]byte(fileData), size)
	return string(b) + strings.Repeat("\x00", 12) + data
}

// named is a set of properties, the second of which is a name.
func named(name string) string {
	b := []byte{3, 0}
	b = append(b, "\x01\x1c\x00\x14"...) // Four octets.
	b = append(b, embeddedName...)
	b = append(b, "\x02\x1c\x00\x08"...) // A bit.
	b = append(b, "\xFF\xFF\xFF\xFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(2*len(name)+2))
	for _, u := range utf16.Encode([]rune(name + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func TestRead(t *testing.T) {
	far := strings.Repeat("x", window-20)
	for _, c := range []struct {
		name, text string
		files      []string
		names      []string
	}{
		{"none", Magic + "text", nil, nil},
		{"one", Magic + object(3, "abc") + "rest", []string{"abc"}, nil},
		{"two", Magic + object(3, "abc") + object(2, "de"), []string{"abc", "de"}, nil},
		{"cut", Magic + object(99, "abc"), []string{"abc"}, nil},
		{"length as large as can be", Magic + object(1<<64-1, "abc"), []string{"abc"}, nil},
		{"no data", Magic + object(3, ""), nil, nil},
		{"between windows", far + object(3, "abc"), []string{"abc"}, nil},
		{"name", Magic + named("evil.hta") + object(1, "x"), []string{"x"}, []string{"evil.hta"}},
		{"name again", named("a.hta") + named("a.hta"), nil, []string{"a.hta"}},
		{"name cut", strings.TrimSuffix(named("evil.hta"), "a\x00\x00\x00"), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Read(strings.NewReader(c.text), int64(len(c.text)))
			if err != nil {
				t.Fatal(err)
			}
			var files []string
			for _, f := range s.Files {
				files = append(files, c.text[f.Offset:f.Offset+f.Size])
			}
			if diff := cmp.Diff(c.files, files); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.names, s.Names); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIs(t *testing.T) {
	if !Is([]byte(Magic)) || !Is([]byte(magicTO)) || Is([]byte(Magic[:15])) || Is(nil) {
		t.Error("magic")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(Magic + named("evil.hta") + object(3, "abc")))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range s.Files {
			if x.Offset < dataAt || x.Size < 0 || x.Offset+x.Size > int64(len(b)) {
				t.Fatalf("%+v of %d octets", x, len(b))
			}
		}
		if len(s.Names) > MaxNames {
			t.Fatalf("%d names", len(s.Names))
		}
	})
}
