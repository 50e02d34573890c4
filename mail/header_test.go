// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeaderLookup(t *testing.T) {
	h := parse(t, crlf("Subject: first\nX-A: 1\nsubject : second\n\tfolded \n  \nEmpty:\n\nbody\n")).Header()
	for _, c := range []struct {
		name string
		want []string
	}{
		{"Subject", []string{"first", "second\tfolded"}},
		{"SUBJECT", []string{"first", "second\tfolded"}},
		{"x-a", []string{"1"}},
		{"Empty", []string{""}},
		{"None", nil},
	} {
		if diff := cmp.Diff(c.want, h.Values(c.name)); diff != "" {
			t.Errorf("values of %s: %s", c.name, diff)
		}
		first := ""
		if len(c.want) > 0 {
			first = c.want[0]
		}
		if got := h.Get(c.name); got != first {
			t.Errorf("get %s: got %q, want %q", c.name, got, first)
		}
	}
	for f := range h.All("subject") {
		if f.Offset != 0 {
			t.Errorf("the first Subject is at %d", f.Offset)
		}
		break
	}
}

func TestFieldValue(t *testing.T) {
	for raw, want := range map[string]string{
		"X: a\r\n":            "a",
		"X:a":                 "a",
		"X:\r\n":              "",
		"X : \t a b \t\r\n":   "a b",
		"X: a\r\n b\r\n\tc\n": "a b\tc",
		"X: a\rb\r\r\n":       "ab",
		"X: a\n":              "a",
		"X: :a:\r\n":          ":a:",
	} {
		if got := (Field{Name: "X", Raw: raw}).Value(); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
	if got := (Field{Raw: "no field\r\n"}).Value(); got != "no field" {
		t.Errorf("a line that is no field: got %q", got)
	}
}

func TestFieldName(t *testing.T) {
	for _, c := range []struct {
		line  string
		n     int
		blank bool
	}{
		{"Subject: x", 7, false},
		{"Subject \t: x", 7, true},
		{"Subject:", 7, false},
		{"Subject", 0, false},
		{": x", 0, false},
		{" : x", 0, false},
		{"two words: x", 0, false},
		{"S\xfcbject: x", 0, false},
		{"nul\x00: x", 0, false},
		{"", 0, false},
	} {
		if n, blank := fieldName([]byte(c.line)); n != c.n || blank != c.blank {
			t.Errorf("%q: got %d %v, want %d %v", c.line, n, blank, c.n, c.blank)
		}
	}
}
