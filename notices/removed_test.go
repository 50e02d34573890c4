// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"strings"
	"testing"
)

func TestRemovedText(t *testing.T) {
	r := Removed{ID: "4711", Items: []Item{{File: "in\u202evoice.exe\r\nX: y", Code: "file.denied", Why: "programs are not taken"}, {Code: "macro.vba"}}}
	for _, lang := range append(Languages(), "xx") {
		text := RemovedText(lang, r)
		for _, want := range []string{"invoice.exeX: y\r\n", "programs are not taken", "file.denied", "macro.vba", "4711"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in %q", lang, want, text)
			}
		}
		if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") || strings.ContainsAny(text, "%\u202e") {
			t.Errorf("%s: got %q", lang, text)
		}
		if n := RemovedName(lang); !strings.HasSuffix(n, ".txt") {
			t.Errorf("%s: name %q", lang, n)
		}
		if a := AttachedText(lang, "4711", "html.script"); !strings.Contains(a, "4711") || !strings.Contains(a, "html.script") {
			t.Errorf("%s: got %q", lang, a)
		}
	}
	if RemovedText("xx", r) != RemovedText(English, r) || RemovedText("de", r) == RemovedText(English, r) {
		t.Error("a language that is not known is English, one that is known is not")
	}
}

func TestRemovedTextIsBounded(t *testing.T) {
	long := Item{File: strings.Repeat("é", 10_000), Code: "c", Why: strings.Repeat("w", 10_000)}
	r := Removed{ID: "1", Items: make([]Item, 1000)}
	for i := range r.Items {
		r.Items[i] = long
	}
	text := RemovedText(English, r)
	if len(text) > 10_000 || !strings.Contains(text, "and 980 more") {
		t.Errorf("%d octets: %.300s", len(text), text)
	}
}
