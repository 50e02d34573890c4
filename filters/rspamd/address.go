// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/mail"
)

// pathOf is a path in a form that rspamd reads; "" if there is none. Of one that it cannot read it says BROKEN_HEADERS, as if the message were to blame. It
// wants US-ASCII, a local-part that is a dot-string or quoted, and a domain. So an internationalized domain is given its ASCII form.
func pathOf(p mail.Path) string {
	if p.Address == "" {
		return "<>"
	}
	domain := strings.TrimSuffix(p.Domain(), ".")
	if a, ok := authn.Domain(domain); ok {
		domain = a
	}
	if p.Local() == "" || !isDomain(domain) {
		return ""
	}
	return "<" + localOf(p.Local()) + "@" + domain + ">"
}

// isDomain tells if s is made as a domain is, none of whose labels begins or ends with a hyphen or an underscore, or an address literal (RFC 5321 section
// 4.1.3), in lower case.
func isDomain(s string) bool {
	if literal, ok := strings.CutPrefix(s, "["); ok {
		literal, ok = strings.CutSuffix(literal, "]")
		literal, six := strings.CutPrefix(literal, "ipv6:")
		a, err := netip.ParseAddr(literal)
		return ok && err == nil && a.Zone() == "" && a.Is6() == six
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || strings.Trim(label, "-_") != label || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// localOf is a local-part in US-ASCII (RFC 5321 section 4.1.2): one that is neither a dot-string nor quoted is put in quotes. Other characters are written
// as RFC 6533 section 3 has it.
func localOf(local string) string {
	text, quoted := inQuotes(local)
	if isASCII(local) && (quoted || isDotString(local)) {
		return local
	}
	if !quoted {
		text = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local)
	}
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\\x{%X}`, r) // The backslash is quoted.
	}
	return `"` + b.String() + `"`
}

// inQuotes is what stands in the quotes of a quoted-string; ok is false if s is none.
func inQuotes(s string) (text string, ok bool) {
	text, opened := strings.CutPrefix(s, `"`)
	text, closed := strings.CutSuffix(text, `"`)
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return "", false
		case '\\':
			if i++; i == len(text) { // It quotes the last quote.
				return "", false
			}
		}
	}
	return text, opened && closed
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// isDotString tells if s is atoms with a full stop between them.
func isDotString(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsAny(atom, "()<>[]:;@\\,\" ") {
			return false
		}
	}
	return true
}
