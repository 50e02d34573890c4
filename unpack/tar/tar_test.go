// SPDX-License-Identifier: Apache-2.0

package tar

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// block is a header, changed by edits before its checksum is made, and its data.
func block(name string, kind byte, content string, edits ...func(h []byte)) string {
	h := make([]byte, BlockLen)
	copy(h, name)
	copy(h[100:], "0000644\x000000000\x000000000\x00")
	copy(h[124:], fmt.Sprintf("%011o\x00", len(content)))
	copy(h[136:], "00000000000\x00")
	h[156] = kind
	copy(h[257:], "ustar\x0000")
	for _, edit := range edits {
		edit(h)
	}
	copy(h[148:], "        ")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return string(h) + content + strings.Repeat("\x00", int(blocks(int64(len(content))))-len(content))
}

func set(off int, text string) func([]byte) { return func(h []byte) { copy(h[off:], text) } }

func record(key, value string) string {
	n := len(key) + len(value) + 3
	for n != len(fmt.Sprintf("%d %s=%s\n", n, key, value)) {
		n++
	}
	return fmt.Sprintf("%d %s=%s\n", n, key, value)
}

// read lists the members as "name|other name type content" and counts the faults.
func read(t *testing.T, data string) (members []string, faults int) {
	t.Helper()
	r := New(strings.NewReader(data), int64(len(data)))
	for range len(data) + 10 {
		m, err := r.Next()
		if m != nil {
			if m.Offset < 0 || m.Size < 0 || m.Offset+m.Size > int64(len(data)) || len(m.Names) == 0 {
				t.Fatalf("%v at %d with %d octets in %d", m.Names, m.Offset, m.Size, len(data))
			}
			content := data[m.Offset : m.Offset+m.Size]
			if m.Sparse != nil {
				b, _ := io.ReadAll(io.LimitReader(m.Expand(strings.NewReader(content)), 1<<16))
				content = strings.ReplaceAll(string(b), "\x00", ".")
			}
			members = append(members, fmt.Sprintf("%s %c %s", strings.Join(m.Names, "|"), m.Type, content))
		}
		if errors.Is(err, io.EOF) {
			return members, faults
		}
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("unexpected error %v", err)
			}
			faults++
		}
	}
	t.Fatal("no end")
	return nil, 0
}

