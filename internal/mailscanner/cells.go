// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"maps"
	"slices"
	"strings"
)

// maxCells is how many different combinations of rules there may be. A ruleset that would make more is left out.
const maxCells = 500

// view is the settings as they are for some mail.
type view struct {
	im     *importer
	cond   cond
	values map[string][]string // Of settings with a ruleset: values of the rules that hold; none for the default.
	rules  []rule              // Those rules.
}

// group is a run of rules of one ruleset with the same value.
type group struct {
	cond  cond
	value string
	rules []rule
}

// cells combines all rulesets. The views are in such an order that, for any one recipient, the first whose condition holds has the values
// that each ruleset by itself gives: the order is that of the rules of the first ruleset, within each that of the second, and so on. The last view
// is the default.
func (im *importer) cells() []view {
	views := []view{{im: im, values: map[string][]string{}}}
	for _, e := range im.conf.given() {
		if e.setting == nil || im.rulesets[e.setting.key] == nil {
			continue
		}
		rs := im.rulesets[e.setting.key]
		switch {
		case len(rs.rules) == 0:
		case !rs.setting.byPolicy():
			im.leftOut(e, rs, "is one for all mail here")
		default:
			more := combine(views, rs)
			if len(more) > maxCells {
				im.leftOut(e, rs, "makes too many policies together with the other rulesets")
				continue
			}
			views = more
		}
	}
	return views
}

// leftOut tells that the rules of a ruleset do not count.
func (im *importer) leftOut(e *entry, rs *ruleset, why string) {
	v := view{im: im}
	im.notes.warning(e.place, e.String(), "%s; taken is the default of the ruleset, %q, and its rules are left out", why, v.get(e.setting.key))
	for _, r := range rs.rules {
		im.notes.note(r.place, r.text, "left out")
	}
	rs.rules = nil
}

// combine refines the views by one more ruleset.
func combine(views []view, rs *ruleset) []view {
	groups := grouped(rs.rules)
	var out []view
	seen := map[string]bool{}
	keep := func(v view) {
		if k := v.cond.key(); !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	for _, v := range views {
		if rs.setting.scope == first {
			for _, g := range groups {
				if w, ok := v.with(rs.setting.key, g); ok {
					keep(w)
				}
			}
			keep(v)
		} else {
			for _, w := range v.withAll(rs.setting.key, groups) {
				keep(w)
			}
		}
		if len(out) > maxCells {
			break
		}
	}
	return out
}

// with is the view for those of its mail that the group is about, too.
func (v view) with(key string, g group) (view, bool) {
	c, ok := v.cond.intersect(g.cond)
	if v.cond.vague(g.cond) {
		r := g.rules[0]
		v.im.notes.warning(r.place, r.text, "for mail that this and a rule of another ruleset are about, because of an asterisk in both, only one of them may count")
	}
	if !ok {
		return v, false
	}
	w := view{im: v.im, cond: c, values: maps.Clone(v.values), rules: slices.Concat(v.rules, g.rules)}
	w.values[key] = append(slices.Clone(v.values[key]), g.value)
	return w, true
}

// withAll are the views for all sets of groups that may hold together, those with more groups first.
func (v view) withAll(key string, groups []group) []view {
	list := []view{v}
	for _, g := range groups {
		var next []view
		for _, w := range list {
			if x, ok := w.with(key, g); ok {
				next = append(next, x)
			}
			next = append(next, w)
		}
		if list = next; len(list) > maxCells {
			break
		}
	}
	return list
}

// grouped joins neighbouring rules with the same value whose conditions are of the same shape and have a single list, so that one policy will do
// for them.
func grouped(rules []rule) []group {
	var out []group
	start := 0 // Of the run of groups with the same value.
	for _, r := range rules {
		if len(out) > 0 && out[len(out)-1].value != r.value {
			start = len(out)
		}
		for _, c := range r.conds {
			i := slices.IndexFunc(out[start:], func(g group) bool { return g.cond.shape() == c.shape() && listCount(c) == 1 })
			if i < 0 {
				out = append(out, group{c, r.value, []rule{r}})
				continue
			}
			g := &out[start+i]
			g.cond.from = append(slices.Clip(g.cond.from), c.from...)
			g.cond.to = append(slices.Clip(g.cond.to), c.to...)
			g.cond.client = append(slices.Clip(g.cond.client), c.client...)
			g.rules = append(g.rules, r)
		}
	}
	return out
}

// listCount is how many lists a condition has.
func listCount(c cond) int {
	n := 0
	for _, has := range c.shape() {
		if has {
			n++
		}
	}
	return n
}

// get is the value of a setting as MailScanner has it.
func (v view) get(key string) string {
	s := v.im.conf.table[key]
	if list := v.values[key]; len(list) > 0 {
		return s.join(list)
	}
	if rs := v.im.rulesets[key]; rs != nil {
		if rs.def != nil {
			return rs.def.value
		}
		return s.def
	}
	if e := v.im.conf.entries[key]; e != nil {
		if why := s.wrong(e.value); why != "" {
			v.im.notes.warning(e.place, e.String(), "%s; taken is the default, %q", why, s.def)
			return s.def
		}
		return e.value
	}
	return s.def
}

// join is the value that several rules give together.
func (s *setting) join(values []string) string {
	if s.scope == first {
		return values[0]
	}
	if s.kind != 'y' {
		return strings.Join(values, " ")
	}
	order := []string{"yes", "start", "end", "virus", "disarm", "no"}
	if s.words() != nil && strings.HasPrefix(s.key, "allow") || s.key == "allowpasswordprotectedarchives" {
		order = []string{"no", "disarm", "yes"} // All have to agree on what is allowed.
	}
	for _, w := range order {
		if slices.ContainsFunc(values, func(x string) bool { return strings.EqualFold(x, w) }) {
			return w
		}
	}
	return values[0]
}

// yes tells if a setting is on.
func (v view) yes(key string) bool { return strings.EqualFold(v.get(key), "yes") }

// word is the value in lower case.
func (v view) word(key string) string { return strings.ToLower(v.get(key)) }

// number is the value of a setting that is a number.
func (v view) number(key string) float64 {
	if n, ok := number(v.get(key)); ok {
		return n
	}
	n, _ := number(v.im.conf.table[key].def)
	return n
}

// at is where a setting is, for notes. What is not set has no line.
func (im *importer) at(key string) (place, string) {
	if e := im.conf.entries[key]; e != nil {
		return e.place, e.String()
	}
	s := im.conf.table[key]
	return place{file: mainFile}, s.name + " = " + s.def + " (not set)"
}

// note tells something of a setting.
func (im *importer) note(key, format string, args ...any) {
	p, text := im.at(key)
	im.notes.note(p, text, format, args...)
}

// noteGiven tells something of a setting, if the files give it.
func (im *importer) noteGiven(key, format string, args ...any) {
	if im.conf.entries[key] != nil {
		im.note(key, format, args...)
	}
}

// warn tells something of a setting that is weaker or stricter than it was.
func (im *importer) warn(key, format string, args ...any) {
	p, text := im.at(key)
	im.notes.warning(p, text, format, args...)
}
