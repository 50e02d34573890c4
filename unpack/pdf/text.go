// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeText makes UTF-8 of a text string (section 7.9.2.2): UTF-16 with a byte order mark, UTF-8, or single octets. The octets are taken
// for Latin-1, which differs from PDFDocEncoding in signs that matter in no name and no script.
func decodeText(s string) string {
	switch {
	case strings.HasPrefix(s, "\xfe\xff"):
		return decode16(s[2:], 0, 1)
	case strings.HasPrefix(s, "\xff\xfe"):
		return decode16(s[2:], 1, 0)
	case strings.HasPrefix(s, "\xef\xbb\xbf"):
		return strings.ToValidUTF8(s[3:], "\ufffd")
	case utf8.ValidString(s):
		return s
	}
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

func decode16(s string, hi, lo int) string {
	units := make([]uint16, 0, len(s)/2)
	for ; len(s) >= 2; s = s[2:] {
		units = append(units, uint16(s[hi])<<8|uint16(s[lo]))
	}
	return string(utf16.Decode(units))
}

// quote makes a short, printable piece of text for a detail.
func quote(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case r <= ' ' || r == utf8.RuneError || r >= 0x7f && r < 0xa0:
			space = b.Len() > 0
			continue
		case r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r >= 0x200b && r <= 0x200f:
			continue // Separators and marks of direction that would change how the line reads.
		}
		if b.Len() >= maxQuote {
			return `"` + b.String() + `..."`
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return `"` + b.String() + `"`
}
