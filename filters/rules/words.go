// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/facts"
)

// Limits of a file of words.
const (
	maxWordFile = 4 << 20 // Octets.
	maxPhrases  = 50_000
	maxLine     = 512 // Octets.
	maxInPhrase = 16  // Words of one phrase.
	maxSame     = 100 // Phrases with the same first word.
)

// wordList is a set of phrases. It does not change.
type wordList struct {
	byFirst map[string][][]string // By the first word of a phrase, those behind it.
}

// readWords reads phrases, one on a line; # begins a comment. A line without a word is an error, as it would never be found.
func readWords(r io.Reader) (*wordList, error) {
	w := &wordList{byFirst: map[string][][]string{}}
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, maxLine), maxLine)
	n, number := 0, 0
	for in.Scan() {
		number++
		line, _, _ := strings.Cut(in.Text(), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if n++; n > maxPhrases {
			return nil, fmt.Errorf("more than %d phrases", maxPhrases)
		}
		words := facts.Words(line, maxInPhrase+1)
		switch {
		case len(words) == 0:
			return nil, fmt.Errorf("line %d: there is no word in it", number)
		case len(words) > maxInPhrase:
			return nil, fmt.Errorf("line %d: more than %d words", number, maxInPhrase)
		case len(w.byFirst[words[0]]) >= maxSame:
			return nil, fmt.Errorf("line %d: more than %d phrases begin with the same word", number, maxSame)
		}
		w.byFirst[words[0]] = append(w.byFirst[words[0]], words[1:])
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d: longer than %d octets", number+1, maxLine)
	}
	return w, in.Err()
}

// in tells if one of the phrases is in the words.
func (w *wordList) in(words []string) bool {
	for i, first := range words {
		for _, rest := range w.byFirst[first] {
			if begins(words[i+1:], rest) {
				return true
			}
		}
	}
	return false
}

func begins(words, rest []string) bool {
	return len(words) >= len(rest) && slices.Equal(words[:len(rest)], rest)
}
