// SPDX-License-Identifier: Apache-2.0

package learn

import "math"

// Constants of the regressions.
const (
	wordRate  = 3.0 // How far the weight of a word goes at its first step.
	gramRate  = 1.0 // The same of a gram.
	stepFloor = 0.5 // Keeps the first step of a weight finite.

	// decay is the share of a weight that a step takes away: so the weight of what is in every message settles where most of them agree, and the
	// mail of one year counts less in the next.
	decay = 0.0025
)

// weight is the weight of one feature in logistic regression, learned online at a rate of its own (AdaGrad: Duchi, Hazan and Singer, 2011): the more
// it has moved before, the less it moves.
type weight struct {
	w    float32
	past float32 // Sum of the squares of how far the answers were off, over all its steps.
}

// wordOdds is the answer of the regression over all views.
func (m *Model) wordOdds(f *Features) float64 {
	sum := 0.0
	for _, list := range f.Views {
		for _, h := range list {
			sum += float64(m.words[h>>m.shift].w)
		}
	}
	return sum / f.length()
}

// length is what the sum over all views is divided by, so that long messages count no more than short ones. Hidden words are no part of it: whoever
// adds many would make all others count less.
func (f *Features) length() float64 {
	n := 1
	for _, list := range f.Views[:Hidden] {
		n += len(list)
	}
	return math.Sqrt(float64(n))
}

// gramOdds is the answer of the regression over octets.
func (m *Model) gramOdds(f *Features) float64 {
	sum := 0.0
	for _, h := range f.Grams {
		sum += float64(m.grams[h>>m.shift].w)
	}
	return sum / math.Sqrt(float64(len(f.Grams)+1))
}

// step moves the weights of a message's features, or with back takes that back.
func (m *Model) step(f *Features, l Learned, back bool) {
	for _, list := range f.Views {
		for _, h := range list {
			m.words[h>>m.shift].step(l.Words, wordRate, back)
		}
	}
	for _, h := range f.Grams {
		m.grams[h>>m.shift].weight.step(l.Grams, gramRate, back)
	}
}

// step goes one step towards the right answer, or with back takes the last step back.
func (w *weight) step(off, rate float32, back bool) {
	if !back {
		w.past += off * off
	}
	rate /= float32(math.Sqrt(float64(w.past) + stepFloor))
	if !back {
		w.w += rate * (off - decay*w.w)
		return
	}
	w.w = (w.w - rate*off) / (1 - rate*decay)
	w.past = max(0, w.past-off*off)
}
