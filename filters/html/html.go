// SPDX-License-Identifier: Apache-2.0

// Package html is the filter that finds what is dangerous in HTML, in the body of a message and in what is attached to it, and knows how to
// disarm it in place. Package markup reads the HTML; what becomes of what it found is policy.
package html

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/unpack"
)

// codeUnreadable is the code of what cannot be understood; those of the kinds are prefix and kind.
const (
	codeUnreadable = "html.unreadable"
	prefix         = "html."
)

// maxShown bounds the octets of the text that is shown in the place of HTML that cannot be understood.
const maxShown = 1 << 20

// maxDetails is how many dangers of a kind are named in a finding.
const maxDetails = 3

// Kind is this kind of filter.
func Kind() filters.Kind {
	codes := []filters.Code{{Name: codeUnreadable, Class: filters.HTML}}
	for _, k := range markup.Kinds() {
		codes = append(codes, filters.Code{Name: prefix + string(k), Class: filters.HTML})
	}
	return filters.Kind{
		Name:    "html",
		Codes:   codes,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// filter is the HTML filter.
type filter struct {
	kinds    []markup.Kind // In the order of markup.Kinds.
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
	f := &filter{unpacker: d.Unpacker, metrics: m}
	for _, k := range markup.Kinds() {
		if slices.Contains(o.Kinds, string(k)) {
			f.kinds = append(f.kinds, k)
		}
	}
	return f, nil
}

var errNoMessage = errors.New("there is no message")

// Inspect makes one finding of each kind of danger in each text.
func (f *filter) Inspect(ctx context.Context, _ *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	docs, err := markup.Documents(ctx, f.unpacker, msg)
	if err != nil {
		return nil, err
	}
	var found []filters.Finding
	for _, d := range docs {
		found = append(found, f.document(d)...)
	}
	return found, nil
}

func (f *filter) document(d *markup.Document) []filters.Finding {
	f.metrics.texts.Inc()
	base := filters.Finding{Class: filters.HTML, Part: d.Leaf.Part, File: d.Leaf.File}
	var found []filters.Finding
	if d.Unreadable != "" {
		one := base
		one.Code = codeUnreadable
		one.Detail = fmt.Sprintf("%s: %s", d.Leaf, d.Unreadable)
		one.Remedy = asText(d)
		f.metrics.found(codeUnreadable)
		found = append(found, one)
	}
	for _, k := range f.kinds {
		detail, changes := gather(d.Dangers, k)
		if detail == "" {
			continue
		}
		one := base
		one.Code = prefix + string(k)
		one.Detail = fmt.Sprintf("%s: %s", d.Leaf, detail)
		switch {
		case d.Unreadable != "":
			one.Remedy = asText(d)
		case d.Editable:
			one.Remedy = mail.EditBody{Part: d.Leaf.Part, Changes: changes}
		}
		f.metrics.found(one.Code)
		found = append(found, one)
	}
	return found
}

// gather collects the changes that disarm one kind, and tells what they are about; "" if there is nothing of that kind.
func gather(dangers []markup.Danger, k markup.Kind) (detail string, changes []mail.BodyChange) {
	var named []string
	n := 0
	for _, d := range dangers {
		if d.Kind != k {
			continue
		}
		changes = append(changes, d.Change)
		if d.Detail == "" {
			continue
		}
		n++
		if len(named) < maxDetails && !slices.Contains(named, d.Detail) {
			named = append(named, d.Detail)
			if detail != "" {
				detail += "; "
			}
			detail += d.Detail
		}
	}
	if n > 1 {
		detail = fmt.Sprintf("%d: %s", n, detail)
	}
	return detail, changes
}

// asText shows what cannot be understood as text, if the leaf can be replaced.
func asText(d *markup.Document) mail.Edit {
	if !d.Editable || d.Source == nil {
		return nil
	}
	name := ""
	if d.Leaf.File != "" {
		name = d.Leaf.File + ".txt"
	}
	return mail.ReplaceEntity{Part: d.Leaf.Part, MediaType: "text/plain", Filename: name, Body: []byte(d.PlainText(maxShown))}
}
