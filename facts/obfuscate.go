// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"
	"unicode"

	"github.com/mailweir/mailweir/lookalike"
)

// Limits of what is looked at for how it is written.
const (
	maxObscured = 500     // Words, for what they are made to look like.
	maxLooks    = 4 << 10 // Octets of a text, for what is all over it.
)

// obfuscation looks for letters that are there to be read by people and not by programs.
func (s *session) obfuscation() {
	s.disguised(s.h.subject+" "+s.h.author.name, "head")
	s.disguised(s.b.all, "text")
	s.when(gappy(cut(s.b.all, maxLooks)) >= 6, "text_gappy")
	s.when(s.b.all != "" && shouts(s.b.all), "text_shouting")
	s.when(mostlyDigits(s.b.all), "text_mostly_digits")
}

// mostlyDigits tells if a text is made of numbers, which are there to make each copy a different one.
func mostlyDigits(text string) bool {
	words, numbers := 0, 0
	for w := range strings.FieldsSeq(cut(text, maxLooks)) {
		words++
		if countDigits(w) == len(w) {
			numbers++
		}
	}
	return words >= 40 && numbers*10 > words*6
}

func shouts(text string) bool {
	l := lettersOf(cut(text, maxLooks))
	return l.upper > 100 && l.upper > 2*l.lower
}

// disguised notes characters that are hardly ever typed. where is head or text.
func (s *session) disguised(text, where string) {
	if isASCII(text) {
		s.leet(text, where)
		return
	}
	zero, soft, styled, wide, marks := 0, 0, 0, 0, 0
	var before rune
	for _, r := range text {
		switch {
		case r < 0x80:
		case isZeroWidth(r):
			if unicode.IsLetter(before) {
				zero++
			}
		case r == 0x00AD:
			soft++
		case isStyled(r):
			styled++
		case r >= 0xFF21 && r <= 0xFF5A: // Full-width letters.
			wide++
		case unicode.Is(unicode.Mn, r) && before < 0x250 && unicode.IsLetter(before): // Behind a Latin letter.
			marks++
		}
		before = r
	}
	head := where == "head"
	s.counted(zero >= 3 || zero > 0 && head, where+"_zero_width", zero)
	s.counted(zero >= 40 && !head, "text_zero_width_many", zero)
	s.counted(soft >= 5 || soft > 0 && head, where+"_soft_hyphens", soft)
	s.counted(styled >= 3, where+"_styled_letters", styled)
	s.counted(wide >= 4, where+"_wide_letters", wide)
	s.counted(marks >= 5, where+"_stacked_marks", marks)
	mixed := mixedWords(text)
	s.counted(mixed >= 2 || mixed > 0 && head, where+"_mixed_scripts", mixed)
	s.leet(text, where)
}

// isZeroWidth tells of spaces, joiners, fillers and tags without width.
func isZeroWidth(r rune) bool {
	switch r {
	case 0x200B, 0x200C, 0x2060, 0xFEFF, 0x180E, 0x034F:
		return true
	}
	if r > unicode.MaxASCII && unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) { // Fillers.
		return true
	}
	return r >= 0x2061 && r <= 0x2064 || r >= 0xE0000 && r <= 0xE007F
}

// isStyled tells of mathematical and circled letters, and those in squares.
func isStyled(r rune) bool {
	return r >= 0x1D400 && r <= 0x1D7FF || r >= 0x24B6 && r <= 0x24E9 || r >= 0x1F130 && r <= 0x1F189
}

// mixedWords counts words of letters of several scripts that look Latin.
func mixedWords(text string) int {
	mixed, n := 0, 0
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if n++; n > maxObscured || len(w) > 100 {
			break
		}
		if !isASCII(w) && len(w) > 3 && lookalike.Mixed(w) && lookalike.LooksLatin(w) {
			mixed++
		}
	}
	return mixed
}

// leet looks for leetWords that digits and signs disguise: "v1agra", "P@ssword".
func (s *session) leet(text, where string) {
	n, looked := 0, 0
	for w := range strings.FieldsSeq(cut(text, 2*maxLooks)) {
		if len(w) < 5 || len(w) > 20 || !leetish(w) {
			continue
		}
		if looked++; looked > 200 {
			break
		}
		if leetWords[lookalike.Skeleton(strings.Trim(w, ".,;:!?()\"'"))] {
			n++
		}
	}
	s.counted(n > 0, where+"_leet", n)
}

// leetish tells if a word has letters, and a digit or sign between two of them.
func leetish(w string) bool {
	letters := 0
	odd := false
	for i := range len(w) {
		c := w[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80:
			letters++
		case i > 0 && i < len(w)-1 && (isDigit(c) || c == '@' || c == '$' || c == '!' || c == '|'):
			odd = true
		}
	}
	return odd && letters*2 >= len(w)
}

// leetWords are words that are worth disguising, as skeletons.
var leetWords = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`viagra cialis levitra xanax valium pharmacy medication pills prescription penis casino mortgage refinance replica rolex watches
		password account verify security bitcoin wallet invoice payment microsoft paypal amazon office support suspended porn dating software investment lottery winner`) {
		m[lookalike.Skeleton(w)] = true
	}
	return m
}()
