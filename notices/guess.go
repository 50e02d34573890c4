// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"strings"
	"sync"
	"unicode"
)

// Limits of Guess.
const (
	maxGuess = 16 << 10 // Octets of text that are looked at.
	minHits  = 4        // Common words that it takes.
)

// Guess tells the language of a text by its most common words; ok is false if it is too short, or in none of the languages, or in several.
func Guess(text string) (lang string, ok bool) {
	if len(text) > maxGuess {
		text = text[:maxGuess]
	}
	known := common()
	hits := map[string]int{}
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len(w) > 8 {
			continue
		}
		for _, l := range known[strings.ToLower(w)] {
			hits[l]++
		}
	}
	first, second := 0, 0
	for _, l := range Languages() {
		switch n := hits[l]; {
		case n > first:
			lang, first, second = l, n, first
		case n > second:
			second = n
		}
	}
	if first < minHits || first*2 < second*3 {
		return "", false
	}
	return lang, true
}

// common are the most common words of each language, and of which languages each one is.
var common = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{}
	for l, words := range map[string]string{
		English: "the and to of you your is in for this that with we our it are have on be will not can from please if or has by at an",
		"fr":    "le la les de des et à vous votre vos est en pour ce cette que qui avec nous une un du au sur pas dans par ne ou plus sont",
		"de":    "der die das und zu sie ihr ihre ihren ist in für mit wir nicht auf von den dem des ein eine einen sich bei oder auch wird haben bitte",
		"es":    "el la los las de del y a usted su sus es en para este esta que con nosotros una un por no se al lo más como o si",
		"it":    "il lo la i gli le di del della e a suo sua è in per questo questa che con noi una un non si al da sono nel più",
		"nl":    "de het een en van u uw is in voor dit deze dat met wij we niet op te zijn aan bij of ook wordt naar om er door hebben",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = append(m[w], l)
		}
	}
	return m
})
