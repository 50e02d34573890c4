// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/policy"
)

// PolicySpec is one policy as the file writes it.
type PolicySpec struct {
	Name string              `yaml:"name" required:"true" doc:"In logs, records and reasons. The policy named default completes all others and matches all recipients."`
	When When                `yaml:"when,omitempty" doc:"Whom the policy is for; left out, for all. All conditions have to hold; one holds if one of its values does."`
	Spam Spam                `yaml:"spam,omitempty" doc:"Thresholds of spam points."`
	Do   map[string][]Action `yaml:"do,omitempty" doc:"Actions for each class of findings, or for the code of a finding, which goes before its class."`

	FileRules string `yaml:"file_rules,omitempty" default:"default" doc:"Rule list of the filter attachments that the policy goes by."`
	Signed    string `yaml:"signed,omitempty" oneof:"wrap replace" default:"wrap" doc:"What disarm, replace and strip-html do about a part inside a signed or encrypted entity, in which nothing is changed. wrap: the message becomes an attachment of a warning. replace: all that is signed is replaced, with the signature."`
	Language  string `yaml:"language,omitempty" default:"en" doc:"Language of the texts that recipients get in place of what was removed: en, de, es, fr, it or nl."`

	Pos Pos `yaml:"-"`
}

// When is the condition of a policy.
type When struct {
	From      Patterns       `yaml:"from,omitempty" doc:"Reverse-paths."`
	To        Patterns       `yaml:"to,omitempty" doc:"Forward-paths."`
	Client    []netip.Prefix `yaml:"client,omitempty" doc:"Networks that the remote client is in."`
	Listener  []string       `yaml:"listener,omitempty" doc:"Names of listeners that the message came in by."`
	Direction string         `yaml:"direction,omitempty" oneof:"inbound outbound" doc:"inbound or outbound: outbound is mail of networks.trusted, of the host itself, and of listeners with outbound: true."`
}

// Spam holds the thresholds of a policy.
type Spam struct {
	GreyAt float64 `yaml:"grey_at,omitempty" doc:"Points from which findings of class grey count; may be below 0, as -100 for all messages."`
	TagAt  float64 `yaml:"tag_at,omitempty" min:"0.001" doc:"Points from which a message is spam."`
	HighAt float64 `yaml:"high_at,omitempty" min:"0.001" doc:"Points from which it is high_spam; not below tag_at."`
}

// Action is one action: a word, or {word: argument}.
type Action policy.Action

func (a *Action) decodeNode(d *decoder, n *yaml.Node, path string) {
	word, arg := d.single(n, path, "an action or {action: argument}")
	if word == nil {
		return
	}
	a.Name = word.Value
	if arg != nil {
		if arg.Kind != yaml.ScalarNode || isNull(arg) {
			d.fault(arg, path, "want text as what %s is done with, have %s", a.Name, told(arg))
			return
		}
		a.Arg = arg.Value
	}
	if err := policy.Action(*a).Check(); err != nil {
		d.fault(word, path, "%v", err)
	}
}

func (p *PolicySpec) decodeNode(d *decoder, n *yaml.Node, path string) {
	p.Pos = d.pos(path)
	type plain PolicySpec // Without this method.
	d.value(n, path, reflect.ValueOf((*plain)(p)), nil)
	p.noEmptyList(d, path+".when")
	for _, key := range slices.Sorted(maps.Keys(p.Do)) {
		known := policy.Keys()
		what := "class"
		if policy.IsCode(key) {
			known, what = d.kinds.codes(), "finding"
		}
		if !slices.Contains(known, key) {
			d.faultAt(join(path+".do", key), "unknown %s%s", what, suggest(key, known))
		}
	}
}

// noEmptyList refuses conditions that no message could meet, which no one can have meant.
func (p *PolicySpec) noEmptyList(d *decoder, path string) {
	for _, c := range []struct {
		key string
		n   int
	}{
		{"from", len(p.When.From.Entries)},
		{"to", len(p.When.To.Entries)},
		{"client", len(p.When.Client)},
		{"listener", len(p.When.Listener)},
	} {
		at := join(path, c.key)
		if _, given := d.lines[at]; given && c.n == 0 && !d.isFaulty(at) {
			d.faultAt(at, "empty; leave the key out if it is not to count")
		}
	}
}

// buildPolicies makes the policies that the rest of mailweir goes by. It needs rules without a fault, lest it complain of what
// only seems so.
func (d *decoder) buildPolicies(c *Config) {
	if d.isFaulty("policies") {
		return
	}
	set, err := newPolicies(d, c.Rules, c.Networks.Trusted)
	for _, e := range split(err) {
		var f *policy.Fault
		if !errors.As(e, &f) {
			d.faultAt("policies", "%v", e)
			continue
		}
		path := fmt.Sprintf("policies[%d]", f.Index)
		if f.Key != "" {
			path += "." + c.Rules[f.Index].keyInFile(f.Key)
		}
		d.faultAt(path, "policy %q: %s", f.Policy, f.Text)
	}
	c.Policies = set
}

// keyInFile is the key of a fault as the file has it: there a pattern may stand in a file of its own.
func (p *PolicySpec) keyInFile(key string) string {
	for list, patterns := range map[string]*Patterns{"when.from": &p.When.From, "when.to": &p.When.To} {
		var i int
		if n, _ := fmt.Sscanf(key, list+"[%d]", &i); n == 1 {
			return fmt.Sprintf("%s[%d]", list, patterns.entryOf(i))
		}
	}
	if class, ok := strings.CutPrefix(key, "do."); ok {
		class, item, _ := strings.Cut(class, "[")
		if item != "" {
			item = "[" + item
		}
		return join("do", class) + item
	}
	return key
}

// newPolicies makes a set of policies. Lines are known if d has read the rules.
func newPolicies(d *decoder, rules []PolicySpec, trusted []netip.Prefix) (*policy.Set, error) {
	list := make([]policy.Policy, len(rules))
	for i, r := range rules {
		list[i] = r.policy()
	}
	for path := range d.lines {
		index, key, ok := strings.Cut(strings.TrimPrefix(path, "policies["), "].")
		if i, err := strconv.Atoi(index); ok && err == nil && i < len(list) {
			list[i].Where[strings.ReplaceAll(key, `"`, "")] = d.pos(path).String() // Codes have a dot, so the path quotes them.
		}
	}
	return policy.New(list, trusted)
}

// policy is the policy in the words of package policy.
func (p PolicySpec) policy() policy.Policy {
	out := policy.Policy{
		Name: p.Name,
		When: policy.When{
			From: p.When.From.loaded, To: p.When.To.loaded, Client: p.When.Client,
			Listener: p.When.Listener, Direction: policy.Direction(p.When.Direction),
		},
		Spam: policy.Thresholds{GreyAt: p.Spam.GreyAt, TagAt: p.Spam.TagAt, HighAt: p.Spam.HighAt},

		FileRules: p.FileRules,
		Signed:    policy.Signed(p.Signed),
		Language:  p.Language,

		Do:    map[string][]policy.Action{},
		Where: map[string]string{},
	}
	if p.Pos.Line > 0 {
		out.Where[""] = p.Pos.String()
	}
	for key, actions := range p.Do {
		out.Do[key] = []policy.Action{}
		for _, a := range actions {
			out.Do[key] = append(out.Do[key], policy.Action(a))
		}
	}
	return out
}
