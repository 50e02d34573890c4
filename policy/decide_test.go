// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// TestStrongestFateWins tries every pair of fates: the stronger one wins, and only its list is carried out.
func TestStrongestFateWins(t *testing.T) {
	lists := [][]Action{
		{{"deliver", ""}, {"tag", "T"}, {"store", "s"}, {"forward", "d@example.org"}},
		{{"defer", ""}},
		{{"quarantine", "q"}, {"forward", "q@example.org"}},
		{{"reject", ""}, {"store", "r"}},
		{{"discard", ""}, {"store", "x"}},
	}
	alone := func(fate Fate) Disposition {
		return decide(t, doing("virus", lists[fate]...), filters.Finding{Code: "c", Class: filters.Virus})
	}
	for a := Deliver; a <= Discard; a++ {
		for b := Deliver; b <= Discard; b++ {
			p := Policy{Name: DefaultName, Do: map[string][]Action{"virus": lists[a], "phishing": lists[b]}}
			got := decide(t, p, filters.Finding{Code: "c", Class: filters.Virus}, filters.Finding{Code: "c", Class: filters.Phishing})
			if len(got.Because) != 2 {
				t.Errorf("%s and %s: Because = %+v, want two reasons", a, b, got.Because)
			}
			if want := alone(max(a, b)); got.Key() != want.Key() {
				t.Errorf("%s and %s: got %s, want %s", a, b, got.Key(), want.Key())
			}
		}
	}
}

func TestThresholds(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		name   string
		spam   Thresholds
		scores []float64
		class  string // Of the reason, "" if there is none.
		score  float64
	}{
		{"none", Thresholds{}, nil, "", 0},
		{"below", Thresholds{}, []float64{4.999}, "", 4.999},
		{"at", Thresholds{}, []float64{5}, "spam", 5},
		{"below high", Thresholds{}, []float64{9.999}, "spam", 9.999},
		{"high", Thresholds{}, []float64{10}, "high_spam", 10},
		{"own thresholds", Thresholds{TagAt: 2, HighAt: 3}, []float64{2.5}, "spam", 2.5},
		{"own tag_at", Thresholds{TagAt: 2}, []float64{9}, "spam", 9},
		{"both the same", Thresholds{TagAt: 4, HighAt: 4}, []float64{4}, "high_spam", 4},
		{"sum", Thresholds{}, []float64{2, 3}, "spam", 5},
		{"sum of tenths is exact", Thresholds{TagAt: 0.3}, []float64{0.1, 0.1, 0.1}, "spam", 0.3},
		{"taken off", Thresholds{}, []float64{8, -3.5}, "", 4.5},
		{"infinite", Thresholds{}, []float64{inf}, "high_spam", maxPoints},
		{"infinite both ways", Thresholds{}, []float64{inf, -inf, 1}, "", 1},
		{"never", Thresholds{TagAt: inf, HighAt: inf}, []float64{inf, inf}, "", 2 * maxPoints},
		{"no number", Thresholds{}, []float64{math.NaN(), 5}, "failure", 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var findings []filters.Finding
			for _, s := range tt.scores {
				findings = append(findings, filters.Finding{Code: "a.b", Class: filters.Spam, Score: s})
			}
			got := decide(t, Policy{Name: DefaultName, Spam: tt.spam}, findings...)
			class := ""
			for _, b := range got.Because {
				class = b.Class
			}
			if class != tt.class || got.Score != tt.score {
				t.Errorf("class %q score %v, want %q %v", class, got.Score, tt.class, tt.score)
			}
		})
	}
}

