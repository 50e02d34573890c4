// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/mailweir/mailweir/lookalike"
)

// plain brings text into the form that words are taken from: NFKC, lower case, without what cannot be seen. Text in US-ASCII needs the lower case
// alone.
func plain(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	s = norm.NFKC.String(s)
	return strings.Map(func(r rune) rune {
		if lookalike.Invisible(r) || r >= utf8.RuneSelf && unicode.Is(unicode.Me, r) {
			return -1
		}
		return unicode.ToLower(lookalike.Unstyled(r))
	}, s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// words calls each for the words of a text in the form that plain gives, until it says no. A word is a run of letters, digits and what may stand
// within one. Scripts that put no blanks between words give a word for every two characters. A word that mixes scripts comes with mixedScripts and
// with what it looks like.
func words(s string, each func(word string) bool) {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if !wordByte(c) {
				i++
				continue
			}
		} else if r, n := utf8.DecodeRuneInString(s[i:]); !wordRune(r) {
			i += n
			continue
		}
		end := wordEnd(s, i)
		if !pass(s[i:end], each) {
			return
		}
		i = end
	}
}

// mixedScripts is no word that a text can have.
const mixedScripts = "\x01mixed"

// wordEnd is the index behind the word that begins at i.
func wordEnd(s string, i int) int {
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if !wordByte(c) && !(innerByte(c) && i+1 < len(s) && goesOn(s[i+1])) {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !wordRune(r) {
			break
		}
		i += n
	}
	return i
}

// goesOn tells if a word can go on with c behind an innerByte.
func goesOn(c byte) bool { return c >= utf8.RuneSelf || wordByte(c) }

// pass hands on a word, or the pairs of characters of a run without blanks.
func pass(w string, each func(string) bool) bool {
	if isASCII(w) {
		return each(w)
	}
	first, n := utf8.DecodeRuneInString(w)
	if !unbroken(first) {
		if !lookalike.Mixed(w) {
			return each(w)
		}
		return each(w) && each(mixedScripts) && each(lookalike.Skeleton(w))
	}
	for n < len(w) {
		_, m := utf8.DecodeRuneInString(w[n:])
		_, k := utf8.DecodeLastRuneInString(w[:n])
		if !each(w[n-k : n+m]) {
			return false
		}
		n += m
	}
	return true
}

// unbroken tells of characters of scripts that put no blanks between words.
func unbroken(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x0e00 && r < 0x0f00
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Sc, r) || unicode.Is(unicode.So, r)
}

// wordByte tells of the octets of US-ASCII that words are made of.
func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '$' || c == '!'
}

// innerByte tells of the octets that may stand between two of those.
func innerByte(c byte) bool {
	switch c {
	case '\'', '-', '.', ',', '@', '_':
		return true
	}
	return false
}
