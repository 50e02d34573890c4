// SPDX-License-Identifier: Apache-2.0

package udf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// set writes numbers at offsets, by turns.
func set(b []byte, pairs ...uint32) []byte {
	for i := 0; i < len(pairs); i += 2 {
		binary.LittleEndian.PutUint32(b[pairs[i]:], pairs[i+1])
	}
	return b
}

func descriptor(id uint32, pairs ...uint32) []byte {
	return set(make([]byte, sector), append([]uint32{0, id}, pairs...)...)
}

// fileEntry is the entry of a file with one extent, or with its content in it.
func fileEntry(kind byte, content string, at uint32) []byte {
	b := descriptor(tagFile, 56, uint32(len(content)))
	b[27] = kind
	if at == 0 {
		b[34] = embedded
		set(b, 172, uint32(len(content)))
		copy(b[176:], content)
		return b
	}
	return set(b, 172, 8, 176, uint32(len(content)), 180, at)
}

func fileName(name string, flags byte, block uint32) string {
	b := set(make([]byte, 38), 0, tagFileName, 24, block)
	b[18], b[19] = flags, byte(len(name)+1)
	s := string(b) + "\x08" + name
	return s + strings.Repeat("\x00", (4-len(s)%4)%4)
}

// example has a partition from sector 257 on with a root, a directory that holds the root again, and two files.
func example() []byte {
	const first = 260
	dir := fileName("", 0x0a, 1) + fileName("loop", 0x02, 1) + fileName("b.txt", 0, 5)
	root := fileName("", 0x0a, 1) + fileName("EVIL.exe", 0, 3) + fileName("gone", 0x04, 9) + fileName("dir", 0x02, 4)
	volume := descriptor(tagLogicalVolume, 212, sector, 252, 0, 264, 6)
	copy(volume[440:], "\x01\x06\x01\x00\x00\x00")
	image := make([]byte, first*sector)
	put := func(at int, b []byte) {
		if need := (at + 1) * sector; need > len(image) {
			image = append(image, make([]byte, need-len(image))...)
		}
		copy(image[at*sector:], b)
	}
	put(anchor, descriptor(tagAnchor, 16, 3*sector, 20, 257))
	put(257, descriptor(tagPartition, 188, first))
	put(258, volume)
	put(259, descriptor(tagTerminator))
	put(first, descriptor(tagFileSet, 404, 1))
	put(first+1, fileEntry(typeDirectory, root, 2))
	put(first+2, []byte(root))
	put(first+3, fileEntry(5, "MZ", 6))
	put(first+4, fileEntry(typeDirectory, dir, 0))
	put(first+5, fileEntry(5, "text", 0))
	put(first+6, []byte("MZ"))
	return image
}

func list(t *testing.T, data []byte) (files []string, image *Image) {
	t.Helper()
	image, err := List(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range image.Files {
		var content string
		for _, e := range f.Extents {
			content += string(data[e.Offset : e.Offset+e.Size])
		}
		files = append(files, f.Name+"="+content)
	}
	slices.Sort(files)
	return files, image
}

func TestList(t *testing.T) {
	got, image := list(t, example())
	if diff := cmp.Diff([]string{"EVIL.exe=MZ", "dir/b.txt=text"}, got); diff != "" || len(image.Faults) > 0 {
		t.Errorf("files (-want +got):\n%s\nfaults %q", diff, image.Faults)
	}
}

func TestListOdd(t *testing.T) {
	const first = 260 * sector
	for fault, at := range map[string]struct {
		off  int
		text string
	}{
		"outside of the image": {first + 3*sector + 180, "\xff\xff\x00\x00"},
		"no entry":             {first + 3*sector, "\x01\x00"},
		"no file set":          {first, "\x01\x00"},
		"no name where":        {first + 2*sector + 40, "\x01\x00"},
		"blocks of":            {258*sector + 212, "\x07"},
		"entry breaks off":     {first + 3*sector + 172, "\xff\xff"},
	} {
		data := example()
		copy(data[at.off:], at.text)
		if _, image := list(t, data); !strings.Contains(strings.Join(image.Faults, "; "), fault) {
			t.Errorf("got faults %q, want %q", image.Faults, fault)
		}
	}
	if _, err := List(bytes.NewReader(make([]byte, 300*sector)), 300*sector); !errors.Is(err, ErrFormat) {
		t.Errorf("zeros: got %v, want damage", err)
	}
	if _, err := List(bytes.NewReader(nil), 300*sector); err == nil || errors.Is(err, ErrFormat) {
		t.Errorf("got %v, want an error of reading", err)
	}
}

// What the tool writes is read.
func TestListTool(t *testing.T) {
	tool, err := exec.LookPath("genisoimage")
	if err != nil {
		t.Skip("no genisoimage here")
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "in", "a"), 0o700); err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for name, content := range map[string]string{"evil long name.exe": "MZ", "a/b.txt": strings.Repeat("text ", 1000)} {
		if err := os.WriteFile(filepath.Join(dir, "in", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		want = append(want, name+"="+content)
	}
	slices.Sort(want)
	out := filepath.Join(dir, "x.iso")
	if b, err := exec.CommandContext(t.Context(), tool, "-quiet", "-J", "-R", "-udf", "-o", out, filepath.Join(dir, "in")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got, image := list(t, data)
	if diff := cmp.Diff(want, got); diff != "" || len(image.Faults) > 0 {
		t.Errorf("files (-want +got):\n%s\nfaults %q", diff, image.Faults)
	}
}

// FuzzList: no panic, extents in the image, limits kept. The data stand where the anchor does, as the area before has no meaning.
func FuzzList(f *testing.F) {
	f.Add(example()[anchor*sector:])
	f.Fuzz(func(t *testing.T, data []byte) {
		data = append(make([]byte, anchor*sector), data...)
		image, err := List(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, file := range image.Files {
			for _, e := range file.Extents {
				if e.Size < 0 || e.Offset < 0 || e.Offset+e.Size > int64(len(data)) {
					t.Fatalf("%+v in %d octets", file, len(data))
				}
			}
		}
		if len(image.Files) > MaxFiles {
			t.Fatalf("%d files", len(image.Files))
		}
	})
}
