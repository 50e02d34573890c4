// SPDX-License-Identifier: Apache-2.0

package spf

import (
	"net/netip"
	"strconv"
	"strings"
)

// Limits on macros, which the engine expands each by itself. Records in use have less than ten.
const (
	maxMacros = 100 // Of one record.
	maxMacro  = 20  // Octets between the braces; there are seven delimiters.
)

// wellFormed tells if a record follows the grammar of RFC 7208 section 12. An error anywhere makes all of it count for nothing (section 4.6), also
// behind what the engine would match first.
func wellFormed(record string) bool {
	for i := range len(record) {
		if record[i] < ' ' || record[i] >= 0x7f {
			return false
		}
	}
	if strings.Count(record, "%") > maxMacros {
		return false
	}
	redirects, explanations := 0, 0
	_, terms, _ := strings.Cut(record, " ")
	for term := range strings.SplitSeq(terms, " ") {
		name, value, ok := cutModifier(term)
		switch {
		case term == "":
		case !ok:
			if !isDirective(term) {
				return false
			}
		case strings.EqualFold(name, "redirect"), strings.EqualFold(name, "exp"):
			if !isDomainSpec(value) {
				return false
			}
			if len(name) == len("exp") {
				explanations++
			} else {
				redirects++
			}
		case !isMacroString(value):
			return false
		}
	}
	return redirects <= 1 && explanations <= 1
}

// cutModifier takes name=value apart; ok is false if the term is none. Its name ends before anything that a mechanism may have.
func cutModifier(term string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(term, "=")
	if !ok || name == "" || !isLetter(name[0]) {
		return "", "", false
	}
	for i := range len(name) {
		if c := name[i]; !isAlphanumeric(c) && c != '-' && c != '_' && c != '.' {
			return "", "", false
		}
	}
	return name, value, true
}

func isLetter(c byte) bool       { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool        { return c >= '0' && c <= '9' }
func isAlphanumeric(c byte) bool { return isLetter(c) || isDigit(c) }

func isDirective(term string) bool {
	if strings.IndexByte("+-?~", term[0]) >= 0 {
		term = term[1:]
	}
	at := strings.IndexAny(term, ":/")
	if at < 0 {
		at = len(term)
	}
	name, rest := strings.ToLower(term[:at]), term[at:]
	value, colon := strings.CutPrefix(rest, ":")
	switch name {
	case "all":
		return rest == ""
	case "include", "exists":
		return colon && isDomainSpec(value)
	case "ptr":
		return rest == "" || colon && isDomainSpec(value)
	case "ip4":
		return colon && isNetwork(value, netip.Addr.Is4, 32)
	case "ip6":
		return colon && isNetwork(value, netip.Addr.Is6, 128)
	case "a", "mx":
		domain, ok := cutMasks(rest)
		value, colon := strings.CutPrefix(domain, ":")
		return ok && (domain == "" || colon && isDomainSpec(value))
	}
	return false
}

// isNetwork is an address with or without a prefix length.
func isNetwork(s string, is func(netip.Addr) bool, bits int) bool {
	text, length, masked := strings.Cut(s, "/")
	addr, err := netip.ParseAddr(text)
	return err == nil && addr.Zone() == "" && is(addr) && (!masked || isLength(length, bits))
}

func isLength(s string, most int) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && int(n) <= most && (s == "0" || s[0] != '0') && isDigit(s[0])
}

// cutMasks takes the prefix lengths off, "/24", "//64" or both; ok is false if they are no numbers that may be.
func cutMasks(s string) (rest string, ok bool) {
	rest = s
	if i := strings.LastIndexByte(rest, '/'); i > 0 && rest[i-1] == '/' && isNumber(rest[i+1:]) {
		if !isLength(rest[i+1:], 128) {
			return "", false
		}
		rest = rest[:i-1]
	}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 && isNumber(rest[i+1:]) {
		if !isLength(rest[i+1:], 32) {
			return "", false
		}
		rest = rest[:i]
	}
	return rest, true
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isDomainSpec is a macro string that ends in a macro or in a label that may stand on top.
func isDomainSpec(s string) bool {
	if !isMacroString(s) {
		return false
	}
	if strings.HasSuffix(s, "}") || strings.HasSuffix(s, "%%") || strings.HasSuffix(s, "%_") || strings.HasSuffix(s, "%-") {
		return true
	}
	s = strings.TrimSuffix(s, ".")
	i := strings.LastIndexByte(s, '.')
	return i >= 0 && isTopLabel(s[i+1:])
}

// isTopLabel is a label that is no number, and neither begins nor ends with a hyphen.
func isTopLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' || isNumber(s) {
		return false
	}
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && s[i] != '-' {
			return false
		}
	}
	return true
}

// isMacroString is text with macros (RFC 7208 section 7.1). It holds no blanks: those end a term.
func isMacroString(s string) bool {
	for {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			return true
		}
		if s = s[i+1:]; s == "" {
			return false
		}
		switch s[0] {
		case '%', '_', '-':
			s = s[1:]
		case '{':
			end := strings.IndexByte(s, '}')
			if end < 0 || !isMacro(s[1:end]) {
				return false
			}
			s = s[end+1:]
		default:
			return false
		}
	}
}

// isMacro is what stands between the braces.
func isMacro(s string) bool {
	if s == "" || len(s) > maxMacro || strings.IndexByte("slodiphv", s[0]|0x20) < 0 || !isLetter(s[0]) {
		return false
	}
	s = s[1:]
	digits := s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
	s = s[len(digits):]
	if digits != "" && strings.Trim(digits, "0") == "" {
		return false
	}
	if s != "" && s[0]|0x20 == 'r' {
		s = s[1:]
	}
	return strings.Trim(s, ".-+,/_=") == ""
}
