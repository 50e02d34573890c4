// SPDX-License-Identifier: Apache-2.0

package cpio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func pad(s string, n int) string { return s + strings.Repeat("\x00", (n-len(s)%n)%n) }

func newc(name, content string) string {
	h := "070701"
	for _, v := range []int{1, 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0} {
		h += fmt.Sprintf("%08x", v)
	}
	return pad(h+name+"\x00", 4) + pad(content, 4)
}

func odc(name, content string) string {
	return fmt.Sprintf("070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o", 0, 1, 0o100644, 0, 0, 1, 0, 0, len(name)+1, len(content)) +
		name + "\x00" + content
}

func old(order binary.ByteOrder, name, content string) string {
	words := []int{0o070707, 0, 1, 0o100644, 0, 0, 1, 0, 0, 0, len(name) + 1, len(content) >> 16, len(content) & 0xffff}
	var h []byte
	for _, w := range words {
		b := make([]byte, 2)
		order.PutUint16(b, uint16(w))
		h = append(h, b...)
	}
	return pad(string(h)+name+"\x00", 2) + pad(content, 2)
}

// read lists the members as "name=content".
func read(t *testing.T, data string) (members []string, err error) {
	t.Helper()
	r := New(strings.NewReader(data), int64(len(data)))
	for {
		m, err := r.Next()
		if m != nil {
			if m.Offset < 0 || m.Size < 0 || m.Offset+m.Size > int64(len(data)) {
				t.Fatalf("member at %d with %d octets in %d", m.Offset, m.Size, len(data))
			}
			members = append(members, m.Name+"="+data[m.Offset:m.Offset+m.Size])
		}
		if err != nil {
			if end := r.End(); end < 0 || end > int64(len(data)) {
				t.Fatalf("end at %d of %d", end, len(data))
			}
			return members, err
		}
	}
}

func TestReader(t *testing.T) {
	want := []string{"a=one", "dir/bb.txt=three"}
	le := func(n, c string) string { return old(binary.LittleEndian, n, c) }
	be := func(n, c string) string { return old(binary.BigEndian, n, c) }
	tests := []struct {
		name, data string
		want       []string
		damaged    bool
	}{
		{"newc", newc("a", "one") + newc("dir/bb.txt", "three") + newc(trailer, ""), want, false},
		{"crc", "070702" + newc("a", "one")[6:] + newc(trailer, ""), want[:1], false},
		{"odc", odc("a", "one") + odc("dir/bb.txt", "three") + odc(trailer, ""), want, false},
		{"binary, little", le("a", "one") + le("dir/bb.txt", "three") + le(trailer, ""), want, false},
		{"binary, big", be("a", "one") + be("dir/bb.txt", "three") + be(trailer, ""), want, false},
		{"no trailer", newc("a", "one"), want[:1], true},
		{"cut", newc("a", strings.Repeat("x", 50))[:112+10], []string{"a=xxxxxxxxxx"}, true},
		{"rubbish", newc("a", "one") + strings.Repeat("?", 200), want[:1], true},
		{"no digits", "070701" + strings.Repeat("zz", 60), nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(t, tt.data)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if errors.Is(err, ErrFormat) != tt.damaged || !tt.damaged && !errors.Is(err, io.EOF) {
				t.Errorf("got error %v, want damage %v", err, tt.damaged)
			}
			if tt.want != nil && !Is([]byte(tt.data)) {
				t.Error("not recognised")
			}
		})
	}
}

func TestIs(t *testing.T) {
	for _, text := range []string{"", "070701", "070707 is the magic of cpio archives, in octal, says the manual page of it, and much more", "\xc7\x71"} {
		if Is([]byte(text)) {
			t.Errorf("%q is taken for an archive", text)
		}
	}
}

func TestReadErrorIsNoDamage(t *testing.T) {
	_, err := New(bytes.NewReader(make([]byte, 0)), 500).Next()
	if err == nil {
		t.Error("got no error")
	}
}

// FuzzReader: no panic, members inside the archive, an end.
func FuzzReader(f *testing.F) {
	f.Add(newc("a", "one") + newc(trailer, ""))
	f.Add(odc("a", "one") + odc(trailer, ""))
	f.Add(old(binary.LittleEndian, "a", "one"))
	f.Add(old(binary.BigEndian, "a", "one"))
	f.Fuzz(func(t *testing.T, data string) {
		if members, _ := read(t, data); len(members) > len(data)/26 {
			t.Fatalf("%d members in %d octets", len(members), len(data))
		}
	})
}
