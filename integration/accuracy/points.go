// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/phishing"
	"github.com/mailweir/mailweir/filters/rules"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// unlearned finds the points that a message gets whatever was learned: those of the filters rules and phishing, with their default options. The other
// embedded filters give none, or need the network.
type unlearned struct {
	dir  string
	list []filters.Filter
}

func newUnlearned() (*unlearned, error) {
	dir, err := os.MkdirTemp("", "accuracy-")
	if err != nil {
		return nil, err
	}
	p := &unlearned{dir: dir}
	d := filters.Deps{Unpacker: &unpack.Unpacker{Spooler: mail.DefaultSpooler(dir)}}
	for _, k := range []filters.Kind{phishing.Kind(), rules.Kind()} {
		f, err := k.New(k.Options(), d)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", k.Name, err), p.close())
		}
		p.list = append(p.list, f)
	}
	return p, nil
}

// points are the sum of those filters' points.
func (p *unlearned) points(msg *mail.Message) (float64, error) {
	sum := 0.0
	for _, f := range p.list {
		found, err := f.Inspect(context.Background(), nil, msg)
		if err != nil {
			return 0, err
		}
		for i := range found {
			sum += found[i].Score
		}
	}
	return sum, nil
}

func (p *unlearned) close() error { return os.RemoveAll(p.dir) }
