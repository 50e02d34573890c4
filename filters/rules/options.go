// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/facts"
)

// Limits of the options.
const (
	maxRules   = 200
	maxName    = 40   // Octets of the name of a rule.
	maxPattern = 1000 // Octets.
	maxOf      = 50   // Facts and rules that one combination names.
	maxPoints  = 1000
)

// Options are the filter's options.
type Options struct {
	Points     map[string]float64 `yaml:"points" doc:"points of facts, by name, instead of the shipped ones; 0 switches a fact off"`
	Rules      []Rule             `yaml:"rules" doc:"rules of the site's own, in order: a rule may name those above it"`
	CheckEvery time.Duration      `yaml:"check_every" min:"1s" max:"1h" doc:"how often, at most, files of words are looked at for a change"`
}

// Rule is a rule of the operator's. It has either in or field, with pattern or words; or all, any, none: then it combines facts and other rules.
type Rule struct {
	Name    string   `yaml:"name" required:"true" doc:"lower-case letters, digits and underscores; not the name of a fact"`
	Points  float64  `yaml:"points" doc:"points if it is so; 0 for a rule that others are made of"`
	In      string   `yaml:"in" oneof:"body hidden link header raw mail_from rcpt_to helo client file" doc:"where it looks"`
	Field   string   `yaml:"field" doc:"name of a header field that it looks at, decoded, each of that name"`
	Pattern string   `yaml:"pattern" doc:"regular expression in the syntax of RE2; (?i) in front for any case"`
	Words   string   `yaml:"words" path:"file" doc:"file with phrases, one on a line: it is so if one of them is there"`
	All     []string `yaml:"all" doc:"facts and rules that all have to be so"`
	Any     []string `yaml:"any" doc:"facts and rules of which at_least have to be so"`
	AtLeast int      `yaml:"at_least" min:"1" max:"50" default:"1" doc:"how many of any"`
	None    []string `yaml:"none" doc:"facts and rules none of which may be so"`
}

// DefaultOptions are the shipped points and no rules.
func DefaultOptions() *Options { return &Options{CheckEvery: 5 * time.Second} }

// Where a rule may look.
var places = []string{"body", "hidden", "link", "header", "raw", "mail_from", "rcpt_to", "helo", "client", "file"}

var isName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	known := map[string]bool{}
	for _, a := range facts.All() {
		known[a.Name] = true
	}
	for _, n := range slices.Sorted(maps.Keys(o.Points)) {
		if !known[n] {
			errs = append(errs, fmt.Errorf("points: there is no fact %q", n))
		}
		if !isPoints(o.Points[n]) {
			errs = append(errs, fmt.Errorf("points.%s: want a number from -%d to %d", n, maxPoints, maxPoints))
		}
	}
	if len(o.Rules) > maxRules {
		errs = append(errs, fmt.Errorf("rules: have %d, at most %d", len(o.Rules), maxRules))
	}
	for i := range o.Rules {
		r := &o.Rules[i]
		if err := r.validate(known); err != nil {
			errs = append(errs, fmt.Errorf("rules[%d] %s: %w", i, r.Name, err))
		}
		known[r.Name] = true
	}
	if o.CheckEvery < 0 {
		errs = append(errs, errors.New("check_every: want some time"))
	}
	return errors.Join(errs...)
}

func isPoints(p float64) bool { return !math.IsNaN(p) && math.Abs(p) <= maxPoints }

// validate checks one rule; known are the names that it may not have, and may build on.
func (r *Rule) validate(known map[string]bool) error {
	var errs []error
	if !isName(r.Name) || len(r.Name) > maxName || known[r.Name] {
		errs = append(errs, fmt.Errorf("name: want up to %d lower-case letters, digits and underscores, and a name of its own", maxName))
	}
	if !isPoints(r.Points) {
		errs = append(errs, fmt.Errorf("points: want a number from -%d to %d", maxPoints, maxPoints))
	}
	if r.combines() {
		return errors.Join(append(errs, r.validateCombination(known))...)
	}
	return errors.Join(append(errs, r.validateSearch())...)
}

func (r *Rule) combines() bool { return len(r.All)+len(r.Any)+len(r.None) > 0 }

func (r *Rule) validateCombination(known map[string]bool) error {
	var errs []error
	if r.In != "" || r.Field != "" || r.Pattern != "" || r.Words != "" {
		errs = append(errs, errors.New("it either looks somewhere or combines others; not both"))
	}
	if len(r.All)+len(r.Any) == 0 {
		errs = append(errs, errors.New("none: that alone is so of nearly all mail; want all or any beside it"))
	}
	if r.AtLeast < 0 || r.AtLeast > max(1, len(r.Any)) {
		errs = append(errs, fmt.Errorf("at_least: %d of %d", r.AtLeast, len(r.Any)))
	}
	names := slices.Concat(r.All, r.Any, r.None)
	if len(names) > maxOf {
		errs = append(errs, fmt.Errorf("it names %d others, at most %d", len(names), maxOf))
	}
	for _, n := range names {
		if !known[n] {
			errs = append(errs, fmt.Errorf("there is no fact %q, and no rule of that name above it", n))
		}
	}
	return errors.Join(errs...)
}

func (r *Rule) validateSearch() error {
	var errs []error
	if (r.In == "") == (r.Field == "") {
		errs = append(errs, errors.New("want either in or field, or all, any, none"))
	}
	if r.In != "" && !slices.Contains(places, r.In) {
		errs = append(errs, fmt.Errorf("in: %q: want one of %s", r.In, strings.Join(places, ", ")))
	}
	if strings.ContainsAny(r.Field, ": \t\r\n") {
		errs = append(errs, fmt.Errorf("field: %q is no name of a field", r.Field))
	}
	if (r.Pattern == "") == (r.Words == "") {
		errs = append(errs, errors.New("want either pattern or words"))
	}
	if r.AtLeast != 0 {
		errs = append(errs, errors.New("at_least: goes with any"))
	}
	if len(r.Pattern) > maxPattern {
		errs = append(errs, fmt.Errorf("pattern: longer than %d octets", maxPattern))
	} else if _, err := regexp.Compile(r.Pattern); err != nil {
		errs = append(errs, fmt.Errorf("pattern: %w", err))
	}
	if r.Words != "" && !filepath.IsAbs(r.Words) {
		errs = append(errs, fmt.Errorf("words: %q: want an absolute path", r.Words))
	}
	return errors.Join(errs...)
}

// facts are the points of the facts that are on.
func (o *Options) facts() map[string]float64 {
	m := map[string]float64{}
	for _, a := range facts.All() {
		p, own := o.Points[a.Name]
		if !own {
			p = facts.Points(a.Name)
		}
		if p != 0 {
			m[a.Name] = p
		}
	}
	return m
}
