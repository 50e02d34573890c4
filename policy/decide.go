// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// Decide says what becomes of the message for one recipient. The order of the findings does not matter.
//
// Every finding calls for the list of actions that the recipient's policy has for its class; so does the score, if it
// reaches a threshold. The strongest fate that any of these lists asks for wins. Of the lists, those that ask for this fate
// are carried out together, and those that ask for a weaker one are not: a copy of what is spam is not forwarded if the
// message turns out to be a virus that is quarantined.
//
// The action replace needs a part: a finding about the whole message makes it quarantine. A class that is not known, and a
// score that is not a number, are treated as failure.
//
// A finding that names the recipients that it holds for is nothing to others. One of class grey counts only if the score reaches the policy's
// threshold for it.
func (s *Set) Decide(env *mail.Envelope, rcpt mail.Path, findings []filters.Finding) Disposition {
	i := slices.IndexFunc(env.RcptTo, func(p mail.Path) bool { return p.Address == rcpt.Address })
	return s.match(s.query(env, rcpt)).decide(env, newShares(env, findings).of(i))
}

// DecideAll is Decide for every recipient of the envelope, in order. It costs as much as there are policies, and recipients with findings of their own,
// not recipients.
func (s *Set) DecideAll(env *mail.Envelope, findings []filters.Finding) []Disposition {
	type same struct {
		policy *compiled
		share  string
	}
	decided := make(map[same]Disposition)
	shares := newShares(env, findings)
	all := make([]Disposition, len(env.RcptTo))
	for i, rcpt := range env.RcptTo {
		key := same{s.match(s.query(env, rcpt)), shares.key(i)}
		d, ok := decided[key]
		if !ok {
			d = key.policy.decide(env, shares.of(i))
			decided[key] = d
		}
		all[i] = d
	}
	return all
}

// Sealed tells if no further finding could change what becomes of the message for any recipient, so that the filters that
// have not run yet need not: all are rejected or discarded, nothing is kept or copied, and no rule of their policies asks
// for more. The score does not count, because points may still be taken off it.
func (s *Set) Sealed(env *mail.Envelope, findings []filters.Finding) bool {
	shares := newShares(env, findings)
	for i, rcpt := range env.RcptTo {
		if !s.match(s.query(env, rcpt)).sealed(env, shares.of(i)) {
			return false
		}
	}
	return len(env.RcptTo) > 0
}

func (c *compiled) sealed(env *mail.Envelope, findings []filters.Finding) bool {
	var sure Fate
	for _, a := range c.asks(findings) {
		if a.code != ScoreCode && (a.finding == nil || a.finding.Class != filters.Grey) { // What goes by the score may be taken back.
			sure = max(sure, a.fate)
		}
	}
	d := c.decide(env, findings)
	return sure >= Reject && sure == slices.Max(c.fates) && len(d.Store) == 0 && len(d.Forward) == 0 && !c.copiesAt(sure)
}

// Settled tells if a finding of class listed, such as that of a conclusive DNS list, keeps the message from every recipient, and nothing that filters about
// spam find could ask for a stronger fate: then those that have not run yet need not. Copies that only their findings would ask for are not made. What
// other filters find may still change the fate.
func (s *Set) Settled(env *mail.Envelope, findings []filters.Finding) bool {
	shares := newShares(env, findings)
	for i, rcpt := range env.RcptTo {
		if !s.match(s.query(env, rcpt)).settled(shares.of(i)) {
			return false
		}
	}
	return len(env.RcptTo) > 0
}

func (c *compiled) settled(findings []filters.Finding) bool {
	var sure Fate
	for _, a := range c.asks(findings) {
		if a.finding != nil && a.finding.Class == filters.Listed {
			sure = max(sure, a.fate)
		}
	}
	for i, r := range c.rules {
		if c.fates[i] > sure && mayBeOfSpam(r.Class) {
			return false
		}
	}
	return sure >= Quarantine
}

// mayBeOfSpam tells if a filter about spam may find what a rule is for. Any code may be of one, and any filter may fail.
func mayBeOfSpam(key string) bool {
	switch filters.Class(key) {
	case filters.Virus, filters.Phishing, filters.File, filters.HTML, filters.Macro, filters.Encrypted, filters.Ambiguous, filters.Unscannable:
		return false
	default:
		return true
	}
}

// copiesAt tells if a rule that asks for this fate asks for a copy besides.
func (c *compiled) copiesAt(fate Fate) bool {
	for i, r := range c.rules {
		if c.fates[i] == fate && slices.ContainsFunc(r.Actions, func(a Action) bool { return a.Name == "store" || a.Name == "forward" }) {
			return true
		}
	}
	return false
}

// ask is what one finding, or the score, calls for.
type ask struct {
	rule    int // Index in compiled.rules.
	code    string
	part    mail.PartID
	fate    Fate
	whole   bool             // The rule says replace, but there is no part to replace.
	clash   bool             // Its remedy would undo another, or be undone by it.
	finding *filters.Finding // Nil if it is the score.
}

// class is the key that tags and shelves are named by: that of the rule, or the finding's class if the rule is for a code.
func (a ask) class(rule Rule) string {
	if IsCode(rule.Class) && a.finding != nil {
		return string(a.finding.Class)
	}
	return rule.Class
}

