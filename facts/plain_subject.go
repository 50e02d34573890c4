// SPDX-License-Identifier: Apache-2.0

package facts

import "strings"

// Limits of marks.
const (
	maxMarks = 8  // That are taken off one Subject.
	maxMark  = 48 // Octets of one.
)

// PlainSubject is the Subject without the marks that other filters put in front of it, such as [SPAM], ***SPAM***, {Virus?} and *****SPAM(7.2)*****.
func PlainSubject(s string) string {
	for range maxMarks {
		t := strings.TrimLeft(s, " \t")
		rest, ok := cutMark(t)
		if !ok {
			return t
		}
		s = rest
	}
	return s
}

// cutMark takes one mark off.
func cutMark(s string) (rest string, ok bool) {
	if s == "" {
		return s, false
	}
	var end int
	switch s[0] {
	case '[':
		end = strings.IndexByte(s, ']')
	case '{':
		end = strings.IndexByte(s, '}')
	case '(':
		end = strings.IndexByte(s, ')')
	case '<':
		end = strings.IndexByte(s, '>')
	case '*', '#', '-', '_', '=', '%':
		n := len(s) - len(strings.TrimLeft(s, s[:1]))
		if n < 2 {
			return s, false
		}
		end = strings.Index(s[n:], s[:n])
		if end >= 0 {
			end += n
			for end+1 < len(s) && s[end+1] == s[0] {
				end++
			}
		}
	default:
		return cutWord(s)
	}
	if end < 0 || end > maxMark || !isMark(s[:end]) {
		return s, false
	}
	return s[end+1:], true
}

// cutWord takes off "SPAM:" and the like.
func cutWord(s string) (rest string, ok bool) {
	word, rest, found := strings.Cut(s, ":")
	if found && len(word) <= 16 && isMark(word) && word == strings.ToUpper(word) && !strings.ContainsAny(word, " \t") {
		return rest, true
	}
	return s, false
}

// isMark tells if what is in a mark is one of a filter.
func isMark(s string) bool {
	s = strings.ToLower(s)
	for _, word := range [...]string{
		"spam", "virus", "phish", "junk", "bulk mail", "suspect", "suspicious", "external", "disarmed", "dangerous", "unchecked", "fraud", "malware", "filename?",
		"blocked",
	} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}
