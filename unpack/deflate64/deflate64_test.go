// SPDX-License-Identifier: Apache-2.0

package deflate64

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bitWriter writes bits as Deflate has them: numbers lowest bit first, codes highest first.
type bitWriter struct {
	b []byte
	n uint
}

func (w *bitWriter) bit(v int) {
	if w.n%8 == 0 {
		w.b = append(w.b, 0)
	}
	w.b[len(w.b)-1] |= byte(v&1) << (w.n % 8)
	w.n++
}

func (w *bitWriter) number(v, bits int) *bitWriter {
	for i := range bits {
		w.bit(v >> i)
	}
	return w
}

func (w *bitWriter) code(v, bits int) *bitWriter {
	for i := bits - 1; i >= 0; i-- {
		w.bit(v >> i)
	}
	return w
}

// symbol writes a literal or length in the fixed code.
func (w *bitWriter) symbol(s int) *bitWriter {
	switch {
	case s < 144:
		return w.code(0x30+s, 8)
	case s < 256:
		return w.code(0x190+s-144, 9)
	case s < 280:
		return w.code(s-256, 7)
	}
	return w.code(0xc0+s-280, 8)
}

// fixedBlock begins a last block in the fixed code.
func fixedBlock() *bitWriter { return new(bitWriter).number(1, 1).number(1, 2) }

func TestRead(t *testing.T) {
	long := strings.Repeat("ab", 40_000)
	tests := []struct {
		name string
		data []byte
		want string
		err  error
	}{
		{name: "empty", data: fixedBlock().symbol(256).b},
		{name: "literals", data: fixedBlock().symbol('a').symbol(0xff).symbol(256).b, want: "a\xff"},
		{name: "short match", data: fixedBlock().symbol('a').symbol('b').symbol(258).code(1, 5).symbol(256).b, want: "ababab"},
		{
			name: "match of 65,538 octets", want: "a" + strings.Repeat("a", 65_538),
			data: fixedBlock().symbol('a').symbol(285).number(65_535, 16).code(0, 5).symbol(256).b,
		},
		{
			name: "match of 3 octets by the last length code", want: "xaaaa",
			data: fixedBlock().symbol('x').symbol('a').symbol(285).number(0, 16).code(0, 5).symbol(256).b,
		},
		{
			name: "farthest distance", want: "x" + strings.Repeat("a", 65_535) + "xaa",
			data: fixedBlock().symbol('x').symbol('a').symbol(285).number(65_534-3, 16).code(0, 5).symbol(257).code(31, 5).number(16_383, 14).symbol(256).b,
		},
		{name: "before the start", data: fixedBlock().symbol('x').symbol(257).code(1, 5).symbol(256).b, want: "x", err: CorruptError(3)},
		{name: "cut", data: fixedBlock().symbol('a').symbol('b').b, want: "ab", err: io.ErrUnexpectedEOF},
		{name: "nothing", err: io.ErrUnexpectedEOF},
		{name: "third block type", data: []byte{7}, err: CorruptError(1)},
		{name: "length symbol 286", data: fixedBlock().symbol('a').symbol(286).b, want: "a", err: CorruptError(3)},
		{name: "stored", data: append([]byte{1, 3, 0, 0xfc, 0xff}, "one"...), want: "one"},
		{name: "stored, lengths differ", data: append([]byte{1, 3, 0, 0xfc, 0xfe}, "one"...), err: CorruptError(5)},
		{name: "as Deflate has it", data: deflate(t, long[:200]+"the quick brown fox"), want: long[:200] + "the quick brown fox"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := bytes.NewReader(append(bytes.Clone(tt.data), "behind"...))
			if tt.err != nil {
				in = bytes.NewReader(tt.data)
			}
			got, err := io.ReadAll(NewReader(in))
			if string(got) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %d octets %.50q, %v, want %d octets %.50q, %v", len(got), got, err, len(tt.want), tt.want, tt.err)
			}
			if tt.err == nil && in.Len() != len("behind") {
				t.Errorf("left %d octets of %d behind the data", in.Len(), len("behind"))
			}
		})
	}
}

// deflate packs text that has no match of 258 octets, so that it is the same in both formats.
func deflate(t testing.TB, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(s))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSevenZip reads what 7-Zip packs: dynamic codes, long matches, all distances.
func TestSevenZip(t *testing.T) {
	tool, err := exec.LookPath("7z")
	if err != nil {
		t.Skip("7z is not installed")
	}
	dir := t.TempDir()
	var want bytes.Buffer
	for i := range 60_000 {
		fmt.Fprintf(&want, "%d %x;", i%977, i*i)
	}
	want.Write(make([]byte, 200_000))
	want.Write(want.Bytes()[:100_000])
	if err := os.WriteFile(filepath.Join(dir, "a"), want.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool, "a", "-tzip", "-mm=Deflate64", "-mx=9", "a.zip", "a")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	z, err := zip.OpenReader(filepath.Join(dir, "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if z.File[0].Method != 9 {
		t.Fatalf("got method %d, want 9", z.File[0].Method)
	}
	raw, err := z.File[0].OpenRaw()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(NewReader(bufio.NewReader(raw)))
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("got %d octets, %v, want %d octets", len(got), err, want.Len())
	}
}

// FuzzRead: no panic, no more octets than matches can make, and what Deflate reads without its longest match is the same.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "aaaaaaaa", strings.Repeat("some words ", 50)} {
		f.Add(deflate(f, s))
	}
	f.Add(fixedBlock().symbol('a').symbol(285).number(65_535, 16).code(0, 5).symbol(256).b)
	f.Add([]byte{1, 3, 0, 0xfc, 0xff, 'o', 'n', 'e'})
	f.Fuzz(func(t *testing.T, data []byte) {
		z := NewReader(bytes.NewReader(data))
		n, err := io.Copy(io.Discard, io.LimitReader(z, 4<<20))
		if n > int64(len(data))*8*65_538 {
			t.Errorf("%d octets from %d", n, len(data))
		}
		again, errAgain := io.Copy(io.Discard, io.LimitReader(NewReader(bytes.NewReader(data)), 4<<20))
		if n != again || (err == nil) != (errAgain == nil) {
			t.Errorf("got %d, %v and then %d, %v", n, err, again, errAgain)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "%x some words and others\n", i*i)
	}
	data := deflate(b, text.String())
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if n, err := io.Copy(io.Discard, NewReader(bytes.NewReader(data))); err != nil || n != int64(text.Len()) {
			b.Fatalf("got %d octets, %v", n, err)
		}
	}
}
