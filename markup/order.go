// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"slices"
	"strings"
)

// Controls of the direction of text (Unicode Standard Annex 9, section 2).
const (
	toRight     = '\u202a' // Embeds text that runs to the right.
	toLeft      = '\u202b'
	popped      = '\u202c' // Ends what one of the others began.
	forcedRight = '\u202d' // All letters run to the right.
	forcedLeft  = '\u202e'
)

// maxTurns bounds the pieces of text within one another whose direction is followed.
const maxTurns = 8

// InOrder is a text in the order in which it is read: what a control of the direction shows backwards is turned round. Text in scripts that run to the
// left is so by itself, and stays as it is.
func InOrder(text string) string {
	if !strings.ContainsRune(text, forcedLeft) {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) { // A control holds to the end of the paragraph.
		if !strings.ContainsRune(line, forcedLeft) {
			b.WriteString(line)
			continue
		}
		body := strings.TrimRight(line, "\r\n")
		b.WriteString(turned(body))
		b.WriteString(line[len(body):])
	}
	return b.String()
}

// piece is a run of text of one direction, as it is seen.
type piece struct {
	runes []rune
	back  bool
}

// turned is a line in the order in which it is read.
func turned(line string) string {
	open := []piece{{}}
	deep := 0 // Controls beyond maxTurns.
	end := func() {
		last := open[len(open)-1]
		open = open[:len(open)-1]
		around := &open[len(open)-1]
		if last.back != around.back {
			slices.Reverse(last.runes) // What is around it is turned round with it.
		}
		around.runes = append(around.runes, last.runes...)
	}
	for _, r := range line {
		switch {
		case r == toRight || r == toLeft || r == forcedRight || r == forcedLeft:
			if len(open) > maxTurns {
				deep++
				continue
			}
			back := open[len(open)-1].back
			if r == forcedLeft || r == forcedRight {
				back = r == forcedLeft
			}
			open = append(open, piece{back: back})
		case r == popped && deep > 0:
			deep--
		case r == popped && len(open) > 1:
			end()
		case r == popped:
		default:
			open[len(open)-1].runes = append(open[len(open)-1].runes, r)
		}
	}
	for len(open) > 1 {
		end()
	}
	return string(open[0].runes)
}
