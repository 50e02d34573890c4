// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"slices"
	"testing"
)

// docs/reference/evasions.md, numbers 141 and 169.
func TestPlain(t *testing.T) {
	collect := func(s string) (list []string) {
		words(plain(s), func(w string) bool { list = append(list, w); return true })
		return list
	}
	for in, want := range map[string][]string{
		"Buy V\u200bia\u00adgra":       {"buy", "viagra"},
		"𝐅𝐫𝐞𝐞 money":                   {"free", "money"},
		"ｆｒｅｅ":                         {"free"},
		"ꜰʀᴇᴇ 🅼🅾🅽🅴🆈":                   {"free", "money"},
		"vi\u3164ag\u034fr\U000e0100a": {"viagra"},
		"p\u0430ypal":                  {"p\u0430ypal", "\x01mixed", "paypal"},
		"don't e-mail a.b@c.d !!!":     {"don't", "e-mail", "a.b@c.d", "!!!"},
		"免费送":                          {"免费", "费送"},
		"":                             nil,
	} {
		if got := collect(in); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
