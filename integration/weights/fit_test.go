// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/mailweir/mailweir/facts"
)

// TestFitted: a fact of spam gets points, one of both gets few, signs and bounds are kept, and ham stays away from the threshold.
func TestFitted(t *testing.T) {
	about := []facts.About{
		{Name: "bad", Sign: facts.Bad, Most: 3}, {Name: "worse", Sign: facts.Bad, Most: 9}, {Name: "both", Sign: facts.Bad, Most: 3}, {Name: "good", Sign: facts.Good, Most: 2},
		{Name: "neutral", Sign: facts.Neutral}, {Name: "reversed", Sign: facts.Bad, Most: 3},
	}
	var list []sample
	for i := range 1000 {
		list = append(list,
			sample{message: &message{spam: true, facts: []int{0, 1, 2, 4}}, weight: 0.001, fold: i % folds},
			sample{message: &message{facts: []int{2, 3, 5}}, weight: 0.001, fold: i % folds},
		)
	}
	o := settings{decay: 0.1, prior: 0, slope: 1, ham: 1, margin: 1}
	p := o.fitted(list, about)
	if p[0] < 2 || p[0] > 3 || p[1] > most || p[0]+p[1]+p[2] < threshold {
		t.Errorf("spam gets too little, or too much of one fact: %v", p)
	}
	if p[3] > 0 || p[3] < -2 || p[4] != 0 || p[5] > 0.5 {
		t.Errorf("signs, bounds: %v", p)
	}
	if falseAlarms(list, p, threshold-1) > 0 {
		t.Errorf("ham is near the threshold: %v", p)
	}
	for i, s := range o.crossed(list, about) {
		if (s >= threshold-near) != list[i].spam {
			t.Fatalf("message %d: %v points", i, s)
		}
	}
}

func TestHalves(t *testing.T) {
	var all []*message
	for _, n := range []string{"c", "a", "d", "b"} {
		all = append(all, &message{name: n, when: int64(n[0])})
	}
	timed := halves(source{name: "x", when: byNumber}, all)
	if timed.half[0][0].name != "a" || timed.half[0][1].name != "b" || timed.half[1][0].name != "c" {
		t.Errorf("by time: %v", timed.half)
	}
	named := halves(source{name: "x"}, all)
	if named.half[0][0].name != "a" || named.half[0][1].name != "c" || named.half[1][1].name != "d" {
		t.Errorf("every second: %v", named.half)
	}
}
