// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"strings"
	"unicode/utf8"
)

// Bounds of what is written into a content field.
const (
	maxNameOctets  = 255 // Of a file name.
	maxValueOctets = 900 // Of another parameter; a longer one is left out.
)

// formatContent makes the body of a Content-Type or Content-Disposition field that is read in one way: each parameter once, in one form, and no folding
// inside of a value. It is folded where a line would be too long behind the name of the field.
func formatContent(value string, list []param) string {
	var b strings.Builder
	b.WriteString(value)
	column := len("Content-Disposition: ") + len(value)
	for _, p := range list {
		if !isToken(p.name) || strings.ContainsAny(p.name, "*'%") || len(p.name)+len(p.value) > maxValueOctets && !isNameParam(p.name) && p.name != "boundary" {
			continue
		}
		s := formatParam(p.name, p.value)
		separator := "; "
		if column += len(s) + len("; ;"); column > foldAt {
			separator, column = ";\n ", len(s)+2
		}
		b.WriteString(separator)
		b.WriteString(s)
	}
	return b.String()
}

// formatParam is a parameter as a token or a quoted string if that can hold it without any quoting in it, else in the form of RFC 2231.
func formatParam(name, value string) string {
	if isNameParam(name) {
		value = cutUTF8(value, maxNameOctets)
	}
	switch {
	case isToken(value) && !strings.ContainsAny(value, "*'%"):
		return name + "=" + value
	case isPlainValue(value) && len(name)+len(value) < foldAt-len(` ="";`):
		return name + `="` + value + `"`
	case name == "boundary" && strings.IndexFunc(value, isControl) < 0:
		// Few clients know that it may be in the form of RFC 2231.
		return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
	}
	var b strings.Builder
	b.WriteString(name)
	b.WriteString("*=utf-8''")
	for _, c := range []byte(strings.ToValidUTF8(value, "\uFFFD")) {
		if isToken(string(c)) && strings.IndexByte("*'%", c) < 0 && c < 0x80 {
			b.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return b.String()
}

// isPlainValue tells if a value means the same to all between quotes: no character in it begins something, and no blank at its ends may get lost.
func isPlainValue(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '%' {
			return false
		}
	}
	return value != "" && strings.Trim(value, " ") == value && !strings.Contains(value, "=?") && !strings.Contains(value, "  ")
}

// cutUTF8 is at most max octets of s, with no character broken.
func cutUTF8(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}
