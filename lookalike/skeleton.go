// SPDX-License-Identifier: Apache-2.0

// Package lookalike tells if a name is made to be taken for another one: by letters of other scripts, by digits for letters, by one letter
// more or less, by a well-known name with something around it. It knows the names that are worth imitating, and the domains that
// truly belong to them. It looks at names only, and never resolves one.
package lookalike

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName is the number of octets of a name that are looked at.
const maxName = 512

// shapes maps a character to the letter or digit of US-ASCII that it looks like.
var shapes = sync.OnceValue(func() map[rune]byte {
	m := map[rune]byte{}
	for _, c := range confusables {
		for _, r := range c.look {
			m[r] = c.as
		}
	}
	return m
})

// Skeleton reduces a name to what is seen of it at a glance: names that look the same have the same skeleton. It is for comparing only. Accents
// fall away, letters of other scripts become the Latin ones of their shape, digits the letters they stand for, rn becomes m and vv
// becomes w; what cannot be seen is left out.
func Skeleton(name string) string {
	name = cut(name)
	b := make([]byte, 0, len(name))
	if isASCII(name) {
		for i := range len(name) {
			b = appendShape(b, rune(name[i]))
		}
		return pairs(b)
	}
	for _, r := range norm.NFKD.String(name) {
		b = appendShape(b, r)
	}
	return pairs(b)
}

func appendShape(b []byte, r rune) []byte {
	if r >= utf8.RuneSelf {
		if unicode.In(r, unicode.Mn, unicode.Me) || Invisible(r) {
			return b
		}
		a, ok := shapes()[r]
		if !ok {
			r = unicode.ToLower(r)
			a, ok = shapes()[r]
		}
		if !ok {
			return utf8.AppendRune(b, r)
		}
		r = rune(a)
	}
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
	}
	switch r {
	case '0':
		r = 'o'
	case '1', 'i', '|', '!':
		r = 'l'
	case '3':
		r = 'e'
	case '4', '@':
		r = 'a'
	case '5', '$':
		r = 's'
	case '7':
		r = 't'
	case '8':
		r = 'b'
	}
	return append(b, byte(r))
}

// pairs puts one letter for two that look like it.
func pairs(b []byte) string {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		switch {
		case i+1 < len(b) && b[i] == 'r' && b[i+1] == 'n':
			out = append(out, 'm')
			i++
		case i+1 < len(b) && b[i] == 'v' && b[i+1] == 'v':
			out = append(out, 'w')
			i++
		default:
			out = append(out, b[i])
		}
	}
	return string(out)
}

// cut shortens a name that is too long to be one.
func cut(s string) string {
	if len(s) <= maxName {
		return s
	}
	s = s[:maxName]
	return strings.ToValidUTF8(s, "")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
