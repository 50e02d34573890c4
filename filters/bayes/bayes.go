// SPDX-License-Identifier: Apache-2.0

// Package bayes is the filter that gives points for what the site has learned to be spam, and takes some off for what it has learned to be other mail.
// Package learn does the learning.
package bayes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/mail"
)

// Codes of the findings.
const (
	codeSpam   = "bayes.spam"
	codeHam    = "bayes.ham"
	codeUnsure = "bayes.untrained"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	return filters.Kind{
		Name: "bayes",
		Codes: []filters.Code{
			{Name: codeSpam, Class: filters.Spam}, {Name: codeHam, Class: filters.Spam}, {Name: codeUnsure, Class: filters.Spam},
		},
		Spam:    true,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// filter is the filter bayes.
type filter struct {
	options   Options
	extractor *learn.Extractor
	site      *watched
	users     *users
	metrics   *metrics
	imported  *imported
	readers   readers // Who reads the database.
	auto      *auto   // Nil if it learns from nobody but people.
}

var errNoMessage = errors.New("there is no message")

// Inspect scores the message. Where it has learned too little it says so, in a finding without points.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	site := f.site.model(ctx)
	features, err := f.extractor.Features(env, msg)
	if err != nil {
		return nil, err
	}
	v, who, err := f.scored(ctx, site, features, msg)
	if err != nil {
		return nil, err
	}
	if user := f.users.model(ctx, env); user != nil {
		if own := user.Score(features, 0); f.options.trained(own) {
			v, who = joined(v, who, own, f.options.trained(v))
		}
	}
	finding, err := f.finding(v, who)
	if err != nil {
		return nil, err
	}
	return []filters.Finding{finding}, nil
}

// scored is the site's verdict. While little was learned, what SpamAssassin had learned before counts beside it, or alone.
func (f *filter) scored(ctx context.Context, site *learn.Model, features *learn.Features, msg *mail.Message) (v learn.Verdict, who string, err error) {
	v = site.Score(features, 0)
	prior, known, err := f.imported.prior(ctx, msg, v)
	switch {
	case err != nil || !known:
		return v, "site", err
	case f.options.trained(v):
		return site.Score(features, prior), fmt.Sprintf("site, with SpamAssassin's %+.1f", prior), nil
	}
	v = f.site.empty.Score(&learn.Features{}, prior)
	v.Learners = nil
	v.Ham, v.Spam, v.Compared = f.imported.counts()
	return v, "SpamAssassin", nil
}

// joined is the verdict of a user's model with that of the site's, if it counts. who tells whose it is.
func joined(site learn.Verdict, who string, user learn.Verdict, both bool) (learn.Verdict, string) {
	if !both {
		return user, "user"
	}
	user.Score = (site.Score + user.Score) / 2
	return user, who + " and user"
}

var errNotFinite = errors.New("the verdict is not a number: what was learned is damaged")

// finding tells of a verdict. One that is not a number is no answer, and not one of no points.
func (f *filter) finding(v learn.Verdict, who string) (filters.Finding, error) {
	if math.IsNaN(v.Score) || math.IsInf(v.Score, 0) {
		return filters.Finding{}, errNotFinite
	}
	out := filters.Finding{Code: codeUnsure, Class: filters.Spam}
	if !f.options.trained(v) {
		f.metrics.verdicts.WithLabelValues("untrained").Inc()
		out.Detail = fmt.Sprintf("learned %d ham and %d spam so far, %d ham beside known spam; counts from %d and %d on", v.Ham, v.Spam, v.Compared, f.options.MinHam, f.options.MinSpam)
		return out, nil
	}
	out.Code, out.Score = codeSpam, f.options.Points(v)
	if out.Score <= 0 {
		out.Code = codeHam
	}
	f.metrics.verdicts.WithLabelValues(strings.TrimPrefix(out.Code, "bayes.")).Inc()
	out.Detail = explain(v, who)
	return out, nil
}

// explain tells what a verdict rests on: which sides of the message speak for spam (above 0) and which against. No word of the message is in it.
func explain(v learn.Verdict, who string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %+.2f;", who, v.Score)
	for _, o := range v.Learners {
		fmt.Fprintf(&b, " %s %+.1f", o.Learner, o.LogOdds)
	}
	fmt.Fprintf(&b, "; learned %d ham, %d spam", v.Ham, v.Spam)
	return b.String()
}
