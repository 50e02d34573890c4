// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters/attachments"
	"github.com/mailweir/mailweir/policy"
)

// spec is a policy of the result.
type spec struct {
	name  string
	view  view
	out   outcome
	list  string // Of rules for files.
	rules []rule // That it comes from.
}

// settle takes from the default what makes no difference: the rules where all files are delivered, the thresholds where all spam is.
func (s *spec) settle(def *spec) {
	if s.out.do["file"].only("deliver") && s.out.do["file.rename"].only("deliver") {
		s.list = def.list
	}
	if s.out.do["spam"].only("deliver") && s.out.do[policy.HighSpam].only("deliver") {
		s.out.tag, s.out.high = def.out.tag, def.out.high
	}
}

// same tells if two policies say the same.
func (s *spec) same(o *spec) bool { return s.key() == o.key() }

func (s *spec) key() string {
	return fmt.Sprint(s.list, s.out.do, s.out.tag, s.out.high, s.out.language) // Maps are printed in the order of their keys.
}

// policies makes a policy of each view, without those that are needless.
func (im *importer) policies() ([]*spec, error) {
	im.planSenders()
	im.planLists()
	var specs []*spec
	for _, v := range slices.Backward(im.views) { // The default first: its list of rules gets the name default.
		list, err := im.list(v)
		if err != nil {
			return nil, err
		}
		specs = append(specs, &spec{view: v, out: v.outcome(), list: list, rules: v.rules})
	}
	for _, s := range specs {
		s.settle(specs[0])
	}
	slices.Reverse(specs)
	specs = needed(specs)
	named(specs)
	return im.reachable(specs)
}

// list is the name of the list of rules for files that the mail of the view goes by.
func (im *importer) list(v view) (string, error) {
	var values []string
	for _, k := range fileKeys() {
		values = append(values, v.get(k))
	}
	values = append(values, fmt.Sprint(v.number("maximumattachmentsize") == 0))
	key := strings.Join(values, "\x00")
	for _, l := range im.lists {
		if l.key == key {
			return l.name, nil
		}
	}
	rules, err := v.fileRules()
	if err != nil {
		return "", err
	}
	if im.used += len(rules); im.used > maxFileRules {
		return "", limitError{fmt.Sprintf("more than %d rules for files in all lists", maxFileRules)}
	}
	name := policy.DefaultFileRules
	if len(im.lists) > 0 {
		name = fmt.Sprintf("list-%d", len(im.lists)+1)
	}
	im.lists = append(im.lists, fileList{name, rules, key})
	return name, nil
}

// needed leaves out policies that change nothing: whatever mail they are for falls to others behind them that say the same.
func needed(specs []*spec) []*spec {
	last := len(specs) - 1
	kept := []*spec{specs[last]} // Last first.
	for i := last - 1; i >= 0; i-- {
		if differs(specs[i], kept) {
			kept = append(kept, specs[i])
		}
	}
	slices.Reverse(kept)
	return kept
}

// differs tells if without s some of its mail would be treated otherwise by those behind it, of which the last comes first.
func differs(s *spec, behind []*spec) bool {
	for _, k := range slices.Backward(behind) {
		switch {
		case !k.view.cond.meets(s.view.cond):
		case !k.same(s):
			return true
		case k.view.cond.covers(s.view.cond):
			return false
		}
	}
	return false
}

// named gives each policy a name after its condition.
func named(specs []*spec) {
	taken := map[string]int{}
	for _, s := range specs {
		s.name = s.view.cond.name()
		if taken[s.name]++; taken[s.name] > 1 {
			s.name += fmt.Sprintf("-%d", taken[s.name])
		}
	}
}

// name is a name for a policy with the condition.
func (c cond) name() string {
	if c.any() {
		return policy.DefaultName
	}
	var parts []string
	part := func(word, s string, more int) {
		s = strings.Trim(strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.':
				return r
			}
			return '-'
		}, s), "-.")
		s = s[:min(len(s), 24)]
		if more > 1 {
			s += "-etc"
		}
		parts = append(parts, strings.Trim(word+"-"+s, "-."))
	}
	if c.from != nil {
		part("from", string(c.from[0]), len(c.from))
	}
	if c.to != nil {
		part("to", string(c.to[0]), len(c.to))
	}
	if c.client != nil {
		part("client", c.client[0].String(), len(c.client))
	}
	name := strings.Join(parts, "-")
	return strings.Trim(name[:min(len(name), 60)], "-.")
}

// reachable leaves out policies that package policy says are never reached. Any other fault is one of ours.
func (im *importer) reachable(specs []*spec) ([]*spec, error) {
	for {
		var list []policy.Policy
		for _, s := range specs {
			list = append(list, s.make(specs[len(specs)-1]))
		}
		_, err := policy.New(list, nil)
		if err == nil {
			return specs, nil
		}
		drop := map[int]bool{}
		for _, e := range parts(err) {
			var f *policy.Fault
			if !errors.As(e, &f) || f.Key != "" {
				return nil, fmt.Errorf("the policies that were made are not sound: %w", err)
			}
			drop[f.Index] = true
		}
		if drop[len(specs)-1] || len(drop) == 0 {
			return nil, fmt.Errorf("the policies that were made are not sound: %w", err)
		}
		kept := specs[:0:0]
		for i, s := range specs {
			if !drop[i] {
				kept = append(kept, s)
			}
		}
		specs = kept
	}
}

// parts takes errors.Join apart.
func parts(err error) []error {
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		return many.Unwrap()
	}
	return []error{err}
}

// make is the policy as package policy has it: what is the same in the default is left out.
func (s *spec) make(def *spec) policy.Policy {
	p := policy.Policy{Name: s.name, When: policy.When{From: s.view.cond.from, To: s.view.cond.to, Client: s.view.cond.client}, Do: map[string][]policy.Action{}}
	for key, list := range s.out.do {
		if s == def || !slices.Equal(list, def.out.do[key]) {
			p.Do[key] = list
		}
	}
	if s == def || s.out.tag != def.out.tag {
		p.Spam.TagAt = s.out.tag
	}
	if s == def || s.out.high != def.out.high {
		p.Spam.HighAt = s.out.high
	}
	if s == def || s.list != def.list {
		p.FileRules = s.list
	}
	if s == def || s.out.language != def.out.language {
		p.Language = s.out.language
	}
	return p
}

// options are the options of the filter attachments, checked.
func (im *importer) options() (*attachments.Options, error) {
	o := attachments.DefaultOptions()
	o.Rules = map[string][]attachments.Rule{}
	for _, l := range im.lists {
		o.Rules[l.name] = []attachments.Rule{}
		for _, r := range l.rules {
			if r.Do != "" {
				o.Rules[l.name] = append(o.Rules[l.name], r.Rule)
			}
		}
	}
	im.sizes(o)
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("the rules for files that were made are not sound: %w", err)
	}
	return o, nil
}
