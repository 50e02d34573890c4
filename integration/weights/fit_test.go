// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/internal/spamham"
)

// TestFitted: a fact of spam gets points, one of both gets few, signs and bounds are kept, and ham stays away from the threshold.
func TestFitted(t *testing.T) {
	about := []facts.About{
		{Name: "bad", Sign: facts.Bad, Most: 3},
		{Name: "worse", Sign: facts.Bad, Most: 9},
		{Name: "both", Sign: facts.Bad, Most: 3},
		{Name: "good", Sign: facts.Good, Most: 2},
		{Name: "neutral", Sign: facts.Neutral},
		{Name: "reversed", Sign: facts.Bad, Most: 3},
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

// TestTake: facts of all messages, each in its place; the addresses that were made unreadable are no fact.
func TestTake(t *testing.T) {
	index := map[string]int{}
	for i, a := range facts.All() {
		index[a.Name] = i
	}
	got, err := take([]*spamham.Message{
		{Name: "a", Text: []byte("From: a@example.org\nTo: b@example.org\nDate: Mon, 2 Sep 2002 10:00:00 +0000\n\nhello\n")},
		{Name: "b", Spam: true, Text: []byte("To: b@example.org\n\nhello\n")},
	}, index)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		name        string
		spam        bool
		has, hasNot string
	}{{"a", false, "no_message_id", "from_no_domain"}, {"b", true, "no_from", "from_no_domain"}} {
		m := got[i]
		if m.name != want.name || m.spam != want.spam || !slices.Contains(m.facts, index[want.has]) || slices.Contains(m.facts, index[want.hasNot]) {
			t.Errorf("got %+v, want %+v", m, want)
		}
	}
}
