// SPDX-License-Identifier: Apache-2.0

package binhex

import (
	"encoding/binary"
	"errors"
	"io"
	"sort"
	"strings"
	"testing"
)

// encode is a file in BinHex, with runs of four and more packed.
func encode(name, data, resource string) string {
	h := string(rune(len(name))) + name + "\x00TEXTttxt\x00\x00" + be32(len(data)) + be32(len(resource))
	raw := sealed(h) + sealed(data) + sealed(resource)
	var packed []byte
	for i := 0; i < len(raw); {
		n := 1
		for i+n < len(raw) && raw[i+n] == raw[i] && n < 255 {
			n++
		}
		switch {
		case raw[i] == runMark:
			packed, n = append(packed, runMark, 0), 1
		case n > 3:
			packed = append(packed, raw[i], runMark, byte(n))
		default:
			packed, n = append(packed, raw[i]), 1
		}
		i += n
	}
	var out strings.Builder
	acc, have := uint32(0), 0
	for _, c := range append(packed, 0) {
		acc, have = acc<<8|uint32(c), have+8
		for have >= 6 {
			have -= 6
			out.WriteByte(alphabet[acc>>have&0x3f])
			if out.Len()%64 == 63 {
				out.WriteByte('\n')
			}
		}
	}
	return "(This file must be converted with BinHex 4.0)\n\n:" + out.String() + ":\n"
}

func be32(v int) string { return string(binary.BigEndian.AppendUint32(nil, uint32(v))) }

// sealed is text with its checksum.
func sealed(text string) string {
	return text + string(binary.BigEndian.AppendUint16(nil, crc(crc(0, []byte(text)), []byte{0, 0})))
}

func read(text string) (name, data, resource string, err error) {
	f, err := Open(strings.NewReader(text))
	if f == nil {
		return "", "", "", err
	}
	b, err1 := io.ReadAll(io.LimitReader(f.Next(f.Data), 1<<20))
	r, err2 := io.ReadAll(io.LimitReader(f.Next(f.Resource), 1<<20))
	return f.Name, string(b), string(r), errors.Join(err, err1, err2)
}

func TestRead(t *testing.T) {
	long := strings.Repeat("x", 1000) + "\x90\x90" + strings.Repeat("\x90", 9) + "end"
	good := encode("name.exe", long, "resource")
	name, data, resource, err := read("some text before\n" + good)
	if name != "name.exe" || data != long || resource != "resource" || err != nil {
		t.Errorf("got %q, %d octets, %q, %v", name, len(data), resource, err)
	}
	for n, bad := range map[string]string{
		"cut": good[:len(good)/2], "empty": "", "no colon": strings.ReplaceAll(good, ":", ""), "changed": strings.Replace(good, "\n", "\n", 1)[:60] + "!!" + good[62:],
	} {
		if _, _, _, err := read(bad); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v, want damage", n, err)
		}
	}
}

// Characters are looked up by halves, so they must be in order.
func TestAlphabetIsSorted(t *testing.T) {
	if !sort.SliceIsSorted([]byte(alphabet), func(i, j int) bool { return alphabet[i] < alphabet[j] }) || len(alphabet) != 64 {
		t.Error("it is not")
	}
}

// FuzzRead: no panic, and no more octets than runs can make.
func FuzzRead(f *testing.F) {
	f.Add(encode("a", "one", "two"))
	f.Fuzz(func(t *testing.T, text string) {
		_, data, resource, _ := read(text)
		if len(data)+len(resource) > 255*len(text) {
			t.Fatalf("%d octets of %d", len(data)+len(resource), len(text))
		}
	})
}
