// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"cmp"
	"math"
	"slices"
)

// MinMessages is how many messages of spam, and of ham, SpamAssassin wants before it uses what it has learned.
const MinMessages = 200

// Constants of SpamAssassin's combination of what is known of single tokens. They are part of its behaviour: other ones would be another filter.
const (
	unseen       = 0.538 // Robinson's x: the probability of a token of which nothing is known.
	strength     = 0.030 // Robinson's s: how much that counts, in messages.
	minDeviation = 0.346 // From one half. Tokens that tell less count for nothing.
	mostTokens   = 150   // Tokens that count; those that tell most.
)

// maxLogOdds bounds the result: beyond it the rounding of the probability decides.
const maxLogOdds = 10

// Probability is how likely SpamAssassin takes a message with these tokens, each given once, to be spam. ok is false if it would not tell: too little
// was learned, or no token is known well enough.
func (c *Counts) Probability(tokens []Token) (p float64, ok bool) {
	if c == nil || c.Spam < MinMessages || c.Ham < MinMessages {
		return 0, false
	}
	var list []float64
	for _, t := range tokens {
		n, known := c.of(t)
		if !known || n.spam+n.ham == 0 {
			continue
		}
		if p := c.tokenProbability(n); math.Abs(p-0.5) >= minDeviation {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	slices.SortFunc(list, func(a, b float64) int { return cmp.Compare(math.Abs(b-0.5), math.Abs(a-0.5)) })
	return c.combined(list[:min(len(list), mostTokens)]), true
}

// LogOdds is the same as log-odds: above 0 for spam, at most 10 away from it.
func (c *Counts) LogOdds(tokens []Token) (odds float64, ok bool) {
	p, ok := c.Probability(tokens)
	if !ok {
		return 0, false
	}
	return min(max(math.Log(p)-math.Log1p(-p), -maxLogOdds), maxLogOdds), true
}

// tokenProbability is Robinson's f(w): the share of spam among messages with a token, drawn towards unseen if there were few.
func (c *Counts) tokenProbability(n counts) float64 {
	spam, ham := float64(n.spam)*float64(c.Ham), float64(n.ham)*float64(c.Spam)
	seen := float64(n.spam) + float64(n.ham)
	return (strength*unseen + seen*spam/(spam+ham)) / (strength + seen)
}

// combined is Fisher's method on both sides: how unlikely it is that ham has such tokens, against how unlikely it is that spam has.
func (c *Counts) combined(list []float64) float64 {
	all := float64(c.Spam) + float64(c.Ham)
	s, h := math.Log(float64(c.Spam)/all), math.Log(float64(c.Ham)/all)
	for _, p := range list {
		s += math.Log1p(-p)
		h += math.Log(p)
	}
	return (1 + chiTail(-h, len(list)) - chiTail(-s, len(list))) / 2
}

// chiTail is the probability that chi-squared with 2n degrees of freedom is above 2m.
func chiTail(m float64, n int) float64 {
	term := math.Exp(-m)
	sum := term
	for i := 1; i < n; i++ {
		term *= m / float64(i)
		sum += term
	}
	return min(sum, 1)
}
