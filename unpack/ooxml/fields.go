// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"html"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
)

// fields reads the fields of a part in three ways: all of it, and as Word may. Word leaves out elements of namespaces that it does not know, if
// they are said to be ignorable, and of alternatives it takes the choice or the fallback (ECMA-376 part 3); such may stand in the midst of a field.
type fields struct {
	all, choice, fallback field.Parser

	own       []string // Prefixes of Word's own namespace.
	choices   int      // Choices that are open.
	fallbacks int
	inner     int  // Elements inside of the one whose text is wanted.
	wanted    bool // That is one of Word's own.
	page      bool // It is HTML: all goes by the last word of a style, choice by any that begins a field.
}

// isWordSpace tells of Word's own namespaces.
func isWordSpace(uri string) bool {
	uri = html.UnescapeString(uri)
	return strings.Contains(uri, "wordprocessingml") || strings.Contains(uri, "word/2003/wordml")
}

const (
	maxSpaces = 100 // Prefixes that a document is asked for.
	maxSpace  = 500 // Octets of a name of a namespace.
)

// root takes the prefixes that the first element declares.
func (f *fields) root(t tag) {
	f.own = append(f.own, t.space)
	f.declared(t)
}

// declared takes the prefixes that an element declares.
func (f *fields) declared(t tag) {
	for s := t.raw; len(f.own) < maxSpaces && strings.Contains(s, "xmlns"); {
		key, value, rest, ok := nextAttr(s)
		if !ok {
			return
		}
		prefix, found := strings.CutPrefix(key, "xmlns")
		if prefix = strings.TrimPrefix(prefix, ":"); found && isWordSpace(value) && !slices.Contains(f.own, prefix) {
			f.own = append(f.own, prefix)
		}
		s = rest
	}
}

// isWord tells if an element is one that Word takes.
func (f *fields) isWord(t tag) bool {
	if !slices.Contains(f.own, t.space) {
		return false
	}
	_, declared, ok := strings.Cut(t.raw, "xmlns:"+t.space+"=")
	return !ok || isWordSpace(declared[:min(len(declared), maxSpace)])
}

// enter and leave follow alternatives, and the elements inside of the one whose text is wanted.
func (f *fields) enter(t tag, inside string) {
	f.declared(t)
	switch {
	case t.empty:
	case inside == "":
		f.inner, f.wanted = 0, f.isWord(t)
	default:
		f.inner++
	}
	switch {
	case t.empty:
	case t.name == "Choice":
		f.choices++
	case t.name == "Fallback":
		f.fallbacks++
	}
}

func (f *fields) leave(t tag) {
	f.inner = max(f.inner-1, 0)
	switch t.name {
	case "Choice":
		f.choices = max(f.choices-1, 0)
	case "Fallback":
		f.fallbacks = max(f.fallbacks-1, 0)
	}
}

func (f *fields) text(s string) {
	for _, p := range f.readings(f.wanted && f.inner == 0) {
		p.Text(s)
	}
}

// char takes the beginning, the middle or the end of a field.
func (f *fields) char(t tag) {
	for _, p := range f.readings(f.isWord(t)) {
		for _, kind := range t.attrs("fldCharType") {
			switch kind {
			case "begin":
				p.Begin()
			case "separate":
				p.Separate()
			case "end":
				p.End()
			}
		}
	}
}

// simple takes a whole field.
func (f *fields) simple(t tag) {
	for _, p := range f.readings(f.isWord(t)) {
		for _, instruction := range t.attrs("instr") {
			p.Simple(instruction)
		}
	}
}

// readings are those that take what stands here; word tells that it is one of Word's own elements.
func (f *fields) readings(word bool) []*field.Parser {
	if f.page {
		return []*field.Parser{&f.all, &f.choice}
	}
	all := []*field.Parser{&f.all}
	if word && f.fallbacks == 0 {
		all = append(all, &f.choice)
	}
	if word && f.choices == 0 {
		all = append(all, &f.fallback)
	}
	return all
}

// close gives the fields of all readings, those once that are the same in all.
func (f *fields) close() []field.Field {
	f.all.Close()
	found := f.all.Fields
	for _, p := range []*field.Parser{&f.choice, &f.fallback} {
		p.Close()
		if !slices.EqualFunc(f.all.Fields, p.Fields, func(a, b field.Field) bool { return a.String() == b.String() }) {
			found = append(found, p.Fields...)
		}
	}
	return found
}

// judgeFields makes facts and links of the fields of a part.
func (i *Inspector) judgeFields(name string, all []field.Field) {
	for _, f := range all {
		if f.Dynamic() {
			i.fact("macro.dde", "field %q (%s)", f, name)
		}
		address, loads := f.Target()
		if !field.Remote(address) {
			continue
		}
		i.link(address)
		if loads {
			i.fact("macro.ole_link", "field loads %q (%s)", address, name)
		}
	}
}

// words takes text. That of fields is handed on as it comes: it may be long, and what counts stand far behind. Of HTML all text may be that of a
// field, whatever it stands in.
func (p *part) words(s string) {
	ofField := p.inside == "instrText" || p.inside == "delInstrText" || p.inside == "t"
	if p.page || ofField {
		p.fields.text(s)
	}
	if p.inside != "" && !ofField {
		p.text.WriteString(s[:max(min(len(s), maxText-p.text.Len()), 0)])
	}
}
