// SPDX-License-Identifier: Apache-2.0

package seven

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"testing"
)

// archive is an archive with a plain header.
func archive(packed, header []byte) []byte {
	le := binary.LittleEndian
	start := make([]byte, StartLen)
	copy(start, Magic+"\x00\x04")
	le.PutUint64(start[12:], uint64(len(packed)))
	le.PutUint64(start[20:], uint64(len(header)))
	le.PutUint32(start[28:], crc32.ChecksumIEEE(header))
	le.PutUint32(start[8:], crc32.ChecksumIEEE(start[12:]))
	return append(append(start, packed...), header...)
}

// Parts of a header with one folder that is a copy of three octets.
const (
	packInfo   = "\x06\x00\x01\x09\x03\x00"
	unpackInfo = "\x07\x0b\x01\x00\x01\x01\x00\x0c\x03\x00"
	streamsOf1 = "\x04" + packInfo + unpackInfo + "\x08\x00\x00"
	filesOf1   = "\x05\x01\x11\x05\x00a\x00\x00\x00\x00\x00"
)

func TestOpen(t *testing.T) {
	tests := []struct {
		name, header string
		want         error
	}{
		{"one file", "\x01" + streamsOf1 + filesOf1, nil},
		{"no files", "\x01" + streamsOf1 + "\x00", nil},
		{"too many files", "\x01" + streamsOf1 + "\x05\xe0\xff\xff\xff\xff", ErrLimit},
		{"too many packed streams", "\x01\x04\x06\x00\xf0\xff\xff\xff\xff", ErrLimit},
		{"too many folders", "\x01\x04" + packInfo + "\x07\x0b\xf0\xff\xff\xff\xff", ErrLimit},
		{"too many coders", "\x01\x04" + packInfo + "\x07\x0b\x01\x00\x7f", ErrLimit},
		{"too many streams of a coder", "\x01\x04" + packInfo + "\x07\x0b\x01\x00\x01\x11\x00\xf0\xff\xff\xff\xff\x01", ErrLimit},
		{"too long properties", "\x01\x04" + packInfo + "\x07\x0b\x01\x00\x01\x21\x00\xf0\xff\xff\xff\xff", ErrLimit},
		{"too many files in folders", "\x01\x04" + packInfo + unpackInfo + "\x08\x0d\xf0\xff\xff\xff\xff", ErrLimit},
		{"cut", "\x01\x04\x06\x00", ErrFormat},
		{"other part", "\x01\x33", ErrFormat},
		{"no header", "\x02", ErrFormat},
		{"encoded, without a stream", "\x17\x00", ErrFormat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := archive([]byte("one"), []byte(tt.header))
			a, err := Open(bytes.NewReader(b), int64(len(b)))
			if err == nil {
				_, err = a.Header("")
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestReader: the archive that is given is the one that was read, if its header is plain.
func TestReader(t *testing.T) {
	b := archive([]byte("one"), []byte("\x01"+streamsOf1+filesOf1))
	a, err := Open(bytes.NewReader(append(bytes.Clone(b), "rubbish"...)), int64(len(b))+7)
	if err != nil {
		t.Fatal(err)
	}
	h, err := a.Header("")
	if err != nil {
		t.Fatal(err)
	}
	r, size := h.Reader()
	got, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil || !bytes.Equal(got, b) {
		t.Errorf("got %q, %v, want %q", got, err, b)
	}
	for off := range size {
		one := make([]byte, 1)
		if n, err := r.ReadAt(one, off); n != 1 || err != nil && !errors.Is(err, io.EOF) || one[0] != b[off] {
			t.Fatalf("at %d: got %q, %v", off, one, err)
		}
	}
	if h.Files != 1 || len(h.Folders) != 1 || h.Folders[0].Encrypted() || h.Folders[0].Refused(1<<20) != "" {
		t.Errorf("got %+v", h)
	}
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name string
		c    coder
		size int64
		want string
	}{
		{"LZMA", coder{id: CoderLZMA, props: []byte{0x5d, 0, 0, 0, 4}}, 1 << 30, ""},
		{"LZMA, more", coder{id: CoderLZMA, props: []byte{0x5d, 1, 0, 0, 4}}, 1 << 30, ""},
		{"LZMA, more than the file", coder{id: CoderLZMA, props: []byte{0x5d, 0, 0, 0, 0x40}}, 1000, ""},
		{"LZMA2", coder{id: CoderLZMA2, props: []byte{40}}, 1 << 30, ""},
		{"PPMd", coder{id: coderPPMd, props: []byte{6, 0, 0, 0, 0x10}}, 10, "limit dictionary (67108864 octets) exceeded: PPMd needs 268435456"},
		{"RISCV", coder{id: "\x0b"}, 10, "compression method RISCV is not supported"},
		{"not known", coder{id: "\x7f\x01"}, 10, "compression method coder 7f01 is not supported"},
		{"AES, slow", coder{id: coderAES, props: []byte{0xd8, 0, 1, 2}}, 10, "key of 2^24 rounds (2^20): limit exceeded"},
	}
	for _, tt := range tests {
		f := Folder{folder: folder{coders: []coder{tt.c}, outs: 1, ins: 1, sizes: []int64{tt.size}}}
		if got := f.Refused(64 << 20); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// FuzzOpen: no panic, and no more than the bounds.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("one"), []byte("\x01"+streamsOf1+filesOf1))
	f.Add([]byte("one"), []byte("\x17"+packInfo+unpackInfo+"\x00"))
	f.Fuzz(func(t *testing.T, packed, header []byte) {
		b := archive(packed, header)
		a, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		if a.Rounds() > 1<<12 {
			return // Slow, and that is as it should be.
		}
		h, err := a.Header("x")
		if err != nil {
			return
		}
		if h.Files > MaxFiles || len(h.Folders) > MaxFolders {
			t.Fatalf("%d files, %d folders", h.Files, len(h.Folders))
		}
		r, size := h.Reader()
		if n, err := io.Copy(io.Discard, io.NewSectionReader(r, 0, size)); n != size || err != nil {
			t.Fatalf("%d octets of %d, %v", n, size, err)
		}
		for i := range h.Folders {
			f := &h.Folders[i]
			f.Refused(1 << 20)
			if f.Rounds() <= 1<<12 {
				if _, err := h.Fits(f, "x"); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
