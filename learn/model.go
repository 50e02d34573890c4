// SPDX-License-Identifier: Apache-2.0

// Package learn tells spam from other mail by what it was shown before. An Extractor takes a message apart into features, which are hashes; a Model
// learns from them and scores them. Two kinds of learners look at every message: naive Bayes, once for each of six views of it and once for the
// beginning of its text, and logistic regression, once over all views and once over the first octets. What each of them says is bounded, so that
// none outvotes the others, and weighed by how well it has done so far. Package learn/store keeps models; filters/bayes asks them.
//
// A model takes the same memory whatever it has learned, and learns and scores in time proportional to the number of features.
package learn

import (
	"errors"
	"fmt"
	"math"
	"sync"
)

// Bounds of the size of a model: it tells 1<<bits hashes apart. Each takes 16 octets for words and 16 for grams.
const (
	MinBits     = 10
	MaxBits     = 24
	DefaultBits = 21 // 64 MiB.
)

// Model is what was learned. It is safe for many goroutines: many score at once, one learns.
type Model struct {
	mu    sync.RWMutex
	shift uint32 // Takes a hash to the index of its cell.
	words []cell // Of the features of all views.
	grams []cell // Of grams: the weights are for those of the first octets, the counts for those of the text.
	seen  counts // Messages learned.
	mix   mix
	past  calibration
	logs  *[logTable]float64
}

// New makes a model that knows nothing. bits is from MinBits to MaxBits.
func New(bits int) (*Model, error) {
	if bits < MinBits || bits > MaxBits {
		return nil, fmt.Errorf("size of a model: 2^%d features: want 2^%d to 2^%d", bits, MinBits, MaxBits)
	}
	return &Model{
		shift: uint32(32 - bits), words: make([]cell, 1<<bits), grams: make([]cell, 1<<bits),
		mix: newMix(), past: newCalibration(), logs: newLogs(),
	}, nil
}

// cell is what is known of one word or gram.
type cell struct {
	seen counts // Messages it was in.
	weight
}

// counts are numbers of messages, by what they were learned as.
type counts struct{ ham, spam uint32 }

// of is the number for one class.
func (c *counts) of(spam bool) *uint32 {
	if spam {
		return &c.spam
	}
	return &c.ham
}

// Verdict is what a model makes of one message.
type Verdict struct {
	Score     float64 // Above 0 for spam: the mean of the learners' log-odds, bounded and weighed, less the threshold.
	Raw       float64 // The same, before the threshold is taken off.
	Learners  []Opinion
	Ham, Spam int // Messages that the model has learned from.
	Compared  int // Ham that was scored before it was learned, by a model that knew both classes: what the threshold rests on.
}

// Opinion is what one learner says.
type Opinion struct {
	Learner string
	LogOdds float64 // Above 0 for spam; at most opinionBound away from it.
	Weight  float64 // What it counts; 1 on average.
}

// opinionBound is the most that one learner can say: hidden word salad or a copied newsletter moves one learner a lot, and must not drown what
// the others see.
const opinionBound = 5.0

// novice is the number of messages of each class after which what was known before counts half.
const novice = 100.0

// The learners that look at more than one view, or at none. Before them come those of the views, in their order, without Hidden.
const (
	byWords   = int(Hidden) + iota // Regression over all views.
	byOctets                       // Regression over the first octets.
	byLetters                      // Naive Bayes over the beginning of the text.
	learners
)

// bounded is z as it counts.
func bounded(z float64) float64 { return opinionBound * math.Tanh(z/opinionBound) }

// opinions are the log-odds of all learners, before they are bounded.
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

// mean is the weighted mean of the opinions, and what was known before.
func (m *Model) mean(o [learners]float64, prior float64) float64 {
	n := float64(min(m.seen.ham, m.seen.spam))
	if n == 0 {
		return bounded(prior) // A model that has seen one class only cannot compare.
	}
	return m.mix.mean(&o) + bounded(prior)*novice/(n+novice)
}

// Score tells what the model makes of a message. prior is the log-odds that something else gives it, 0 if nothing does; it counts less the more
// was learned.
func (m *Model) Score(f *Features, prior float64) Verdict {
	m.mu.RLock()
	defer m.mu.RUnlock()
	o := m.opinions(f)
	v := Verdict{Raw: m.mean(o, prior), Ham: int(m.seen.ham), Spam: int(m.seen.spam), Compared: int(m.past.count)}
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

// Learned is what it takes to forget a message again.
type Learned struct {
	Words, Grams float32 // How far the regressions were off, -1 to 1.
}

// Learn shows the model one message. It is scored first, as it would have been on arrival: that is how the threshold is found.
func (m *Model) Learn(f *Features, spam bool) Learned {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.opinions(f)
	n := min(m.seen.ham, m.seen.spam)
	if n > 0 && !spam {
		m.past.note(m.mean(o, 0))
	}
	if n >= fledged {
		m.mix.learn(&o, spam)
	}
	l := Learned{Words: float32(errorOf(o[byWords], spam)), Grams: float32(errorOf(o[byOctets], spam))}
	*m.seen.of(spam)++
	m.count(f, spam, false)
	m.step(f, l, false)
	return l
}

var errNotLearned = errors.New("the model has learned nothing of that class")

// Forget takes back what Learn did with a message. The counts are then as if it had never been learned; so are the weights if nothing was learned
// since, and nearly so otherwise. The threshold, and what each learner counts, stay as they are.
func (m *Model) Forget(f *Features, spam bool, l Learned) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.seen.of(spam)
	if *n == 0 {
		return errNotLearned
	}
	*n--
	m.count(f, spam, true)
	m.step(f, l, true)
	return nil
}

// Counts are the messages learned.
func (m *Model) Counts() (ham, spam int) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return int(m.seen.ham), int(m.seen.spam)
}

// Threshold is the mean log-odds from which on a message is spam.
func (m *Model) Threshold() float64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.past.threshold()
}

// errorOf is how far a learner was off that gave a message those log-odds: from -1, it was sure of spam and it is ham, to 1.
func errorOf(logOdds float64, spam bool) float64 {
	right := 0.0
	if spam {
		right = 1
	}
	return right - 1/(1+math.Exp(-logOdds))
}
