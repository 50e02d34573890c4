// SPDX-License-Identifier: Apache-2.0

// Package ooxml tells what documents in XML do: the parts of an Office Open XML package (ECMA-376), of an OpenDocument package, and of the
// single files that Office writes as XML. It goes by what a part says, not by what it is called: programs find parts by references. The
// parts are handed to it one by one; taking them out of a container is for others.
package ooxml

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Limits of what is kept of one document.
const (
	MaxFacts = 100 // And the first of each code in any case.
	MaxLinks = 10_000
	maxHead  = 4096 // Octets by which a part is judged.
)

// Fact is one thing that the document does.
type Fact struct{ Code, Detail string }

// Report is what was found.
type Report struct {
	Facts     []Fact
	Links     []string
	VBA       []string // Parts that are said to be Visual Basic projects.
	Cut       bool     // A part or a tag is so long that not all of it was looked at.
	Charset   string   // In which a part is written and which is not read; "" if there is none.
	Encrypted bool     // An OpenDocument package whose parts need a password.
}

// Inspector looks at the parts of one document.
type Inspector struct {
	report Report

	macros  []string          // Parts that are Excel 4 macro sheets.
	calls   []string          // Functions that leave the document, of macro sheets.
	auto    []string          // Names that run by themselves.
	hidden  map[string]string // State of hidden sheets, by name.
	basic   []string          // Modules of OpenDocument macros.
	odf     bool              // It is an OpenDocument package.
	scripts []string          // Of it, in other languages.
	events  []string          // What they are started by.
}

// New makes an inspector.
func New() *Inspector { return &Inspector{hidden: map[string]string{}} }

func (i *Inspector) fact(code, format string, args ...any) {
	full := len(i.report.Facts) >= MaxFacts
	if full && slices.ContainsFunc(i.report.Facts, func(f Fact) bool { return f.Code == code }) {
		return
	}
	f := Fact{code, fmt.Sprintf(format, args...)}
	if !slices.Contains(i.report.Facts, f) {
		i.report.Facts = append(i.report.Facts, f)
	}
}

func (i *Inspector) link(uri string) {
	if uri != "" && len(i.report.Links) < MaxLinks {
		i.report.Links = append(i.report.Links, uri)
	}
}

// Part looks at one part. The error is that of r.
func (i *Inspector) Part(name string, r *io.SectionReader) error {
	i.odf = i.odf || strings.EqualFold(name, "META-INF/manifest.xml")
	i.report.Cut = i.report.Cut || r.Size() > MaxPart
	head := make([]byte, min(r.Size(), maxHead))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case strings.HasPrefix(string(head), ebcdic):
		i.report.Charset = "EBCDIC"
	case isBinary(head):
		return i.binary(name, r)
	case isXML(head):
		return i.xml(name, r, IsPage(head))
	case r.Size() > 0:
		i.script(name)
	}
	return nil
}

// ebcdic is what XML in EBCDIC begins with: "<?xml".
const ebcdic = "\x4c\x6f\xa7\x94\x93"

// script keeps the name of a script of an OpenDocument package: all that is in that folder and no list.
func (i *Inspector) script(name string) {
	if folder, _, ok := strings.Cut(name, "/"); ok && strings.EqualFold(folder, "Scripts") {
		i.scripts = appendOnce(i.scripts, name)
	}
}

// isXML tells if a part begins as XML, in UTF-8 or UTF-16.
func isXML(head []byte) bool {
	text := strings.ReplaceAll(string(head), "\x00", "")
	text = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(text, "\xff\xfe"), "\xfe\xff"), "\ufeff")
	rest := strings.TrimLeft(text, " \t\r\n")
	// So much white space that nothing else is seen is not there by chance.
	return len(rest) > 1 && rest[0] == '<' || rest == "" && len(text) >= maxHead/2
}

// Report ends the inspection.
func (i *Inspector) Report() *Report {
	i.macroSheets()
	if i.odf && len(i.scripts) > 0 {
		i.fact("macro.basic", "scripts %s", list(i.scripts))
	}
	if len(i.basic) > 0 {
		i.fact("macro.basic", "macros in %s", list(i.basic))
	}
	if len(i.events) > 0 {
		i.fact("macro.autorun", "macros run by themselves: %s", list(i.events))
	}
	return &i.report
}

// macroSheets makes one fact of all that was found about Excel 4 macros.
func (i *Inspector) macroSheets() {
	if len(i.macros) == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Excel 4 macros in %s", list(i.macros))
	if len(i.hidden) > 0 {
		var names []string
		for name, state := range i.hidden {
			names = append(names, fmt.Sprintf("%q %s", name, state))
		}
		slices.Sort(names)
		fmt.Fprintf(&b, "; sheets that are not shown: %s", list(names))
	}
	if len(i.calls) > 0 {
		fmt.Fprintf(&b, "; they call %s", list(i.calls))
	}
	i.fact("macro.xlm", "%s", b.String())
	if len(i.auto) > 0 {
		i.fact("macro.autorun", "Excel 4 macros run by themselves: %s", list(i.auto))
	}
}

// maxList is how many names a fact lists.
const maxList = 8

func list(names []string) string {
	if len(names) > maxList {
		return strings.Join(names[:maxList], ", ") + fmt.Sprintf(" and %d more", len(names)-maxList)
	}
	return strings.Join(names, ", ")
}

// maxKept is how many names of one kind are kept.
const maxKept = 100

func appendOnce(names []string, name string) []string {
	if len(names) >= maxKept || slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

// short is a part's name with no more than its last folder: references have it without those before.
func short(name string) string {
	pieces := strings.Split(strings.Trim(name, "/"), "/")
	return strings.Join(pieces[max(len(pieces)-2, 0):], "/")
}
