// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"math"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// The points are of the findings that the policy counts for the first recipient, also where a filter names nobody's index.
func TestPointsOfFirst(t *testing.T) {
	r := newRig(t, policies)
	env := &mail.Envelope{RcptTo: []mail.Path{mail.NewPath("a@x"), mail.NewPath("b@x")}}
	found := []filters.Finding{
		{Code: "a.all", Class: filters.Spam, Score: 1},
		{Code: "b.other", Class: filters.Spam, Score: 2, For: []int{1}},
		{Code: "c.first", Class: filters.Spam, Score: 4, For: []int{0}},
		{Code: "d.odd", Class: filters.Spam, Score: 0.5, For: []int{9}},
		{Code: "e.odd", Class: filters.Spam, Score: 0.25, For: []int{-1, 1}},
	}
	if got, want := points(policy.Held(env, found, 0)), "c.first=4,a.all=1,d.odd=0.5,e.odd=0.25"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := r.g.Config().Policies.DecideAll(env, found)[0].Score; got != 5.75 {
		t.Errorf("the policy counts %v", got)
	}
}

func TestPoints(t *testing.T) {
	found := []filters.Finding{{Code: "a.one", Score: 1}, {Code: "b.two", Score: -2.5}, {Code: "a.one", Score: 0.5}, {Code: "c.none"}, {Code: "d.odd", Score: math.NaN()}}
	if got, want := points(found), "b.two=-2.5,a.one=1.5"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var many []filters.Finding
	for i := range 50 {
		many = append(many, filters.Finding{Code: "x." + string(rune('a'+i%26)) + string(rune('a'+i/26)), Score: 1})
	}
	if got := points(many); got[len(got)-4:] != ",..." {
		t.Errorf("got %s", got)
	}
}