// TestCodeOfSpam: what a policy says of the code of a finding of class spam is done, whatever its points; others of the class count by their points alone.
func TestCodeOfSpam(t *testing.T) {
	p := Policy{Name: DefaultName, Do: map[string][]Action{"rspamd.reject": {{Name: "reject"}}}}
	none, named := filters.Finding{Code: "rspamd.greylist", Class: filters.Spam}, filters.Finding{Code: "rspamd.reject", Class: filters.Spam}
	if got := decide(t, p, none); got.Fate != Deliver || len(got.Because) != 0 {
		t.Errorf("not named: %v because %v, want deliver", got.Fate, got.Because)
	}
	got := decide(t, p, none, named)
	want := []Reason{{Code: "rspamd.reject", Class: "rspamd.reject", Rule: DefaultName, Action: "reject", Fate: Reject}}
	if diff := cmp.Diff(want, got.Because); got.Fate != Reject || diff != "" {
		t.Errorf("named: %v, because (-want +got):\n%s", got.Fate, diff)
	}
}

// TestScoreOfAnyClass: points count whatever the class, and the class is treated besides.
func TestScoreOfAnyClass(t *testing.T) {
	got := decide(t, Policy{Name: DefaultName}, filters.Finding{Code: "dnsbl.listed", Class: filters.Listed, Score: 6})
	want := []Reason{
		{Code: ScoreCode, Class: "spam", Rule: BuiltInName, Action: "tag, deliver"},
		{Code: "dnsbl.listed", Class: "listed", Rule: BuiltInName, Action: "deliver"},
	}
	if diff := cmp.Diff(want, got.Because); diff != "" {
		t.Errorf("Because (-want +got):\n%s", diff)
	}
}