// asks are all that the findings call for, in the order of Keys, then of codes and parts, each once.
func (c *compiled) asks(findings []filters.Finding) []ask {
	var asks []ask
	points := score(findings)
	for i := range findings {
		f := &findings[i]
		if f.List != "" && f.List != c.FileRules {
			continue // Of a rule list that others go by.
		}
		key := c.keyOf(f)
		spam := f.Class == filters.Spam && !IsCode(key)                    // Counts by its points, unless the policy names the code.
		if !spam && (f.Class != filters.Grey || points >= c.Spam.GreyAt) { // So good a message need not come again.
			asks = append(asks, c.ask(key, f.Code, f))
		}
		if math.IsNaN(f.Score) {
			asks = append(asks, c.ask(string(filters.Failure), f.Code, f))
		}
	}
	switch {
	case points >= c.Spam.HighAt:
		asks = append(asks, c.ask(HighSpam, ScoreCode, nil))
	case points >= c.Spam.TagAt:
		asks = append(asks, c.ask(string(filters.Spam), ScoreCode, nil))
	}
	slices.SortStableFunc(asks, compareAsks)
	return slices.CompactFunc(asks, func(a, b ask) bool { return compareAsks(a, b) == 0 })
}

// compareAsks puts asks in the order of rules, codes and parts, and those that agree in it in one that does not depend on the
// order of the findings.
func compareAsks(a, b ask) int {
	by := cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(a.code, b.code), cmp.Compare(a.part, b.part))
	if by != 0 || a.finding == nil || b.finding == nil {
		return by
	}
	return cmp.Or(cmp.Compare(a.finding.File, b.finding.File), cmp.Compare(a.finding.Notice, b.finding.Notice),
		cmp.Compare(remedyKey(a.finding), remedyKey(b.finding)))
}

// remedyKey tells two remedies apart.
func remedyKey(f *filters.Finding) string {
	if f.Remedy == nil {
		return ""
	}
	return fmt.Sprintf("%#v", f.Remedy)
}

// keyOf is the key that a finding is treated by: its code if there is a rule for that, else its class.
func (c *compiled) keyOf(f *filters.Finding) string {
	if _, ok := c.Do[f.Code]; ok {
		return f.Code
	}
	return string(f.Class)
}

func (c *compiled) ask(key, code string, f *filters.Finding) ask {
	rule := c.rule(key)
	a := ask{rule: rule, code: code, fate: c.fates[rule], finding: f}
	if f != nil {
		a.part = f.Part
	}
	if a.part == "" && slices.ContainsFunc(c.rules[rule].Actions, func(a Action) bool { return a.Name == "replace" }) {
		a.fate, a.whole = Quarantine, true
	}
	return a
}

// rule is the index of the rule for a key. A class that nobody knows is a fault of the filter: not knowing is never clean.
func (c *compiled) rule(key string) int {
	for _, k := range []string{key, string(filters.Failure)} {
		if i := slices.IndexFunc(c.rules, func(r Rule) bool { return r.Class == k }); i >= 0 {
			return i
		}
	}
	panic("policy: no rule for failure") // complete takes it from BuiltIn.
}

// maxPoints bounds what one finding may add or take off, so that sums stay exact.
const maxPoints = 1e6

// score is the sum of the points, in thousandths so that it is the same in any order. A score that is no number adds none.
func score(findings []filters.Finding) float64 {
	var sum int64
	for _, f := range findings {
		if math.IsNaN(f.Score) {
			continue
		}
		sum += int64(math.Round(min(max(f.Score, -maxPoints), maxPoints) * 1000))
	}
	return float64(sum) / 1000
}

func (c *compiled) decide(env *mail.Envelope, findings []filters.Finding) Disposition {
	d := Disposition{Policy: c.Name, Score: score(findings)}
	asks := c.asks(findings)
	for _, a := range asks {
		d.Fate = max(d.Fate, a.fate)
		d.Because = append(d.Because, c.reason(a))
	}
	d.Because = slices.Compact(d.Because)
	won := slices.DeleteFunc(asks, func(a ask) bool { return a.fate != d.Fate })
	c.findClashes(won)
	for _, a := range won {
		d.copies(a, c.rules[a.rule])
	}
	d.Store = sorted(d.Store, strings.Compare)
	d.Forward = sorted(d.Forward, comparePaths)
	d.Redirect = sorted(d.Redirect, comparePaths)
	if d.Fate == Deliver {
		d.Edits = c.edits(env, won, findings)
	}
	return d
}

func (c *compiled) reason(a ask) Reason {
	rule := c.rules[a.rule]
	var names []string
	for _, action := range rule.Actions {
		names = append(names, action.String())
	}
	text := strings.Join(names, ", ")
	if a.whole {
		text += " (no part to replace: quarantine)"
	}
	return Reason{Code: a.code, Class: rule.Class, Rule: rule.Policy, Where: rule.Where, Action: text, Fate: a.fate}
}

// copies notes where the message is to be kept and to whom it goes besides. What should have been made harmless, and could
// not be, is kept and goes to nobody.
func (d *Disposition) copies(a ask, rule Rule) {
	class := a.class(rule)
	if a.whole {
		d.Store = append(d.Store, class)
	}
	for _, action := range rule.Actions {
		switch {
		case action.Name == "disarm" && a.part != "" && !a.hasRemedy():
			d.Store = append(d.Store, class) // It is replaced, and that should lose nothing.
		case action.Name == "store" || action.Name == "quarantine":
			d.Store = append(d.Store, shelf(action, class))
		case action.Name == "forward" && !a.whole:
			d.Forward = append(d.Forward, mail.NewPath(action.Arg))
		case action.Name == "redirect" && !a.whole:
			d.Redirect = append(d.Redirect, mail.NewPath(action.Arg))
		}
	}
}

// sorted is the list in order and without repetitions; nil if it is empty.
func sorted[E comparable](list []E, compare func(a, b E) int) []E {
	slices.SortFunc(list, compare)
	return slices.Compact(list)
}

func comparePaths(a, b mail.Path) int { return strings.Compare(a.Raw, b.Raw) }
