// SPDX-License-Identifier: Apache-2.0

package ar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entry is a member as ar writes it.
func entry(name, content string) string {
	s := fmt.Sprintf("%-16s%-12d%-6d%-6d%-8o%-10d`\n%s", name, 0, 0, 0, 0o644, len(content), content)
	if len(s)%2 == 1 {
		s += "\n"
	}
	return s
}

// read lists the members as "name=content".
func read(t *testing.T, data string) (members []string, err error) {
	t.Helper()
	r, err := New(strings.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	for {
		m, err := r.Next()
		if m != nil {
			if m.Offset < 0 || m.Size < 0 || m.Offset+m.Size > int64(len(data)) {
				t.Fatalf("member at %d with %d octets in %d", m.Offset, m.Size, len(data))
			}
			members = append(members, m.Name+"="+data[m.Offset:m.Offset+m.Size])
		}
		if err != nil {
			return members, err
		}
	}
}

func TestReader(t *testing.T) {
	table := "a_name_longer_than_fifteen.txt/\nanother_name_that_is_long/\n"
	tests := []struct {
		name, data string
		want       []string
		damaged    bool
	}{
		{"plain and GNU names", magic + entry("odd", "123") + entry("b.txt/", "two"), []string{"odd=123", "b.txt=two"}, false},
		{"GNU table", magic + entry("//", table) + entry("/0", "one") + entry("/32", "two"), []string{
			"//=" + table, "a_name_longer_than_fifteen.txt=one", "another_name_that_is_long=two",
		}, false},
		{"GNU table that has no such name", magic + entry("/77", "one"), []string{"/77=one"}, false},
		{"BSD", magic + entry("#1/8", "name.exeMZ"), []string{"name.exe=MZ"}, false},
		{"BSD name longer than the member", magic + entry("#1/80", "MZ"), []string{"#1/80=MZ"}, false},
		{"symbols", magic + entry("/", "symbols") + entry("x/", "y"), []string{"/=symbols", "x=y"}, false},
		{"empty", magic, nil, false},
		{"cut member", (magic + entry("a", "12345678"))[:8+60+4], []string{"a=1234"}, true},
		{"rubbish behind", magic + entry("a", "12") + strings.Repeat("x", 70), []string{"a=12"}, true},
		{"cut header", magic + entry("a", "12") + "b  ", []string{"a=12"}, true},
		{"no magic", "!<arch>x" + entry("a", "12"), nil, true},
		{
			"thin", thinMagic + entry("//", table)[:60] + table + strings.Repeat("\n", len(table)%2) + entry("/0", "")[:60],
			[]string{"//=" + table, "a_name_longer_than_fifteen.txt="},
			false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(t, tt.data)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if errors.Is(err, ErrFormat) != tt.damaged || !tt.damaged && !errors.Is(err, io.EOF) {
				t.Errorf("got error %v, want damage %v", err, tt.damaged)
			}
		})
	}
}

func TestReadErrorIsNoDamage(t *testing.T) {
	data := magic + entry("a", "12")
	_, err := New(bytes.NewReader(nil), int64(len(data)))
	if err == nil || errors.Is(err, ErrFormat) {
		t.Errorf("got %v, want an error of reading", err)
	}
}

// FuzzReader: no panic, members inside the archive, an end.
func FuzzReader(f *testing.F) {
	f.Add(magic + entry("//", "long_name/\n") + entry("/0", "one") + entry("#1/3", "abcdef"))
	f.Add(thinMagic + entry("a", ""))
	f.Fuzz(func(t *testing.T, data string) {
		if members, _ := read(t, data); len(members) > len(data)/headerLen {
			t.Fatalf("%d members in %d octets", len(members), len(data))
		}
	})
}
