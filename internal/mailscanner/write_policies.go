// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"maps"
	"slices"

	"github.com/mailweir/mailweir/policy"
)

// maxRulesTold is how many lines of rulesets are told at a policy.
const maxRulesTold = 20

func (im *importer) writePolicies(w *writer, specs []*spec) {
	if len(specs) > 1 {
		w.comment(0, "Rulesets became policies. For each recipient the first policy that is for him counts, so each of the combinations of rules that mail can meet has")
		w.comment(0, "its own, in the order of the rules; those that change nothing are left out. MailScanner had one value for a message, whoever its recipients were: that of")
		w.comment(0, "the first rule that any of them met, or of all rules together. Here each recipient has his own.")
	}
	w.line(0, "policies:")
	def := specs[len(specs)-1]
	for _, s := range specs {
		told := map[place]bool{}
		for _, r := range s.rules {
			if told[r.place] {
				continue
			}
			told[r.place] = true
			if len(told) > maxRulesTold {
				w.comment(1, "and more")
				break
			}
			w.comment(1, "%s: %s", r.place, quote(r.text))
		}
		writePolicy(w, s.make(def), s == def)
	}
	w.blank()
}

func writePolicy(w *writer, p policy.Policy, def bool) {
	w.line(1, "- name: %s", scalar(p.Name))
	if !def {
		w.line(2, "when:")
		for _, l := range []struct {
			key  string
			list []policy.Pattern
		}{{"from", p.When.From}, {"to", p.When.To}} {
			if l.list != nil {
				w.list(3, l.key, texts(l.list))
			}
		}
		if p.When.Client != nil {
			var list []string
			for _, n := range p.When.Client {
				list = append(list, n.String())
			}
			w.list(3, "client", list)
		}
	}
	if p.FileRules != "" {
		w.line(2, "file_rules: %s", p.FileRules)
	}
	if p.Language != "" {
		w.line(2, "language: %s", p.Language)
	}
	writeSpam(w, p.Spam)
	if len(p.Do) > 0 {
		w.line(2, "do:")
	}
	keys := classKeys()
	for _, key := range slices.Sorted(maps.Keys(p.Do)) {
		if policy.IsCode(key) {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		if list, ok := p.Do[key]; ok {
			w.line(3, "%s: %s", key, actionList(list))
		}
	}
}

func texts(list []policy.Pattern) []string {
	var out []string
	for _, p := range list {
		out = append(out, string(p))
	}
	return out
}

func writeSpam(w *writer, t policy.Thresholds) {
	if t == (policy.Thresholds{}) {
		return
	}
	w.line(2, "spam:")
	if t.TagAt > 0 {
		w.line(3, "tag_at: %s", points(t.TagAt))
	}
	if t.HighAt > 0 {
		w.line(3, "high_at: %s", points(t.HighAt))
	}
}
