// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes a name or a reason out of what a scanner sent: characters that do not print and octets that are not UTF-8 are
// removed, blanks around it too, and it is cut at MaxSignature octets. A server's answer must not write to our log by its own rules.
func Line(s string) string {
	printable := strings.Map(func(c rune) rune {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, cut(s, 16*MaxSignature))
	return strings.TrimSpace(cut(printable, MaxSignature))
}

// cut shortens s to at most n octets and does not split a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
