// SPDX-License-Identifier: Apache-2.0

package learn

import "math"

// Constants of naive Bayes.
const (
	bayesPrior = 0.005 // Added to each count: what was seen in one class only is strong evidence, but not proof.
	bayesScale = 0.2   // Of its log-odds, which are too sure because words are not independent, against those of the regressions.
	logTable   = 1024  // Counts whose logarithm is at hand.
)

// bayes is naive Bayes over one list of features: the sum of their log-odds, divided by the root of their number. Like Fisher's method, that asks how unlikely the sum would be
// by chance, and so does not grow more certain with the length of a text alone.
type bayes struct {
	off  float64 // Difference of the logarithms of the numbers of messages.
	logs *[logTable]float64
	none bool
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
		off:  math.Log(float64(m.seen[1])+2*bayesPrior) - math.Log(float64(m.seen[0])+2*bayesPrior),
		none: m.seen[0] == 0 || m.seen[1] == 0, logs: m.logs,
	}
}

func (b *bayes) log(n uint32) float64 {
	if n < logTable {
		return b.logs[n]
	}
	return math.Log(float64(n) + bayesPrior)
}

func (b *bayes) logOdds(cells []cell, shift uint32, list []uint32) float64 {
	if b.none {
		return 0
	}
	sum, n := 0.0, 0.0
	for _, h := range list {
		seen := &cells[h>>shift].seen
		if seen[0]|seen[1] == 0 {
			continue
		}
		sum += b.log(seen[1]) - b.log(seen[0]) - b.off
		n++
	}
	return bayesScale * sum / math.Sqrt(n+1)
}

// count adds to the counts of a message's features; ^0 takes one away.
func (m *Model) count(f *Features, class int, add uint32) {
	for v := range Hidden {
		countAll(m.words, m.shift, f.Views[v], class, add)
	}
	countAll(m.grams, m.shift, f.Letters, class, add)
}

func countAll(cells []cell, shift uint32, list []uint32, class int, add uint32) {
	for _, h := range list {
		n := &cells[h>>shift].seen[class]
		if add != 1 && *n == 0 {
			continue
		}
		*n += add
	}
}
