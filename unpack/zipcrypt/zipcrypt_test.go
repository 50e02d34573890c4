// SPDX-License-Identifier: Apache-2.0

package zipcrypt

import (
	"archive/zip"
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// archive has 7-Zip pack text under a password; it gives the member's header and its encrypted data.
func archive(t *testing.T, text, method string) (zip.FileHeader, []byte) {
	t.Helper()
	tool, err := exec.LookPath("7z")
	if err != nil {
		t.Skip("7z is not installed")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool, "a", "-tzip", "-mm=Copy", "-mem="+method, "-psecret", "a.zip", "a")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	z, err := zip.OpenReader(filepath.Join(dir, "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	raw, err := z.File[0].OpenRaw()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(raw)
	if err != nil {
		t.Fatal(err)
	}
	return z.File[0].FileHeader, data
}

func TestClassicSevenZip(t *testing.T) {
	text := strings.Repeat("some words ", 1000)
	h, data := archive(t, text, "ZipCrypto")
	check := byte(crc32.ChecksumIEEE([]byte(text)) >> 24)
	if h.Flags&8 != 0 {
		check = byte(h.ModifiedTime >> 8) //nolint:staticcheck // As it is written.
	}
	k, ok := NewKeys("secret", [HeaderLen]byte(data), check)
	if !ok {
		t.Fatal("the right password does not fit")
	}
	got, err := io.ReadAll(k.Reader(iotest.HalfReader(bytes.NewReader(data[HeaderLen:]))))
	if err != nil || string(got) != text {
		t.Errorf("got %.50q, %v", got, err)
	}
	if _, ok := NewKeys("secret", [HeaderLen]byte(data), check+1); ok {
		t.Error("a wrong check octet fits")
	}
}

func TestAESSevenZip(t *testing.T) {
	text := strings.Repeat("some words ", 1000)
	for i, method := range []string{"AES128", "AES192", "AES256"} {
		t.Run(method, func(t *testing.T) {
			h, data := archive(t, text, method)
			a, ok := ParseAES(h.Extra)
			if !ok || a.Strength != byte(i+1) || a.Method != 0 {
				t.Fatalf("got %+v, %t", a, ok)
			}
			if len(data) != len(text)+a.Overhead() {
				t.Fatalf("got overhead %d, want %d", a.Overhead(), len(data)-len(text))
			}
			head, body := data[:a.HeaderLen()], data[a.HeaderLen():]
			if _, ok, err := a.NewKey("Secret", head); ok || err != nil {
				t.Errorf("wrong password: got %t, %v", ok, err)
			}
			for _, tt := range []struct {
				name string
				body []byte
				want error
			}{
				{name: "whole", body: body},
				{name: "changed", body: append([]byte{body[0] ^ 1}, body[1:]...), want: ErrMAC},
				{name: "cut", body: body[:len(body)-11], want: io.ErrUnexpectedEOF},
				{name: "code cut", body: body[:len(body)-1], want: io.ErrUnexpectedEOF},
			} {
				k, ok, err := a.NewKey("secret", head)
				if !ok || err != nil {
					t.Fatalf("right password: got %t, %v", ok, err)
				}
				got, err := io.ReadAll(k.Reader(iotest.HalfReader(bytes.NewReader(tt.body)), int64(len(text))))
				if !errors.Is(err, tt.want) || tt.want == nil && string(got) != text {
					t.Errorf("%s: got %.50q, %v, want error %v", tt.name, got, err, tt.want)
				}
			}
		})
	}
}

// A stream made with Info-ZIP's zip 3.0 (-P secret), so that the traditional encryption is known without any program.
func TestClassicKnown(t *testing.T) {
	k := Keys{0x12345678, 0x23456789, 0x34567890}
	for _, c := range []byte("secret") {
		k.update(c)
	}
	const want = "some plain text"
	b, err := hex.DecodeString("1d1720ef87b7ef4703f0a3e0edd2b02a9f03f2a2307481c8b7d72f")
	if err != nil {
		t.Fatal(err)
	}
	k.decrypt(b)
	if got := string(b[HeaderLen:]); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseAES(t *testing.T) {
	field := func(id uint16, data ...byte) []byte {
		b := binary.LittleEndian.AppendUint16(nil, id)
		return append(binary.LittleEndian.AppendUint16(b, uint16(len(data))), data...)
	}
	good := field(0x9901, 2, 0, 'A', 'E', 3, 8, 0)
	tests := []struct {
		name  string
		extra []byte
		want  AES
	}{
		{"alone", good, AES{2, 3, 8}},
		{"behind another", append(field(1, 9, 9), good...), AES{2, 3, 8}},
		{"none", field(1, 9, 9), AES{}},
		{"cut", good[:9], AES{}},
		{"too short", field(0x9901, 2, 0, 'A', 'E', 3), AES{}},
	}
	for _, tt := range tests {
		if got, ok := ParseAES(tt.extra); got != tt.want || ok != (tt.want != AES{}) {
			t.Errorf("%s: got %+v, %t, want %+v", tt.name, got, ok, tt.want)
		}
	}
	if _, ok := ParseAES(field(0x9901, 2, 0, 'A', 'E', 4, 8, 0)); ok {
		t.Error("strength 4 is taken")
	}
}

// FuzzAES: no panic; what is read is never longer than what was asked for.
func FuzzAES(f *testing.F) {
	f.Add([]byte{1, 0x99, 7, 0, 2, 0, 'A', 'E', 1, 8, 0}, []byte("0123456789 some data that is no real one"), int64(5))
	f.Fuzz(func(t *testing.T, extra, data []byte, n int64) {
		a, ok := ParseAES(extra)
		if !ok || len(data) < a.HeaderLen() {
			return
		}
		head := bytes.Clone(data[:a.HeaderLen()])
		// The check octets of the password are put in, so that the data is always read.
		all, err := pbkdf2.Key(sha1.New, "p", head[:a.saltLen()], rounds, 2*a.keyLen()+verifyLen)
		if err != nil {
			t.Fatal(err)
		}
		copy(head[a.saltLen():], all[2*a.keyLen():])
		k, ok, err := a.NewKey("p", head)
		if !ok || err != nil {
			t.Fatalf("%t, %v", ok, err)
		}
		got, _ := io.Copy(io.Discard, k.Reader(bytes.NewReader(data[a.HeaderLen():]), n))
		if got > max(n, 0) || got > int64(len(data)) {
			t.Errorf("%d octets of %d", got, len(data))
		}
	})
}
