// SPDX-License-Identifier: Apache-2.0

package authn

import (
	"strings"

	"golang.org/x/net/idna"
)

// Lengths of names (RFC 1035 section 2.3.4).
const (
	MaxDomain = 253 // Octets of a domain name, without the dot at its end.
	maxLabel  = 63  // Octets of a label.
)

// Domain is the one form of a domain name: lower case, A-labels (RFC 5891), no dot at the end. ok is false if it is none that mail may
// come from: an address literal, one label, an empty or overlong label, anything but letters, digits, hyphens, underscores and dots. Such a name
// must not be looked up, compared or written into a field.
func Domain(name string) (domain string, ok bool) {
	name = strings.TrimSuffix(name, ".")
	if !isASCII(name) {
		if len(name) > 4*MaxDomain {
			return "", false
		}
		a, err := idna.Lookup.ToASCII(name)
		if err != nil { // Joiners where no script wants them show nothing, and are left out by some (UTS 46 section 4, transitional processing).
			a, err = idna.Lookup.ToASCII(strings.Map(withoutJoiners, name))
		}
		if err != nil {
			return "", false
		}
		name = strings.TrimSuffix(a, ".") // RFC 3490 section 3.1: other full stops are dots too.
	}
	if len(name) > MaxDomain || strings.IndexByte(name, '.') < 0 {
		return "", false
	}
	name = strings.ToLower(name)
	for label := range strings.SplitSeq(name, ".") {
		if !isLabel(label) {
			return "", false
		}
	}
	return name, !isNumber(name[strings.LastIndexByte(name, '.')+1:])
}

func withoutJoiners(r rune) rune {
	if r == '\u200c' || r == '\u200d' {
		return -1
	}
	return r
}

func isLabel(s string) bool {
	if s == "" || len(s) > maxLabel {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// IsWithin tells that name is domain or a name below it. Both are as Domain gives them.
func IsWithin(name, domain string) bool {
	rest, ok := strings.CutSuffix(name, domain)
	return ok && domain != "" && (rest == "" || strings.HasSuffix(rest, "."))
}

// SplitAddress splits an address at its last "@", which cannot be quoted; domain is as Domain gives it.
func SplitAddress(address string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return address, "", false
	}
	domain, ok = Domain(address[i+1:])
	return address[:i], domain, ok
}
