// SPDX-License-Identifier: Apache-2.0

// Package macros is the filter that finds documents which carry a program or load one: macros, DDE, remote templates, embedded objects, PDF
// actions. Package unpack reads the documents and tells facts about them; this filter makes findings of the facts, and a remedy where the
// document can be made harmless and still be opened.
package macros

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// codes are those of all facts that are findings, in the order of the documents.
func codes() []string {
	return []string{
		"macro.vba", "macro.autorun", "macro.stomped", "macro.xlm", "macro.basic", "macro.action",
		"macro.dde", "macro.query", "macro.template", "macro.ole_link", "macro.object", "macro.equation",
		"macro.pdf_javascript", "macro.pdf_action", "macro.pdf_launch", "macro.pdf_submit", "macro.pdf_embedded", "macro.pdf_xfa", "macro.pdf_richmedia",
	}
}

// Kind is this kind of filter.
func Kind() filters.Kind {
	var list []filters.Code
	for _, c := range codes() {
		list = append(list, filters.Code{Name: c, Class: filters.Macro})
	}
	return filters.Kind{
		Name: "macros", Codes: list,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// filter is the macros filter.
type filter struct {
	codes    []string // That are looked for.
	maxClean int64
	unpacker *unpack.Unpacker
	metrics  *metrics
}

var _ filters.Filter = (*filter)(nil)

// New makes the filter.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	m, err := newMetrics(d.Registerer)
	if err != nil {
		return nil, err
	}
	f := &filter{maxClean: int64(o.MaxClean), unpacker: d.Unpacker, metrics: m}
	for _, c := range codes() {
		if !slices.Contains(o.Ignore, c) {
			f.codes = append(f.codes, c)
		}
	}
	return f, nil
}

var errNoMessage = errors.New("there is no message")

// Inspect makes a finding of each fact about each document.
func (f *filter) Inspect(ctx context.Context, _ *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	contents, err := f.unpacker.Contents(ctx, msg)
	if err != nil {
		return nil, err
	}
	s := &session{filter: f, msg: msg, contents: contents, seen: map[told]bool{}, cleaned: map[*unpack.Leaf]*cleaned{}}
	for _, l := range contents.Leaves {
		for _, fact := range l.Facts {
			if err := s.fact(ctx, l, fact); err != nil {
				return nil, err
			}
		}
	}
	return s.found, nil
}

// session is the inspection of one message.
type session struct {
	*filter
	msg      *mail.Message
	contents *unpack.Contents
	found    []filters.Finding
	seen     map[told]bool
	cleaned  map[*unpack.Leaf]*cleaned // Documents that are the body of an entity.
}

// told is what a finding says. A document that was decrypted, or that is read in two ways, says the same twice.
type told struct {
	part         mail.PartID
	code, detail string
}

func (s *session) fact(ctx context.Context, l *unpack.Leaf, fact unpack.Fact) error {
	key := told{l.Part, fact.Code, fact.Detail}
	if !slices.Contains(s.codes, fact.Code) || s.seen[key] {
		return nil
	}
	s.seen[key] = true
	one := filters.Finding{
		Code: fact.Code, Class: filters.Macro, Part: l.Part, File: l.File, Detail: fmt.Sprintf("%s: %s", l.Place, fact.Detail),
	}
	c, err := s.clean(ctx, top(l))
	if err != nil {
		return err
	}
	if c.edit != nil && !slices.Contains(c.left, fact.Code) {
		one.Remedy = c.edit
	}
	s.metrics.found(fact.Code, one.Remedy != nil)
	s.found = append(s.found, one)
	return nil
}

// top is the body of an entity that the leaf is in.
func top(l *unpack.Leaf) *unpack.Leaf {
	for l.Within != nil {
		l = l.Within
	}
	return l
}
