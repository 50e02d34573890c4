// SPDX-License-Identifier: Apache-2.0

package learn

import "math"

// Constants of naive Bayes.
const (
	bayesPrior = 0.005 // Added to each count: what was seen in one class only is strong evidence, but not proof.
	bayesScale = 0.2   // What its log-odds are multiplied by: they are too sure beside those of the regressions, because words are not independent.
	logTable   = 1024  // Counts whose logarithm is at hand.
)

// bayes is naive Bayes over one list of features: the sum of their log-odds, divided by the root of their number. Like Fisher's method, that asks how
// unlikely the sum would be by chance, and so does not grow more certain with the length of a text alone.
type bayes struct {
	classes float64 // Log-odds of the classes: what a feature would have that is as frequent in spam as in ham.
	logs    *[logTable]float64
	mute    bool // Nothing was learned of one class: there is nothing to compare.
}

// newLogs are the logarithms of small counts.
func newLogs() *[logTable]float64 {
	var t [logTable]float64
	for i := range t {
		t[i] = math.Log(float64(i) + bayesPrior)
	}
	return &t
}

func (m *Model) bayes() bayes {
	return bayes{
		classes: math.Log(float64(m.seen.spam)+2*bayesPrior) - math.Log(float64(m.seen.ham)+2*bayesPrior),
		logs:    m.logs, mute: m.seen.ham == 0 || m.seen.spam == 0,
	}
}

// logOdds is the answer for a list of features. Those that were never seen do not count.
func (b *bayes) logOdds(cells []cell, shift uint32, list []uint32) float64 {
	sum, n := 0.0, 0.0
	for _, h := range list {
		if z, ok := b.of(&cells[h>>shift].seen); ok {
			sum += z
			n++
		}
	}
	return bayesScale * sum / math.Sqrt(n+1)
}

// of is what one feature says for itself; ok is false if it says nothing.
func (b *bayes) of(seen *counts) (logOdds float64, ok bool) {
	if b.mute || seen.ham|seen.spam == 0 {
		return 0, false
	}
	return b.log(seen.spam) - b.log(seen.ham) - b.classes, true
}

func (b *bayes) log(n uint32) float64 {
	if n < logTable {
		return b.logs[n]
	}
	return math.Log(float64(n) + bayesPrior)
}

// count counts a message for its features, or with back takes that back.
func (m *Model) count(f *Features, spam, back bool) {
	for _, list := range f.Views[:Hidden] {
		countAll(m.words, m.shift, list, spam, back)
	}
	countAll(m.grams, m.shift, f.Letters, spam, back)
}

func countAll(cells []cell, shift uint32, list []uint32, spam, back bool) {
	for _, h := range list {
		switch n := cells[h>>shift].seen.of(spam); {
		case !back:
			*n++
		case *n > 0: // Else it was not this message that was learned.
			*n--
		}
	}
}
