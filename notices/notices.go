// SPDX-License-Identifier: Apache-2.0

// Package notices holds what people are told in a message, in their language, and guesses which language that is. Texts for operators
// (log, record, findings) are not here.
package notices

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ForTag is the language of a language tag (RFC 5646) such as "de-AT"; ok is false if there are no texts in it.
func ForTag(tag string) (lang string, ok bool) {
	tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	tag, _, _ = strings.Cut(tag, "_")
	for _, l := range Languages() {
		if tag == l {
			return l, true
		}
	}
	return "", false
}

// HTML is a text as it may stand in HTML of any charset that holds US-ASCII: escaped, other characters as character references.
func HTML(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<' || r == '>' || r == '&' || r == '"' || r == '\'' || r > '~':
			b.WriteString("&#")
			b.WriteString(strconv.Itoa(int(r)))
			b.WriteByte(';')
		case r < ' ':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// ASCII is a text in US-ASCII: without accents, ss for the sharp s. What has no such form becomes a question mark.
func ASCII(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case r < 0x7f && r >= ' ':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == '«' || r == '»' || r == '„' || r == '“' || r == '”':
			b.WriteByte('"')
		case r == '’' || r == '‘':
			b.WriteByte('\'')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}
