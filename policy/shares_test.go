// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// TestForSome: a finding for some recipients is nothing to the others.
func TestForSome(t *testing.T) {
	s := newSet(t)
	env := envelope("a@example.org", "b@example.org", "c@example.org", "a@example.org")
	findings := []filters.Finding{
		{Code: "a.all", Class: filters.Spam, Score: 6},
		{Code: "a.some", Class: filters.Spam, Score: -3, For: []int{0, 3}},
		{Code: "a.one", Class: filters.Virus, For: []int{1}},
	}
	var got []string
	for i, d := range s.DecideAll(env, findings) {
		if one := s.Decide(env, env.RcptTo[i], findings); !cmp.Equal(one, d) {
			t.Errorf("recipient %d (-Decide +DecideAll):\n%s", i, cmp.Diff(one, d))
		}
		got = append(got, d.Fate.String()+" "+formatScore(d.Score))
	}
	if want := []string{"deliver 3", "quarantine 6", "deliver 6", "deliver 3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if d := s.Decide(env, mail.NewPath("d@example.org"), findings); d.Fate != Deliver || d.Score != 6 {
		t.Errorf("somebody else: %s %v", d.Fate, d.Score)
	}
	findings[2].For = []int{1, 4}
	for _, d := range s.DecideAll(env, findings) {
		if d.Fate != Quarantine {
			t.Errorf("a finding for nobody: %s", d.Fate)
		}
	}
}

// TestForSomeIsNotTold: what is known about one recipient is not in the copy that others get.
func TestForSomeIsNotTold(t *testing.T) {
	env := envelope("a@example.org", "b@example.org")
	findings := []filters.Finding{{Code: "a.all", Class: filters.Spam}, {Code: "a.some", Class: filters.Spam, Score: -3, For: []int{0}}}
	all := newSet(t).DecideAll(env, findings)
	if got := firstEdit(all[1]); strings.Contains(fmt.Sprint(all[1].Edits), "some") || got != "other" {
		t.Errorf("the other's copy has %v", all[1].Edits)
	}
	field := Result("A", findings, all...).(mail.AddField)
	if strings.Contains(field.Value, "some") || !strings.Contains(field.Value, "score=0;") {
		t.Errorf("got %s", field.Value)
	}
}

// TestSealedForSome: the fate of one recipient is not that of all.
func TestSealedForSome(t *testing.T) {
	s := newSet(t, Policy{Name: DefaultName, Do: map[string][]Action{"listed": {{"reject", ""}}, "grey": {{"reject", ""}}, "virus": {{"reject", ""}}, "unscannable": {{"reject", ""}}, HighSpam: {{"reject", ""}}}})
	env := envelope("a@example.org", "b@example.org")
	listed := filters.Finding{Code: "a.b", Class: filters.Listed}
	if !s.Sealed(env, []filters.Finding{listed}) {
		t.Error("not sealed for both")
	}
	listed.For = []int{1}
	if s.Sealed(env, []filters.Finding{listed}) {
		t.Error("sealed for one")
	}
	// A grey finding counts as long as the score says so, and points may still be taken off.
	if s.Sealed(env, []filters.Finding{{Code: "a.b", Class: filters.Grey, Score: 3}}) {
		t.Error("sealed by the score")
	}
}

// TestGrey: a stranger comes again from grey_at on; what is treated more strictly is not put off first.
func TestGrey(t *testing.T) {
	for _, tt := range []struct {
		name   string
		spam   Thresholds
		do     map[string][]Action
		score  float64
		want   Fate
		reason bool
	}{
		{"good", Thresholds{}, nil, 1.999, Deliver, false},
		{"between", Thresholds{}, nil, 2, Defer, true},
		{"spam", Thresholds{}, nil, 5, Defer, true},
		{"high spam", Thresholds{}, nil, 10, Quarantine, true},
		{"own threshold", Thresholds{GreyAt: 4}, nil, 3.9, Deliver, false},
		{"all", Thresholds{GreyAt: -100}, nil, -99, Defer, true},
		{"never", Thresholds{GreyAt: math.Inf(1)}, nil, 9, Deliver, false},
		{"not deferred", Thresholds{}, map[string][]Action{"grey": {{"tag", ""}}}, 3, Deliver, true},
		{"rule for the code", Thresholds{}, map[string][]Action{"greylist.wait": {{"deliver", ""}}}, 3, Deliver, true},
		{"rule for the code below", Thresholds{}, map[string][]Action{"greylist.wait": {{"reject", ""}}}, 1, Deliver, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := decide(t, Policy{Name: DefaultName, Spam: tt.spam, Do: tt.do},
				filters.Finding{Code: "greylist.wait", Class: filters.Grey}, filters.Finding{Code: "a.b", Class: filters.Spam, Score: tt.score})
			if got.Fate != tt.want {
				t.Errorf("got %s, want %s", got.Fate, tt.want)
			}
			if told := slices.ContainsFunc(got.Because, func(r Reason) bool { return r.Code == "greylist.wait" }); told != tt.reason {
				t.Errorf("because %+v", got.Because)
			}
		})
	}
}

// TestDecideAllAgrees: what is shared between recipients is what each would have got alone.
func TestDecideAllAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, env := setGen().Draw(t, "set"), envelope("a@example.org", "b@example.org", "c@example.org")
		findings := findingsGen(math.Inf(-1)).Draw(t, "findings")
		for i := range findings {
			findings[i].For = slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.IntRange(0, 2), 0, 3).Draw(t, "for"))))
		}
		sealed := s.Sealed(env, findings)
		for i, d := range s.DecideAll(env, findings) {
			one := s.Decide(env, env.RcptTo[i], findings)
			if diff := cmp.Diff(one, d); diff != "" {
				t.Errorf("recipient %d:\n%s", i, diff)
			}
			var own []filters.Finding
			for _, f := range findings {
				if len(f.For) == 0 || slices.Contains(f.For, i) {
					f.For = nil
					own = append(own, f)
				}
			}
			if diff := cmp.Diff(s.Decide(env, env.RcptTo[i], own), d); diff != "" {
				t.Errorf("recipient %d, with its findings alone:\n%s", i, diff)
			}
			if sealed && d.Fate < Reject {
				t.Errorf("sealed with %s", d.Fate)
			}
		}
	})
}

func BenchmarkDecideAllForSome(b *testing.B) {
	var rcpts []string
	for i := range 1000 {
		rcpts = append(rcpts, "u"+strings.Repeat("x", i%10)+"@example.org")
	}
	env := envelope(rcpts...)
	findings := []filters.Finding{{Code: "a.b", Class: filters.Spam, Score: 1}}
	for i := range 3 {
		f := filters.Finding{Code: "a.c", Class: filters.Spam, Score: float64(i)}
		for r := i; r < 1000; r += i + 2 {
			f.For = append(f.For, r)
		}
		findings = append(findings, f)
	}
	s, err := New(nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.DecideAll(env, findings)
	}
}
