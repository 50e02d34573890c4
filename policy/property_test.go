// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// findings of all classes, with and without parts, and a class that does not exist.
func findingsGen(minScore float64) *rapid.Generator[[]filters.Finding] {
	classes := append(filters.Classes(), "strange")
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) filters.Finding {
		return filters.Finding{
			Code:  rapid.SampledFrom([]string{"a.b", "c.d", "e.f"}).Draw(t, "code"),
			Class: rapid.SampledFrom(classes).Draw(t, "class"),
			Score: rapid.SampledFrom([]float64{0, 0.1, 0.2, 1.7, 5, 10, math.Inf(1), math.NaN(), -0.3, -4}).Filter(func(f float64) bool {
				return !(f < minScore)
			}).Draw(t, "score"),
			Part: rapid.SampledFrom([]mail.PartID{"", "1", "1.1", "1.2", "1.2.1"}).Draw(t, "part"),
		}
	}), 0, 6)
}

// listGen gives action lists that are right for the key.
func listGen(key string) *rapid.Generator[[]Action] {
	action := rapid.SampledFrom([]Action{
		{"deliver", ""},
		{"tag", ""},
		{"tag", "T"},
		{"header", "X-A: 1"},
		{"header", "X-B: 2"},
		{"replace", ""},
		{"attach", ""},
		{"store", ""},
		{"store", "s"},
		{"quarantine", ""},
		{"quarantine", "q"},
		{"forward", "f@example.org"},
		{"redirect", "r@example.org"},
		{"reject", ""},
		{"defer", ""},
		{"discard", ""},
	})
	return rapid.SliceOfN(action, 1, 4).Filter(func(list []Action) bool { return checkList(key, list) == nil })
}

// setGen gives a set of one policy, right in itself.
func setGen() *rapid.Generator[*Set] {
	return rapid.Custom(func(t *rapid.T) *Set {
		p := Policy{Name: DefaultName, Do: make(map[string][]Action)}
		for _, key := range Keys() {
			if rapid.Bool().Draw(t, key) {
				p.Do[key] = listGen(key).Draw(t, "list")
			}
		}
		s, err := New([]Policy{p}, nil)
		if err != nil { // The only thing that can be wrong: high spam more gently than spam.
			delete(p.Do, "spam")
			delete(p.Do, HighSpam)
			if s, err = New([]Policy{p}, nil); err != nil {
				t.Fatal(err)
			}
		}
		return s
	})
}

func TestAddingNeverWeakens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, env := setGen().Draw(t, "set"), envelope("a@example.org")
		findings := findingsGen(0).Draw(t, "findings")
		before := s.Decide(env, env.RcptTo[0], findings).Fate
		findings = append(findings, findingsGen(0).Draw(t, "more")...)
		if after := s.Decide(env, env.RcptTo[0], findings).Fate; after < before {
			t.Errorf("%s became %s with %+v", before, after, findings)
		}
	})
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, env := setGen().Draw(t, "set"), envelope("a@example.org")
		findings := findingsGen(math.Inf(-1)).Draw(t, "findings")
		one := s.Decide(env, env.RcptTo[0], findings)
		other := s.Decide(env, env.RcptTo[0], rapid.Permutation(findings).Draw(t, "permutation"))
		if diff := cmp.Diff(one, other); diff != "" {
			t.Errorf("the order matters (-one +other):\n%s", diff)
		}
		if one.Key() != other.Key() || Result("A", findings, one) != Result("A", findings, other) {
			t.Error("the order matters for key or result")
		}
	})
}

// TestDefaultsAreSafe: by default a virus is never delivered as it came, and not knowing is never clean.
func TestDefaultsAreSafe(t *testing.T) {
	s := newSet(t)
	rapid.Check(t, func(t *rapid.T) {
		env := envelope("a@example.org")
		findings := findingsGen(math.Inf(-1)).Draw(t, "findings")
		d := s.Decide(env, env.RcptTo[0], findings)
		for _, f := range findings {
			switch {
			case f.Class == filters.Virus && d.Fate < Quarantine:
				t.Errorf("virus: %s", d.Fate)
			case f.Class == filters.Unscannable && d.Fate < Quarantine:
				t.Errorf("unscannable: %s", d.Fate)
			case (f.Class == filters.Failure || f.Class == "strange" || math.IsNaN(f.Score)) && d.Fate < Defer:
				t.Errorf("failure: %s", d.Fate)
			case (f.Class == filters.File || f.Class == filters.Macro) && d.Fate == Deliver && !removed(d.Edits, f.Part):
				t.Errorf("%s: delivered with %v", f.Class, d.Edits)
			}
		}
	})
}

// removed tells if the edits take a part away. The whole message becomes an attachment of a warning instead.
func removed(edits []mail.Edit, part mail.PartID) bool {
	return slices.ContainsFunc(edits, func(e mail.Edit) bool {
		switch e := e.(type) {
		case mail.ReplaceEntity:
			return e.Part == part || strings.HasPrefix(string(part), string(e.Part)+".")
		case mail.WrapMessage:
			return part == ""
		}
		return false
	})
}

// TestDispositionsAreSound holds what the gateway relies on.
func TestDispositionsAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, env := setGen().Draw(t, "set"), envelope("a@example.org")
		findings := findingsGen(math.Inf(-1)).Draw(t, "findings")
		d := s.Decide(env, env.RcptTo[0], findings)
		if d.Fate != Deliver && d.Edits != nil || d.Fate != Deliver && d.Redirect != nil {
			t.Errorf("%s with edits %v, redirection to %v", d.Fate, d.Edits, d.Redirect)
		}
		if d.Fate == Quarantine && len(d.Store) == 0 {
			t.Error("quarantine without a shelf")
		}
		if d.Fate == Defer && (d.Store != nil || d.Forward != nil) {
			t.Errorf("defer with copies on %v, to %v", d.Store, d.Forward)
		}
		if !slices.IsSorted(d.Store) || len(slices.Compact(slices.Clone(d.Store))) != len(d.Store) {
			t.Errorf("shelves %v", d.Store)
		}
		sealed := s.Sealed(env, findings)
		more := append(findings, findingsGen(math.Inf(-1)).Draw(t, "more")...)
		if after := s.Decide(env, env.RcptTo[0], more); sealed && after.Fate != d.Fate {
			t.Errorf("sealed as %s, and became %s", d.Fate, after.Fate)
		}
	})
}

// TestEditsApply: whatever edits come out, a message can be written with them.
func TestEditsApply(t *testing.T) {
	text := strings.ReplaceAll("From: a@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"+
		"--b\n\none\n--b\nContent-Type: message/rfc822\n\nSubject: y\n\ntwo\n--b--\n", "\n", "\r\n")
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s, env := setGen().Draw(t, "set"), envelope("a@example.org")
		findings := findingsGen(math.Inf(-1)).Draw(t, "findings")
		d := s.Decide(env, env.RcptTo[0], findings)
		edits := append(d.Edits, Result(env.ID, findings, d))
		var b bytes.Buffer
		if err := msg.Write(&b, edits); err != nil {
			t.Fatalf("write with %v: %v", edits, err)
		}
		if !strings.Contains(b.String(), "Mailweir-Result: A1; policy=default;") {
			t.Errorf("no result field in:\n%s", b.String())
		}
	})
}
