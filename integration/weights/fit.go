// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"

	"github.com/mailweir/mailweir/facts"
)

// threshold is the sum of points from which on a message is spam.
const threshold = 5

const (
	rounds  = 300  // Steps of one descent.
	step    = 0.3  // Points of the first step.
	grain   = 0.1  // Points are multiples of this.
	most    = 3.5  // Points of a fact.
	maxRise = 40   // How often the weight of ham is raised until little enough of it is near the threshold.
	rise    = 1.25 // By how much.
	near    = 1e-9 // Sums of tenths are not exact.
)

// settings of the fit. They were chosen by judging parts of the first halves by the others, see crossed.
type settings struct {
	decay  float64 // Weight of the squares of what points differ from what is expected.
	prior  float64 // Share of its bound that a fact is expected to be worth.
	slope  float64 // Log-odds for each point.
	ham    float64 // Per mille of ham, by number, that may come as near to the threshold as the margin.
	margin float64 // Points.
}

// sample is a message with what it weighs in the fit.
type sample struct {
	*message
	corpus string
	weight float64
	fold   int
}

// fitted finds the points of each fact by logistic regression on the samples: log-odds are slope times points above the threshold. Points have the sign of the
// fact and keep to its bound. Ham is given more and more weight until few enough of it comes near the threshold.
func (o settings) fitted(samples []sample, about []facts.About) []float64 {
	points := make([]float64, len(about))
	ham := 1.0
	for range maxRise {
		o.descend(samples, about, points, ham)
		for i := range points {
			points[i] = math.Round(points[i]/grain) * grain
		}
		if falseAlarms(samples, points, threshold-o.margin) <= o.ham/1000 {
			break
		}
		ham *= rise
	}
	return points
}

// descend goes down the gradient with steps of their own for each fact (AdaGrad), and back within the bounds after each.
func (o settings) descend(samples []sample, about []facts.About, points []float64, ham float64) {
	total := 0.0
	for _, s := range samples {
		total += s.weight
	}
	grad, squares := make([]float64, len(points)), make([]float64, len(points))
	for i := range squares {
		squares[i] = 1e-8
	}
	for range rounds {
		clear(grad)
		for _, s := range samples {
			g := o.slope * s.gradient(o.slope*(sum(points, s.facts)-threshold), ham)
			for _, f := range s.facts {
				grad[f] += g
			}
		}
		for f := range points {
			expected := float64(about[f].Sign) * o.prior * about[f].Most
			g := grad[f]/total + o.decay*(points[f]-expected)/float64(len(points))
			squares[f] += g * g
			points[f] = bounded(points[f]-step*g/math.Sqrt(squares[f]), about[f])
		}
	}
}

// gradient is that of the loss of one message, by its log-odds z.
func (s sample) gradient(z, ham float64) float64 {
	if s.spam {
		return -s.weight / (1 + math.Exp(z))
	}
	return ham * s.weight / (1 + math.Exp(-z))
}

func bounded(p float64, a facts.About) float64 {
	switch a.Sign {
	case facts.Bad:
		return min(max(p, 0), min(a.Most, most))
	case facts.Good:
		return max(min(p, 0), -min(a.Most, most))
	default:
		return 0
	}
}

// folds is the number of parts of the first halves that are judged by points that were fitted to the others.
const folds = 5

// crossed judges every sample by points that were fitted without its part of its corpus. Parts are messages that came one after the other, so that
// copies of one message are mostly in one of them.
func (o settings) crossed(samples []sample, about []facts.About) (sums []float64) {
	sums = make([]float64, len(samples))
	for k := range folds {
		var rest []sample
		for _, s := range samples {
			if s.fold != k {
				rest = append(rest, s)
			}
		}
		points := o.fitted(rest, about)
		for i, s := range samples {
			if s.fold == k {
				sums[i] = sum(points, s.facts)
			}
		}
	}
	return sums
}

func sum(points []float64, list []int) float64 {
	p := 0.0
	for _, f := range list {
		p += points[f]
	}
	return p
}

// falseAlarms is the share of ham, by number, that has so many points.
func falseAlarms(samples []sample, points []float64, from float64) float64 {
	n, bad := 0, 0
	for _, s := range samples {
		if s.spam {
			continue
		}
		n++
		if sum(points, s.facts) >= from-near {
			bad++
		}
	}
	return float64(bad) / float64(max(n, 1))
}
