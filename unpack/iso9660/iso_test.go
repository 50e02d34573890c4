// SPDX-License-Identifier: Apache-2.0

package iso9660

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
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

func both32(v int) []byte {
	return binary.BigEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(v)), uint32(v))
}

// entry is a directory record.
func entry(name string, start, size int, flags byte, use string) []byte {
	r := make([]byte, recordLen, 256)
	copy(r[2:], both32(start))
	copy(r[10:], both32(size))
	r[25], r[32] = flags, byte(len(name))
	r = append(r, name...)
	if len(name)%2 == 0 {
		r = append(r, 0)
	}
	r = append(r, use...)
	r[0] = byte(len(r))
	return r
}

func utf16be(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return string(b)
}

func nm(name string) string { return "NM" + string(rune(5+len(name))) + "\x01\x00" + name }

// put writes b at a sector of the image.
func put(image []byte, at int, b []byte) []byte {
	if need := at*sector + len(b); need > len(image) {
		image = append(image, make([]byte, (need+sector-1)/sector*sector-len(image))...)
	}
	copy(image[at*sector:], b)
	return image
}

func descriptor(kind byte, joliet bool, root []byte, blocks int) []byte {
	d := make([]byte, sector)
	d[0] = kind
	copy(d[1:], "CD001\x01")
	copy(d[80:], both32(blocks))
	copy(d[128:], "\x00\x08\x08\x00")
	copy(d[156:], root)
	if joliet {
		copy(d[88:], "%/E")
	}
	return d
}

func concat(all ...[]byte) []byte { return bytes.Join(all, nil) }

// example has three name spaces, a directory that holds itself, a file of two extents, and a boot image.
func example() []byte {
	self := concat(entry("\x00", 24, sector, flagDirectory, "SP\x07\x01\xbe\xef\x00"), entry("\x01", 24, sector, flagDirectory, ""))
	root := concat(self,
		entry("EVIL.EXE;1", 30, 3, 0, nm("evil long name.exe")),
		entry("BIG.;1", 31, sector, flagMore, ""), entry("BIG.;1", 33, 5, 0, ""),
		entry("DIR", 25, sector, flagDirectory, nm("directory")))
	dir := concat(entry("\x00", 25, sector, flagDirectory, ""), entry("\x01", 24, sector, flagDirectory, ""),
		entry("LOOP", 24, sector, flagDirectory, ""), entry("A.TXT;1", 34, 4, 0, ""))
	joliet := concat(entry("\x00", 26, sector, flagDirectory, ""), entry("\x01", 26, sector, flagDirectory, ""),
		entry(utf16be("evil ä.exe"), 30, 3, 0, ""), entry(utf16be("only here.js"), 35, 2, 0, ""))
	boot := make([]byte, sector)
	boot[0], boot[32], boot[38], boot[40] = 1, 0x88, 4, 36
	torito := make([]byte, sector)
	copy(torito[1:], "CD001\x01EL TORITO SPECIFICATION")
	torito[0x47] = 27

	image := put(nil, 16, descriptor(1, false, entry("\x00", 24, sector, flagDirectory, ""), 38))
	image = put(image, 17, torito)
	image = put(image, 18, descriptor(2, true, entry("\x00", 26, sector, flagDirectory, ""), 38))
	image = put(image, 19, []byte("\xffCD001\x01"))
	image = put(put(put(put(image, 24, root), 25, dir), 26, joliet), 27, boot)
	image = put(put(put(image, 30, []byte("MZ!")), 31, bytes.Repeat([]byte("b"), sector)), 33, []byte("behin"))
	image = put(put(put(image, 34, []byte("text")), 35, []byte("js")), 36, []byte("boot"))
	return put(image, 37, make([]byte, sector))
}

// list gives the files as "name|name=content", sorted.
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
		files = append(files, strings.Join(f.Names, "|")+"="+strings.TrimRight(content, "\x00"))
	}
	slices.Sort(files)
	return files, image
}

