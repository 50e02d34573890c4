// SPDX-License-Identifier: Apache-2.0

package learn

import "math"

// Constants of the regressions.
const (
	stepRate  = 1.5 // How far a weight goes at its first step.
	stepFloor = 0.5 // Keeps the first step of a weight finite.
)

// weight is that of one feature in logistic regression, learned online with a rate of its own for each feature (AdaGrad: Duchi, Hazan and Singer, 2011): what
// was often wrong before moves less.
type weight struct {
	w    float32
	past float32 // Sum of the squares of all its steps.
}

// wordOdds is the answer of the regression over all views. Long messages count no more than short ones: the sum is divided by the root of its length. Hidden words are no length: who adds
// many would make all others count less.
func (m *Model) wordOdds(f *Features) float64 {
	sum := 0.0
	for _, list := range f.Views {
		for _, h := range list {
			sum += float64(m.words[h>>m.shift].w)
		}
	}
	return sum / math.Sqrt(float64(f.words()-len(f.Views[Hidden])+1))
}

// gramOdds is the answer of the regression over octets.
func (m *Model) gramOdds(f *Features) float64 {
	sum := 0.0
	for _, h := range f.Grams {
		sum += float64(m.grams[h>>m.shift].w)
	}
	return sum / math.Sqrt(float64(len(f.Grams)+1))
}

// step moves the weights of a message's features; with sign -1, back.
func (m *Model) step(f *Features, l Learned, sign float32) {
	for _, list := range f.Views {
		for _, h := range list {
			m.words[h>>m.shift].step(l.Words, sign)
		}
	}
	for _, h := range f.Grams {
		m.grams[h>>m.shift].weight.step(l.Grams, sign)
	}
}

func (w *weight) step(off, sign float32) {
	if sign > 0 {
		w.past += off * off
	}
	w.w += sign * stepRate * off / float32(math.Sqrt(float64(w.past)+stepFloor))
	if sign < 0 {
		w.past = max(0, w.past-off*off)
	}
}
