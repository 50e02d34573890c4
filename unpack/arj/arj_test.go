// SPDX-License-Identifier: Apache-2.0

package arj

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func le(width, v int) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(v))[:width]) }

// header is one with data behind it.
func header(name string, flags, method, kind byte, size int, crc uint32, data string, ext ...string) string {
	h := string([]byte{fixedLen, 11, 1, 2, flags, method, kind, 0}) + le(4, 0) + le(4, len(data)) + le(4, size) + le(4, int(crc)) + le(6, 0) +
		name + "\x00\x00"
	all := Magic + le(2, len(h)) + h + le(4, int(crc32.ChecksumIEEE([]byte(h))))
	for _, e := range ext {
		all += le(2, len(e)) + e + le(4, 0)
	}
	return all + le(2, 0) + data
}

func mainHeader() string { return header("x.arj", 0, 0, typeMain, 0, 0, "") }

func file(name, content string, flags byte, ext ...string) string {
	return header(name, flags, 0, 0, len(content), crc32.ChecksumIEEE([]byte(content)), content, ext...)
}

const end = Magic + "\x00\x00"

func read(t *testing.T, data string) (members []string, err error) {
	t.Helper()
	r := New(strings.NewReader(data), int64(len(data)))
	for {
		m, next := r.Next()
		if m != nil {
			if m.Offset < 0 || m.Packed < 0 || m.Offset+m.Packed > int64(len(data)) {
				t.Fatalf("%+v in %d octets", m, len(data))
			}
			c, open := r.Open(m)
			var b []byte
			if open == nil {
				b, open = io.ReadAll(io.LimitReader(c, 1<<20))
			}
			if open != nil && !m.Encrypted {
				err = open
			}
			members = append(members, fmt.Sprintf("%s%s=%s", m.Name, map[bool]string{true: "!"}[m.Encrypted || m.Continued || m.HeaderBroken], b))
		}
		if next != nil {
			if !errors.Is(next, io.EOF) {
				err = next
			}
			return members, err
		}
	}
}

func TestReader(t *testing.T) {
	broken := []byte(mainHeader() + file("a", "one", 0) + end)
	broken[len(mainHeader())+prefix+fixedLen] = 'b'
	tests := []struct {
		name, data string
		want       []string
		err        error
	}{
		{"stored", mainHeader() + file("a", "one", 0) + file("dir/b.txt", "two", 0, "extension") + end, []string{"a=one", "dir/b.txt=two"}, nil},
		{"garbled", mainHeader() + file("a", "one", flagGarbled) + end, []string{"a!=one"}, nil},
		{"volume", mainHeader() + file("a", "one", flagVolume) + end, []string{"a!=one"}, nil},
		{"broken header", string(broken), []string{"b!=one"}, nil},
		{"method 7", mainHeader() + header("a", 0, 7, 0, 3, 0, "xxx") + end, []string{"a="}, ErrUnsupported},
		{"wrong checksum", mainHeader() + header("a", 0, 0, 0, 3, 0, "xxx") + end, []string{"a=xxx"}, ErrFormat},
		{"cut", (mainHeader() + file("a", "one", 0))[:len(mainHeader())+prefix+fixedLen+9+1], []string{"a=o"}, ErrFormat},
		{"no end", mainHeader() + file("a", "one", 0), []string{"a=one"}, ErrFormat},
		{"rubbish", mainHeader() + file("a", "one", 0) + "rubbish", []string{"a=one"}, ErrFormat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(t, tt.data)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if !errors.Is(err, tt.err) {
				t.Errorf("got error %v, want %v", err, tt.err)
			}
			if !Is([]byte(tt.data)) {
				t.Error("not recognised")
			}
		})
	}
}

// What the tool writes is read, with all methods.
func TestReadTool(t *testing.T) {
	tool, err := exec.LookPath("arj")
	if err != nil {
		t.Skip("no arj here")
	}
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	var words strings.Builder
	for range 60_000 {
		fmt.Fprintf(&words, "word%d ", r.IntN(500))
	}
	text := words.String()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for method := range 5 {
		name := fmt.Sprintf("m%d.arj", method)
		cmd := exec.CommandContext(t.Context(), tool, "a", fmt.Sprintf("-m%d", method), name, "a.txt")
		cmd.Dir = dir
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t, string(data))
		if err != nil || !cmp.Equal(got, []string{"a.txt=" + text}) {
			t.Errorf("method %d: got %d members and %v", method, len(got), err)
		}
	}
}

// FuzzReader: no panic, members inside the archive, an end.
func FuzzReader(f *testing.F) {
	f.Add(mainHeader() + file("a", "one", 0, "ext") + end)
	f.Add(mainHeader() + header("a", 0, 1, 0, 300, 0, "\x00\x05\x2c\x8f\x00\x12\x34\x56\x78") + header("b", 0, 4, 0, 300, 0, "\x12\x34\x56\x78") + end)
	f.Fuzz(func(t *testing.T, data string) {
		if members, _ := read(t, data); len(members) > len(data)/fixedLen {
			t.Fatalf("%d members in %d octets", len(members), len(data))
		}
	})
}
