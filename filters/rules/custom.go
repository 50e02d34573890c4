// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/reload"
)

// rule is a rule of the operator's, ready for use.
type rule struct {
	*Rule
	pattern *regexp.Regexp
	words   *reload.Files[wordList]
}

// newRules makes the rules of the options, and reads their files.
func newRules(o *Options, d filters.Deps, m *metrics) ([]*rule, error) {
	var all []*rule
	log := filters.LogOrNone(d.Log).WithField("filter", name)
	for i := range o.Rules {
		r := &rule{Rule: &o.Rules[i]}
		var err error
		switch {
		case r.Pattern != "":
			r.pattern, err = regexp.Compile(r.Pattern)
		case r.Words != "":
			r.words, err = reload.Open([]string{r.Words}, reload.Options{
				Every: o.CheckEvery, MaxOctets: maxWordFile, Now: d.Now,
				Failed: func(err error) {
					m.failures.Inc()
					log.WithError(err).Error("a file of words cannot be read; what was read before is used")
				},
			}, func(files []*os.File) (*wordList, error) { return readWords(files[0]) })
		}
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.Name, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// aboutRules are the findings about the operator's rules.
func (f *filter) aboutRules(ctx context.Context, env *mail.Envelope, msg *mail.Message, seen *facts.Facts) ([]filters.Finding, error) {
	if len(f.custom) == 0 {
		return nil, nil
	}
	holding := map[string]bool{} // Facts and rules that hold, by name.
	for _, x := range seen.List {
		holding[x.Name] = true
	}
	v := &view{env: env, msg: msg, facts: seen}
	var all []filters.Finding
	for _, r := range f.custom {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hit, err := r.holds(v, holding)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.Name, err)
		}
		if !hit {
			continue
		}
		holding[r.Name] = true
		f.metrics.hits.WithLabelValues(r.Name).Inc()
		if r.Points != 0 {
			all = append(all, filters.Finding{Code: codeCustom, Class: filters.Spam, Score: r.Points, Detail: r.Name})
		}
	}
	return bounded(all, maxCustom), nil
}

// holds tells if the rule holds. holding are the facts, and the rules above it, that do.
func (r *rule) holds(v *view, holding map[string]bool) (bool, error) {
	if r.combines() {
		return r.combined(holding), nil
	}
	p, err := v.place(r.Rule)
	if err != nil {
		return false, err
	}
	if r.pattern != nil {
		return slices.ContainsFunc(p.texts, r.pattern.MatchString), nil
	}
	return slices.ContainsFunc(p.eachWords(), r.words.Current().in), nil
}

// combined tells if a combination holds.
func (r *rule) combined(holding map[string]bool) bool {
	count := func(names []string) (n int) {
		for _, name := range names {
			if holding[name] {
				n++
			}
		}
		return n
	}
	some := len(r.Any) == 0 || count(r.Any) >= max(1, r.AtLeast)
	return some && count(r.All) == len(r.All) && count(r.None) == 0
}
