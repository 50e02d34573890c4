// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"errors"
	"io"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/oleobj"
)

// errEnough ends the reading of a part that has nothing to say, errSheet of one in which no more than formulas are looked for, and errPage of
// one that is HTML.
var (
	errEnough = errors.New("nothing to be found here")
	errSheet  = errors.New("a sheet")
	errPage   = errors.New("a page")
)

// part is a part in XML that is being read.
type part struct {
	*Inspector
	in     *scanner
	name   string
	root   string // Name of the first element.
	inside string // Name of the element whose text is wanted; "" if none is.
	text   strings.Builder
	fields fields
	macro  bool // It is a macro sheet.
	app    bool // An Excel 2003 file.
	sheet  bool // A sheet is read for its formulas.
	page   bool // It is read as HTML.

	refreshed bool // The connection that is read brings its data when the workbook is opened.
}

// maxText is how many octets are kept of an element's text.
const maxText = 8192

// xml reads a part in XML, or in HTML. One of which page tells that it may be HTML is read as both: what is a comment in one is none in the other.
func (i *Inspector) xml(name string, r *io.SectionReader, page bool) error {
	err := i.scan(&part{Inspector: i, name: name}, r)
	if errors.Is(err, errSheet) {
		var has bool
		if has, err = hasBar(io.NewSectionReader(r, 0, r.Size())); has && err == nil {
			err = i.scan(&part{Inspector: i, name: name, sheet: true}, io.NewSectionReader(r, 0, r.Size()))
		}
	}
	switch {
	case errors.Is(err, errPage):
		page, err = true, nil
	case errors.Is(err, errEnough):
		err = nil
	}
	if page && err == nil {
		err = i.scan(&part{Inspector: i, name: name, page: true}, io.NewSectionReader(r, 0, r.Size()))
	}
	return err
}

func (i *Inspector) scan(p *part, r io.Reader) error {
	p.in = newScanner(utf8(r))
	p.in.html, p.fields.page = p.page, p.page
	err := p.in.each(p.tag)
	i.judgeFields(p.name, p.fields.close())
	return err
}

func (p *part) tag(t tag) error {
	switch {
	case t.name == "":
		p.cut(t, p.inside != "")
		p.words(t.text)
		return nil
	case t.name == "?xml":
		if c := t.attr("encoding"); !isTransparent(c) {
			p.report.Charset = c
		}
		return nil
	case t.name == "?xml-stylesheet":
		p.loaded(t)
		return nil
	case t.name[0] == '?' || t.name[0] == '!':
		return nil
	case t.end:
		p.fields.leave(t)
		p.close(t)
		return nil
	}
	if p.root == "" {
		p.root = t.name
		p.fields.root(t)
		switch {
		case p.page: // Of HTML the first element tells nothing.
		case strings.EqualFold(t.name, "html"):
			return errPage
		case t.name == "worksheet" && !p.sheet:
			return errSheet
		case isPlain(t.name):
			return errEnough
		}
	}
	p.cut(t, hasAddress(t.name))
	p.fields.enter(t, p.inside)
	if p.page {
		p.style(t)
	}
	p.open(t)
	return nil
}

// isTransparent tells of charsets in which all that tags are made of is what it is in ASCII. Office has UTF-8 and UTF-16 alone; LibreOffice
// reads others, UTF-7 and EBCDIC among them.
func isTransparent(charset string) bool {
	charset = strings.ToLower(charset)
	for _, prefix := range []string{"utf-8", "utf8", "utf-16", "unicode", "us-ascii", "ascii", "iso-8859-", "windows-", "cp125", "koi8", "gb", "big5", "shift_jis", "euc-", "macintosh"} {
		if strings.HasPrefix(charset, prefix) {
			return true
		}
	}
	return charset == ""
}

// cut notes that something that counts is too long to be kept.
func (p *part) cut(t tag, counts bool) {
	p.report.Cut = p.report.Cut || t.cut && counts
}

// hasAddress tells of elements whose attributes count.
func hasAddress(name string) bool {
	switch name {
	case "Relationship", "Override", "fldChar", "fldSimple", "ddeLink", "hlinkClick", "hlinkHover", "hlinkMouseOver", "Cell", "NamedRange", "ocx", "connection", "webPr", "dbPr", "textPr", "customUI", "cmd", "attachedTemplate", "AttachedTemplate",
		"event-listener", "dde-source", "dde-connection-decl", "dde-link", "table-cell", "section-source", "object", "object-ole", "plugin", "floating-frame", "a", "module", "sheet", "definedName":
		return true
	}
	return false
}

// isPlain tells of roots whose parts hold nothing but data, and a lot of it.
func isPlain(root string) bool {
	switch root {
	case "sst", "styleSheet", "theme", "calcChain", "pivotCacheRecords":
		return true
	}
	return false
}

