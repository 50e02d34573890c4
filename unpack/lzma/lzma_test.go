// SPDX-License-Identifier: Apache-2.0

package lzma

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	other "github.com/ulikunitz/xz/lzma"
)

// sample is text that has matches near and far, and noise in between.
func sample(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for b.Len() < n {
		switch r.IntN(4) {
		case 0:
			b.WriteString("some words of text, ")
		case 1:
			b.WriteByte(byte(r.IntN(256)))
		case 2:
			b.Write(bytes.Repeat([]byte{byte(r.IntN(3))}, r.IntN(400)))
		default:
			if b.Len() > 0 {
				from := r.IntN(b.Len())
				b.Write(bytes.Clone(b.Bytes()[from:min(b.Len(), from+r.IntN(300))]))
			}
		}
	}
	return b.Bytes()[:n]
}

// header is that of the data of a .lzma file: properties, dictionary, size.
func header(b []byte) (props byte, dict uint32, size int64, data []byte) {
	return b[0], binary.LittleEndian.Uint32(b[1:]), int64(binary.LittleEndian.Uint64(b[5:])), b[13:]
}

func pack(t testing.TB, c other.WriterConfig, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := c.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pack2(t testing.TB, c other.Writer2Config, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := c.NewWriter2(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReader(t *testing.T) {
	for _, n := range []int{0, 1, 2, 100, 70_000, 3 << 20} {
		plain := sample(n)
		for name, c := range map[string]other.WriterConfig{
			"marker":           {EOSMarker: true, DictCap: 1 << 16},
			"size":             {SizeInHeader: true, Size: int64(n), EOSMarker: n == 0, DictCap: 1 << 20},
			"size and marker":  {SizeInHeader: true, Size: int64(n), EOSMarker: true, DictCap: 4096},
			"other properties": {EOSMarker: true, DictCap: 1 << 22, Properties: &other.Properties{LC: 1, LP: 3, PB: 0}},
		} {
			props, dict, size, data := header(pack(t, c, plain))
			in := bufio.NewReader(io.MultiReader(bytes.NewReader(data), strings.NewReader("behind")))
			r, err := NewReader(in, props, dict, size)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%s, %d octets: got %d, %v", name, n, len(got), err)
			}
			if rest, err := io.ReadAll(in); err != nil || string(rest) != "behind" {
				t.Errorf("%s, %d octets: left %q, %v", name, n, rest, err)
			}
		}
	}
}

func TestReader2(t *testing.T) {
	for _, n := range []int{0, 1, 100, 70_000, 3 << 20} {
		plain := sample(n)
		if n == 70_000 {
			for i := range plain {
				plain[i] = byte(rand.IntN(256)) // It is not compressed, then.
			}
		}
		b := pack2(t, other.Writer2Config{DictCap: 1 << 18}, plain)
		in := strings.NewReader(string(b) + "behind")
		got, err := io.ReadAll(NewReader2(in, 1<<18))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d octets: got %d, %v", n, len(got), err)
		}
		if in.Len() != len("behind") {
			t.Errorf("%d octets: left %d", n, in.Len())
		}
	}
}

// TestTool: what another program packs comes out.
func TestTool(t *testing.T) {
	tool, err := exec.LookPath("xz")
	if err != nil {
		t.Skip("xz is not installed")
	}
	plain := sample(5 << 20)
	for _, level := range []string{"-0", "-6", "-9e"} {
		cmd := exec.CommandContext(t.Context(), tool, "--format=lzma", "-c", level)
		cmd.Stdin = bytes.NewReader(plain)
		b, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		props, dict, size, data := header(b)
		r, err := NewReader(bufio.NewReader(bytes.NewReader(data)), props, dict, size)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: got %d octets, %v", level, len(got), err)
		}
	}
}

// TestFarther: data that asks for more to look back at than is kept is unpacked up to where it does.
func TestFarther(t *testing.T) {
	plain := bytes.Repeat([]byte{0}, MaxDict+1<<20)
	copy(plain, "once only, at the start")
	near := pack2(t, other.Writer2Config{DictCap: 1 << 20}, plain)
	copy(plain[len(plain)-100:], plain[:100])
	props, dict, size, far := header(pack(t, other.WriterConfig{EOSMarker: true, DictCap: 2 * MaxDict, Matcher: other.HashTable4}, plain))
	r := NewReader2(bytes.NewReader(near), 1<<31)
	if n, err := io.Copy(io.Discard, r); err != nil || n != int64(len(plain)) {
		t.Errorf("got %d octets, %v", n, err)
	}
	z, err := NewReader(bufio.NewReader(bytes.NewReader(far)), props, dict, size)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); !errors.Is(err, ErrDictionary) || n < MaxDict {
		t.Errorf("got %d octets, %v", n, err)
	}
}

