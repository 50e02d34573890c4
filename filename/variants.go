// SPDX-License-Identifier: Apache-2.0

package filename

import (
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"
)

// sources are the names that decoding may give, the name itself among them. Programs decode what should have been decoded before: a name inside
// a name.
func sources(name string) []string {
	list := []string{name}
	add := func(s string) {
		if s != name && s != "" {
			list = append(list, s)
		}
	}
	add(unfolded(name))
	add(words(name))
	for _, s := range list {
		add(extended(s))
		add(percent(s))
	}
	return list
}

// words decodes encoded words (RFC 2047) that are left in a name. Words without their end, or with blanks in them, count as well.
func words(name string) string {
	if !strings.Contains(name, "=?") {
		return name
	}
	var d mime.WordDecoder
	out, err := d.DecodeHeader(name)
	if err == nil && out != name {
		return out
	}
	// Clients forgive a missing end.
	if out, err = d.DecodeHeader(strings.TrimRight(name, "?=") + "?="); err != nil {
		return name
	}
	return out
}

// extended takes charset and language off a value in the form of RFC 2231 section 4 that was given as plain: utf-8”name%2eexe.
func extended(name string) string {
	charset, rest, ok := strings.Cut(name, "'")
	if !ok || strings.ContainsAny(charset, " ./") {
		return name
	}
	_, value, ok := strings.Cut(rest, "'")
	if !ok {
		return name
	}
	return percent(value)
}

// percent decodes %2E and the like, as web mail and Safari do.
func percent(name string) string {
	if !strings.Contains(name, "%") {
		return name
	}
	out, err := url.PathUnescape(name)
	if err != nil || !utf8.ValidString(out) {
		return name
	}
	return out
}

// unfolded takes line ends out, and blanks behind them: some programs unfold a name without leaving a blank.
func unfolded(name string) string {
	if !strings.ContainsAny(name, "\r\n") {
		return name
	}
	var b strings.Builder
	folded := false
	for _, r := range name {
		switch {
		case r == '\r' || r == '\n':
			folded = true
		case folded && (r == ' ' || r == '\t'):
		default:
			folded = false
			b.WriteRune(r)
		}
	}
	return b.String()
}

// maxShort is how many characters some systems keep of a name: those of NTFS.
const maxShort = 255

// cuts are what is left where a program stops reading a name, or takes something off it.
func cuts(name string) (list []string) {
	if i := strings.IndexFunc(name, control); i > 0 {
		list = append(list, name[:i])
	}
	// A comment in parentheses, and what is left over from a list of parameters.
	if i := strings.LastIndexByte(name, '('); i > 0 && strings.HasSuffix(strings.TrimSpace(name), ")") {
		list = append(list, name[:i])
	}
	if t := strings.Trim(name, "\"'`;,<>= \t\r\n"); t != name {
		list = append(list, t)
	}
	if i := strings.IndexAny(name, "\";?#<>|*"); i > 0 {
		list = append(list, name[:i])
	}
	if n := utf8.RuneCountInString(name); n > maxShort {
		runes := []rune(name)
		list = append(list, string(runes[:maxShort]), string(runes[n-maxShort:]))
	}
	return list
}

// plainDots puts the plain dot for characters that look like one and that NFKC leaves alone.
func plainDots(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u3002', '\u0701', '\ua4f8', '\u2027', '\u00b7', '\u2022', '\u06d4':
			return '.'
		}
		return r
	}, name)
}

// shown is name as it looks where the characters behind a right-to-left override stand in reverse: "exe.pdf" for U+202E "fdp.exe". "" if there is none.
func shown(name string) string {
	at := strings.IndexRune(name, override)
	if at < 0 {
		return ""
	}
	head, tail := name[:at], name[at:]
	end := strings.IndexAny(tail, "\u202c\u2069")
	rest := ""
	if end > 0 {
		tail, rest = tail[:end], tail[end:]
	}
	runes := []rune(Visible(tail))
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return Visible(head) + string(runes) + Visible(rest)
}
