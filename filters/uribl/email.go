// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"crypto/md5"  //nolint:gosec // Lists name addresses by MD5; nothing is trusted because of one.
	"crypto/sha1" //nolint:gosec // As above.
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"

	"github.com/mailweir/mailweir/urls"
)

// The words of hash.
const (
	hashSHA1   = "sha1"
	hashMD5    = "md5"
	hashSHA256 = "sha256" // In base32.
)

// maxLocal is the length of a local-part (RFC 5321 section 4.5.3.1.1).
const maxLocal = 64

// hashed is a mail address as it stands in a list.
func hashed(how, email string) string {
	switch b := []byte(email); how {
	case hashMD5:
		sum := md5.Sum(b) //nolint:gosec // As above.
		return hex.EncodeToString(sum[:])
	case hashSHA256:
		sum := sha256.Sum256(b)
		// 64 hexadecimal digits do not fit into one label (RFC 1035 section 2.3.4).
		return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
	default:
		sum := sha1.Sum(b) //nolint:gosec // As above.
		return hex.EncodeToString(sum[:])
	}
}

// dropUnseen is for strings.Map: it drops characters that nobody sees, which are soft hyphens, joiners, marks of direction and of byte order.
func dropUnseen(r rune) rune {
	switch r {
	case 0xad, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff:
		return -1
	}
	return r
}

// normal is a mail address in the form that lists take the hash of: in lower case, without characters that nobody sees, without a tag behind "+", and
// for Gmail, to which it is all the same, without full stops in the local-part and under one domain.
func normal(local, domain string) string {
	local = strings.ToLower(strings.Map(dropUnseen, local))
	if i := strings.IndexByte(local, '+'); i > 0 {
		local = local[:i]
	}
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return local + "@" + domain
}

// splitEmail takes a mail address apart. ok is false for what is none that a list can have.
func splitEmail(s string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(s, '@')
	if i <= 0 || i > maxLocal || !isAtoms(s[:i]) {
		return "", "", false
	}
	domain, ok = urls.Host(s[i+1:])
	return s[:i], domain, ok
}

func isAtoms(local string) bool {
	for i := range len(local) {
		if !isAtom(local[i]) {
			return false
		}
	}
	return true
}

// isAtom tells if a character can be in a local-part that is not quoted (RFC 5321 section 4.1.2, RFC 6531).
func isAtom(c byte) bool {
	return c >= 0x80 || isAlnum(c) || strings.IndexByte(".!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func isAlnum(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// ornaments are what people put in front of an address to set it off: *a@example.org*. Hardly any address begins so.
const ornaments = ".!#$%&'*+-/=?^_`{|}~"

// maxDomain is the number of octets behind an @ that are looked at: names in other scripts are longer than in DNS.
const maxDomain = 512

// emails finds what looks like a mail address anywhere in s, and gives its halves, the local-part "" if it is quoted or too long. It takes time in
// proportion to s. It ends when yield says so.
func emails(s string, yield func(local, domain string) bool) {
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '@')
		if i < 0 {
			return
		}
		i += at
		at = i + 1
		end := at
		for end < len(s) && end-at < maxDomain && (isAlnum(s[end]) || s[end] == '-' || s[end] == '.' || s[end] == '_' || s[end] >= 0x80) {
			end++
		}
		domain := strings.Trim(s[at:end], ".-_")
		if end < len(s) && s[at:end] == "" && s[at] == '[' {
			if n := strings.IndexByte(s[at:min(len(s), at+maxDomain)], ']'); n > 0 {
				domain = s[at : at+n+1]
			}
		}
		if domain == "" {
			continue
		}
		start := i
		for start > 0 && i-start <= maxLocal && isAtom(s[start-1]) {
			start--
		}
		local := strings.TrimRight(strings.TrimLeft(s[start:i], ornaments), ".'`")
		if i-start > maxLocal {
			local = ""
		}
		if !yield(local, domain) {
			return
		}
	}
}
