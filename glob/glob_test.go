// SPDX-License-Identifier: Apache-2.0

package glob

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true},
		{"", "", true},
		{"", "a", false},
		{"a", "A", true},
		{"A", "a", true},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"?", "é", true},
		{"*.exe", "a.exe", true},
		{"*.exe", "a.exe.", false},
		{"Sane*.Spam", "sanesecurity.ham.spam", true},
		{"*.UNOFFICIAL", "x.unofficial.y", false},
		{"*a*b*", "xxaxxbxx", true},
		{"*a*b*", "xxbxxaxx", false},
		{"a*b*c", "axxbyyc", true},
		{"a*b*c", "axxbyy", false},
		{`W32/[x]\*`, `w32/[x]\y`, true},
		{"a**", "a", true},
		{strings.Repeat("*a", 500) + "b", strings.Repeat("a", 4000), false}, // Does not end within a lifetime if all ways to match are tried.
	} {
		if got := New(tt.pattern).Match(tt.name); got != tt.want {
			t.Errorf("%q matches %q: got %v", tt.pattern, tt.name, got)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("*.exe", "a.exe")
	f.Add("a*b?c", "axbyc")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if !New("*"+pattern+"*").Match(name) && New(pattern).Match(name) {
			t.Errorf("%q matches %q, but not with * around it", pattern, name)
		}
	})
}
