// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// maxBase64 is the number of octets of a parameter that are decoded.
const maxBase64 = 4096

// fromBase64 decodes Base64 of an address, with any alphabet and with or without padding, or of JSON that has one. Either may be in Base64 once more.
func fromBase64(s string) (string, bool) {
	// http in Base64 is aHR0c, HTTP SFRUU; a JSON object begins with {", which is eyJ. In Base64 again they are YUhSM, U0ZSV and ZXlK.
	if strings.HasPrefix(s, "YUhSM") || strings.HasPrefix(s, "U0ZSV") || strings.HasPrefix(s, "ZXlK") {
		s, _ = decode64(s)
	}
	isJSON := strings.HasPrefix(s, "eyJ")
	if !isJSON && !strings.HasPrefix(s, "aHR0c") && !strings.HasPrefix(s, "SFRUU") {
		return "", false
	}
	text, ok := decode64(s)
	if !ok || !isJSON {
		return text, ok
	}
	return fromJSON(text)
}

// decode64 decodes what it can of s.
func decode64(s string) (string, bool) {
	if len(s) > maxBase64 {
		s = s[:maxBase64]
	}
	s = unescape(s)
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s) && (isLDH(s[i]) || s[i] == '+' || s[i] == '/'); i++ {
		switch c := s[i]; c {
		case '-':
			b = append(b, '+')
		case '_':
			b = append(b, '/')
		default:
			b = append(b, c)
		}
	}
	if len(b)%4 == 1 {
		b = b[:len(b)-1] // Cut off: one character is no octet.
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(b)))
	n, err := base64.RawStdEncoding.Decode(out, b)
	return string(out[:n]), err == nil && n > 0
}

// fromJSON finds an address in JSON text, which may be cut off: the first value that begins like one.
func fromJSON(text string) (string, bool) {
	i := strings.Index(text, `"http`)
	if i < 0 {
		// JSON in a string of JSON.
		text = strings.ReplaceAll(text, `\"`, `"`)
		if i = strings.Index(text, `"http`); i < 0 {
			return "", false
		}
	}
	end := strings.IndexByte(text[i+1:], '"')
	if end < 0 {
		return "", false
	}
	quoted := strings.ReplaceAll(text[i:i+end+2], `\\`, `\`)
	var s string
	if err := json.Unmarshal([]byte(quoted), &s); err != nil {
		return "", false
	}
	return s, true
}
