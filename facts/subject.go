// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"
	"unicode"
)

// subject looks at the form of the Subject; what it says is looked at with the text.
func (s *session) subject() {
	if s.h.count["subject"] == 0 {
		s.note("no_subject", "")
		return
	}
	v := s.h.subject
	if v == "" {
		s.note("subject_empty", "")
		return
	}
	l := lettersOf(v)
	s.when(l.lower == 0 && l.upper >= 10, "subject_shouting")
	s.when(gappy(v) >= 4, "subject_gappy")
	s.when(endsInID(v), "subject_ends_in_id")
	s.when(needless(s.h.rawSubject, v), "subject_encoded_needlessly")
	s.when(strings.Contains(v, "     "), "subject_blanks")
	s.when(strings.Contains(v, "!!") || strings.Contains(v, "$$") || strings.Contains(v, "??"), "subject_exclaims")
	s.when(strings.ContainsFunc(v, isPicture), "subject_picture")
	s.when(strings.ContainsAny(v, "$€£₿"), "subject_money")
	s.when(strings.HasPrefix(v, "[") || strings.HasPrefix(v, "(") || strings.HasPrefix(v, "*"), "subject_bracket")
	for i := range s.h.to {
		m := &s.h.to[i]
		named := len(m.local) >= 4 && strings.Contains(strings.ToLower(v), m.local)
		s.when(m.address != "" && named && m.org != s.h.author.org, "subject_names_recipient")
	}
}

// letters counts the letters of a text by case.
type letters struct{ upper, lower, other, digits int }

func lettersOf(s string) letters {
	var l letters
	for _, r := range s {
		switch {
		case r < 0x80:
			switch {
			case 'a' <= r && r <= 'z':
				l.lower++
			case 'A' <= r && r <= 'Z':
				l.upper++
			case '0' <= r && r <= '9':
				l.digits++
			}
		case unicode.IsUpper(r):
			l.upper++
		case unicode.IsLower(r):
			l.lower++
		case unicode.IsLetter(r):
			l.other++
		}
	}
	return l
}

// gappy is the length of the longest run of single letters with one sign between each two: "V I A G R A", "f.r.e.e".
func gappy(s string) int {
	longest, run := 0, 0
	var before rune
	a, b := false, false // If the two characters before are letters.
	for _, r := range s + " " {
		c := unicode.IsLetter(r)
		switch {
		case b && !a && !c && !unicode.IsDigit(r) && r != '\'':
			run++
			longest = max(longest, run)
		case b && c, !a && !b && before != 0:
			run = 0
		}
		a, b, before = b, c, r
	}
	return longest
}

// endsInID tells if the last word, far from the others or mixed of letters and digits, only makes each Subject another one.
func endsInID(s string) bool {
	i := strings.LastIndexAny(s, " \t")
	if i < 0 {
		return false
	}
	w := strings.Trim(s[i+1:], "()[]{}<>#.:-_")
	if len(w) < 5 || len(w) > 40 || !isASCII(w) {
		return false
	}
	l := lettersOf(w)
	if l.digits+l.lower+l.upper < len(w)-2 {
		return false
	}
	if strings.HasSuffix(s[:i], "   ") && i+1 < len(s) {
		return true
	}
	return l.digits >= 2 && l.lower+l.upper >= 2 && alternations(w) >= 3
}

// alternations counts how often digits and letters take turns.
func alternations(w string) int {
	n := 0
	for i := 1; i < len(w); i++ {
		if isDigit(w[i]) != isDigit(w[i-1]) {
			n++
		}
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func countDigits(s string) int {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

// isPicture tells if a character is an emoji or another little picture.
func isPicture(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF || r == 0x2B50 || r == 0x2B55 || r == 0x231B || r == 0x23F0
}
