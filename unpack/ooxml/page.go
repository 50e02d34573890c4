// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
)

// IsPage tells if a file is HTML by its first octets. Word opens it as a document if it is called one, fields and template included.
func IsPage(head []byte) bool {
	if !isXML(head) {
		return false
	}
	text := strings.ToLower(string(head[:min(len(head), maxHead)]))
	for _, mark := range []string{"<html", "<!doctype html", "<head>", "<head ", "<body", "<span"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}

// style looks at how Word writes fields in HTML: between elements with a style of their own. CSS goes by the last of several; as what looks like
// one may be part of a text, a second reading takes any that begins a field.
func (p *part) style(t tag) {
	style := strings.Join(strings.Fields(strings.ToLower(t.attr("style"))), "")
	var last string
	begins := false
	for _, s := range strings.Split(style, "mso-element:field-")[1:] {
		for _, kind := range []string{"begin", "separator", "end"} {
			if strings.HasPrefix(s, kind) {
				last = kind
				begins = begins || kind == "begin"
			}
		}
	}
	mark(&p.fields.all, last)
	if begins {
		last = "begin"
	}
	mark(&p.fields.choice, last)
}

// mark takes the beginning, the middle or the end of a field.
func mark(p *field.Parser, kind string) {
	switch kind {
	case "begin":
		p.Begin()
	case "separator":
		p.Separate()
	case "end":
		p.End()
	}
}

// loaded looks at elements by which menus, Word 2003 and HTML say what belongs to a document.
func (p *part) loaded(t tag) {
	for _, key := range []string{"val", "HRef", "link", "onLoad"} {
		address := t.attr(key)
		if !field.Remote(address) {
			continue
		}
		p.link(address)
		switch strings.ToLower(t.name) {
		case "attachedtemplate":
			p.fact("macro.template", "template is loaded from %q", address)
		case "?xml-stylesheet":
			p.fact("macro.ole_link", "style sheet is loaded from %q", address)
		case "customui":
			p.fact("macro.ole_link", "menu runs a macro of %q when the document is opened (%s)", address, p.name)
		default:
			p.fact("macro.ole_link", "%s is loaded from %q", t.name, address)
		}
	}
}