func TestList(t *testing.T) {
	got, image := list(t, example())
	want := []string{
		"BIG=" + strings.Repeat("b", sector) + "behin", "EVIL.EXE|evil long name.exe|evil ä.exe=MZ!", "boot image 1=boot",
		"directory/A.TXT=text", "only here.js=js",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if len(image.Faults) > 0 || image.UDF || image.End != 38*sector {
		t.Errorf("got faults %q, UDF %v, end at sector %d", image.Faults, image.UDF, image.End/sector)
	}
}

func TestListOdd(t *testing.T) {
	base := example()
	change := func(at int, text string) []byte {
		b := bytes.Clone(base)
		copy(b[at:], text)
		return b
	}
	evil := bytes.Index(base, []byte("EVIL.EXE")) - recordLen
	tests := []struct {
		name  string
		image []byte
		fault string
		udf   bool
	}{
		{"UDF", change(19*sector, "\x00NSR02"), "", true},
		{"two places", change(evil+6, "\x00\x00\x00\x22"), "two places", false},
		{"outside", change(evil+2, "\xff\xff\xff\x7f"), "outside", false},
		{"interleaved", change(evil+26, "\x01\x01"), "interleaved", false},
		{"rubbish in a directory", change(evil, "\x05"), "no record", false},
		{"odd blocks", change(16*sector+128, "\x07\x07"), "blocks of 1799", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, image := list(t, tt.image)
			if all := strings.Join(image.Faults, "; "); !strings.Contains(all, tt.fault) || tt.fault == "" && all != "" || image.UDF != tt.udf {
				t.Errorf("got faults %q and UDF %v, want %q and %v", all, image.UDF, tt.fault, tt.udf)
			}
		})
	}
	if _, err := List(bytes.NewReader(make([]byte, 40*sector)), 40*sector); !errors.Is(err, ErrFormat) {
		t.Errorf("zeros: got %v, want damage", err)
	}
	if _, err := List(broken{}, 40*sector); err == nil || errors.Is(err, ErrFormat) {
		t.Errorf("got %v, want an error of reading", err)
	}
}

type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errors.New("disk is gone") }

// What the tools write is read, with all names.
func TestListOfTools(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "in", "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"in/evil long name ä.exe": "MZ", "in/a/b/deep.txt": "deep", "in/empty": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tool := range [][]string{{"genisoimage", "-quiet", "-J", "-R"}, {"xorriso", "-as", "mkisofs", "-quiet", "-J", "-R"}, {"genisoimage", "-quiet", "-J", "-R", "-udf"}} {
		path, err := exec.LookPath(tool[0])
		if err != nil {
			t.Logf("no %s here", tool[0])
			continue
		}
		out := filepath.Join(dir, "out.iso")
		_ = os.Remove(out)
		args := append(slices.Clone(tool[1:]), "-o", out, filepath.Join(dir, "in"))
		if b, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", tool[0], err, b)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		got, image := list(t, data)
		all := strings.Join(got, "\n")
		for _, want := range []string{"|evil long name ä.exe", "=MZ", "deep.txt", "=deep", "empty"} {
			if !strings.Contains(all, want) {
				t.Errorf("%v: no %q in\n%s", tool, want, all)
			}
		}
		if len(image.Faults) > 0 || image.UDF != slices.Contains(tool, "-udf") {
			t.Errorf("%v: faults %q, UDF %v", tool, image.Faults, image.UDF)
		}
	}
}

// FuzzList: no panic, extents in the image, limits kept. The data stand where the descriptors do, as the area before has no meaning.
func FuzzList(f *testing.F) {
	f.Add(example()[systemArea:])
	f.Fuzz(func(t *testing.T, data []byte) {
		data = append(make([]byte, systemArea), data...)
		image, err := List(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, file := range image.Files {
			if len(file.Names) == 0 || len(file.Extents) == 0 || len(file.Extents) > MaxExtents {
				t.Fatalf("%+v", file)
			}
			for _, e := range file.Extents {
				if e.Size < 0 || e.Offset < 0 || e.Size > 0 && e.Offset+e.Size > int64(len(data)) {
					t.Fatalf("%+v in %d octets", file, len(data))
				}
			}
		}
		if len(image.Files) > MaxFiles || image.End > int64(len(data)) {
			t.Fatalf("%d files, end %d", len(image.Files), image.End)
		}
	})
}
