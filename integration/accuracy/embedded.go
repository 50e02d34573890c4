// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/mailweir/mailweir/learn"
)

// contestants are the embedded learner and the peers that are asked for and installed.
func contestants(o options, c *corpora) ([]contestant, error) {
	list := []contestant{{name: "mailweir", make: func() (filter, error) {
		m, err := learn.New(o.bits)
		return &embedded{m}, err
	}}}
	for _, p := range peers(o) {
		if o.peers[p.name] {
			list = append(list, p)
		}
	}
	if len(c.trec) == 0 || len(c.sa) == 0 {
		return nil, fmt.Errorf("there are no messages in %s", o.corpora)
	}
	return list, nil
}

// embedded is the learner of package learn.
type embedded struct{ model *learn.Model }

func (e *embedded) one(m *message) scored {
	v := e.model.Score(m.features, 0)
	return scored{m, v.Raw, v.Score > 0}
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
