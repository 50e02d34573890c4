// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// header is one of a package, with strings by their tags.
func header(tags []uint32, values ...string) string {
	index, store := []byte{}, ""
	for i, v := range values {
		for _, n := range []uint32{tags[i], typeString, uint32(len(store)), 1} {
			index = binary.BigEndian.AppendUint32(index, n)
		}
		store += v + "\x00"
	}
	h := []byte(headerMagic + "\x00\x00\x00\x00")
	h = binary.BigEndian.AppendUint32(h, uint32(len(values)))
	h = binary.BigEndian.AppendUint32(h, uint32(len(store)))
	return string(h) + string(index) + store
}

func pack(payload string) string {
	sig := header([]uint32{269}, "0123")
	sig += strings.Repeat("\x00", (8-len(sig)%8)%8)
	return leadMagic + strings.Repeat("\x00", leadLen-4) + sig +
		header([]uint32{tagName, tagVersion, tagFormat, tagCompressor}, "hello", "1.0", "cpio", "gzip") + payload
}

func TestRead(t *testing.T) {
	data := pack("payload")
	got, err := Read(strings.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	want := &Package{Name: "hello", Version: "1.0", Format: "cpio", Compressor: "gzip", Offset: int64(len(data)) - 7, Size: 7}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("package (-want +got):\n%s", diff)
	}
}

func TestReadDamaged(t *testing.T) {
	data := pack("")
	for name, bad := range map[string]string{
		"empty": "", "lead only": data[:leadLen], "cut": data[:len(data)-1], "no header": data[:leadLen] + strings.Repeat("x", 100),
		"no lead": "x" + data,
	} {
		if _, err := Read(strings.NewReader(bad), int64(len(bad))); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v, want damage", name, err)
		}
	}
	if _, err := Read(bytes.NewReader(nil), 200); err == nil || errors.Is(err, ErrFormat) {
		t.Errorf("got %v, want an error of reading", err)
	}
}

// FuzzRead: no panic, and the payload is in the file.
func FuzzRead(f *testing.F) {
	f.Add([]byte(pack("payload")))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read(bytes.NewReader(data), int64(len(data)))
		if err == nil && (p.Offset < 0 || p.Size < 0 || p.Offset+p.Size != int64(len(data)) || len(p.Name) > MaxText) {
			t.Fatalf("%+v of %d octets", p, len(data))
		}
	})
}
