// SPDX-License-Identifier: Apache-2.0

package lookalike

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// script is a set of scripts.
type script uint16

const (
	latin script = 1 << iota
	cyrillic
	greek
	armenian
	cherokee
	han
	kana
	hangul
	bopomofo
	others
)

func scriptOf(r rune) script {
	switch {
	case r < utf8.RuneSelf:
		if r|0x20 >= 'a' && r|0x20 <= 'z' {
			return latin
		}
		return 0
	case unicode.Is(unicode.Latin, r):
		return latin
	case unicode.Is(unicode.Cyrillic, r):
		return cyrillic
	case unicode.Is(unicode.Greek, r):
		return greek
	case unicode.Is(unicode.Armenian, r):
		return armenian
	case unicode.Is(unicode.Cherokee, r):
		return cherokee
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return kana
	case unicode.Is(unicode.Hangul, r):
		return hangul
	case unicode.Is(unicode.Bopomofo, r):
		return bopomofo
	case unicode.In(r, unicode.Common, unicode.Inherited), !unicode.IsLetter(r):
		return 0
	}
	return others
}

// twins are the letters of US-ASCII that Cyrillic or Greek has in the same shape.
const twins = "aceijopsvxyABCEHIJKMNOPSTXYZ"

// LooksLatin tells if a word of several scripts reads as a Latin one: it has a letter of US-ASCII that no other script has. A slip of the keyboard in a
// word of another script leaves only such as look right there.
func LooksLatin(word string) bool {
	return strings.ContainsFunc(word, func(r rune) bool { return scriptOf(r) == latin && r < utf8.RuneSelf && !strings.ContainsRune(twins, r) })
}

// Mixed tells if a word has letters of scripts that are not written together: other mixtures than those of Unicode Technical
// Standard 39, section 5.2, "highly restrictive" (Latin with Japanese, with Chinese, with Korean). For a host name it is to be called for
// each label, for other text for each word.
func Mixed(word string) bool {
	if isASCII(word) {
		return false
	}
	var s script
	for _, r := range cut(word) {
		s |= scriptOf(r)
	}
	switch s &^ latin {
	case 0:
		return false // Latin alone.
	case han, kana, han | kana, han | bopomofo, bopomofo, hangul, han | hangul:
		return false
	default:
		return s&(s-1) != 0
	}
}
