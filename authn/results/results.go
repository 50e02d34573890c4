// SPDX-License-Identifier: Apache-2.0

// Package results writes and reads Authentication-Results fields (RFC 8601). What is written comes from strangers in part, so it is quoted and cut, and can
// neither end the field nor look like another result.
package results

import (
	"strings"

	"github.com/mailweir/mailweir/authn"
)

// FieldName is the name of the field.
const FieldName = "Authentication-Results"

// maxValue bounds the octets of one value that is written: an address is at most 254 (RFC 5321 section 4.5.3.1).
const maxValue = 320

// Method is one result of one method.
type Method struct {
	Name       string // "spf", "dkim", "dmarc", "arc", "iprev".
	Result     authn.Result
	Comment    string // For people; "" for none.
	Reason     string // RFC 8601 section 2.2; "" for none.
	Properties []Property
}

// Property is what the result is about, such as header.d=example.org.
type Property struct {
	Type, Name, Value string
}

// Property is the value of the first property of that type and name; "" if there is none.
func (m Method) Property(typ, name string) string {
	for _, p := range m.Properties {
		if p.Type == typ && p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Format is the body of a field, on one line. A property without a value is left out.
func Format(authservID string, methods []Method) string {
	var b strings.Builder
	b.WriteString(value(authservID))
	if len(methods) == 0 {
		b.WriteString("; none")
	}
	for _, m := range methods {
		b.WriteString("; " + m.Name + "=" + string(m.Result))
		if m.Comment != "" {
			b.WriteString(" (" + comment(m.Comment) + ")")
		}
		if m.Reason != "" {
			b.WriteString(" reason=" + quote(m.Reason))
		}
		for _, p := range m.Properties {
			if p.Value != "" {
				b.WriteString(" " + p.Type + "." + p.Name + "=" + value(p.Value))
			}
		}
	}
	return b.String()
}

// value is a value as it may stand there: a token, an address of plain words, or else a quoted string (RFC 8601 section 2.2).
func value(s string) string {
	if isToken(s) || isPlainAddress(s) {
		return s
	}
	return quote(s)
}

func isPlainAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > maxValue {
		return false
	}
	clean, ok := authn.Domain(domain)
	return ok && strings.EqualFold(clean, domain) && (local == "" || isDotAtom(local))
}

// isToken is RFC 2045's token.
func isToken(s string) bool {
	return s != "" && len(s) <= maxValue && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?=`, r) })
}

// isDotAtom is RFC 5322's dot-atom-text.
func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"[].`, r) }) {
			return false
		}
	}
	return true
}

// quote is s in double quotes. What is not printable US-ASCII becomes a question mark.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range printable(s) {
		if r == '"' || r == '\\' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// comment is s as it may stand in parentheses.
func comment(s string) string {
	return strings.NewReplacer("(", `\(`, ")", `\)`, `\`, `\\`).Replace(printable(s))
}

func printable(s string) string {
	s = s[:min(len(s), maxValue)]
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f {
			return '?'
		}
		return r
	}, s)
}
