// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mailweir/mailweir/policy"
)

// warnBackscatter tells of policies that refuse mail from outside after the queue: Postfix has taken it by then, and notifies a sender who
// is often forged (design note 006). Of each policy the first such action is told, once.
func (d *decoder) warnBackscatter(c *Config) {
	told := map[int]bool{}
	for i := range c.Listen {
		l := &c.Listen[i]
		if l.Mode != AfterQueue || l.Outbound {
			continue
		}
		found := refusals(c.Rules, l.Name)
		for _, n := range slices.Sorted(maps.Keys(found)) {
			if !told[n] {
				told[n] = true
				d.warn(found[n], "reject is after the queue at listen[%d]: Postfix has taken the message, and sends a notification to a sender who is often forged; "+
					"quarantine and discard do not, nor does reject before the queue", i)
			}
		}
	}
}

// refusals are the first actions reject that mail from outside can meet at a listener, by the policy that has them.
func refusals(rules []PolicySpec, listener string) map[int]string {
	found := map[int]string{}
	add := func(n int, but map[string][]Action) {
		if path := refusal(rules[n].Do, n, but); path != "" && found[n] == "" {
			found[n] = path
		}
	}
	def := slices.IndexFunc(rules, func(r PolicySpec) bool { return r.Name == policy.DefaultName })
	for n, r := range rules {
		w := r.When
		if w.Direction == string(policy.Outbound) || len(w.Listener) > 0 && !slices.Contains(w.Listener, listener) {
			continue
		}
		add(n, nil)
		if def >= 0 && n != def {
			add(def, r.Do)
		}
		if len(w.From.Entries)+len(w.To.Entries)+len(w.Client) == 0 && w.Direction == "" {
			break // All mail that is left is for this policy.
		}
	}
	return found
}

// refusal is where a policy first says reject, for a key that the policy which it completes leaves to it.
func refusal(do map[string][]Action, n int, but map[string][]Action) string {
	for _, key := range doKeys(do) {
		if _, said := but[key]; said {
			continue
		}
		for j, a := range do[key] {
			if a.Name == "reject" {
				return fmt.Sprintf("%s[%d]", join(fmt.Sprintf("policies[%d].do", n), key), j)
			}
		}
	}
	return ""
}
