// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"iter"
	"strings"
)

// lines gives the paragraphs of a text, each as one line with single blanks; those that are too long in pieces.
func lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		var paragraph []string
		flush := func() bool {
			s := strings.Join(paragraph, " ")
			paragraph = paragraph[:0]
			return s == "" || pieces(s, yield)
		}
		for l := range strings.Lines(text) {
			words := strings.Fields(l)
			if len(words) == 0 && !flush() {
				return
			}
			paragraph = append(paragraph, words...)
		}
		flush()
	}
}

// pieces gives s in pieces of at most maxLine octets, cut at a blank if there is one.
func pieces(s string, yield func(string) bool) bool {
	for len(s) > maxLine {
		n := strings.LastIndexByte(s[:maxLine+1], ' ') + 1
		if n == 0 {
			n = maxLine
		}
		if !yield(s[:n]) {
			return false
		}
		s = s[n:]
	}
	return yield(s)
}