func TestSpamFields(t *testing.T) {
	findings := []filters.Finding{
		{Code: "b.two", Class: filters.Spam, Score: 4},
		{Code: "a.one", Class: filters.Phishing, Score: 2.25},
		{Code: "a.one", Class: filters.Spam, Score: 0.25},
		{Code: "no.points", Class: filters.Spam},
		{Code: "odd\r\nname,", Class: filters.Spam, Score: 0.5},
	}
	p := Policy{Name: DefaultName, Do: map[string][]Action{"phishing": {{"deliver", ""}}}}
	got := decide(t, p, findings...).Edits
	want := []mail.Edit{
		mail.TagSubject{Tag: "[SPAM]"},
		mail.AddField{Name: "X-Spam-Flag", Value: "YES"},
		mail.AddField{Name: "X-Spam-Score", Value: "7"},
		mail.AddField{Name: "X-Spam-Level", Value: "*******"},
		mail.AddField{Name: "X-Spam-Status", Value: "Yes, score=7 required=5 tests=a.one,b.two,odd__name_"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Edits (-want +got):\n%s", diff)
	}
}

// TestSpamFieldsOnly: the Subject is left alone, and what was not tagged as spam is not flagged.
func TestSpamFieldsOnly(t *testing.T) {
	p := Policy{Name: DefaultName, Do: map[string][]Action{"high_spam": {{"tag", NoSubject}}, "phishing": {{"tag", ""}}}}
	got := decide(t, p, filters.Finding{Code: "a.b", Class: filters.Spam, Score: 77}).Edits
	if len(got) != 4 || got[2] != (mail.AddField{Name: "X-Spam-Level", Value: strings.Repeat("*", 50)}) {
		t.Errorf("high_spam: Edits = %v, want the four fields with 50 stars", got)
	}
	got = decide(t, p, filters.Finding{Code: "a.b", Class: filters.Phishing, Score: 4}).Edits
	want := []mail.Edit{
		mail.TagSubject{Tag: "[PHISHING]"},
		mail.AddField{Name: "X-Spam-Score", Value: "4"},
		mail.AddField{Name: "X-Spam-Level", Value: "****"},
		mail.AddField{Name: "X-Spam-Status", Value: "No, score=4 required=5 tests=a.b"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("phishing: Edits (-want +got):\n%s", diff)
	}
}

func isSpamField(e mail.Edit) bool {
	f, ok := e.(mail.AddField)
	return ok && strings.HasPrefix(f.Name, "X-Spam-")
}

// What is tagged because of a list is spam to sieve scripts.
func TestListedFields(t *testing.T) {
	p := Policy{Name: DefaultName, Do: map[string][]Action{"lists.blocked": {{"tag", "[SPAM]"}}}}
	got := decide(t, p, filters.Finding{Code: "lists.blocked", Class: filters.Listed, Score: 1}).Edits
	if !slices.Contains(got, mail.Edit(mail.AddField{Name: "X-Spam-Flag", Value: "YES"})) {
		t.Errorf("Edits = %v", got)
	}
}

// Mail that the filters against spam have looked at has a score, and mail that no filter of the kind has seen has none.
func TestHamFields(t *testing.T) {
	p := Policy{Name: DefaultName}
	want := []mail.Edit{
		mail.AddField{Name: "X-Spam-Score", Value: "-1.5"},
		mail.AddField{Name: "X-Spam-Status", Value: "No, score=-1.5 required=5 tests=bayes.ham"},
	}
	got := decide(t, p, filters.Finding{Code: "bayes.ham", Class: filters.Spam, Score: -1.5}, filters.Finding{Code: "a.b", Class: filters.Spam}).Edits
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Edits (-want +got):\n%s", diff)
	}
	if got := decide(t, p, filters.Finding{Code: "a.b", Class: filters.Auth}).Edits; len(got) != 0 {
		t.Errorf("nothing that counts: Edits = %v", got)
	}
	env := envelope("a@example.org")
	env.Outbound = true
	if got := newSet(t, p).Decide(env, env.RcptTo[0], []filters.Finding{{Code: "a.b", Class: filters.Phishing, Score: 1}}).Edits; slices.ContainsFunc(got, isSpamField) {
		t.Errorf("outgoing: Edits = %v", got)
	}
}

func TestReplace(t *testing.T) {
	find := func(code string, part mail.PartID) filters.Finding {
		return filters.Finding{Code: code, Class: filters.File, Part: part}
	}
	tests := []struct {
		name     string
		findings []filters.Finding
		fate     Fate
		want     map[mail.PartID]string // Reason by part that is replaced.
		store    []string
	}{
		{"one", []filters.Finding{find("a", "1.2")}, Deliver, map[mail.PartID]string{"1.2": "a"}, []string{"file"}},
		{"two of a part", []filters.Finding{find("b", "1.2"), find("a", "1.2"), find("a", "1.2")}, Deliver, map[mail.PartID]string{"1.2": "a,b"}, []string{"file"}},
		{"two parts", []filters.Finding{find("a", "1.2"), find("b", "1.10")}, Deliver, map[mail.PartID]string{"1.2": "a", "1.10": "b"}, []string{"file"}},
		{"inside another", []filters.Finding{find("a", "1.2.1.3"), find("b", "1.2"), find("c", "1.20")}, Deliver, map[mail.PartID]string{"1.2": "b", "1.20": "c"}, []string{"file"}},
		{"inside the message", []filters.Finding{find("a", "1"), find("b", "1.2")}, Deliver, map[mail.PartID]string{"1": "a"}, []string{"file"}},
		{"no part", []filters.Finding{find("a", "1.2"), find("b", "")}, Quarantine, map[mail.PartID]string{}, []string{"file"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := doing("file", Action{"replace", ""}, Action{"store", ""})
			d := decide(t, p, tt.findings...)
			got := make(map[mail.PartID]string)
			for _, e := range d.Edits {
				r := e.(mail.ReplaceEntity)
				var codes []string
				for line := range strings.Lines(string(r.Body)) {
					if code, ok := strings.CutPrefix(line, "Rule: "); ok {
						codes = append(codes, strings.TrimSpace(code))
					}
				}
				got[r.Part] = strings.Join(codes, ",")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || d.Fate != tt.fate {
				t.Errorf("fate %s, want %s; parts (-want +got):\n%s", d.Fate, tt.fate, diff)
			}
			if diff := cmp.Diff(tt.store, d.Store); diff != "" {
				t.Errorf("Store (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReplaceWithoutPart: what cannot be made harmless is kept and goes to nobody, and the reason says so.
func TestReplaceWithoutPart(t *testing.T) {
	p := doing("virus", Action{"replace", ""}, Action{"forward", "a@example.org"}, Action{"store", "s"})
	got := decide(t, p, filters.Finding{Code: "c", Class: filters.Virus})
	want := Disposition{Fate: Quarantine, Store: []string{"s", "virus"}, Policy: DefaultName, Because: []Reason{{
		Code: "c", Class: "virus", Rule: DefaultName, Fate: Quarantine,
		Action: "replace, forward: a@example.org, store: s (no part to replace: quarantine)",
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decide (-want +got):\n%s", diff)
	}
	p = doing("virus", Action{"replace", ""}, Action{"redirect", "a@example.org"})
	if got := decide(t, p, filters.Finding{Code: "c", Class: filters.Virus}); len(got.Redirect) > 0 || got.Fate != Quarantine {
		t.Errorf("redirect: got %+v, want quarantine for nobody", got)
	}
}

// TestSameEditOnce: what two lists ask for is done once.
func TestSameEditOnce(t *testing.T) {
	list := []Action{{"tag", "T"}, {"header", "X-A: b"}, {"attach", ""}}
	p := Policy{Name: DefaultName, Do: map[string][]Action{"html": list, "phishing": list}}
	got := decide(t, p, filters.Finding{Code: "b", Class: filters.HTML}, filters.Finding{Code: "a", Class: filters.Phishing}).Edits
	want := []mail.Edit{
		mail.WrapMessage{Text: attachText("en", "A1", []string{"a", "b"})}, mail.TagSubject{Tag: "T"}, mail.AddField{Name: "X-A", Value: "b"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Edits (-want +got):\n%s", diff)
	}
}

// TestSameReasonOnce: 10,000 findings of a kind are one reason.
func TestSameReasonOnce(t *testing.T) {
	var findings []filters.Finding
	for i := range 10_000 {
		findings = append(findings, filters.Finding{Code: "a.b", Class: filters.HTML, Part: mail.PartID(strings.Repeat("1", i%7+1))})
	}
	got := decide(t, doing("html", Action{"tag", ""}), findings...)
	if len(got.Because) != 1 || len(got.Edits) != 1 {
		t.Errorf("%d reasons and %d edits, want one of each", len(got.Because), len(got.Edits))
	}
}

func TestDecideAll(t *testing.T) {
	s := newSet(t,
		Policy{Name: "strict", When: When{To: []Pattern{"a@example.org"}}, Do: map[string][]Action{"virus": {{"reject", ""}}}},
		Policy{Name: DefaultName})
	env := envelope("b@example.org", "a@example.org", "c@example.org")
	findings := []filters.Finding{{Code: "c", Class: filters.Virus}}
	got := s.DecideAll(env, findings)
	for i, want := range []Fate{Quarantine, Reject, Quarantine} {
		if got[i].Fate != want {
			t.Errorf("recipient %d: %s, want %s", i, got[i].Fate, want)
		}
		if diff := cmp.Diff(s.Decide(env, env.RcptTo[i], findings), got[i]); diff != "" {
			t.Errorf("recipient %d differs from Decide (-want +got):\n%s", i, diff)
		}
	}
}

func TestSealed(t *testing.T) {
	listed := filters.Finding{Code: "dnsbl.listed", Class: filters.Listed}
	spam := filters.Finding{Code: "a.b", Class: filters.Spam, Score: 50}
	reject := []Action{{"reject", ""}}
	tests := []struct {
		name     string
		do       map[string][]Action
		findings []filters.Finding
		want     bool
	}{
		{"nothing found", nil, nil, false},
		{"rejected, nothing stronger", map[string][]Action{"listed": reject}, []filters.Finding{listed}, true},
		{"rejected, could be discarded", map[string][]Action{"listed": reject, "virus": {{"discard", ""}}}, []filters.Finding{listed}, false},
		{"discarded", map[string][]Action{"listed": {{"discard", ""}}}, []filters.Finding{listed}, true},
		{"rejected by points", map[string][]Action{"high_spam": reject}, []filters.Finding{spam}, false},
		{"kept", map[string][]Action{"listed": {{"quarantine", ""}}}, []filters.Finding{listed}, false},
		{"rejected and stored", map[string][]Action{"listed": {{"reject", ""}, {"store", ""}}}, []filters.Finding{listed}, false},
		{"rejected, could be stored", map[string][]Action{"listed": reject, "virus": {{"reject", ""}, {"store", ""}}}, []filters.Finding{listed}, false},
		{"rejected, could be forwarded", map[string][]Action{"listed": reject, "virus": {{"reject", ""}, {"forward", "a@example.org"}}}, []filters.Finding{listed}, false},
		{"rejected and forwarded", map[string][]Action{"listed": {{"reject", ""}, {"forward", "a@example.org"}}}, []filters.Finding{listed}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSet(t, Policy{Name: DefaultName, Do: tt.do})
			if got := s.Sealed(envelope("a@example.org"), tt.findings); got != tt.want {
				t.Errorf("Sealed = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestSettled(t *testing.T) {
	listed := []filters.Finding{{Code: "dnsbl.conclusive", Class: filters.Listed, Score: 50}}
	keep, reject := []Action{{"quarantine", ""}}, []Action{{"reject", ""}}
	for _, tt := range []struct {
		name     string
		do       map[string][]Action
		findings []filters.Finding
		want     bool
	}{
		{"nothing found", map[string][]Action{"listed": keep}, nil, false},
		{"kept", map[string][]Action{"listed": keep}, listed, true},
		{"kept, a virus could be rejected", map[string][]Action{"listed": keep, "virus": reject}, listed, true},
		{"kept, could be rejected by points", map[string][]Action{"listed": keep, "high_spam": reject}, listed, false},
		{"kept, could be rejected by DMARC", map[string][]Action{"listed": keep, "auth.dmarc_reject": reject}, listed, false},
		{"rejected", map[string][]Action{"listed": reject}, listed, true},
		{"tagged", map[string][]Action{"listed": {{"tag", ""}, {"deliver", ""}}}, listed, false},
		{"kept by points", map[string][]Action{"high_spam": keep}, []filters.Finding{{Code: "a.b", Class: filters.Spam, Score: 50}}, false},
		{"kept as a virus", map[string][]Action{"virus": keep}, []filters.Finding{{Code: "a.b", Class: filters.Virus}}, false},
		{"for somebody else", map[string][]Action{"listed": keep}, []filters.Finding{{Code: "lists.blocked", Class: filters.Listed, For: []int{1}}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSet(t, Policy{Name: DefaultName, Do: tt.do})
			env := envelope("a@example.org", "b@example.org")
			if got := s.Settled(env, tt.findings); got != tt.want {
				t.Errorf("Settled = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestSealedNeedsRefusal: that everything is delivered whatever is found does not seal anything.
func TestSealedNeedsRefusal(t *testing.T) {
	p := Policy{Name: DefaultName, Do: make(map[string][]Action)}
	for _, key := range Keys() {
		p.Do[key] = []Action{{"deliver", ""}}
	}
	if newSet(t, p).Sealed(envelope("a@example.org"), nil) {
		t.Error("sealed")
	}
}

func TestSealedForAllRecipients(t *testing.T) {
	s := newSet(t,
		Policy{Name: "a", When: When{To: []Pattern{"a@example.org"}}, Do: map[string][]Action{"listed": {{"reject", ""}}}},
		Policy{Name: DefaultName})
	findings := []filters.Finding{{Code: "dnsbl.listed", Class: filters.Listed}}
	for _, tt := range []struct {
		rcpts []string
		want  bool
	}{
		{[]string{"a@example.org"}, true},
		{[]string{"a@example.org", "b@example.org"}, false},
		{nil, false},
	} {
		if got := s.Sealed(envelope(tt.rcpts...), findings); got != tt.want {
			t.Errorf("Sealed for %v = %v, want %v", tt.rcpts, got, tt.want)
		}
	}
}

func TestKey(t *testing.T) {
	base := Disposition{
		Edits: []mail.Edit{mail.TagSubject{Tag: "A"}}, Store: []string{"s"}, Forward: paths("f@example.org"), Redirect: paths("r@example.org"),
	}
	same := base
	same.Policy, same.Because, same.Score = "other", []Reason{{Code: "c"}}, 3
	if same.Key() != base.Key() {
		t.Errorf("key depends on policy, reasons or score: %s, %s", same.Key(), base.Key())
	}
	changes := map[string]func(*Disposition){
		"fate":                 func(d *Disposition) { d.Fate = Reject },
		"edit":                 func(d *Disposition) { d.Edits = []mail.Edit{mail.TagSubject{Tag: "B"}} },
		"text":                 func(d *Disposition) { d.Edits = []mail.Edit{mail.WrapMessage{Text: "a"}} },
		"other text":           func(d *Disposition) { d.Edits = []mail.Edit{mail.WrapMessage{Text: "b"}} },
		"no edit":              func(d *Disposition) { d.Edits = nil },
		"shelf":                func(d *Disposition) { d.Store = []string{"t"} },
		"shelves":              func(d *Disposition) { d.Store = []string{"s", "t"} },
		"forward":              func(d *Disposition) { d.Forward = paths("g@example.org") },
		"redirect":             func(d *Disposition) { d.Redirect = nil },
		"forward for redirect": func(d *Disposition) { d.Forward, d.Redirect = d.Redirect, d.Forward },
		"quoting":              func(d *Disposition) { d.Store = []string{`s" store "t`} },
	}
	keys := map[string]string{base.Key(): "base"}
	for name, change := range changes {
		d := base
		change(&d)
		if other, ok := keys[d.Key()]; ok {
			t.Errorf("%s has the same key as %s: %s", name, other, d.Key())
		}
		keys[d.Key()] = name
	}
}

func TestResult(t *testing.T) {
	findings := []filters.Finding{
		{Code: "virus.infected", Class: filters.Virus, Detail: "Eicar in secret.zip"},
		{Code: "a.b", Score: 7.5},
		{Code: "a.b"},
		{Code: "bad\r\nFrom: x", Class: filters.Virus},
	}
	group := []Disposition{{Policy: "students", Score: 7.5}, {Policy: "default", Score: 7.5}, {Policy: "default", Score: 7.5}}
	got := Result("A1", findings, group...)
	want := mail.AddField{
		Name:  "Mailweir-Result",
		Value: "A1; policy=default,students; fate=deliver; score=7.5; findings=a.b,bad__From:_x,virus.infected",
	}
	if got != mail.Edit(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	got = Result("A1", nil, Disposition{Policy: "default", Fate: Quarantine})
	want.Value = "A1; policy=default; fate=quarantine; score=0; findings=none"
	if got != mail.Edit(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestResultIsBounded: nothing that is found makes the field long.
func TestResultIsBounded(t *testing.T) {
	var findings []filters.Finding
	for i := range 1000 {
		findings = append(findings, filters.Finding{Code: strings.Repeat("x", i)})
	}
	got := Result("A1", findings, Disposition{Policy: "default"}).(mail.AddField)
	if limit := maxResultCodes*(maxWord+1) + 100; len(got.Value) > limit || !strings.HasSuffix(got.Value, ",...") {
		t.Errorf("%d octets, want at most %d: %s", len(got.Value), limit, got.Value)
	}
}

// TestFindingsAreNotChanged: they are shared by all recipients and by the log.
func TestFindingsAreNotChanged(t *testing.T) {
	findings := []filters.Finding{{Code: "z", Class: filters.Virus}, {Code: "a", Class: filters.HTML}}
	before := slices.Clone(findings)
	decide(t, Policy{Name: DefaultName}, findings...)
	if diff := cmp.Diff(before, findings); diff != "" {
		t.Errorf("findings (-before +after):\n%s", diff)
	}
}
