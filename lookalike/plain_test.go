// SPDX-License-Identifier: Apache-2.0

package lookalike

import (
	"strings"
	"testing"
)

// docs/reference/evasions.md, number 141.
func TestInvisible(t *testing.T) {
	for _, r := range "\u00ad\u034f\u115f\u1160\u17b4\u180e\u200b\u200d\u202e\u2060\u3164\ufe00\ufe0f\ufeff\uffa0\U000e0061\U000e0100" {
		if !Invisible(r) {
			t.Errorf("%U is seen", r)
		}
	}
	for _, r := range "a \t\n\u00a0é\u0301я가한ไ字😀\u2009" {
		if Invisible(r) {
			t.Errorf("%U is not seen", r)
		}
	}
}

// docs/reference/evasions.md, number 169.
func TestUnstyled(t *testing.T) {
	for in, want := range map[string]string{
		"ᴠɪᴀɢʀᴀ": "viagra", "ꜰʀᴇᴇ": "free", "🅵🆁🅴🅴": "free", "🅕🅡🅔🅔": "free", "Free": "Free", "бесплатно": "бесплатно", "ʃ": "ʃ", "🇩🇪": "🇩🇪", "Ａ": "Ａ",
	} {
		if got := strings.Map(Unstyled, in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestInvisibleInName: what cannot be seen makes no other name.
func TestInvisibleInName(t *testing.T) {
	if got := Skeleton("pay\u3164p\u115fal"); got != Skeleton("paypal") {
		t.Errorf("got %q", got)
	}
}
