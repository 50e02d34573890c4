// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/mailweir/mailweir/filters/bayes"
	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/policy"
)

// contestants are what is embedded, whole and in parts, and the peers that are asked for and installed.
func contestants(o options, c *corpora) ([]contestant, error) {
	if len(c.trec) == 0 || len(c.sa) == 0 {
		return nil, fmt.Errorf("there are no messages in %s", o.corpora)
	}
	var list []contestant
	for _, e := range []embedded{{points: true, learns: true}, {learns: true}, {points: true}} {
		list = append(list, contestant{name: e.name(), make: func() (filter, error) {
			m, err := learn.New(o.bits)
			return &embedded{model: m, options: bayes.DefaultOptions(), tagAt: tagAt(), points: e.points, learns: e.learns}, err
		}})
	}
	others, err := peers(o)
	return append(list, others...), err
}

// tagAt is the threshold of the policy that is built in.
func tagAt() float64 { return policy.BuiltIn().Spam.TagAt }

// embedded are the filters of the program: those that do not learn, that which does, or both, as a site has them.
type embedded struct {
	model          *learn.Model
	options        *bayes.Options
	tagAt          float64
	points, learns bool
}

func (e *embedded) name() string {
	switch {
	case !e.points:
		return "mailweir: bayes alone"
	case !e.learns:
		return "mailweir: rules, phishing alone"
	}
	return "mailweir"
}

// one is the sum of points. For the order of messages, what was learned counts without its bounds and without the threshold, which moves while it is
// learned.
func (e *embedded) one(m *message) scored {
	s, total := scored{m: m}, 0.0
	if e.learns {
		v := e.model.Score(m.features, 0)
		s.score, total = bayes.Slope*v.Raw, e.options.Points(v)
	}
	if e.points {
		s.score += m.points
		total += m.points
	}
	s.called = total >= e.tagAt
	return s
}

func (e *embedded) score(list []*message) ([]scored, error) {
	out := make([]scored, 0, len(list))
	for _, m := range list {
		out = append(out, e.one(m))
	}
	return out, nil
}

func (e *embedded) learn(list []*message) error {
	for _, m := range list {
		e.model.Learn(m.features, m.spam)
	}
	return nil
}

func (e *embedded) online(list []*message) ([]scored, error) {
	out := make([]scored, 0, len(list))
	for _, m := range list {
		out = append(out, e.one(m))
		e.model.Learn(m.features, m.spam)
	}
	return out, nil
}

func (e *embedded) close() error { return nil }
