// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Limits of what actions may be given, in octets.
const (
	maxTag     = 64
	maxShelf   = 32
	maxField   = 900 // Keeps an unfolded line below the 998 of RFC 5322 section 2.1.1.
	maxAddress = 254 // RFC 5321 section 4.5.3.1.3, less the angle brackets.
	maxName    = 64
)

func checkTag(s string) error { return checkText(s, maxTag) }

func checkText(s string, limit int) error {
	switch {
	case len(s) > limit:
		return fmt.Errorf("is longer than %d octets", limit)
	case strings.TrimSpace(s) != s:
		return errors.New("begins or ends with a blank")
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }):
		return errors.New("may have printable ASCII characters only")
	}
	return nil
}

// checkShelf keeps shelf names fit for a label, a file name and a URL.
func checkShelf(s string) error {
	if len(s) > maxShelf || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		return fmt.Errorf("a shelf has up to %d of a-z, 0-9, hyphen and underscore", maxShelf)
	}
	return nil
}

func checkName(s string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	if s == "" || len(s) > maxName || strings.Trim(s, allowed) != "" {
		return fmt.Errorf("a policy's name has 1 to %d letters, digits, dots, hyphens and underscores", maxName)
	}
	return nil
}

// cutField splits the argument of the action header.
func cutField(s string) (name, value string) {
	name, value, _ = strings.Cut(s, ":")
	return name, strings.TrimSpace(value)
}

func checkField(s string) error {
	name, value := cutField(s)
	switch {
	case !strings.Contains(s, ":"):
		return errors.New(`want "Name: value"`)
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the field name may have printable ASCII characters only, no blank")
	case value == "":
		return errors.New("the field body is empty")
	case isReserved(name):
		return fmt.Errorf("a second %s field would change what the message means", name)
	}
	return checkText(s, maxField)
}

// isReserved names the fields that a message has at most once (RFC 5322 section 3.6), and those that say how its body is
// to be read (RFC 2045).
func isReserved(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "content-") || slices.Contains([]string{
		"bcc", "cc", "date", "from", "in-reply-to", "message-id", "mime-version", "received", "references", "reply-to",
		"return-path", "sender", "subject", "to",
	}, name)
}

// checkAddress is strict, because a wrong address of ours loses copies: dot-atoms or a quoted local-part, and a domain.
func checkAddress(s string) error {
	local, domain, ok := cutLast(s)
	switch {
	case !ok || local == "" || domain == "":
		return errors.New("want an address such as user@example.org")
	case len(s) > maxAddress:
		return fmt.Errorf("is longer than %d octets", maxAddress)
	case !isLocalPart(local):
		return errors.New("the local-part is not as RFC 5321 has it")
	case !isDomain(domain):
		return errors.New("the domain is not as RFC 5321 has it")
	}
	return nil
}

func isLocalPart(s string) bool {
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return isQuotedContent(s[1 : len(s)-1])
	}
	const atext = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.Trim(atom, atext) != "" {
			return false
		}
	}
	return true
}

func isQuotedContent(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		} else if s[i] == '"' {
			return false
		}
		if i >= len(s) || s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isDomain(s string) bool {
	if literal, ok := strings.CutPrefix(s, "["); ok {
		literal, ok = strings.CutSuffix(literal, "]")
		return ok && literal != "" && strings.Trim(literal, "abcdefABCDEF0123456789IPv:.") == ""
	}
	for label := range strings.SplitSeq(s, ".") {
		const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, letters) != "" {
			return false
		}
	}
	return true
}
