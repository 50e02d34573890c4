// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"math"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

func parse(t testing.TB, text string) *mail.Message {
	t.Helper()
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = msg.Close() })
	return msg
}

func features(t testing.TB, text string) *Features {
	t.Helper()
	f, err := NewExtractor().Features(nil, parse(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const (
	hamText  = "From: Ann <ann@example.org>\nTo: bob@example.net\nSubject: minutes of the meeting\nDate: Mon, 5 Jan 2026 10:00:00 +0100\n\nDear Bob, here are the minutes. See http://example.org/minutes\n"
	spamText = "From: Rich <rich@offers.test>\nTo: you@example.net\nSubject: cheap pills online\nDate: 5 Jan 2026 10:00 +0900\n\nBuy cheap pills now! http://pills.test/buy?id=1\n"
)

func TestLearnAndForget(t *testing.T) {
	m, err := New(MinBits + 6)
	if err != nil {
		t.Fatal(err)
	}
	ham, spam := features(t, hamText), features(t, spamText)
	if v := m.Score(spam, 0); v.Raw != 0 {
		t.Errorf("a model that knows nothing says %v", v.Raw)
	}
	m.Learn(ham, false)
	m.Learn(spam, true)
	if h, s := m.Score(ham, 0).Raw, m.Score(spam, 0).Raw; h >= 0 || s <= 0 {
		t.Errorf("got %v for ham and %v for spam", h, s)
	}
	before := m.Score(spam, 0).Raw
	other := features(t, strings.ReplaceAll(spamText, "pills", "watches"))
	l := m.Learn(other, true)
	if err := m.Forget(other, true, l); err != nil {
		t.Fatal(err)
	}
	if got := m.Score(spam, 0).Raw; got < before-1e-3 || got > before+1e-3 {
		t.Errorf("after forgetting: got %v, want %v", got, before)
	}
	if h, s := m.Counts(); h != 1 || s != 1 {
		t.Errorf("got %d ham and %d spam", h, s)
	}
}

func TestStrongest(t *testing.T) {
	m, err := New(MinBits + 6)
	if err != nil {
		t.Fatal(err)
	}
	m.Learn(features(t, hamText), false)
	m.Learn(features(t, spamText), true)
	f, names, err := NewExtractor().Named(nil, parse(t, spamText))
	if err != nil {
		t.Fatal(err)
	}
	all := m.Strongest(f, names, 10_000)
	found := false
	for i, e := range all {
		if i > 0 && math.Abs(e.LogOdds) > math.Abs(all[i-1].LogOdds) {
			t.Errorf("%v stands behind %v", e, all[i-1])
		}
		found = found || e.Name == "text pills" && e.LogOdds > 0
	}
	if !found {
		t.Errorf("pills is no evidence in %v", all)
	}
	if got := m.Strongest(f, nil, 3); len(got) != 3 {
		t.Errorf("got %d, want 3", len(got))
	}
}

// What is known before counts less the more was learned, and no more than one learner can say.
func TestPrior(t *testing.T) {
	m, err := New(MinBits)
	if err != nil {
		t.Fatal(err)
	}
	f := features(t, hamText)
	if got := m.Score(f, 100).Raw; got < 4.9 || got > opinionBound {
		t.Errorf("got %v", got)
	}
	before := m.Score(f, 2).Raw - m.Score(f, 0).Raw
	for range 200 {
		m.Learn(f, true)
		m.Learn(f, false)
	}
	if after := m.Score(f, 2).Raw - m.Score(f, 0).Raw; after <= 0 || after > before/2 {
		t.Errorf("got %v at first and %v later", before, after)
	}
}

// What is learned and forgotten at once leaves the weights as they were.
func TestForgetIsTheInverse(t *testing.T) {
	m, err := New(MinBits + 6)
	if err != nil {
		t.Fatal(err)
	}
	m.Learn(features(t, hamText), false)
	m.Learn(features(t, spamText), true)
	f := features(t, hamText)
	before := m.Score(f, 0)
	if err := m.Forget(f, true, m.Learn(f, true)); err != nil {
		t.Fatal(err)
	}
	after := m.Score(f, 0)
	for i, o := range after.Learners {
		if math.Abs(o.LogOdds-before.Learners[i].LogOdds) > 1e-4 {
			t.Errorf("%s: got %v, want %v", o.Learner, o.LogOdds, before.Learners[i].LogOdds)
		}
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
