// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// nameField is the extra field with a name in UTF-8 (APPNOTE.TXT section 4.6.9).
func nameField(name string) []byte {
	return append([]byte{0x75, 0x70, byte(len(name) + 5), 0, 1, 0, 0, 0, 0}, name...)
}

func TestZipNames(t *testing.T) {
	tests := []struct {
		name  string
		entry zipEntry
		want  []string
	}{
		{"ASCII", zipEntry{name: "a.txt"}, []string{"a.txt"}},
		{"UTF-8 without the flag", zipEntry{name: "é"}, []string{"é", "├⌐"}},
		{"UTF-8 with the flag", zipEntry{name: "é", flags: flagUTF8}, []string{"é", "├⌐"}},
		{"code page 437", zipEntry{name: "\x82"}, []string{"é"}},
		{
			"directory and local header",
			zipEntry{name: "a.exe", central: func(f *zipFields) { f.name = "a.txt" }},
			[]string{"a.txt", "a.exe"},
		},
		{
			"extra field",
			zipEntry{name: "a.txt", central: func(f *zipFields) { f.extra = nameField("b.exe") }},
			[]string{"b.exe", "a.txt"},
		},
		{
			"two extra fields",
			zipEntry{name: "a.txt", central: func(f *zipFields) { f.extra = concat(nameField("b.exe"), nameField("c.txt")) }},
			[]string{"b.exe", "c.txt", "a.txt"},
		},
		{
			"extra field of the local header",
			zipEntry{name: "a.txt", local: func(f *zipFields) { f.extra = nameField("b.exe") }},
			[]string{"a.txt", "b.exe", "a.txt"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.entry.content = "one"
			c := contents(t, newTestUnpacker(t), parse(t, message("f", zipBytes(tt.entry)), mail.DefaultLimits()))
			if len(c.Leaves) != 2 {
				t.Fatalf("got %d leaves", len(c.Leaves))
			}
			got := slices.Clone(c.Leaves[1].Aliases)
			for _, want := range tt.want {
				if !slices.Contains(got, want) {
					t.Errorf("got %q, want %q in it", got, want)
				}
			}
			if got[0] != tt.want[0] {
				t.Errorf("got %q first, want %q", got[0], tt.want[0])
			}
		})
	}
}

// TestZipStrong: what PKWARE's encryption hides is named as that, and no password is tried.
func TestZipStrong(t *testing.T) {
	leaves, problems := walkFile(t, zipBytes(zipEntry{name: "a", content: "x", flags: flagEncrypted | flagStrong, raw: []byte(strings.Repeat("noise", 10))}))
	checkLeaves(t, leaves, []string{"a="})
	checkProblems(t, problems, []string{"encrypted a: needs a password or a key (strong encryption)"})
}

// TestZipStreams: zstd data, xz streams one after another, and a window larger than the limit.
func TestZipStreams(t *testing.T) {
	leaves, problems := walkFile(t, zipBytes(
		zipEntry{name: "zstd", content: "one", method: methodZstd, raw: zstdBytes(t, "one")},
		zipEntry{name: "xz", content: "onetwo", method: methodXZ, raw: concat(xzBytes(t, "one"), make([]byte, 4), xzBytes(t, "two"))},
		zipEntry{name: "large", content: "x", method: methodZstd, raw: []byte("\x28\xb5\x2f\xfd\x00\xa0\x09\x00\x00x")},
	))
	checkLeaves(t, leaves, []string{"zstd=one", "xz=onetwo", "large="})
	checkProblems(t, problems, []string{"unscannable large: limit dictionary (33554432 octets) exceeded: it needs 1073741824"})
}
