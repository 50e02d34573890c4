// SPDX-License-Identifier: Apache-2.0

package cab

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// packed is a block of a folder.
type packed struct {
	data string
	size int
}

func le(width, v int) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(v))[:width]) }

// cabinet has one folder with the files, which follow one another in it.
func cabinet(method, flags int, blocks []packed, files ...string) []byte {
	entries, off := "", 0
	for i := 0; i < len(files); i += 2 {
		name, size := files[i], len(files[i+1])
		attr := 0x20
		if strings.Contains(name, "ä") {
			attr |= nameIsUTF
		}
		entries += le(4, size) + le(4, off) + le(2, 0) + le(4, 0) + le(2, attr) + name + "\x00"
		off += size
	}
	data := ""
	for _, b := range blocks {
		data += le(4, 0) + le(2, len(b.data)) + le(2, b.size) + b.data
	}
	start := headerLen + folderLen + len(entries)
	head := Magic + le(4, 0) + le(4, start+len(data)) + le(4, 0) + le(4, headerLen+folderLen) + le(4, 0) + "\x03\x01" +
		le(2, 1) + le(2, len(files)/2) + le(2, flags) + le(4, 0)
	return []byte(head + le(4, start) + le(2, len(blocks)) + le(2, method) + entries + data)
}

// frames cuts text into frames.
func frames(text string) (all []string) {
	for len(text) > frameLen {
		all, text = append(all, text[:frameLen]), text[frameLen:]
	}
	return append(all, text)
}

func storedBlocks(text string) (all []packed) {
	for _, f := range frames(text) {
		all = append(all, packed{f, len(f)})
	}
	return all
}

func mszipBlocks(t testing.TB, text string) (all []packed) {
	t.Helper()
	var before []byte
	for _, f := range frames(text) {
		var b bytes.Buffer
		w, err := flate.NewWriterDict(&b, flate.BestCompression, before)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		all = append(all, packed{"CK" + b.String(), len(f)})
		before = []byte(f)
	}
	return all
}

// read lists the files as "name=content".
func read(t *testing.T, data []byte) (files []string, err error) {
	t.Helper()
	c, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	for {
		f, next := c.Next()
		if next != nil {
			if !errors.Is(next, io.EOF) {
				err = next
			}
			return files, err
		}
		r, open := c.Open(f)
		if open != nil {
			files, err = append(files, f.Name+"!"), open
			continue
		}
		b, broken := io.ReadAll(io.LimitReader(r, 1<<20))
		if int64(len(b)) > f.Size {
			t.Fatalf("%d octets of %d", len(b), f.Size)
		}
		if broken != nil {
			err = broken
		}
		files = append(files, f.Name+"="+string(b))
	}
}

func TestRead(t *testing.T) {
	long := strings.Repeat("some text to be packed, ", 5000)
	all := "one" + long + "two"
	files := []string{"a.exe", "one", `dir\b.txt`, long, "ä", "two"}
	want := []string{"a.exe=one", `dir\b.txt=` + long, "ä=two"}
	two := cabinet(0, 0, storedBlocks("onetwo"), "a", "one", "b", "two")
	swapped := bytes.Clone(two)
	copy(swapped[headerLen+folderLen+4:], le(4, 3))
	copy(swapped[headerLen+folderLen+fileLen+2+4:], le(4, 0))
	tests := []struct {
		name string
		data []byte
		want []string
		err  error
	}{
		{"stored", cabinet(0, 0, storedBlocks(all), files...), want, nil},
		{"MSZIP", cabinet(1, 0, mszipBlocks(t, all), files...), want, nil},
		{"LZX", cabinet(0x0f03, 0, lzxBlocks(all), files...), want, nil},
		{"files in the order of nobody", swapped, []string{"a=two", "b=one"}, nil},
		{"Quantum", cabinet(2, 0, storedBlocks("x"), "a", "x"), []string{"a!"}, ErrUnsupported},
		{"LZX window", cabinet(0x0303, 0, storedBlocks("x"), "a", "x"), []string{"a!"}, ErrFormat},
		{"cut", cabinet(0, 0, storedBlocks("one"), "a", "one")[:70], []string{"a="}, ErrFormat},
		{"folder too short", cabinet(0, 0, storedBlocks("on"), "a", "one"), []string{"a=on"}, ErrFormat},
		{"MSZIP broken", cabinet(1, 0, []packed{{"CK\xff\xff", 3}}, "a", "one"), []string{"a="}, ErrFormat},
		{"no MSZIP", cabinet(1, 0, []packed{{"XX", 3}}, "a", "one"), []string{"a="}, ErrFormat},
		{"block of the next cabinet", cabinet(0, 0, []packed{{"on", 0}}, "a", "one"), []string{"a="}, ErrSet},
		{"no header", []byte("MSCF" + strings.Repeat("x", 60)), nil, ErrFormat},
		{"header cut", []byte("MSCF"), nil, ErrFormat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(t, tt.data)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%.2000s", diff)
			}
			if !errors.Is(err, tt.err) {
				t.Errorf("got error %v, want %v", err, tt.err)
			}
		})
	}
}

func TestSet(t *testing.T) {
	data := cabinet(0, 0, storedBlocks("one"), "a", "one")
	copy(data[headerLen+folderLen+8:], "\xff\xff")
	if _, err := read(t, data); !errors.Is(err, ErrSet) {
		t.Errorf("got %v, want ErrSet", err)
	}
}

// What the tool writes is read.
func TestReadTool(t *testing.T) {
	tool, err := exec.LookPath("gcab")
	if err != nil {
		t.Skip("no gcab here")
	}
	dir := t.TempDir()
	random := make([]byte, 100_000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(r.IntN(20))
	}
	for name, content := range map[string]string{"a.bin": string(random), "b.txt": strings.Repeat("text ", 20_000)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"-c", "x.cab"}, {"-c", "-z", "y.cab"}} {
		cmd := exec.CommandContext(t.Context(), tool, append(args, "a.bin", "b.txt")...)
		cmd.Dir = dir
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		data, err := os.ReadFile(filepath.Join(dir, args[len(args)-1]))
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t, data)
		if want := []string{"a.bin=" + string(random), "b.txt=" + strings.Repeat("text ", 20_000)}; err != nil || !cmp.Equal(got, want) {
			t.Errorf("%v: got %d files and %v", args, len(got), err)
		}
	}
}

// FuzzRead: no panic, no file longer than it says, an end.
func FuzzRead(f *testing.F) {
	f.Add(cabinet(0, 0, storedBlocks("onetwo"), "a", "one", "b", "two"))
	f.Add(cabinet(1, 0, mszipBlocks(f, "onetwo"), "a", "one", "b", "two"))
	f.Add(cabinet(0x0f03, 0, lzxBlocks("onetwoonetwoonetwo and so on"), "a", "onetwoonetwoonetwo and so on"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 1<<14 {
			_, _ = read(t, data)
		}
	})
}