func TestReader(t *testing.T) {
	zero := strings.Repeat("\x00", 2*BlockLen)
	one := block("a", '0', "one")
	long := strings.Repeat("d/", 80) + "evil.exe"
	tests := []struct {
		name, data string
		want       []string
		faults     int
	}{
		{"ustar", one + block("b", '0', "two") + zero, []string{"a 0 one", "b 0 two"}, 0},
		{"ustar prefix", block("b", '0', "two", set(345, "dir")), []string{"dir/b|b 0 two"}, 0},
		{"v7", block("a", 0, "one", set(257, strings.Repeat("\x00", 8))), []string{"a 0 one"}, 0},
		{"signed checksum", signed("\xe9\xe9", "one"), []string{"\xe9\xe9 0 one"}, 0},
		{"GNU long name", block("././@LongLink", 'L', long+"\x00") + one, []string{long + "|a 0 one"}, 0},
		{
			"pax name", block("PaxHeader", 'x', record("mtime", "1")+record("path", "evil.exe")) + block("good.txt", '0', "MZ"),
			[]string{"evil.exe|good.txt 0 MZ"},
			0,
		},
		{"pax name for all", block("g", 'g', record("path", "evil.exe")) + one, []string{"evil.exe|a 0 one"}, 0},
		{"broken pax", block("x", 'x', "99 path=evil") + one, []string{"a 0 one"}, 1},
		{
			"two sizes", block("x", 'x', record("size", "1024")) + block("a", '0', "") + block("in", '0', "MZ") + zero,
			[]string{"a 0 " + block("in", '0', "MZ"), "in 0 MZ"},
			1,
		},
		{"links and devices", block("l", '2', "", set(157, "/etc/passwd")) + block("d", '3', "") + one, []string{"l 2 ", "d 3 ", "a 0 one"}, 0},
		{"link with data", block("l", '2', one) + block("b", '0', "two"), []string{"l 2 ", "a 0 one", "b 0 two"}, 0},
		{
			"link with data that hide a header", block("l", '1', block("a", '0', "", set(124, "00000002000"))) + block("b", '0', "two"),
			[]string{"l 1 ", "a 0 " + block("b", '0', "two"), "b 0 two"},
			0,
		},
		{"link with other data", block("l", '1', "text") + one, []string{"l 1 text", "a 0 one"}, 0},
		{"after the end", one + zero + zero + block("b", '0', "two"), []string{"a 0 one", "b 0 two"}, 0},
		{"after rubbish", one + strings.Repeat("?", 3*BlockLen) + block("b", '0', "two"), []string{"a 0 one", "b 0 two"}, 1},
		{
			"negative size", block("a", '0', "one", set(124, strings.Repeat("\xff", 12))) + block("b", '0', "two"),
			[]string{"a 0 ", "b 0 two"},
			2,
		},
		{"base 256", block("a", '0', "one", set(124, "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03")), []string{"a 0 one"}, 0},
		{"huge size", block("a", '0', "one", set(124, "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), []string{"a 0 "}, 2},
		{"cut", one[:BlockLen+2], []string{"a 0 on"}, 1},
		{"old sparse", block("s", 'S', "abcd", set(386, "00000000002\x0000000000001\x0000000000005\x0000000000003\x00"),
			set(483, "00000000012\x00")) + one, []string{"s 0 ..a..bcd..", "a 0 one"}, 1},
		{"pax sparse 0.0", block("x", 'x', record("GNU.sparse.size", "8")+record("GNU.sparse.offset", "1")+
			record("GNU.sparse.numbytes", "2")+record("GNU.sparse.offset", "5")+record("GNU.sparse.numbytes", "2")) +
			block("s", '0', "abcd"), []string{"s 0 .ab..cd."}, 1},
		{"pax sparse 0.1", block("x", 'x', record("GNU.sparse.size", "8")+record("GNU.sparse.map", "1,2,5,2")+
			record("GNU.sparse.name", "real")) + block("s", '0', "abcd"), []string{"real|s 0 .ab..cd."}, 1},
		{
			"pax sparse 1.0", block("x", 'x', record("GNU.sparse.major", "1")+record("GNU.sparse.minor", "0")+
				record("GNU.sparse.realsize", "4")) + block("s", '0', "1\n1\n3\n"+strings.Repeat("\x00", BlockLen-6)+"abc"),
			[]string{"s 0 .abc"},
			0,
		},
		{"two long names", block("L", 'L', "evil.exe\x00") + block("L", 'L', "good.txt\x00") + one, []string{"good.txt|evil.exe|a 0 one"}, 0},
		{
			"long name and pax name", block("L", 'L', "evil.exe\x00") + block("x", 'x', record("path", "good.txt")) + one,
			[]string{"good.txt|evil.exe|a 0 one"},
			0,
		},
		{
			"pax name and long name", block("x", 'x', record("path", "evil.exe")) + block("L", 'L', "good.txt\x00") + one,
			[]string{"good.txt|evil.exe|a 0 one"},
			0,
		},
		{"two pax names", block("x", 'x', record("path", "evil.exe")+record("path", "good.txt")) + one, []string{"good.txt|evil.exe|a 0 one"}, 0},
		{"pax name before what is broken", block("x", 'x', record("path", "evil.exe")+"99 path=good") + one, []string{"evil.exe|a 0 one"}, 1},
		{
			"pax names for all", block("g", 'g', record("path", "evil.exe")+record("path", "good.txt")) + one,
			[]string{"good.txt|evil.exe|a 0 one"},
			0,
		},
		{
			"broken pax for all", block("g", 'g', record("path", "evil.exe")+"?") + one + block("b", '0', "two"),
			[]string{"evil.exe|a 0 one", "evil.exe|b 0 two"},
			1,
		},
		{
			"size behind a sign", block("x", 'x', record("size", " +3.0")) + block("a", '0', "", set(124, "00000000000\x00")) + "one" + zero[3:],
			[]string{"a 0 one"},
			1,
		},
		{"type N is a file to all programs", block("a", 'N', "one"), []string{"a N one"}, 0},
		{"sparse with nonsense", block("x", 'x', record("GNU.sparse.map", "5,2,1,2")) + block("s", '0', "abcd"), []string{"s 0 abcd"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, faults := read(t, tt.data)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if faults != tt.faults {
				t.Errorf("got %d faults, want %d", faults, tt.faults)
			}
			if !Is([]byte(tt.data)) {
				t.Error("not recognised")
			}
		})
	}
}

// signed is a member whose checksum is one of signed octets.
func signed(name, content string) string {
	b := []byte(block(name, '0', content))
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b[:BlockLen] {
		sum += int(int8(c))
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return string(b)
}

func TestIs(t *testing.T) {
	for name, head := range map[string]string{
		"empty": "", "zeros": strings.Repeat("\x00", 1024), "text": strings.Repeat("some text ", 100),
		"wrong sum": "x" + block("abc", '0', "")[1:],
	} {
		if Is([]byte(head)) {
			t.Errorf("%s is taken for an archive", name)
		}
	}
}

func TestReadErrorIsNoDamage(t *testing.T) {
	broken := errors.New("disk is gone")
	r := readerAt(func([]byte, int64) (int, error) { return 0, broken })
	if _, err := New(r, 2000).Next(); !errors.Is(err, broken) || errors.Is(err, ErrFormat) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

type readerAt func([]byte, int64) (int, error)

func (f readerAt) ReadAt(p []byte, off int64) (int, error) { return f(p, off) }

// FuzzReader: no panic, members inside the archive, an end; and what the standard library finds is found.
func FuzzReader(f *testing.F) {
	f.Add([]byte(block("a", '0', "one") + block("x", 'x', record("path", "n")) + block("b", '0', "two")))
	f.Add([]byte(block("s", 'S', "abcd", set(386, "00000000002\x0000000000001\x00"), set(483, "00000000012\x00"))))
	f.Add([]byte(block("././@LongLink", 'L', "long\x00") + block("a", '1', "")))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _ := read(t, string(data))
		if len(got) > len(data)/BlockLen {
			t.Fatalf("%d members in %d octets", len(got), len(data))
		}
		std := tar.NewReader(bytes.NewReader(data))
		for {
			h, err := std.Next()
			if err != nil {
				return
			}
			if h.Typeflag != tar.TypeReg {
				continue
			}
			b, err := io.ReadAll(io.LimitReader(std, 1<<16))
			if err != nil {
				return
			}
			want := strings.ReplaceAll(string(b), "\x00", ".")
			if all := strings.ReplaceAll(strings.Join(got, "\n"), "\x00", "."); !strings.Contains(all, want) {
				t.Fatalf("the standard library reads %q = %.100q, got %.300q", h.Name, b, got)
			}
		}
	})
}

// Programs write the checksum with noughts before it, or with blanks.
func TestChecksumInBlanks(t *testing.T) {
	var b [BlockLen]byte
	copy(b[:], "a.exe")
	copy(b[100:], "0000644\x00")
	copy(b[124:], "00000000001\x00")
	copy(b[136:], "00000000000\x00")
	copy(b[148:], "        ")
	copy(b[257:], "ustar\x0000")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	for _, form := range []string{"%06o\x00 ", "%6o\x00 ", "%07o\x00"} {
		copy(b[148:156], "        ")
		copy(b[148:], fmt.Sprintf(form, sum))
		if !Is(b[:]) {
			t.Errorf("%q is not taken for one", b[148:156])
		}
	}
}
