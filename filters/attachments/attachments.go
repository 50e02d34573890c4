// SPDX-License-Identifier: Apache-2.0

// Package attachments is the filter that judges files: by name, in every form that a client may make of it, and by what they
// are. Rule lists say what is allowed, denied and renamed, in the message and in archives; policies choose a list. It also tells
// of files that are not what they claim to be, of names that look like tricks, and of what is too large or too much.
package attachments

import (
	"context"
	"errors"
	"fmt"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// The codes of findings.
const (
	codeDenied   = "file.denied"
	codeRename   = "file.rename"
	codeMismatch = "file.mismatch"
	codeName     = "file.name"
	codeSize     = "file.size"
	codeCount    = "file.count"
	codePartial  = "file.partial"
	codeExternal = "file.external_body"
	codeLimit    = "file.limit"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	return filters.Kind{
		Name: "attachments",
		Codes: []filters.Code{
			{Name: codeDenied, Class: filters.File},
			{Name: codeRename, Class: filters.File},
			{Name: codeMismatch, Class: filters.File},
			{Name: codeName, Class: filters.File},
			{Name: codeSize, Class: filters.File},
			{Name: codeCount, Class: filters.File},
			{Name: codePartial, Class: filters.File},
			{Name: codeExternal, Class: filters.File},
			{Name: codeLimit, Class: filters.Unscannable},
		},
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// filter is the attachments filter.
type filter struct {
	options  Options
	odd      map[string]bool
	lists    []list
	unpacker *unpack.Unpacker
	metrics  *metrics
}

var _ filters.Filter = (*filter)(nil)

// New makes the filter.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	lists, err := compile(o.Rules)
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(d.Registerer, lists)
	if err != nil {
		return nil, err
	}
	f := &filter{options: *o, odd: map[string]bool{}, lists: lists, unpacker: d.Unpacker, metrics: m}
	for _, n := range o.OddNames {
		f.odd[n] = true
	}
	return f, nil
}

var errNoMessage = errors.New("there is no message")

// Inspect judges all files of the message.
func (f *filter) Inspect(ctx context.Context, _ *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	in, err := f.unpacker.Contents(ctx, msg)
	if err != nil {
		return nil, err
	}
	j := &judge{f: f, msg: msg, seen: map[about]int{}, more: map[int]int{}, files: map[mail.PartID]string{}, whole: map[*unpack.Leaf]bool{}}
	for _, l := range in.Leaves {
		if err := ctx.Err(); err != nil {
			return j.findings(), fmt.Errorf("judge %s: %w", l, err)
		}
		j.leaf(l)
	}
	j.pieces()
	j.limits()
	return j.findings(), nil
}
