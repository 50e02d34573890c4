// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"encoding/base64"
	"strings"
)

// maxWords bounds the octets of a field body in which encoded words are decoded; the rest of it stays as it is.
const maxWords = 64 << 10

// maxWord bounds the text of one encoded word. RFC 2047 section 2 allows 75 octets; some clients never break them.
const maxWord = 8 << 10

// DecodeWords decodes the encoded words (RFC 2047) of a field body, as leniently as clients do: anywhere in the text, with blanks in them, with a
// character that goes over two words. What cannot be decoded stays as it is.
func DecodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	rest := ""
	if len(s) > maxWords {
		s, rest = s[:maxWords], s[maxWords:]
	}
	var b strings.Builder
	var word encodedWord // What was decoded and not yet written: the next may go on in the midst of a character.
	for s != "" {
		before, next, tail, ok := nextWord(s)
		if !ok {
			break
		}
		// RFC 2047 section 6.2: blanks between two encoded words are not shown.
		glued := word.charset != "" && strings.Trim(before, " \t\r\n") == ""
		if glued && strings.EqualFold(word.charset, next.charset) {
			word.text = append(word.text, next.text...)
		} else {
			b.WriteString(word.decoded())
			if !glued {
				b.WriteString(before)
			}
			word = next
		}
		s = tail
	}
	b.WriteString(word.decoded())
	b.WriteString(s)
	return b.String() + rest
}

// encodedWord is an encoded word's text without its B or Q encoding.
type encodedWord struct {
	charset string
	text    []byte
}

func (w encodedWord) decoded() string {
	if w.charset == "" {
		return ""
	}
	// RFC 2231 section 5: a language may follow the charset.
	charset, _, _ := strings.Cut(w.charset, "*")
	return toUTF8(charset, string(w.text))
}

// nextWord finds the first encoded word of s.
func nextWord(s string) (before string, w encodedWord, rest string, ok bool) {
	for at := 0; ; {
		i := strings.Index(s[at:], "=?")
		if i < 0 {
			return "", encodedWord{}, "", false
		}
		at += i
		if w, n := parseWord(s[at:]); n > 0 {
			return s[:at], w, s[at+n:], true
		}
		at += 2
	}
}

// parseWord reads the encoded word that s begins with and tells its length, 0 if it is none.
func parseWord(s string) (encodedWord, int) {
	head := s[2:min(len(s), 2+maxCharset+3)]
	i := strings.IndexByte(head, '?')
	if i <= 0 || i+2 >= len(head) || head[i+2] != '?' || !isToken(head[:i]) {
		return encodedWord{}, 0
	}
	charset, encoding := head[:i], head[i+1]|0x20
	start := 2 + i + 3
	n := strings.Index(s[start:min(len(s), start+maxWord)], "?=")
	if n < 0 {
		return encodedWord{}, 0
	}
	text := s[start : start+n]
	switch encoding {
	case 'q':
		return encodedWord{charset, decodeQ(text)}, start + n + 2
	case 'b':
		return encodedWord{charset, decodeB(text)}, start + n + 2
	}
	return encodedWord{}, 0
}

// decodeQ decodes the Q encoding (RFC 2047 section 4.2).
func decodeQ(s string) []byte {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			b = append(b, ' ')
		case s[i] == '=' && i+2 < len(s) && unhex(s[i+1])|unhex(s[i+2]) < 16:
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return b
}

// decodeB decodes the B encoding; foreign characters and missing padding do not matter.
func decodeB(s string) []byte {
	var d base64Decoder
	out := make([]byte, base64.StdEncoding.DecodedLen(len(s))+3)
	n := d.decode(out, []byte(s))
	n += d.flush(out[n:])
	return out[:n]
}
