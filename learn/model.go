// SPDX-License-Identifier: Apache-2.0

// Package learn tells spam from other mail by what it was shown before. An Extractor takes a message apart into features, which are hashes; a Model
// learns from them and scores them. Two kinds of learners look at every message: naive Bayes, once for each of five
// views of it, and logistic regression, over all words and over the first octets. Their answers are bounded and
// averaged, so that none outvotes the others. Package learn/store keeps models; filters/bayes asks them.
//
// A model takes the same memory whatever it has learned, and learns and scores in time in proportion to the features.
package learn

import (
	"errors"
	"fmt"
	"math"
	"sync"
)

// Bounds of the size of a model: 1<<bits hashes are told apart, at 16 octets for words and 8 for grams each.
const (
	MinBits     = 10
	MaxBits     = 24
	DefaultBits = 21 // 48 MiB.
)

// Model is what was learned. It is safe for many goroutines: many score at once, one learns.
type Model struct {
	mu    sync.RWMutex
	shift uint32
	words []cell   // Of all views, and the regression over them.
	grams []weight // The regression over octets.
	seen  [2]uint32
	past  calibration
	logs  *[logTable]float64
}

// New makes a model that knows nothing. bits is from MinBits to MaxBits.
func New(bits int) (*Model, error) {
	if bits < MinBits || bits > MaxBits {
		return nil, fmt.Errorf("size of a model: 2^%d features: want 2^%d to 2^%d", bits, MinBits, MaxBits)
	}
	return &Model{shift: uint32(32 - bits), words: make([]cell, 1<<bits), grams: make([]weight, 1<<bits), logs: newLogs()}, nil
}

// cell is what is known of one word.
type cell struct {
	seen [2]uint32 // Messages it was in: ham, spam.
	weight
}

// Verdict is what a model makes of one message.
type Verdict struct {
	Score    float64 // Above 0 for spam: the mean of the learners' log-odds, each bounded, less the threshold.
	Raw      float64 // The mean itself.
	Learners []Opinion
	Ham      int // Messages that the model has learned from.
	Spam     int
}

// Opinion is what one learner says.
type Opinion struct {
	Learner string
	LogOdds float64 // Above 0 for spam; at most opinionBound away from it.
}

const (
	// opinionBound is the most that one learner can say: so hidden word salad or a copied newsletter, which moves one
	// learner a lot, does not drown what the others see.
	opinionBound = 5.0
	learners     = int(Hidden) + 2
	novice       = 100.0 // Messages of each class after which what was known before counts half.
)

// bounded is z as it counts.
func bounded(z float64) float64 { return opinionBound * math.Tanh(z/opinionBound) }

// opinions are those of all learners, before they are bounded: the views, the words, the octets.
func (m *Model) opinions(f *Features) [learners]float64 {
	var out [learners]float64
	b := m.bayes()
	for v := range Hidden {
		out[v] = b.logOdds(m, f.Views[v])
	}
	out[Hidden] = m.wordOdds(f)
	out[Hidden+1] = m.gramOdds(f)
	return out
}

// mean is that of the opinions, and of what was known before.
func (m *Model) mean(o [learners]float64, prior float64) float64 {
	sum := 0.0
	for _, z := range o {
		sum += bounded(z)
	}
	n := float64(min(m.seen[0], m.seen[1]))
	if n == 0 {
		return bounded(prior) // Who has seen one class only cannot compare.
	}
	return sum/float64(learners) + bounded(prior)*novice/(n+novice)
}

// Score tells what the model makes of a message. prior is the log-odds that something else gives it, such as rules, 0 if nothing does; it counts less the
// more was learned.
func (m *Model) Score(f *Features, prior float64) Verdict {
	m.mu.RLock()
	defer m.mu.RUnlock()
	o := m.opinions(f)
	v := Verdict{Raw: m.mean(o, prior), Ham: int(m.seen[0]), Spam: int(m.seen[1])}
	v.Score = v.Raw - m.past.threshold()
	for i, z := range o {
		v.Learners = append(v.Learners, Opinion{opinionName(i), bounded(z)})
	}
	return v
}

func opinionName(i int) string {
	switch i {
	case int(Hidden):
		return "words"
	case int(Hidden) + 1:
		return "octets"
	}
	return View(i).String()
}

// Learned is what has to be known of a message to forget it again.
type Learned struct {
	Words, Grams float32 // How far the regressions were off, -1 to 1.
}

// Learn shows the model one message. It is scored first, as it would have been on arrival: that is how the threshold is found.
func (m *Model) Learn(f *Features, spam bool) Learned {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.opinions(f)
	m.past.note(m.mean(o, 0), spam)
	class := classOf(spam)
	l := Learned{Words: float32(float64(class) - sigmoid(o[Hidden])), Grams: float32(float64(class) - sigmoid(o[Hidden+1]))}
	m.seen[class]++
	m.count(f, class, 1)
	m.step(f, l, 1)
	return l
}

var errNotLearned = errors.New("the model has learned nothing of that class")

// Forget takes back what Learn did with a message. The counts are as if it had never been learned; the weights are so only if nothing was learned since, and nearly so otherwise.
func (m *Model) Forget(f *Features, spam bool, l Learned) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	class := classOf(spam)
	if m.seen[class] == 0 {
		return errNotLearned
	}
	m.seen[class]--
	m.count(f, class, ^uint32(0))
	m.step(f, l, -1)
	return nil
}

// Counts are the messages learned.
func (m *Model) Counts() (ham, spam int) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return int(m.seen[0]), int(m.seen[1])
}

// Threshold is the mean log-odds from which on a message is spam.
func (m *Model) Threshold() float64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.past.threshold()
}

func classOf(spam bool) int {
	if spam {
		return 1
	}
	return 0
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
