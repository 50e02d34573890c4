// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"strings"
	"unicode/utf8"
)

// findScheme finds the first scheme in a word that begins an address.
func findScheme(word string) (at, n int) {
	for i := 0; ; {
		c := strings.IndexByte(word[i:], ':')
		if c < 0 {
			return 0, 0
		}
		c += i
		from := c
		for from > i && c-from < 24 && isSchemeChar(word[from-1]) {
			from--
		}
		if s := lower(word[from:c]); s != "" && isASCII(s) && begins(s, word[c+1:]) {
			return from, c - from
		}
		i = c + 1
	}
}

func isSchemeChar(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '-' || c == '*'
}

// begins tells if scheme, a colon and rest begin an address.
func begins(scheme, rest string) bool {
	switch scheme {
	case "http", "https", "ftp":
		return rest == "" || isSlash(rest[0]) || looksBare(trimEnd(rest))
	case "hxxp", "hxxps", "h**p", "h**ps", "fxp":
		return true
	case "file", "smb":
		return rest != "" && isSlash(rest[0])
	case "mailto":
		return strings.IndexByte(rest, '@') > 0
	case "tel", "sms":
		return rest != "" && (rest[0] == '+' || rest[0] >= '0' && rest[0] <= '9')
	}
	return rest != "" && isOpaque(scheme)
}

// findWWW is the index of "www." or "ftp." that begins a word or follows something that is no part of a name; -1 if there is none.
func findWWW(word string) int {
	for i := 0; i+4 < len(word); i++ {
		if word[i]|0x20 != 'w' || word[i+3] != '.' || word[i+1]|0x20 != 'w' || word[i+2]|0x20 != 'w' {
			continue
		}
		if i == 0 || !isLDH(word[i-1]) && word[i-1] != '.' && word[i-1] != '@' && word[i-1] != '/' {
			return i
		}
	}
	return -1
}

func isLDH(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// looksBare tells if s begins with a name that ends in a public suffix, and is no mail address.
func looksBare(s string) bool {
	end := strings.IndexAny(s, `/\?#:`)
	if end < 0 {
		end = len(s)
	}
	host := s[:end]
	if len(host) < 4 || len(host) > maxHost || strings.IndexByte(host, '@') >= 0 || strings.Contains(host, "..") {
		return false
	}
	for i := range len(host) {
		if c := host[i]; c < 0x80 && !isLDH(c) && c != '.' {
			return false
		}
	}
	name, odd := canonical(host)
	if name == "" || odd.Has(Numeric) || strings.IndexByte(name, '.') <= 0 {
		return false
	}
	d := DomainOf(name)
	return d.Known && d.Registrable != d.Suffix
}

// trimEnd takes off what follows an address in a sentence: punctuation, and a closing bracket that was not opened in it.
func trimEnd(s string) string {
	var open [3]int // Opened and not closed, by kind of bracket.
	if strings.ContainsAny(s, ")]}") {
		for i, b := range [...][2]string{{"(", ")"}, {"[", "]"}, {"{", "}"}} {
			open[i] = strings.Count(s, b[0]) - strings.Count(s, b[1])
		}
	}
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		switch i := strings.IndexRune(")]}", r); {
		case strings.ContainsRune(".,;:!?'*|»”’“。，、；：！？…）】》」", r):
		case i >= 0 && open[i] < 0:
			open[i]++
		default:
			return s
		}
		s = s[:len(s)-n]
	}
	return s
}
