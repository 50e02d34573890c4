// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"strings"
	"unicode"
)

// maxQuote is how many runes of a line are shown.
const maxQuote = 240

// maxNotes is how many notes are written; more are counted.
const maxNotes = 3000

// notes are what has to be told of settings that are carried over, but not exactly.
type notes struct {
	list []remark
	warn []bool // Of the same index: it is told on standard error, too.
	seen map[remark]bool
	over int // Notes beyond the limit.
}

func newNotes() *notes { return &notes{seen: map[remark]bool{}} }

func (n *notes) add(warn bool, r remark) {
	if n.seen[r] {
		return
	}
	if len(n.list) >= maxNotes {
		n.over++
		return
	}
	n.seen[r] = true
	n.list = append(n.list, r)
	n.warn = append(n.warn, warn)
}

// note is for what is told in the result alone.
func (n *notes) note(p place, text, format string, args ...any) {
	n.add(false, remark{p, text, fmt.Sprintf(format, args...)})
}

// warning is for what is weaker, stricter or missing.
func (n *notes) warning(p place, text, format string, args ...any) {
	n.add(true, remark{p, text, fmt.Sprintf(format, args...)})
}

func (n *notes) warnings() []string {
	var out []string
	for i, r := range n.list {
		if n.warn[i] {
			out = append(out, printable(fmt.Sprintf("%s: %s", r.place, r.full())))
		}
	}
	if n.over > 0 {
		out = append(out, fmt.Sprintf("%d more are not told", n.over))
	}
	return out
}

// full is line and reason.
func (r remark) full() string {
	if r.text == "" {
		return r.why
	}
	return quote(r.text) + ": " + r.why
}

// quote is a line for a comment: short, with single blanks.
func quote(s string) string {
	s = strings.Join(strings.Fields(printable(s)), " ")
	if r := []rune(s); len(r) > maxQuote {
		return string(r[:maxQuote]) + " ..."
	}
	return s
}

// printable is text without characters that a config or a terminal may not have.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unprintable(r):
			return '?'
		}
		return r
	}, s)
}

// unprintable tells of such a character, and of an octet that is none.
func unprintable(r rune) bool {
	return r == unicode.ReplacementChar || r == '\ufeff' || r == '\u2028' || r == '\u2029' || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs)
}
