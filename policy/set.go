// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// Set is all the policies in order, checked and completed. It never changes; safe for many goroutines.
type Set struct {
	policies []*compiled
	trusted  *networks
}

// compiled is a policy with its conditions ready to be matched and its rules completed from the default.
type compiled struct {
	Policy                // Completed.
	greyAt, tagAt, highAt Threshold
	rules                 []Rule // In the order of Keys, then of the codes that have a rule of their own.
	fates                 []Fate // Of the rules, in the same order.
	cond                  condition
}

// Rule is what a policy does about one class, and where that is written.
type Rule struct {
	Class   string   // A key of Policy.Do: a class, or a code.
	Actions []Action // At least one.
	Policy  string   // The policy that says so: the recipient's own, the default, or BuiltInName.
	Where   string   // "file:line"; "" if it is built in or not known.
}

// BuiltInName stands in a Rule for what no policy of the config says.
const BuiltInName = "built-in"

// New checks the policies and completes each from the one named default, and that from BuiltIn. The default need not be
// given; it is always the last. trusted are the networks whose mail is Outbound.
// The error joins a *Fault for each thing that is wrong.
func New(policies []Policy, trusted []netip.Prefix) (*Set, error) {
	given := len(policies)
	if !slices.ContainsFunc(policies, isDefault) {
		policies = append(slices.Clone(policies), Policy{Name: DefaultName})
	}
	var c checker
	for i := range policies {
		c.policy(i, &policies[i])
	}
	if err := errors.Join(c.faults...); err != nil {
		return nil, err
	}
	s := &Set{trusted: compileNetworks(trusted)}
	def := policies[slices.IndexFunc(policies, isDefault)]
	for i := range policies {
		s.policies = append(s.policies, complete(policies[i], def))
	}
	for i := range given {
		c.compiled(i, s.policies)
	}
	if err := errors.Join(c.faults...); err != nil {
		return nil, err
	}
	return s, nil
}

func isDefault(p Policy) bool { return p.Name == DefaultName }

// complete fills in what p leaves out.
func complete(p, def Policy) *compiled {
	c := &compiled{Policy: p, cond: newCondition(p.When)}
	chain := []Policy{p, def, BuiltIn()}
	chain[2].Name = BuiltInName
	c.Do = make(map[string][]Action)
	for _, key := range append(Keys(), codes(chain)...) {
		r := firstRule(key, chain)
		c.rules = append(c.rules, r)
		c.fates = append(c.fates, listFate(r.Actions))
		c.Do[key] = r.Actions
	}
	c.greyAt = firstThreshold("spam.grey_at", chain, func(t Thresholds) float64 { return t.GreyAt })
	c.tagAt = firstThreshold("spam.tag_at", chain, func(t Thresholds) float64 { return t.TagAt })
	c.highAt = firstThreshold("spam.high_at", chain, func(t Thresholds) float64 { return t.HighAt })
	c.Spam = Thresholds{GreyAt: c.greyAt.Points, TagAt: c.tagAt.Points, HighAt: c.highAt.Points}
	for _, p := range chain {
		c.FileRules = cmp.Or(c.FileRules, p.FileRules)
		c.Signed = cmp.Or(c.Signed, p.Signed)
		c.Language = cmp.Or(c.Language, p.Language)
	}
	return c
}

// codes are the keys of the policies that are no classes, sorted.
func codes(chain []Policy) []string {
	var all []string
	for _, p := range chain {
		for key := range p.Do {
			if IsCode(key) {
				all = append(all, key)
			}
		}
	}
	return sorted(all, strings.Compare)
}

func firstRule(key string, chain []Policy) Rule {
	for _, p := range chain {
		if list, ok := p.Do[key]; ok {
			return Rule{Class: key, Actions: slices.Clone(list), Policy: p.Name, Where: p.where("do." + key)}
		}
	}
	return Rule{} // Not reached: BuiltIn has every key.
}

func firstThreshold(key string, chain []Policy, get func(Thresholds) float64) Threshold {
	for _, p := range chain {
		if v := get(p.Spam); v != 0 {
			return Threshold{Points: v, Policy: p.Name, Where: p.where(key)}
		}
	}
	return Threshold{} // Not reached: BuiltIn has all.
}

// listFate is the fate that a list of actions asks for; Deliver if none of them says.
func listFate(list []Action) Fate {
	var fate Fate
	for _, a := range list {
		s, _ := lookup(a.Name)
		fate = max(fate, s.fate)
	}
	return fate
}

// condition is a compiled When.
type condition struct {
	when     When
	from, to *patterns
	client   *networks
}

func newCondition(w When) condition {
	return condition{when: w, from: compile(w.From), to: compile(w.To), client: compileNetworks(w.Client)}
}

// query is what conditions are asked about.
type query struct {
	from, to  address
	client    mail.Client
	listener  string
	direction Direction
}

func (s *Set) query(env *mail.Envelope, rcpt mail.Path) query {
	return query{
		from: newAddress(env.MailFrom), to: newAddress(rcpt), client: env.Client, listener: env.Listener,
		direction: s.direction(env),
	}
}

// Outbound tells if the message goes the way that is called Outbound.
func (s *Set) Outbound(env *mail.Envelope) bool { return s.direction(env) == Outbound }

func (s *Set) direction(env *mail.Envelope) Direction {
	if env.Outbound {
		return Outbound
	}
	return s.trusted.direction(env.Client)
}

// fails names the first condition that does not hold, "" if all hold.
func (c *condition) fails(q query) string {
	switch {
	case c.when.From != nil && !c.from.match(q.from):
		return "from"
	case c.when.To != nil && !c.to.match(q.to):
		return "to"
	case c.when.Client != nil && !c.client.contains(q.client.IP()):
		return "client"
	case c.when.Listener != nil && !slices.Contains(c.when.Listener, q.listener):
		return "listener"
	case c.when.Direction != "" && c.when.Direction != q.direction:
		return "direction"
	}
	return ""
}

// isCatchAll tells if c holds for everything.
func (c *condition) isCatchAll() bool {
	return c.covers(&condition{})
}

// isNever tells if c holds for nothing, because one of its lists is empty. Such a list may be filled by the next reload.
func (c *condition) isNever() bool {
	w := c.when
	return w.From != nil && len(w.From) == 0 || w.To != nil && len(w.To) == 0 ||
		w.Client != nil && len(w.Client) == 0 || w.Listener != nil && len(w.Listener) == 0
}

// covers tells if c holds wherever other holds. It may miss that, but never claims it wrongly.
func (c *condition) covers(other *condition) bool {
	w, o := c.when, other.when
	return (w.From == nil || c.from.all || o.From != nil && c.from.covers(other.from)) &&
		(w.To == nil || c.to.all || o.To != nil && c.to.covers(other.to)) &&
		(w.Client == nil || o.Client != nil && c.client.covers(other.client)) &&
		(w.Listener == nil || o.Listener != nil && isSubset(o.Listener, w.Listener)) &&
		(w.Direction == "" || w.Direction == o.Direction)
}

func isSubset(part, all []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(all, s) })
}

// Match is the recipient's policy: the first whose conditions hold, completed. It must not be changed.
func (s *Set) Match(env *mail.Envelope, rcpt mail.Path) *Policy {
	return &s.match(s.query(env, rcpt)).Policy
}

func (s *Set) match(q query) *compiled {
	for _, p := range s.policies {
		if p.cond.fails(q) == "" {
			return p
		}
	}
	return s.policies[len(s.policies)-1] // The default, which has no conditions.
}