// open looks at an element's start.
func (p *part) open(t tag) {
	switch t.name {
	case "Relationship":
		p.relationship(t)
	case "Override", "Default":
		p.contentType(t)
	case "fldChar":
		p.fields.char(t)
	case "fldSimple":
		p.fields.simple(t)
	case "hlinkClick", "hlinkHover", "hlinkMouseOver":
		p.action(t)
	case "cmd":
		if t.attr("type") == "verb" {
			p.fact("macro.action", "an animation starts an object (%s)", p.name)
		}
	case "ocx":
		if class := t.attr("classid"); oleobj.Dangerous(class) {
			p.fact("macro.object", "control that shows or runs what comes from elsewhere (%s, %s)", class, p.name)
		}
	case "instrText", "delInstrText", "t", "f", "formula", "formula1", "formula2", "Path":
		p.want(t.name)
	case "module":
		p.want(t.name)
		p.module(t)
	case "wordDocument":
		p.app = true
	case "attachedTemplate", "AttachedTemplate", "sourceFileName", "subDoc", "customUI":
		p.loaded(t)
	default:
		p.openWorkbook(t)
	}
	if t.empty && t.name == p.inside {
		p.inside = ""
	}
}

// openWorkbook looks at elements of workbooks.
func (p *part) openWorkbook(t tag) {
	switch t.name {
	case "macrosheet":
		p.macro = true
		p.macros = appendOnce(p.macros, short(p.name))
	case "sheet":
		if state := t.attr("state"); state != "" && state != "visible" {
			p.hide(t.attr("name"), state)
		}
	case "connection":
		p.refreshed = isTrue(t.attr("refreshOnLoad"))
	case "definedName":
		p.autoName(t.attr("name"))
		p.want(t.name)
	case "ddeLink":
		p.fact("macro.dde", "DDE link to %q with %q (%s)", t.attr("ddeService"), t.attr("ddeTopic"), p.name)
	case "webPr", "dbPr", "textPr":
		p.query(t)
	case "Cell":
		p.formula(t.attr("Formula"))
	case "NamedRange":
		p.formula(t.attr("RefersTo"))
	case "Workbook":
		p.app = true
	default:
		p.openDocument(t)
	}
}

// want keeps the text of an element.
func (p *part) want(name string) {
	p.inside = name
	p.text.Reset()
}

// close looks at the text of an element that ends.
func (p *part) close(t tag) {
	if t.name != p.inside {
		return
	}
	p.inside = ""
	text := p.text.String()
	switch t.name {
	case "f", "formula", "formula1", "formula2", "definedName":
		p.formula(text)
	case "Path":
		if app, topic, ok := strings.Cut(text, "|"); ok && p.app {
			p.fact("macro.dde", "DDE link to %q with %q", app, topic)
		}
	case "module":
		if len(text) >= maxText || hasBasic(text) {
			p.basic = appendOnce(p.basic, p.name)
		}
	}
}

func (i *Inspector) hide(name, state string) {
	if len(i.hidden) < maxKept {
		i.hidden[name] = strings.ReplaceAll(state, "veryHidden", "very hidden")
	}
}

// autoName keeps a name by which Excel runs macros: it goes by how the name begins.
func (i *Inspector) autoName(name string) {
	n := strings.TrimPrefix(strings.ToLower(name), "_xlnm.")
	for _, prefix := range []string{"auto_open", "auto_close", "auto_activate", "auto_deactivate"} {
		if strings.HasPrefix(n, prefix) {
			i.auto = appendOnce(i.auto, name)
		}
	}
}

// query looks at where a connection of a workbook has its data from (ECMA-376 part 1 section 18.13).
func (p *part) query(t tag) {
	switch url, file := t.attr("url"), t.attr("sourceFile"); {
	case field.Remote(url):
		p.link(url)
		p.fact("macro.query", "web query loads a sheet from %q", url)
	case field.Remote(file):
		p.link(file)
		p.fact("macro.query", "text query loads a sheet from %q", file)
	case t.name == "dbPr" && p.refreshed:
		p.fact("macro.query", "query is sent to a database when the workbook is opened")
	}
}

// isTrue reads a Boolean of XML Schema.
func isTrue(s string) bool {
	s = strings.TrimSpace(s)
	return s == "1" || s == "true"
}

// action looks at what a click on a slide, or pointing at something, does.
func (p *part) action(t tag) {
	a := t.attr("action")
	how := "a click"
	if t.name != "hlinkClick" {
		how = "the mouse pointer"
	}
	switch lower := strings.ToLower(a); {
	case strings.HasPrefix(lower, "ppaction://macro"):
		p.fact("macro.action", "%s runs the macro %q (%s)", how, a, p.name)
	case strings.HasPrefix(lower, "ppaction://program"), strings.HasPrefix(lower, "ppaction://ole"):
		p.fact("macro.action", "%s starts a program: %q (%s)", how, a, p.name)
	}
}
