// SPDX-License-Identifier: Apache-2.0

package rar

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"testing"
)

// block5 writes a header of a kind, with data behind it.
func block5(kind, flags uint64, body, extra []byte, data string) []byte {
	h := binary.AppendUvarint(binary.AppendUvarint(nil, kind), flags)
	if flags&1 != 0 {
		h = binary.AppendUvarint(h, uint64(len(extra)))
	}
	if flags&2 != 0 {
		h = binary.AppendUvarint(h, uint64(len(data)))
	}
	h = append(append(h, body...), extra...)
	h = append(binary.AppendUvarint(nil, uint64(len(h))), h...)
	return append(append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(h)), h...), data...)
}

// lockBytes is a lock of version 5 that the password opens, with a value to check it by; vector is that of a file.
func lockBytes(t *testing.T, password string, power byte, vector []byte) (b, key []byte) {
	t.Helper()
	salt := bytes.Repeat([]byte{7}, salt5Len)
	derive := func(rounds int) []byte {
		k, err := pbkdf2.Key(sha256.New, password, salt, rounds, 32)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	check := derive(1<<power + 32)
	for i := 8; i < len(check); i++ {
		check[i&7] ^= check[i]
	}
	sum := sha256.Sum256(check[:8])
	return slices.Concat([]byte{0, 1, power}, salt, vector, check[:8], sum[:4]), derive(1 << power)
}

func encrypt(t *testing.T, key, iv []byte, plain string) string {
	t.Helper()
	b := append([]byte(plain), make([]byte, padded(int64(len(plain)))-int64(len(plain)))...)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(b, b)
	return string(b)
}

func TestVersion5(t *testing.T) {
	iv := bytes.Repeat([]byte{9}, ivLen)
	lock, key := lockBytes(t, "secret", 4, iv)
	packed := encrypt(t, key, iv, "what is inside")
	body := []byte{0, 14, 0, 0x80, 0x03, 1, 1, 'a'} // Packed with the smallest window.
	record := append([]byte{byte(len(lock) + 1), 1}, lock...)
	b := slices.Concat([]byte(Magic+"\x01\x00"), block5(mainHeader, 0, []byte{1}, nil, ""),
		block5(fileHeader, 3, body, record, packed), block5(3, 2, []byte("service"), nil, "data"),
		block5(fileHeader, 2, []byte{1 | 8, 0, 0, 0x80 | 0x40, 0x00, 1, 2, 'b', 'c'}, nil, ""), block5(endHeader, 0, []byte{0}, nil, ""))
	a, ok := Open(bytes.NewReader(b), int64(len(b)))
	if !ok || !a.Volume || a.Sealed || a.Version4 || !Is(b) {
		t.Fatalf("got %+v, %v", a, ok)
	}
	files := a.Files("")
	if len(files) != 2 {
		t.Fatalf("got %d files", len(files))
	}
	f, g := files[0], files[1]
	if f.Name != "a" || f.Size != 14 || f.Window != 0x20000 || !f.Encrypted || f.Memory(nil) != 14 || f.Lock.Rounds() != 16 {
		t.Errorf("got %+v", f)
	}
	if g.Name != "bc" || g.Size != -1 || !g.Dir || g.Encrypted || !g.Solid {
		t.Errorf("got %+v", g)
	}
	for password, want := range map[string]bool{"secret": true, "Secret": false, "": false} {
		if fits, sure := f.Lock.Fits(password); fits != want || !sure {
			t.Errorf("%q: %v, %v", password, fits, sure)
		}
	}
	if got := f.Head("secret", 14); string(got) != "what is inside" {
		t.Errorf("got %q", got)
	}
	if got, err := io.ReadAll(io.LimitReader(f.Data("secret"), 14)); err != nil || string(got) != "what is inside" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSealed5(t *testing.T) {
	lock, key := lockBytes(t, "secret", 4, nil)
	sealed := func(plain []byte) string {
		iv := bytes.Repeat([]byte{5}, ivLen)
		return string(iv) + encrypt(t, key, iv, string(plain))
	}
	b := []byte(Magic + "\x01\x00" + string(block5(encryptionHeader, 0, lock, nil, "")) + sealed(block5(mainHeader, 0, []byte{0}, nil, "")) +
		sealed(block5(fileHeader, 0, []byte{0, 3, 0, 0, 1, 1, 'a'}, nil, "")) + sealed(block5(endHeader, 0, []byte{0}, nil, "")))
	a, ok := Open(bytes.NewReader(b), int64(len(b)))
	if !ok || !a.Sealed {
		t.Fatalf("got %+v, %v", a, ok)
	}
	if a.Opens("wrong") || !a.Opens("secret") {
		t.Error("another password opens it")
	}
	if files := a.Files("secret"); len(files) != 1 || files[0].Name != "a" || files[0].Size != 3 {
		t.Errorf("got %+v", files)
	}
	if files := a.Files("wrong"); len(files) != 0 {
		t.Errorf("got %+v", files)
	}
}

// TestSlow: a key that takes too long is not made.
func TestSlow(t *testing.T) {
	l := Lock{five: true, salt: make([]byte, salt5Len), power: 63, check: make([]byte, checkLen)}
	if _, sure := l.Fits("x"); sure || l.Rounds() < 1<<40 {
		t.Errorf("it takes %d rounds", l.Rounds())
	}
}

func TestNoise(t *testing.T) {
	f := File{Old: true, Window: 1 << 22, Size: -1}
	tests := []struct {
		name   string
		head   []byte
		noise  bool
		memory int64
	}{
		{"LZ77", []byte{0x04, 0x40}, false, 1 << 22},
		{"LZ77, more codes than there are", bytes.Repeat([]byte{0x04, 0x44}, HeadLen/2), true, 1 << 22},
		{"LZ77, as before", []byte{0x40}, true, 1 << 22},
		{"PPMd", []byte{0xa5, 99}, false, 100 << 20 / 3 * 4},
		{"PPMd, as before", []byte{0x85, 99}, true, 1 << 22},
	}
	for _, tt := range tests {
		head := append(tt.head, make([]byte, HeadLen-len(tt.head))...)
		if got, n := f.Noise(head), f.Memory(head); got != tt.noise || n != tt.memory {
			t.Errorf("%s: got %v, %d", tt.name, got, n)
		}
	}
}

func TestWideName(t *testing.T) {
	for name, want := range map[string]string{
		"plain":                             "plain",
		"a.txt\x00\x04\x50\x42\x43\x2e\x74": string([]rune{0x442, 0x443, '.', 't'}),
		"abc.txt\x00\x04\xc0\x05":           "abc.txt",
		"abc\x00\x04\xc0\x81\x01":           string([]rune{0x462, 0x463, 0x464}),
		"a\x00\x04\x80\x34\x12":             "\u1234",
		"a\x00":                             "",
	} {
		if got := wideName([]byte(name)); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// FuzzArchive: no panic, and files lie where they can.
func FuzzArchive(f *testing.F) {
	f.Add([]byte(Magic + "\x01\x00" + string(block5(mainHeader, 0, []byte{1}, nil, "")) + string(block5(fileHeader, 2, []byte{0, 3, 0, 0, 1, 1, 'a'}, nil, "one"))))
	f.Add([]byte(Magic + "\x01\x00" + string(block5(mainHeader, 1, []byte{0}, []byte{3, 1, 1, 9}, "")) +
		string(block5(serviceHeader, 3, append([]byte{0, 3, 0, 0, 1, 3}, streamService...), []byte{3, serviceData, ':', 'a'}, "one"))))
	f.Add([]byte(Magic + "\x00\xcf\x90s\x00\x00\x0d\x00\x00\x00\x00\x00\x00\x00 behind"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := Open(bytes.NewReader(b), int64(len(b)))
		if !ok || a.Lock.power > 10 {
			return
		}
		for i, file := range a.Files("x") {
			if file.Lock.power > 10 || i > 3 {
				continue
			}
			head := file.Head("x", HeadLen)
			file.Memory(head)
			file.Noise(head)
			if n, _ := io.Copy(io.Discard, file.Data("x")); n > int64(len(b)) {
				t.Fatalf("%d octets of %d", n, len(b))
			}
		}
		for i := range a.Streams {
			r, size := a.Streams[i].Alone()
			if _, err := io.Copy(io.Discard, io.NewSectionReader(r, 0, size)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// counted counts the octets that are read.
type counted struct {
	r *bytes.Reader
	n int
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	c.n += len(p)
	return c.r.ReadAt(p, off)
}

// TestQuick: however often the header says where the quick open record is, and however much is in it, little is read and kept.
func TestQuick(t *testing.T) {
	entry := []byte{4, 0, 0, 1, 1} // A length; flags, a distance of 0, and a header of one octet.
	entry = append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(entry)), entry...)
	record := string(bytes.Repeat(entry, maxHeader/len(entry)))
	service := block5(3, 2, []byte{0, 3, 0, 0, 1, 2, 'Q', 'O'}, nil, record)
	locators := func(at, step int) []byte {
		var extra []byte
		for range 1000 {
			extra = append(extra, 6, 1, 1, byte(at)|0x80, byte(at>>7)|0x80, byte(at>>14)|0x80, byte(at>>21))
			at += step
		}
		return block5(mainHeader, 1, []byte{0}, extra, "")
	}
	for _, step := range []int{0, 1} {
		b := slices.Concat([]byte(Magic+"\x01\x00"), locators(len(locators(0, 0)), step), service, block5(endHeader, 0, []byte{0}, nil, ""))
		r := &counted{r: bytes.NewReader(b)}
		a, ok := Open(r, int64(len(b)))
		if !ok || len(a.Quick) != MaxQuick || !a.QuickCut || r.n > 3*maxHeader {
			t.Errorf("step %d: opened %v, %d names, cut %v, %d octets read", step, ok, len(a.Quick), a.QuickCut, r.n)
		}
	}
}
