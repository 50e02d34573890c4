// SPDX-License-Identifier: Apache-2.0

// Package learn tells spam from other mail by what it was shown before. An Extractor takes a message apart into features, which are hashes; a Model
// learns from them and scores them. Two kinds of learners look at every message: naive Bayes, once for each of six
// views of it and for the beginning of its text, and logistic regression, over all words and over the first octets. Their answers are bounded, so
// that none outvotes the others, and weighed by how well each has done so far. Package learn/store keeps models; filters/bayes asks them.
//
// A model takes the same memory whatever it has learned, and learns and scores in time in proportion to the features.
package learn

import (
	"errors"
	"fmt"
	"math"
	"sync"
)

// Bounds of the size of a model: 1<<bits hashes are told apart, at 16 octets for words and 16 for grams each.
const (
	MinBits     = 10
	MaxBits     = 24
	DefaultBits = 21 // 64 MiB.
)

// Model is what was learned. It is safe for many goroutines: many score at once, one learns.
type Model struct {
	mu    sync.RWMutex
	shift uint32
	words []cell // Of all views, and the regression over them.
	grams []cell // The regression over octets; naive Bayes over those of the text.
	seen  [2]uint32
	mix   mix
	past  calibration
	logs  *[logTable]float64
}

// New makes a model that knows nothing. bits is from MinBits to MaxBits.
func New(bits int) (*Model, error) {
	if bits < MinBits || bits > MaxBits {
		return nil, fmt.Errorf("size of a model: 2^%d features: want 2^%d to 2^%d", bits, MinBits, MaxBits)
	}
	return &Model{shift: uint32(32 - bits), words: make([]cell, 1<<bits), grams: make([]cell, 1<<bits), mix: newMix(), past: newCalibration(), logs: newLogs()}, nil
}

// cell is what is known of one word or gram.
type cell struct {
	seen [2]uint32 // Messages it was in: ham, spam.
	weight
}

// Verdict is what a model makes of one message.
type Verdict struct {
	Score    float64 // Above 0 for spam: the mean of the learners' log-odds, bounded and weighed, less the threshold.
	Raw      float64 // The same, before the threshold is taken off.
	Learners []Opinion
	Ham      int // Messages that the model has learned from.
	Spam     int
	Compared int // Ham that was scored before it was learned, by a model that knew both classes: what the threshold rests on.
}

// Opinion is what one learner says.
type Opinion struct {
	Learner string
	LogOdds float64 // Above 0 for spam; at most opinionBound away from it.
	Weight  float64 // What it counts; 1 on average.
}

const (
	// opinionBound is the most that one learner can say: so hidden word salad or a copied newsletter, which moves one
	// learner a lot, does not drown what the others see.
	opinionBound = 5.0
	novice       = 100.0 // Messages of each class after which what was known before counts half.
)

// The learners that do not go by one view. Those of the views come before them, in the order of the views, without Hidden.
const (
	byWords   = int(Hidden) + iota // Regression over all views.
	byOctets                       // Regression over the first octets.
	byLetters                      // Naive Bayes over the beginning of the text.
	learners
)

// bounded is z as it counts.
func bounded(z float64) float64 { return opinionBound * math.Tanh(z/opinionBound) }

// opinions are those of all learners, before they are bounded: the views, the words, the octets, the letters.
func (m *Model) opinions(f *Features) [learners]float64 {
	var out [learners]float64
	b := m.bayes()
	for v := range Hidden {
		out[v] = b.logOdds(m.words, m.shift, f.Views[v])
	}
	out[byWords] = m.wordOdds(f)
	out[byOctets] = m.gramOdds(f)
	out[byLetters] = b.logOdds(m.grams, m.shift, f.Letters)
	return out
}

// mean is that of the opinions, each with its weight, and of what was known before.
func (m *Model) mean(o [learners]float64, prior float64) float64 {
	n := float64(min(m.seen[0], m.seen[1]))
	if n == 0 {
		return bounded(prior) // Who has seen one class only cannot compare.
	}
	return m.mix.mean(&o) + bounded(prior)*novice/(n+novice)
}

// Score tells what the model makes of a message. prior is the log-odds that something else gives it, such as rules, 0 if nothing does; it counts less the
// more was learned.
func (m *Model) Score(f *Features, prior float64) Verdict {
	m.mu.RLock()
	defer m.mu.RUnlock()
	o := m.opinions(f)
	v := Verdict{Raw: m.mean(o, prior), Ham: int(m.seen[0]), Spam: int(m.seen[1]), Compared: int(m.past.count)}
	v.Score = v.Raw - m.past.threshold()
	for i, z := range o {
		v.Learners = append(v.Learners, Opinion{opinionName(i), bounded(z), m.mix[i]})
	}
	return v
}

func opinionName(i int) string {
	switch i {
	case byWords:
		return "words"
	case byOctets:
		return "octets"
	case byLetters:
		return "letters"
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
	if n := min(m.seen[0], m.seen[1]); n > 0 {
		m.past.note(m.mean(o, 0), spam)
		if n >= fledged {
			m.mix.learn(&o, spam)
		}
	}
	class := classOf(spam)
	l := Learned{Words: float32(float64(class) - sigmoid(o[byWords])), Grams: float32(float64(class) - sigmoid(o[byOctets]))}
	m.seen[class]++
	m.count(f, class, 1)
	m.step(f, l, false)
	return l
}

var errNotLearned = errors.New("the model has learned nothing of that class")

// Forget takes back what Learn did with a message. The counts are as if it had never been learned; the weights are so only if nothing was learned since, and nearly so
// otherwise. What each learner counts stays as it is.
func (m *Model) Forget(f *Features, spam bool, l Learned) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	class := classOf(spam)
	if m.seen[class] == 0 {
		return errNotLearned
	}
	m.seen[class]--
	m.count(f, class, ^uint32(0))
	m.step(f, l, true)
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
