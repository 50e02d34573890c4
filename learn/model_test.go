// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

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
		if i > 0 && e.LogOdds > 0 && all[i-1].LogOdds > 0 && e.LogOdds > all[i-1].LogOdds {
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

func TestThreshold(t *testing.T) {
	c := newCalibration()
	near := func(what string, want float64) {
		t.Helper()
		if got := c.threshold(); math.Abs(got-want) > 0.001 {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	near("at first", 0.85)
	for range 300 {
		c.note(-1, false)
		c.note(3, true)
	}
	near("after little ham", 0.85)
	for range 1500 {
		c.note(-1, false)
	}
	near("after much ham that is easy to tell", 0)
	c.note(0.12, false)
	near("after a ham at 0.12", 0.15)
	c.note(9, false)
	near("after one far above", marks*markWidth)
	for range 1500 {
		c.note(-1, false)
	}
	near("when that is long ago", 0)
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

// What could not be read is not told of as damaged alone: the cause is with it, wherever reading ended.
func TestReadFails(t *testing.T) {
	m, err := New(MinBits)
	if err != nil {
		t.Fatal(err)
	}
	var kept bytes.Buffer
	if err := m.Write(&kept); err != nil {
		t.Fatal(err)
	}
	cause := errors.New("the database has gone")
	for _, n := range []int{0, len(magic), len(magic) + 1, 300, 500, kept.Len() - 1} {
		_, err := Read(io.MultiReader(bytes.NewReader(kept.Bytes()[:n]), iotest.ErrReader(cause)), MinBits)
		if !errors.Is(err, ErrModel) || !errors.Is(err, cause) {
			t.Errorf("after %d octets: got %v", n, err)
		}
	}
}

// A file that says of ham or of learners what no model says is damaged: its scores would be beyond all bounds, or its threshold stay where it is for good.
func TestReadImplausible(t *testing.T) {
	for name, damage := range map[string]func(*Model){
		"learners count for more than one": func(m *Model) { m.mix = mix{9, 9, 9, 9, 9, 9, 9, 9, 9} },
		"learners count for nothing":       func(m *Model) { m.mix = mix{1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9} },
		"more ham above 0 than there is":   func(m *Model) { m.past.ham[3] = m.past.total },
		"more ham than is remembered":      func(m *Model) { m.past.total = 1000 },
	} {
		m, err := New(MinBits)
		if err != nil {
			t.Fatal(err)
		}
		damage(m)
		var kept bytes.Buffer
		if err := m.Write(&kept); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(&kept, MinBits); !errors.Is(err, ErrModel) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Whatever a model has learned, it can be read again.
func TestReadLearned(t *testing.T) {
	m, err := New(MinBits)
	if err != nil {
		t.Fatal(err)
	}
	ham, spam := features(t, hamText), features(t, spamText)
	for i := range 3000 {
		m.Learn(ham, i%7 == 0) // Ham that is always mistaken for spam, too.
		m.Learn(spam, i%3 != 0)
	}
	var kept bytes.Buffer
	if err := m.Write(&kept); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(&kept, MinBits); err != nil {
		t.Error(err)
	}
}
