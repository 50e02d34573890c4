// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"cmp"
	"math"
	"slices"
)

// Evidence is one feature and what it adds to a verdict.
type Evidence struct {
	Hash    uint32
	Name    string  // The feature in words, as Extractor.Named gives it: it is from the message. "" if no names are given.
	LogOdds float64 // Above 0 for spam; before the learners' answers are bounded.
}

// Strongest gives the n features that a verdict rests on most, the strongest first. Grams are not among them. names are those of Extractor.Named, or
// nil. It is for people who look into one message, not for logs.
func (m *Model) Strongest(f *Features, names map[uint32]string, n int) []Evidence {
	m.mu.RLock()
	defer m.mu.RUnlock()
	b := m.bayes()
	length := f.length()
	var all []Evidence
	for v, list := range f.Views {
		known := math.Sqrt(float64(m.known(list) + 1))
		for _, h := range list {
			c := &m.words[h>>m.shift]
			z := m.mix[byWords] * float64(c.w) / length
			if alone, ok := b.of(&c.seen); ok && View(v) != Hidden {
				z += m.mix[v] * bayesScale * alone / known
			}
			if z != 0 {
				all = append(all, Evidence{h, names[h], z / float64(learners)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Evidence) int { return cmp.Compare(math.Abs(b.LogOdds), math.Abs(a.LogOdds)) })
	return all[:min(max(n, 0), len(all))]
}

// known counts the features that were seen before.
func (m *Model) known(list []uint32) int {
	n := 0
	for _, h := range list {
		if seen := m.words[h>>m.shift].seen; seen.ham|seen.spam != 0 {
			n++
		}
	}
	return n
}
