// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"bytes"
	"math"
	"testing"
)

// Who is right counts more from then on; nobody counts nothing, and the weights are 1 on average.
func TestMixLearns(t *testing.T) {
	x := newMix()
	var o [learners]float64
	o[Text], o[Trace] = -2, 2 // The text says ham, the way says spam.
	for range 200 {
		x.learn(&o, true)
	}
	sum := 0.0
	for _, n := range x {
		if sum += n; n <= 0 {
			t.Errorf("a weight is %v", n)
		}
	}
	if x[Trace] <= 1 || x[Text] >= 1 || math.Abs(sum-float64(learners)) > 1e-9 {
		t.Errorf("got %v, sum %v", x, sum)
	}
}

// Hidden words count for themselves, and do not thin out those that are seen. docs/reference/evasions.md, number 165.
func TestHiddenWordsAreNoLength(t *testing.T) {
	m, err := New(MinBits + 8)
	if err != nil {
		t.Fatal(err)
	}
	m.Learn(features(t, hamText), false)
	m.Learn(features(t, spamText), true)
	f := features(t, spamText)
	before := m.wordOdds(f)
	for i := range uint32(500) {
		f.Views[Hidden] = append(f.Views[Hidden], i*7919+1)
	}
	if got := m.wordOdds(f); got < 0.9*before {
		t.Errorf("got %v with 500 hidden words, %v without", got, before)
	}
}

// A threshold rests on ham that was compared with spam.
func TestComparedHam(t *testing.T) {
	m, err := New(MinBits)
	if err != nil {
		t.Fatal(err)
	}
	ham, spam := features(t, hamText), features(t, spamText)
	for range 5 {
		m.Learn(ham, false)
	}
	m.Learn(spam, true)
	if v := m.Score(ham, 0); v.Compared != 0 || v.Ham != 5 {
		t.Errorf("got %+v", v)
	}
	m.Learn(ham, false)
	if v := m.Score(ham, 0); v.Compared != 1 {
		t.Errorf("got %+v", v)
	}
}

func TestKeepAndRead(t *testing.T) {
	m, err := New(MinBits)
	if err != nil {
		t.Fatal(err)
	}
	ham, spam := features(t, hamText), features(t, spamText)
	for range 2 * fledged {
		m.Learn(ham, false)
		m.Learn(spam, true)
	}
	var kept, again bytes.Buffer
	if err := m.Write(&kept); err != nil {
		t.Fatal(err)
	}
	n, err := Read(bytes.NewReader(kept.Bytes()), MaxBits)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Write(&again); err != nil || !bytes.Equal(kept.Bytes(), again.Bytes()) {
		t.Errorf("another model comes back, %v", err)
	}
	if got, want := n.Score(spam, 0), m.Score(spam, 0); got.Score != want.Score || got.Learners[byLetters] != want.Learners[byLetters] {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
