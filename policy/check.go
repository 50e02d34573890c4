// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/notices"
)

// checker collects faults.
type checker struct {
	faults []error
	names  []string // Of the policies looked at so far.
}

func (c *checker) fault(index int, p *Policy, key, format string, args ...any) {
	c.faults = append(c.faults, &Fault{Index: index, Policy: p.Name, Key: key, Text: fmt.Sprintf(format, args...)})
}

// policy checks one policy as it was written.
func (c *checker) policy(i int, p *Policy) {
	if err := checkName(p.Name); err != nil {
		c.fault(i, p, "name", "%v", err)
	}
	if p.Name == BuiltInName {
		c.fault(i, p, "name", "this name stands for what no policy says")
	}
	if p.Name != DefaultName && strings.EqualFold(p.Name, DefaultName) {
		c.fault(i, p, "name", "write %q in small letters", DefaultName)
	}
	if slices.Contains(c.names, p.Name) {
		c.fault(i, p, "name", "there is a policy of this name already")
	}
	c.names = append(c.names, p.Name)
	c.when(i, p)
	c.thresholds(i, p)
	if p.Signed != "" && p.Signed != SignedWrap && p.Signed != SignedReplace {
		c.fault(i, p, "signed", "%v", unknown("way", string(p.Signed), []string{string(SignedWrap), string(SignedReplace)}))
	}
	if p.Language != "" && !slices.Contains(notices.Languages(), p.Language) {
		c.fault(i, p, "language", "%v", unknown("language", p.Language, notices.Languages()))
	}
	for _, key := range slices.Sorted(maps.Keys(p.Do)) {
		c.do(i, p, key)
	}
}

func (c *checker) when(i int, p *Policy) {
	for _, list := range []struct {
		key      string
		patterns []Pattern
	}{{"when.from", p.When.From}, {"when.to", p.When.To}} {
		for n, pattern := range list.patterns {
			err := pattern.Check()
			if err == nil && pattern == "<>" && list.key == "when.to" {
				err = errors.New("a recipient is never null")
			}
			if err != nil {
				c.fault(i, p, fmt.Sprintf("%s[%d]", list.key, n), "pattern %q: %v", string(pattern), err)
			}
		}
	}
	for n, prefix := range p.When.Client {
		if !prefix.IsValid() {
			c.fault(i, p, fmt.Sprintf("when.client[%d]", n), "is no network; want one such as 192.0.2.0/24")
		}
	}
	if d := p.When.Direction; d != "" && d != Inbound && d != Outbound {
		c.fault(i, p, "when.direction", "%v", unknown("direction", string(d), []string{string(Inbound), string(Outbound)}))
	}
}

func (c *checker) thresholds(i int, p *Policy) {
	for _, t := range []struct {
		key string
		at  float64
	}{{"spam.tag_at", p.Spam.TagAt}, {"spam.high_at", p.Spam.HighAt}} {
		if t.at < 0 || math.IsNaN(t.at) || t.at != 0 && t.at < 0.001 {
			c.fault(i, p, t.key, "want points above 0, at least 0.001")
		}
	}
	_, given := p.Where["spam.grey_at"]
	if at := p.Spam.GreyAt; math.IsNaN(at) || math.Abs(at) < 0.001 && (at != 0 || given) { // 0 would be taken for what the default says.
		c.fault(i, p, "spam.grey_at", "want points, at least 0.001 above or below 0")
	}
}

func (c *checker) do(i int, p *Policy, key string) {
	place := "do." + key
	if !slices.Contains(Keys(), key) && !IsCode(key) {
		c.fault(i, p, place, "%v", unknown("class", key, Keys()))
		return
	}
	sound := true
	for n, a := range p.Do[key] {
		if err := a.Check(); err != nil {
			c.fault(i, p, fmt.Sprintf("%s[%d]", place, n), "%v", err)
			sound = false
		}
	}
	if !sound {
		return
	}
	if err := checkList(key, p.Do[key]); err != nil {
		c.fault(i, p, place, "%v", err)
	}
}

// IsCode tells if a key of Policy.Do is the code of a finding, such as html.form, and no class.
func IsCode(key string) bool {
	filter, what, ok := strings.Cut(key, ".")
	word := func(s string) bool {
		return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
	}
	return ok && word(filter) && word(what)
}

// compiled checks what shows only once a policy is completed and stands among the others.
func (c *checker) compiled(i int, all []*compiled) {
	p := all[i]
	if p.Name == DefaultName && !p.cond.isCatchAll() {
		c.fault(i, &p.Policy, "when", "the default is for all recipients; give these conditions to a policy of another name")
	}
	for _, earlier := range all[:i] {
		if !p.cond.isNever() && earlier.cond.covers(&p.cond) {
			c.fault(i, &p.Policy, "", "is never reached: %s", coveredBy(earlier))
			break
		}
	}
	if p.Spam.HighAt < p.Spam.TagAt {
		c.fault(i, &p.Policy, "spam", "high_at %v (from %s) is below tag_at %v (from %s)",
			p.Spam.HighAt, place(p.highAt.Policy, p.highAt.Where), p.Spam.TagAt, place(p.tagAt.Policy, p.tagAt.Where))
	}
	spam, high := slices.Index(Keys(), "spam"), slices.Index(Keys(), HighSpam)
	if p.fates[high] < p.fates[spam] {
		c.fault(i, &p.Policy, "do.spam", "%s (from %s) is stronger than %s for high_spam (from %s)",
			p.fates[spam], place(p.rules[spam].Policy, p.rules[spam].Where), p.fates[high], place(p.rules[high].Policy, p.rules[high].Where))
	}
}

// coveredBy says which earlier policy takes everything.
func coveredBy(earlier *compiled) string {
	text := fmt.Sprintf("policy %q", earlier.Name)
	if w := earlier.where("when"); w != "" {
		text += " (" + w + ")"
	}
	if earlier.cond.isCatchAll() {
		return text + " is for all recipients and stands before it"
	}
	return text + " stands before it and takes all that it is for"
}

// place names where a rule is written: file and line if they are known, else the policy.
func place(policy, where string) string { return cmp.Or(where, policy) }
