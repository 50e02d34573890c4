// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/virus"
	"github.com/mailweir/mailweir/policy"
)

// validateChain finds filters that are there twice, and scanners that are called for and not there, or there and not called for.
func (d *decoder) validateChain(c *Config) {
	seen := map[string]string{}
	for i, stage := range c.Chain {
		if len(stage) == 0 {
			d.missing(fmt.Sprintf("chain[%d]", i), "stage without a filter")
		}
		for j, f := range stage {
			path := fmt.Sprintf("chain[%d][%d]", i, j)
			if first, twice := seen[f.Name]; twice && f.Name != "" {
				d.faultAt(path, "filter %q is in the chain already, at %s", f.Name, first)
			}
			seen[f.Name] = path
		}
	}
	if len(seen) == 0 && len(d.faults) == 0 {
		d.warn("chain", "no filter; all mail passes without a look")
	}
	d.validateScanners(c)
}

// validatePolicies holds the policies against the rest of the config.
func (d *decoder) validatePolicies(c *Config) {
	var listeners []string
	for _, l := range c.Listen {
		listeners = append(listeners, l.Name)
	}
	for i, r := range c.Rules {
		for j, name := range r.When.Listener {
			if !slices.Contains(listeners, name) {
				d.faultAt(fmt.Sprintf("policies[%d].when.listener[%d]", i, j), "no listener %q%s", name, suggest(name, listeners))
			}
		}
	}
	d.validateFileRules(c)
	d.warnPointless(c)
	d.warnBackscatter(c)
	if c.Policies != nil {
		d.validateQuarantine(c)
	}
}

// validateFileRules holds the rule lists that policies name against those that filters have.
func (d *decoder) validateFileRules(c *Config) {
	var lists []string
	for _, stage := range c.Chain {
		for _, f := range stage {
			if o, ok := f.Options.(interface{ Lists() []string }); ok {
				lists = append(lists, o.Lists()...)
			}
		}
	}
	for i, r := range c.Rules {
		path := fmt.Sprintf("policies[%d].file_rules", i)
		switch {
		case r.FileRules == "" || r.FileRules == policy.DefaultFileRules || slices.Contains(lists, r.FileRules):
		case len(lists) == 0:
			d.faultAt(path, "no filter of the chain has rule lists; that is the filter attachments")
		default:
			d.faultAt(path, "no rule list %q%s", r.FileRules, suggest(r.FileRules, lists))
		}
	}
}

// warnPointless tells of findings that have no points while no policy says what becomes of them.
func (d *decoder) warnPointless(c *Config) {
	said := func(code string) bool {
		return slices.ContainsFunc(c.Rules, func(r PolicySpec) bool {
			_, byCode := r.Do[code]
			_, byClass := r.Do[string(filters.Listed)]
			return byCode || byClass
		})
	}
	for i, stage := range c.Chain {
		for j, f := range stage {
			o, ok := f.Options.(interface{ Pointless() []string })
			if !ok || len(d.faults) > 0 {
				continue
			}
			for _, code := range o.Pointless() {
				if !said(code) {
					d.warn(fmt.Sprintf("chain[%d][%d].%s", i, j, f.Name), "%s has no points and no effect: no policy has a rule for it or for listed", code)
				}
			}
		}
	}
}

// validateQuarantine wants a folder for what the policies keep, those of the default included.
func (d *decoder) validateQuarantine(c *Config) {
	path, action := keeper(c.Rules)
	if action == "" {
		d.warnOneReply(c)
		return
	}
	if c.Quarantine.Dir == "" {
		d.faultAt(path, "%s needs quarantine.dir, which is empty", action)
		return
	}
	d.folder("quarantine.dir", c.Quarantine.Dir)
}

// warnOneReply tells that policies that only refuse may need the quarantine, too.
func (d *decoder) warnOneReply(c *Config) {
	refuses := slices.ContainsFunc(c.Rules, func(r PolicySpec) bool {
		for _, list := range r.Do {
			if slices.ContainsFunc(list, func(a Action) bool { return a.Name == "reject" }) {
				return true
			}
		}
		return false
	})
	if c.Quarantine.Dir != "" || !refuses || len(c.Rules) < 2 {
		return
	}
	for i, l := range c.Listen {
		if l.Protocol == SMTP {
			d.warn(fmt.Sprintf("listen[%d].protocol", i), "smtp has one reply for all recipients: where some are refused the message is kept for them, "+
				"and without quarantine.dir it is put off for all")
		}
	}
}

// keeper is the first action that needs the quarantine.
func keeper(rules []PolicySpec) (path, action string) {
	isKept := func(name string) bool {
		return name == "quarantine" || name == "store" || name == "replace" || name == "disarm"
	}
	builtIn := policy.BuiltIn().Do
	for i, r := range rules {
		for _, key := range doKeys(r.Do) {
			for j, a := range r.Do[key] {
				if isKept(a.Name) {
					return fmt.Sprintf("policies[%d].do.%s[%d]", i, key, j), keeperName(a.Name)
				}
			}
		}
		if r.Name == policy.DefaultName {
			for key := range r.Do {
				delete(builtIn, key)
			}
		}
	}
	for _, key := range policy.Keys() {
		for _, a := range builtIn[key] {
			if isKept(a.Name) {
				return "policies", fmt.Sprintf("%s, which the built-in default does to %s,", a.Name, key)
			}
		}
	}
	return "", ""
}

// doKeys are the keys of a policy's do: the classes in their order, then the codes.
func doKeys(do map[string][]Action) []string {
	keys := policy.Keys()
	for _, key := range slices.Sorted(maps.Keys(do)) {
		if policy.IsCode(key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// keeperName is the action, and why it keeps anything where that is not plain.
func keeperName(action string) string {
	switch action {
	case "replace":
		return "replace, which keeps what has no part to replace,"
	case "disarm":
		return "disarm, which keeps what it has to replace,"
	}
	return action
}

// scannerUse is the use of a scanner by a filter.
type scannerUse struct{ path, name string }

func (d *decoder) validateScanners(c *Config) {
	var names []string
	for name := range c.Scanners {
		names = append(names, name)
		if !plainKey(name) {
			d.faultAt(join("scanners", name), "want a name of letters, digits, - and _, at most %d", maxTold)
		}
	}
	slices.Sort(names)
	used := map[string]bool{}
	for _, u := range scannerUses(c) {
		used[u.name] = true
		if !slices.Contains(names, u.name) {
			d.faultAt(u.path, "no scanner %q in scanners%s", u.name, suggest(u.name, names))
		}
	}
	for _, name := range names {
		if !used[name] && len(d.faults) == 0 {
			d.warn(join("scanners", name), "no filter uses this scanner")
		}
	}
}

// scannerUses lists the scanners that the chain's filters call for.
func scannerUses(c *Config) []scannerUse {
	var uses []scannerUse
	for i, stage := range c.Chain {
		for j, f := range stage {
			o, ok := f.Options.(*virus.Options)
			if !ok {
				continue
			}
			path := fmt.Sprintf("chain[%d][%d].%s", i, j, f.Name)
			for n, name := range o.Scanners {
				uses = append(uses, scannerUse{fmt.Sprintf("%s.scanners[%d]", path, n), name})
			}
			for n, name := range o.Backup {
				uses = append(uses, scannerUse{fmt.Sprintf("%s.backup[%d]", path, n), name})
			}
		}
	}
	return uses
}
