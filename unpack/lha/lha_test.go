// SPDX-License-Identifier: Apache-2.0

package lha

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/unpack/lzh"
)

func le(width, v int) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(v))[:width]) }

func crc(content string) int {
	c := &checked{r: strings.NewReader(content)}
	_, _ = io.ReadAll(c)
	return int(c.crc)
}

// level0 and level1 are headers with data; ext are extensions, each with its type first.
func level0(name, method, content, data string) string {
	h := method + le(4, len(data)) + le(4, len(content)) + le(4, 0) + "\x20\x00" + string(rune(len(name))) + name + le(2, crc(content))
	return string([]byte{byte(len(h)), sum([]byte(h))}) + h + data
}

func extensions(width int, ext ...string) string {
	all := ""
	for _, e := range ext {
		all += le(width, len(e)+width) + e
	}
	return all + le(width, 0)
}

func level1(name, content string, ext ...string) string {
	chain := extensions(2, ext...)
	h := "-lh0-" + le(4, len(content)+len(chain)-2) + le(4, len(content)) + le(4, 0) + "\x20\x01" + string(rune(len(name))) + name + le(2, crc(content)) +
		"U" + chain[:2]
	return string([]byte{byte(len(h)), sum([]byte(h))}) + h + chain[2:] + content
}

func level2(content string, ext ...string) string {
	chain := extensions(2, ext...)
	return le(2, 24+len(chain)) + "-lh0-" + le(4, len(content)) + le(4, len(content)) + le(4, 0) + "\x20\x02" + le(2, crc(content)) + "U" + chain + content
}

func level3(content string, ext ...string) string {
	chain := extensions(4, ext...)
	return le(2, 4) + "-lh0-" + le(4, len(content)) + le(4, len(content)) + le(4, 0) + "\x20\x03" + le(2, crc(content)) + "U" + le(4, 28+len(chain)) +
		chain + content
}

func read(t *testing.T, data string) (members []string, err error) {
	t.Helper()
	r := New(strings.NewReader(data), int64(len(data)))
	for {
		m, next := r.Next()
		if m != nil {
			if m.Offset < 0 || m.Packed < 0 || m.Offset+m.Packed > int64(len(data)) {
				t.Fatalf("%+v in %d octets", m, len(data))
			}
			members = append(members, m.Name+"=")
			c, open := r.Open(m)
			if open == nil {
				var b []byte
				b, open = io.ReadAll(io.LimitReader(c, 1<<16))
				members[len(members)-1] += string(b)
			}
			if open != nil {
				err = open
			}
		}
		if next != nil {
			if !errors.Is(next, io.EOF) {
				err = next
			}
			if end := r.End(); end < 0 || end > int64(len(data)) {
				t.Fatalf("end at %d of %d", end, len(data))
			}
			return members, err
		}
	}
}

func TestReader(t *testing.T) {
	tests := []struct {
		name, data string
		want       []string
		err        error
	}{
		{"level 0", level0("a.txt", "-lh0-", "one", "one") + level0("b", "-lhd-", "", "") + "\x00", []string{"a.txt=one", "b="}, nil},
		{
			"level 1", level1("EVIL~1.EXE", "MZ", "\x01evil long.exe", "\x02dir\xffin\xff") + level1("b", "two"),
			[]string{"dir/in/evil long.exe=MZ", "b=two"},
			nil,
		},
		{"level 2", level2("MZ", "\x01evil.exe", "\x02dir\xff"), []string{"dir/evil.exe=MZ"}, nil},
		{"level 3", level3("MZ", "\x01evil.exe"), []string{"evil.exe=MZ"}, nil},
		{"lh5", level0("a", "-lh5-", "abcdefabcdefabcdefabcdef", string(lzh5("abcdefabcdefabcdefabcdef"))), []string{"a=abcdefabcdefabcdefabcdef"}, nil},
		{"lh1", level0("a", "-lh1-", "one", "xx"), []string{"a="}, ErrUnsupported},
		{"lh5 broken", level0("a", "-lh5-", "one", "\xff\xff\xff\xff\xff"), []string{"a="}, lzh.ErrFormat},
		{"wrong checksum", strings.Replace(level0("a", "-lh0-", "one", "one"), "one", "two", 1), []string{"a=two"}, ErrFormat},
		{"cut", level0("a", "-lh0-", "one", "one")[:26], []string{"a=o"}, ErrFormat},
		{"rubbish behind", level0("a", "-lh0-", "one", "one") + "rubbish", []string{"a=one"}, ErrFormat},
		{"extension of nonsense", level1("a", "one", "")[:30] + "\xff\xff", nil, ErrFormat},
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

// lzh5 packs text into one block: all codes have nine bits, all matches begin six octets before.
func lzh5(text string) []byte {
	var out []byte
	var acc, have uint32
	put := func(v, n uint32) {
		for ; n > 0; n-- {
			acc = acc<<1 | v>>(n-1)&1
			if have++; have == 8 {
				out, acc, have = append(out, byte(acc)), 0, 0
			}
		}
	}
	var codes [][2]uint32
	for i := 0; i < len(text); {
		n := 0
		for i >= 6 && i+n < len(text) && n < 20 && text[i+n] == text[i+n-6] {
			n++
		}
		if n >= 3 {
			codes = append(codes, [2]uint32{uint32(256 + n - 3), 1})
			i += n
			continue
		}
		codes = append(codes, [2]uint32{uint32(text[i]), 0})
		i++
	}
	put(uint32(len(codes)), 16)
	put(0, 5)
	put(11, 5) // All lengths are told by no bits: nine.
	put(510, 9)
	put(0, 4)
	put(3, 4) // All positions are 5 to 8, told by two bits.
	for _, c := range codes {
		put(c[0], 9)
		if c[1] > 0 {
			put(1, 2)
		}
	}
	put(0, 16)
	return out
}

func TestIs(t *testing.T) {
	for _, text := range []string{"", "some text that has -lh5- in it, elsewhere", "xx-lh5-and so on, which is no header"} {
		if Is([]byte(text)) {
			t.Errorf("%q is taken for an archive", text)
		}
	}
}

// FuzzReader: no panic, members inside the archive, an end.
func FuzzReader(f *testing.F) {
	f.Add(level0("a", "-lh5-", "abcdefabcdef", string(lzh5("abcdefabcdef"))))
	f.Add(level1("a", "one", "\x01name", "\x02dir\xff"))
	f.Add(level2("one", "\x01name"))
	f.Add(level3("one", "\x01name"))
	f.Fuzz(func(t *testing.T, data string) {
		if members, _ := read(t, data); len(members) > len(data)/baseLen {
			t.Fatalf("%d members in %d octets", len(members), len(data))
		}
	})
}
