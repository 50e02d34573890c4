// SPDX-License-Identifier: Apache-2.0

package filename

import "unicode"

// override is the right-to-left override.
const override = '\u202e'

// directional tells if r changes the direction of text. Marks (U+200E, U+200F, U+061C), which names in Arabic and Hebrew have, do not.
func directional(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// invisible tells if r takes no place on the screen: format characters, fillers, variation selectors, tags.
func invisible(r rune) bool {
	switch {
	case r == '\u00ad', r == '\u034f', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u17b4', r == '\u17b5':
		return true
	case r >= '\ufe00' && r <= '\ufe0f', r >= '\U000e0100' && r <= '\U000e01ef':
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

// joiner tells if r is invisible and belongs to the writing of some languages, and to emoji.
func joiner(r rune) bool {
	return r == '\u200c' || r == '\u200d' || r == '\u200e' || r == '\u200f' || r == '\u061c' || r >= '\ufe00' && r <= '\ufe0f'
}

// blank tells if r looks like a blank.
func blank(r rune) bool { return unicode.Is(unicode.Zs, r) || r == '\u2800' || r == '\t' }

// control tells if r is a control character or a line end, but a tab is a blank.
func control(r rune) bool {
	return r != '\t' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}
