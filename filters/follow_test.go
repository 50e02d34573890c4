// SPDX-License-Identifier: Apache-2.0

package filters

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
)

// learner is a filter that follows, and can be closed.
type learner struct {
	Filter
	follow func(Outcome)
	close  func() error
}

func (l *learner) Follow(_ context.Context, _ *mail.Envelope, _ *mail.Message, o Outcome) {
	l.follow(o)
}
func (l *learner) Close() error { return l.close() }

// Only who has answered learns what became of a message, and a panic of one does not keep it from the others.
func TestFollow(t *testing.T) {
	var told []string
	note := func(name string) *learner {
		return &learner{Filter: finds(), follow: func(o Outcome) { told = append(told, name+" "+o.Recipients[0].Fate) }}
	}
	panics, failed := note("panics"), note("failed")
	panics.follow = func(Outcome) { panic("no") }
	failed.Filter = filterFunc(func(context.Context) ([]Finding, error) { return nil, errors.New("no answer") })
	c := newChain(t, Stage{{Name: "panics", Filter: panics}, {Name: "failed", Filter: failed}}, Stage{{Name: "plain", Filter: finds()}, {Name: "last", Filter: note("last")}})
	msg := message(t, "\r\n")
	res := c.Run(t.Context(), env, msg, nil)
	if !c.Follows(res) {
		t.Error("nobody follows")
	}
	c.Follow(t.Context(), env, msg, res, Outcome{Recipients: []Settled{{Fate: "deliver"}}})
	if want := []string{"last deliver"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if plain := newChain(t, Stage{{Name: "plain", Filter: finds()}}); plain.Follows(plain.Run(t.Context(), env, msg, nil)) {
		t.Error("a filter that does not follow does")
	}
}

func TestClose(t *testing.T) {
	closed := 0
	one := &learner{Filter: finds(), close: func() error { closed++; return errors.New("disk full") }}
	two := &learner{Filter: finds(), close: func() error { closed++; return nil }}
	err := newChain(t, Stage{{Name: "one", Filter: one}, {Name: "two", Filter: two}, {Name: "three", Filter: finds()}}).Close()
	if closed != 2 || err == nil || err.Error() != "filter one: disk full" {
		t.Errorf("%d closed, %v", closed, err)
	}
}

// Filters against spam do not see the mail of our own people; the others do.
func TestOutboundSkipsSpam(t *testing.T) {
	spam, virus := finds(Finding{Code: "s.spam", Class: Spam}), finds(Finding{Code: "v.virus", Class: Virus})
	c := newChain(t, Stage{{Name: "s", Filter: spam, Inbound: true}}, Stage{{Name: "s2", Filter: spam, Inbound: true}, {Name: "v", Filter: virus}})
	for outbound, want := range map[bool][]string{true: {"v.virus"}, false: {"s.spam", "s.spam", "v.virus"}} {
		res := c.Run(t.Context(), &mail.Envelope{ID: "x", Outbound: outbound}, message(t, "\r\n"), nil)
		var got []string
		for _, f := range res.Findings {
			got = append(got, f.Code)
		}
		skipped := []string(nil)
		if outbound {
			skipped = []string{"s", "s2"}
		}
		if !slices.Equal(got, want) || !slices.Equal(res.Skipped, skipped) {
			t.Errorf("outbound %v: found %q, skipped %q", outbound, got, res.Skipped)
		}
	}
}

// explainer is a filter that explains.
type explainer struct {
	Filter
	explain func() ([]string, error)
}

func (e *explainer) Explain(context.Context, *mail.Envelope, *mail.Message) ([]string, error) {
	return e.explain()
}

// Who cannot explain says why, and does not keep the others from it.
func TestExplain(t *testing.T) {
	c := newChain(t, Stage{
		{Name: "panics", Filter: &explainer{finds(), func() ([]string, error) { panic("no") }}},
		{Name: "plain", Filter: finds()},
		{Name: "silent", Filter: &explainer{finds(), func() ([]string, error) { return nil, nil }}},
		{Name: "words", Filter: &explainer{finds(), func() ([]string, error) { return []string{"+1 pills"}, errors.New("and no more") }}},
	})
	msg := message(t, "\r\n")
	got := c.Explain(t.Context(), env, msg, c.Run(t.Context(), env, msg, nil))
	want := []Explanation{{"panics", []string{"no answer: panic: no"}}, {"words", []string{"+1 pills", "no answer: and no more"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
