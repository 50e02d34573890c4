// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filetype"
)

//go:embed filetypes.txt
var filetypesText string

// sample is what file(1) says of content of a type.
type sample struct{ name, words, media string }

func samples() []sample {
	var list []sample
	for text := range strings.Lines(filetypesText) {
		if text = strings.TrimSpace(text); text == "" || text[0] == '#' {
			continue
		}
		f := strings.Split(text, "|")
		list = append(list, sample{f[0], f[1], f[2]})
	}
	return list
}

// typesOf are the types of whose samples the expression matches some, and those of which it matches all.
func typesOf(e *regexp.Regexp, media bool) (some, every []string) {
	hits, counts := map[string]int{}, map[string]int{}
	for _, s := range samples() {
		said := s.words
		if media {
			said = s.media + "; charset=binary" // As file -i has it.
		}
		counts[s.name]++
		if e.MatchString(said) {
			hits[s.name]++
		}
	}
	for _, t := range filetype.Types() {
		if hits[t.Name] > 0 {
			some = append(some, t.Name)
		}
		if hits[t.Name] > 0 && hits[t.Name] == counts[t.Name] {
			every = append(every, t.Name)
		}
	}
	return some, every
}

// grouping puts the name of a group in the place of its types where all of them are in the list.
func grouping(names []string) []string {
	var out []string
	done := map[string]bool{}
	for _, g := range filetype.Groups() {
		var of []string
		whole := true
		for _, t := range filetype.Types() {
			if t.Group == g {
				of = append(of, t.Name)
				whole = whole && slices.Contains(names, t.Name)
			}
		}
		if _, taken := filetype.Named(string(g)); !whole || len(of) < 2 || taken {
			continue // The words text and data are types as well as groups.
		}
		out = append(out, string(g))
		for _, n := range of {
			done[n] = true
		}
	}
	for _, n := range names {
		if !done[n] {
			out = append(out, n)
		}
	}
	return out
}
