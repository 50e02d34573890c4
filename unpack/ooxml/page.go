// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
)

// IsPage tells if a file is HTML by its first octets. Word opens it as a document if it is called one, fields and template included.
func IsPage(head []byte) bool {
	text := strings.ToLower(string(head[:min(len(head), maxHead)]))
	return isXML(head) && (strings.Contains(text, "<html") || strings.Contains(text, "<body") || strings.Contains(text, "<span"))
}

// page looks at how Word writes fields in HTML: between elements with a style of their own.
func (p *part) page(t tag) {
	style := strings.ReplaceAll(strings.ToLower(t.attr("style")), " ", "")
	_, element, ok := strings.Cut(style, "mso-element:field-")
	switch {
	case !ok:
	case strings.HasPrefix(element, "begin"):
		p.fields.all.Begin()
	case strings.HasPrefix(element, "separator"):
		p.fields.all.Separate()
	case strings.HasPrefix(element, "end"):
		p.fields.all.End()
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
