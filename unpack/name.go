// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleanName makes a name fit for display: at most MaxName octets, with U+FFFD for control and format characters and for what is
// no UTF-8. It is for people and patterns; nothing is ever stored under it.
func cleanName(s string) string {
	cut := len(s) > MaxName
	if cut {
		s = s[:MaxName]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
	if !cut && len(s) <= MaxName {
		return s
	}
	const ellipsis = "..."
	end := min(len(s), MaxName-len(ellipsis))
	for end > 0 && end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}
