// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"
)

// maxCharset bounds the octets of a charset's name.
const maxCharset = 64

// toUTF8 converts s from the charset. As clients do, it takes what names no charset, US-ASCII or one that is not known, for UTF-8 if
// it can be that, else for windows-1252. Octets that are no text are replaced.
func toUTF8(charset, s string) string {
	charset = lower(strings.Trim(charset, " \t\"'"))
	ok := false
	switch charset {
	case "utf-8", "utf8":
		ok = true
	case "", "us-ascii", "ascii":
		ok = utf8.ValidString(s)
	default:
		if isASCIISuperset(charset) && isASCII(s) {
			return s
		}
		var t string
		if t, ok = convert(charset, s); ok {
			s = t
		}
	}
	if !ok && !utf8.ValidString(s) {
		if t, ok := convert("windows-1252", s); ok {
			s = t
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// isASCIISuperset knows charsets in which US-ASCII text is itself.
func isASCIISuperset(charset string) bool {
	return strings.HasPrefix(charset, "iso-8859-") || strings.HasPrefix(charset, "windows-125")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decodeUTF16 converts s from UTF-16. A byte order mark decides; without one, and in the charset that names no order, the low octet comes first, as
// in clients, though RFC 2781 says otherwise. That of a pair of surrogates which has no other half is replaced.
func decodeUTF16(charset, s string) string {
	high := charset == "utf-16be"
	switch {
	case strings.HasPrefix(s, "\xff\xfe"):
		high, s = false, s[2:]
	case strings.HasPrefix(s, "\xfe\xff"):
		high, s = true, s[2:]
	}
	units := make([]uint16, 0, len(s)/2)
	for ; len(s) >= 2; s = s[2:] {
		a, b := uint16(s[0]), uint16(s[1])
		if high {
			a, b = b, a
		}
		units = append(units, b<<8|a)
	}
	return string(utf16.Decode(units))
}

// convert hands s to enmime as the body of a single text entity with header fields of ours, so that there is no structure
// for it to misread.
func convert(charset, s string) (text string, ok bool) {
	switch charset {
	case "utf-16", "utf-16le", "utf-16be", "ucs-2", "unicode":
		return decodeUTF16(charset, s), true
	}
	if len(charset) > maxCharset || !isToken(charset) {
		return "", false
	}
	// Its tables and decoders are not ours: a panic there is a text that is not converted, not a message that is lost.
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	r := strings.NewReader("Content-Type: text/plain; charset=" + charset + "\r\nContent-Transfer-Encoding: binary\r\n\r\n" + s)
	p, err := enmime.NewParser(enmime.DisableCharacterDetection(true), enmime.DisableTextConversion(true)).ReadParts(r)
	if err != nil || len(p.Errors) > 0 {
		return "", false
	}
	return string(p.Content), true
}
