// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"name", "Win.Test.EICAR_HDB-1", "Win.Test.EICAR_HDB-1"},
		{"blanks around", " \tEicar \r\n", "Eicar"},
		{"blank inside", "EICAR test file", "EICAR test file"},
		{"terminal control", "Evil\x1b[31m\x07", "Evil[31m"},
		{"lines", "a\r\nb\x00c", "abc"},
		{"not ASCII", "Žluť", "Žluť"},
		{"not UTF-8", "a\xff\xfeb", "ab"},
		{"direction marks", "a\u202eb\u200bc", "abc"},
		{"nothing that prints", "\x00\x01", ""},
		{"long", strings.Repeat("x", 1000), strings.Repeat("x", MaxSignature)},
		{"long, cut inside a character", strings.Repeat("x", MaxSignature-1) + "Ž", strings.Repeat("x", MaxSignature-1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Line(tt.in); got != tt.want {
				t.Errorf("Line(%q): got %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// FuzzLine: the outcome prints, is bounded, and does not change when it goes through again.
func FuzzLine(f *testing.F) {
	for _, s := range []string{"Eicar", " a\x00b ", "\xff\xc5", strings.Repeat("Ž", MaxSignature), strings.Repeat("\x01", 20*MaxSignature) + "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := Line(in)
		if len(got) > MaxSignature || !utf8.ValidString(got) || strings.ContainsFunc(got, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Errorf("Line(%q): got %q", in, got)
		}
		if again := Line(got); again != got {
			t.Errorf("Line(%q): got %q, and then %q", in, got, again)
		}
	})
}
