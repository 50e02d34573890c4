// SPDX-License-Identifier: Apache-2.0

// Package rules is the filter that gives points for facts about a message (package facts), and for rules that the operator writes. It asks nobody and
// learns nothing, so it carries the load until enough is learned.
package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// The name of the filter, and the codes that are no facts.
const (
	name       = "rules"
	codeCustom = "rules.custom"
	codeMore   = "rules.more"
)

// Limits of what the filter says of one message.
const (
	maxFacts  = 60 // Facts with a finding of their own, those with the most points; the points of the others are in one finding.
	maxCustom = 30 // The same for the operator's rules.
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	codes := []filters.Code{{Name: codeCustom, Class: filters.Spam}, {Name: codeMore, Class: filters.Spam}}
	for _, a := range facts.All() {
		codes = append(codes, filters.Code{Name: name + "." + a.Name, Class: filters.Spam})
	}
	return filters.Kind{
		Name: name, Codes: codes, Spam: true,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// filter is the filter rules.
type filter struct {
	points  map[string]float64 // By fact; facts that are off are not in it.
	reasons map[string]string  // By fact.
	custom  []*rule
	metrics *metrics
}

var _ filters.Filter = (*filter)(nil)

// New makes the filter.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	f := &filter{points: o.facts(), reasons: map[string]string{}}
	for _, a := range facts.All() {
		f.reasons[a.Name] = strings.TrimSuffix(a.Reason, ".")
	}
	var err error
	if f.metrics, err = newMetrics(d.Registerer, o); err != nil {
		return nil, err
	}
	f.custom, err = newRules(o, d, f.metrics)
	return f, err
}

var errNoMessage = errors.New("there is no message")

// Inspect gives the points.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	seen, err := facts.Shared(ctx, env, msg)
	if err != nil {
		return nil, err
	}
	custom, err := f.aboutRules(ctx, env, msg, seen)
	if err != nil {
		return nil, err
	}
	return append(f.aboutFacts(seen), custom...), nil
}

// aboutFacts are the findings about facts.
func (f *filter) aboutFacts(seen *facts.Facts) []filters.Finding {
	var all []filters.Finding
	for _, x := range seen.List {
		p, on := f.points[x.Name]
		if !on {
			continue
		}
		f.metrics.hits.WithLabelValues(x.Name).Inc()
		detail := f.reasons[x.Name]
		if x.Detail != "" {
			detail += " (" + x.Detail + ")"
		}
		all = append(all, filters.Finding{Code: name + "." + x.Name, Class: filters.Spam, Score: p, Detail: detail})
	}
	return bounded(all, maxFacts)
}

// bounded keeps the findings with the most points, and puts the points of the others into one.
func bounded(all []filters.Finding, most int) []filters.Finding {
	slices.SortStableFunc(all, func(a, b filters.Finding) int { return cmp.Compare(math.Abs(b.Score), math.Abs(a.Score)) })
	if len(all) <= most {
		return all
	}
	rest := 0.0
	for _, f := range all[most:] {
		rest += f.Score
	}
	more := filters.Finding{Code: codeMore, Class: filters.Spam, Score: rounded(rest), Detail: fmt.Sprintf("%d more, of fewer points each", len(all)-most)}
	return append(all[:most:most], more)
}

// rounded is a sum of points in hundredths: the sum of 0.1 and 0.2 is to be told as 0.3.
func rounded(p float64) float64 { return math.Round(p*100) / 100 }