func TestDamage(t *testing.T) {
	plain := sample(100_000)
	props, dict, size, data := header(pack(t, other.WriterConfig{EOSMarker: true}, plain))
	for cut := 0; cut < len(data); cut += len(data)/50 + 1 {
		r, err := NewReader(bufio.NewReader(bytes.NewReader(data[:cut])), props, dict, size)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	if _, err := NewReader(bufio.NewReader(bytes.NewReader(data)), 225, dict, size); !errors.Is(err, ErrFormat) {
		t.Errorf("properties: %v", err)
	}
	if _, err := NewReader(bufio.NewReader(strings.NewReader("\x01\x00\x00\x00\x00\x00")), props, dict, size); !errors.Is(err, ErrFormat) {
		t.Errorf("first octet: %v", err)
	}
	for _, b := range []string{"\x03", "\x80\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00", "\x02\x00\x00a\x00", "\xe0\x00\x00\x00\x05\xe1\x00\x00\x00\x00\x00\x00"} {
		if _, err := io.ReadAll(NewReader2(strings.NewReader(b), 1<<16)); !errors.Is(err, ErrFormat) {
			t.Errorf("%x: %v", b, err)
		}
	}
}

// TestReader2CutOff: what is there of a chunk that is cut off is given, and the error after it.
func TestReader2CutOff(t *testing.T) {
	stored := make([]byte, 9000)
	for i := range stored {
		stored[i] = byte(rand.IntN(256))
	}
	for name, plain := range map[string][]byte{"compressed": sample(90_000), "stored": stored} {
		b := pack2(t, other.Writer2Config{DictCap: 1 << 18}, plain)
		got, err := io.ReadAll(NewReader2(bytes.NewReader(b[:len(b)/2]), 1<<18))
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(got) < len(plain)/4 || !bytes.HasPrefix(plain, got) {
			t.Errorf("%s: got %d octets, %v", name, len(got), err)
		}
	}
}

// FuzzReader: no panic, no more than is asked for; and what the other library unpacks without a fault is the same.
func FuzzReader(f *testing.F) {
	f.Add(pack(f, other.WriterConfig{EOSMarker: true, DictCap: 4096}, sample(9000)))
	f.Add(pack(f, other.WriterConfig{SizeInHeader: true, Size: 500, DictCap: 4096}, sample(500)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 13 {
			return
		}
		copy(b[1:5], "\x00\x00\x01\x00")
		props, dict, size, data := header(b)
		if size < Unknown || size > 1<<20 {
			size = 1 << 20
		}
		in := bufio.NewReader(bytes.NewReader(data))
		r, err := NewReader(in, props, dict, size)
		if err != nil {
			return
		}
		got, err := io.ReadAll(io.LimitReader(r, 1<<20))
		if size >= 0 && int64(len(got)) > size {
			t.Fatalf("%d octets of %d", len(got), size)
		}
		binary.LittleEndian.PutUint64(b[5:], uint64(size))
		z, fault := other.NewReader(bytes.NewReader(b))
		if fault != nil {
			return
		}
		want, fault := io.ReadAll(io.LimitReader(z, 1<<20))
		if fault == nil && (err != nil || !bytes.Equal(got, want)) {
			t.Fatalf("got %d octets, %v, want %d", len(got), err, len(want))
		}
	})
}

// FuzzReader2: no panic; and what the other library unpacks without a fault is the same.
func FuzzReader2(f *testing.F) {
	f.Add(pack2(f, other.Writer2Config{DictCap: 4096}, sample(9000)))
	f.Add([]byte("\x01\x00\x01ab\x02\x00\x01cd\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := io.ReadAll(io.LimitReader(NewReader2(bytes.NewReader(b), 1<<16), 1<<20))
		z, fault := other.Reader2Config{DictCap: 1 << 16}.NewReader2(bytes.NewReader(b))
		if fault != nil {
			return
		}
		want, fault := io.ReadAll(io.LimitReader(z, 1<<20))
		// The other one takes a missing end for an end.
		if fault == nil && !bytes.Equal(got, want) {
			t.Fatalf("got %d octets, %v, want %d", len(got), err, len(want))
		}
	})
}

func BenchmarkReader2(b *testing.B) {
	plain := sample(4 << 20)
	packed := pack2(b, other.Writer2Config{DictCap: 1 << 20}, plain)
	b.SetBytes(int64(len(plain)))
	b.Run("this", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := io.Copy(io.Discard, NewReader2(bytes.NewReader(packed), 1<<20)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("other", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, err := other.Reader2Config{DictCap: 1 << 20}.NewReader2(bytes.NewReader(packed))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
