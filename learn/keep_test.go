// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

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
		if !errors.Is(err, errModel) || !errors.Is(err, cause) {
			t.Errorf("after %d octets: got %v", n, err)
		}
	}
}

// A file that says of ham or of learners what no model says is damaged: its scores would be beyond all bounds, or its threshold stay where it is for
// good.
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
		if _, err := Read(&kept, MinBits); !errors.Is(err, errModel) {
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
