// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/mailweir/mailweir/lookalike"
)

// Limits of the words that are looked at.
const (
	maxWords = 5000 // Of a message.
	maxWord  = 40   // Octets of a word; a longer one is cut.
)

// plainForm is a text as it is compared: compatibility forms resolved, accents and what cannot be seen left out, in lower case.
func plainForm(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c |= 0x20
			}
			b = append(b, c)
			i++
			continue
		}
		end := i + 1
		for end < len(text) && text[end] >= utf8.RuneSelf {
			end++
		}
		b = appendPlain(b, text[i:end])
		i = end
	}
	return string(b)
}

// appendPlain adds what is not US-ASCII, in plain form.
func appendPlain(b []byte, text string) []byte {
	for _, r := range norm.NFKD.String(text) {
		switch {
		case r < utf8.RuneSelf:
			b = append(b, byte(unicode.ToLower(r)))
		case unicode.In(r, unicode.Mn, unicode.Me), lookalike.Invisible(r):
		case r == 'ß':
			b = append(b, "ss"...)
		default:
			b = utf8.AppendRune(b, unicode.ToLower(lookalike.Unstyled(r)))
		}
	}
	return b
}

// Words are the words of a text as they are compared with phrases: in lower case, without accents and without what cannot be seen, styled letters as
// plain ones. A character of a script without blanks between words is a word by itself. It gives the first ones, as many as most.
func Words(text string, most int) []string { return tokens(nil, plainForm(text), most) }

// tokens adds the words of a text in plain form to a list, until that has most of them.
func tokens(list []string, text string, most int) []string {
	start := -1
	end := func(i int) {
		if start >= 0 {
			list = append(list, text[start:min(i, start+maxWord)])
			start = -1
		}
	}
	for i, r := range text {
		if len(list) >= most {
			return list
		}
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			if start < 0 {
				start = i
			}
		case r < utf8.RuneSelf:
			end(i)
		case unblanked(r):
			end(i)
			list = append(list, text[i:i+utf8.RuneLen(r)])
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if start < 0 {
				start = i
			}
		default:
			end(i)
		}
	}
	if len(list) < most {
		end(len(text))
	}
	return list
}

// unblanked tells if a character is of a script without blanks between words.
func unblanked(r rune) bool {
	return r >= 0x3040 && r <= 0x30FF || r >= 0x3400 && r <= 0x9FFF || r >= 0xF900 && r <= 0xFAFF || r >= 0x0E00 && r <= 0x0E7F
}

// phrases are sequences of words that say something, in groups.
type phrases struct {
	byFirst map[string][]phrase // By their first word; the longer ones first.
	groups  []string
	count   int
}

type phrase struct {
	rest  []string // The words behind the first.
	group int
	index int
}

// newPhrases reads the shipped groups.
func newPhrases() *phrases {
	p := &phrases{byFirst: map[string][]phrase{}}
	for _, g := range wordGroups {
		n := len(p.groups)
		p.groups = append(p.groups, g.name)
		for text := range strings.SplitSeq(strings.ReplaceAll(g.phrases, "\n", "|"), "|") {
			words := tokens(nil, plainForm(text), 20)
			if len(words) == 0 {
				continue
			}
			p.byFirst[words[0]] = append(p.byFirst[words[0]], phrase{words[1:], n, p.count})
			p.count++
		}
	}
	return p
}

// found counts the phrases of each group that are in the words, each phrase once.
func (p *phrases) found(words []string) []int {
	counts := make([]int, len(p.groups))
	seen := make([]uint64, p.count/64+1)
	for i, w := range words {
		for _, f := range p.byFirst[w] {
			if seen[f.index/64]&(1<<(f.index%64)) != 0 || !startsWith(words[i+1:], f.rest) {
				continue
			}
			seen[f.index/64] |= 1 << (f.index % 64)
			counts[f.group]++
		}
	}
	return counts
}

func startsWith(words, rest []string) bool {
	return len(words) >= len(rest) && slices.Equal(words[:len(rest)], rest)
}
