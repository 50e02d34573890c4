// SPDX-License-Identifier: Apache-2.0

package lookalike

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// Invisible tells of characters that leave nothing to be seen: zero-width ones, soft hyphens, controls of the direction, variation selectors, fillers
// (Unicode chapter 5.21, default ignorable code points; and other characters of format).
func Invisible(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// Unstyled is the small letter of US-ASCII that r is a drawing of: a small capital, or a letter in a black circle or square. Others are given back as
// they are; those that Unicode decomposes, such as mathematical and full-width letters, are left to NFKC.
func Unstyled(r rune) rune {
	switch {
	case r < 0x250:
		return r
	case r >= 0x1f150 && r <= 0x1f169:
		return r - 0x1f150 + 'a'
	case r >= 0x1f170 && r <= 0x1f189:
		return r - 0x1f170 + 'a'
	case r > 0xffff:
		return r
	}
	if c, ok := smallCapitals()[r]; ok {
		return c
	}
	return r
}

// smallCapitals gives the letter of each small capital.
var smallCapitals = sync.OnceValue(func() map[rune]rune {
	m := map[rune]rune{}
	letters := []rune("abcdefghijklmnopqrstuvwyz")
	for i, r := range []rune("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ") {
		m[r] = letters[i]
	}
	return m
})
