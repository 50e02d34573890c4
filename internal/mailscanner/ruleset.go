// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"regexp"
	"strings"
)

// maxRules is how many rules all rulesets together may have.
const maxRules = 100_000

// ruleset is a file that gives one setting different values.
type ruleset struct {
	setting *setting
	rules   []rule
	def     *rule // The default, if there is one.
}

// rule is a line of a ruleset. It holds if one of its conditions does.
type rule struct {
	place
	text  string
	conds []cond
	value string
}

// isRuleset tells if the value of a setting is the path of a ruleset, by the words of MailScanner: for lists of words and numbers any path,
// else one that ends in .rules or .rule.
func (e *entry) isRuleset() bool {
	word, _, _ := strings.Cut(e.value, " ")
	if !strings.HasPrefix(word, "/") || e.setting.scope == single {
		return false
	}
	low := strings.ToLower(word)
	return strings.HasSuffix(low, "rules") || strings.HasSuffix(low, "rule") || e.setting.kind == 'y' || e.setting.kind == 'n'
}

// readRulesets reads the rulesets of all settings that can be carried over.
func (im *importer) readRulesets() error {
	im.rulesets = map[string]*ruleset{}
	total := 0
	for _, e := range im.conf.given() {
		if e.setting == nil || !e.setting.mapped() {
			continue
		}
		switch {
		case strings.HasPrefix(e.value, "&"):
			im.notes.warning(e.place, e.String(), "is a function of your own; taken is the default, %q%s", e.setting.def, e.setting.mailWatch())
			e.value = e.setting.def
		case strings.Contains(e.value, ".customi") && strings.HasSuffix(e.value, "e"):
			im.notes.warning(e.place, e.String(), "is in a database; taken is the default, %q", e.setting.def)
			e.value = e.setting.def
		case e.isRuleset():
			rs, err := im.readRuleset(e)
			if isLimit(err) {
				return err
			} else if err != nil {
				im.notes.warning(e.place, e.String(), "%v; taken is the default, %q", err, e.setting.def)
				e.value = e.setting.def
				continue
			}
			if total += len(rs.rules); total > maxRules {
				return limitError{fmt.Sprintf("%s: more than %d rules in all rulesets", e.place, maxRules)}
			}
			im.rulesets[e.setting.key] = rs
		}
	}
	im.readSenders()
	return nil
}

func (im *importer) readRuleset(e *entry) (*ruleset, error) {
	name, _, _ := strings.Cut(e.value, " ")
	lines, err := im.src.lines(name)
	if err != nil {
		return nil, err
	}
	rs := &ruleset{setting: e.setting}
	for _, l := range lines {
		l.text, _, _ = strings.Cut(l.text, "#")
		l.text = strings.TrimSpace(l.text)
		if l.text == "" {
			continue
		}
		if err := im.rule(rs, l); err != nil {
			return nil, err
		}
	}
	return rs, nil
}

var (
	ruleLine = regexp.MustCompile(`^(\S+)\s+(\S+)(?:\s+(.*))?$`)
	andLine  = regexp.MustCompile(`(?i)^and\s+(\S+)\s+(\S+)(?:\s+(.+))?$`)
)

// rule reads one line: direction, pattern, perhaps "and" with another two, value.
func (im *importer) rule(rs *ruleset, l line) error {
	m := ruleLine.FindStringSubmatch(l.text)
	if m == nil {
		im.notes.warning(l.place, l.text, "want a direction, a pattern and a value; left out")
		return nil
	}
	tests := [][2]string{{m[1], m[2]}}
	value := m[3]
	if m := andLine.FindStringSubmatch(value); m != nil {
		tests = append(tests, [2]string{m[1], m[2]})
		value = m[3]
	}
	value, err := im.src.expand(value)
	if err != nil {
		return fmt.Errorf("%s: %w", l.place, err)
	}
	r := rule{place: l.place, text: l.text, value: strings.TrimSpace(value), conds: []cond{{}}}
	if why := rs.setting.wrong(r.value); why != "" {
		im.notes.warning(l.place, l.text, "%s; left out, as MailScanner does", why)
		return nil
	}
	for _, t := range tests {
		list, why, err := im.test(t[0], t[1])
		if err != nil {
			return err
		}
		if why != "" {
			if !im.hostRule(rs, l, tests, r.value) {
				im.notes.warning(l.place, l.text, "%s; left out", why)
			}
			return nil
		}
		r.conds = intersectAll(r.conds, list)
	}
	if len(r.conds) == 1 && r.conds[0].any() {
		rs.def = &r
		return nil
	}
	if len(r.conds) == 0 {
		im.notes.warning(l.place, l.text, "no message can meet both conditions, or none that a policy can name; left out")
		return nil
	}
	rs.rules = append(rs.rules, r)
	return nil
}

// words are the values that settings of kind y may have, but for yes and no.
func (s *setting) words() []string {
	switch {
	case strings.HasSuffix(s.key, "modifysubject"):
		return []string{"start", "end"}
	case strings.HasPrefix(s.key, "allow") && (strings.HasSuffix(s.key, "tags") || s.key == "allowwebbugs"):
		return []string{"disarm"}
	case s.key == "scanmessages":
		return []string{"virus"}
	}
	return nil
}

// wrong says why the setting cannot have the value; "" if it can.
func (s *setting) wrong(value string) string {
	switch s.kind {
	case 'y':
		known := append([]string{"yes", "no"}, s.words()...)
		for _, w := range known {
			if strings.EqualFold(value, w) {
				return ""
			}
		}
		return fmt.Sprintf("the value is not one of %s", strings.Join(known, ", "))
	case 'n':
		if _, ok := number(value); !ok {
			return "the value is not a number"
		}
	}
	return ""
}

// test is what a direction and a pattern mean: any of the conditions. Else it says why they have no equivalent.
func (im *importer) test(direction, pattern string) (list []cond, why string, err error) {
	low := strings.ToLower(direction)
	from, to := strings.Contains(low, "from"), strings.Contains(low, "to")
	both := strings.Contains(low, "and")
	switch {
	case strings.Contains(low, "virus"):
		if p := strings.ToLower(pattern); p == "default" || p == "*" {
			return []cond{{}}, "", nil
		}
		return nil, "policies do not go by the names of signatures", nil
	case !from && !to && !both:
		return nil, fmt.Sprintf("%q is no direction", quote(direction)), nil
	}
	s, why, err := im.pattern(pattern, 0)
	if err != nil || why != "" {
		return nil, why, err
	}
	switch {
	case s.everything:
		return []cond{{}}, "", nil
	case s.networks != nil && (both || !from):
		return nil, "the address of a client is known, that of a server is not: this never matches in MailScanner either", nil
	case both:
		return []cond{{from: s.addresses, to: s.addresses}}, "", nil
	}
	if s.networks != nil {
		list = append(list, cond{client: s.networks})
	}
	if s.addresses != nil && from {
		list = append(list, cond{from: s.addresses})
	}
	if s.addresses != nil && to {
		list = append(list, cond{to: s.addresses})
	}
	if len(list) == 0 {
		return nil, "nothing in it that a policy can name", nil
	}
	return list, "", nil
}
