// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"slices"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
)

// relationship looks at where a part refers to (ECMA-376 part 2 section 9.3).
func (p *part) relationship(t tag) {
	external := slices.ContainsFunc(t.attrs("TargetMode"), func(mode string) bool { return strings.EqualFold(strings.TrimSpace(mode), "External") })
	for _, kind := range t.attrs("Type") {
		kind = strings.ToLower(strings.TrimSpace(kind[strings.LastIndexByte(kind, '/')+1:]))
		for _, target := range t.attrs("Target") {
			p.refers(kind, target, external)
		}
	}
}

// refers looks at one reference.
func (p *part) refers(kind, target string, external bool) {
	switch kind {
	case "vbaproject":
		p.report.VBA = appendOnce(p.report.VBA, target)
	case "xlmacrosheet", "xlintlmacrosheet":
		p.macros = appendOnce(p.macros, short(target))
	}
	if !external && !strings.Contains(target, "://") || target == "" {
		return
	}
	if field.Remote(target) || strings.HasPrefix(strings.ToLower(target), "mailto:") {
		p.link(target)
	}
	if !field.Remote(target) {
		return
	}
	switch kind {
	case "attachedtemplate":
		p.fact("macro.template", "template is loaded from %q", target)
	case "frame":
		p.fact("macro.ole_link", "frame is loaded from %q", target)
	case "image", "video", "audio", "media":
		p.picture(target)
	case "oleobject", "package", "control", "afchunk", "subdocument", "embeddings", "activexcontrol", "activexcontrolbinary", "mailmergesource", "mailmergeheadersource", "transform":
		p.fact("macro.ole_link", "%s is loaded from %q", kind, target)
	}
}

// picture looks at where a picture, a film or sound is: those of a share tell it who the reader is.
func (p *part) picture(address string) {
	if field.Share(address) {
		p.fact("macro.ole_link", "picture, film or sound is loaded from the share %q, to which Windows logs on by itself", address)
	}
}

// contentType looks at what a part is said to be (ECMA-376 part 2 section 10.1).
func (p *part) contentType(t tag) {
	kind := strings.ToLower(t.attr("ContentType"))
	name := t.attr("PartName")
	if name == "" {
		return // Of an extension: the parts themselves tell.
	}
	switch {
	case strings.Contains(kind, "macrosheet"):
		p.macros = appendOnce(p.macros, short(name))
	case strings.HasSuffix(kind, "vbaproject"):
		p.report.VBA = appendOnce(p.report.VBA, strings.TrimPrefix(name, "/"))
	}
}

// openDocument looks at elements of OpenDocument files (ISO 26300).
func (p *part) openDocument(t tag) {
	href := t.attr("href")
	if lower := strings.ToLower(href); isScriptScheme(lower) && t.name != "event-listener" {
		p.fact("macro.action", "%s runs %q (%s)", t.name, href, p.name)
	}
	switch t.name {
	case "file-entry":
		if kind := t.attr("media-type"); strings.Contains(kind, "vnd.sun.star.uno-component") || strings.Contains(kind, "vnd.sun.star.basic-library") {
			p.scripts = appendOnce(p.scripts, t.attr("full-path"))
		}
	case "encryption-data":
		p.report.Encrypted = true
	case "event-listener":
		p.event(t, href)
		return
	case "dde-source", "dde-connection-decl", "dde-link":
		if t.attr("dde-application") == "" {
			break
		}
		p.fact("macro.dde", "DDE link to %q with %q (%s)", t.attr("dde-application"), t.attr("dde-topic"), p.name)
	case "table-cell":
		if f := t.attr("formula"); f != "" && strings.Contains(strings.ToUpper(f), "DDE(") {
			p.formula(f)
		}
	}
	if href == "" || !field.Remote(href) {
		return
	}
	switch t.name {
	case "image":
		p.link(href)
		p.picture(href)
	case "section-source", "object", "object-ole", "plugin", "applet", "floating-frame":
		p.link(href)
		p.fact("macro.ole_link", "%s is loaded from %q", t.name, href)
	case "a", "table-source", "cell-range-source", "template":
		p.link(href)
	}
}

// event keeps what starts a macro.
func (p *part) event(t tag, href string) {
	name := t.attr("event-name")
	if _, local, ok := strings.Cut(name, ":"); ok {
		name = local
	}
	if a := t.attr("action"); a == "execute" || a == "execute-macro" || a == "verb" {
		p.fact("macro.action", "a click does %q with %q (%s)", a, href, p.name)
		return
	}
	if !isScriptScheme(strings.ToLower(href)) && t.attr("macro-name") == "" {
		return
	}
	p.events = appendOnce(p.events, name+" "+strings.TrimPrefix(href, "vnd.sun.star.script:")+t.attr("macro-name"))
}

// isScriptScheme tells of addresses that run something inside the office itself.
func isScriptScheme(lower string) bool {
	for _, scheme := range []string{"vnd.sun.star.script:", "vnd.sun.star.expand:", "macro:", ".uno:", "service:", "slot:"} {
		if strings.HasPrefix(lower, scheme) {
			return true
		}
	}
	return false
}

// module begins a module of macros.
func (p *part) module(t tag) {
	if name := t.attr("name"); name != "" && t.attr("language") != "" {
		p.name = strings.TrimSuffix(p.name, ".xml")
	}
}

// hasBasic tells if the text of a module has a procedure: offices write an empty one by themselves.
func hasBasic(text string) bool {
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		line = strings.ToLower(strings.TrimSpace(line))
		switch {
		case line == "" || strings.HasPrefix(line, "rem ") || line[0] == '\'' || line == "end sub" || line == "sub main":
		case strings.HasPrefix(line, "option ") && !strings.Contains(line, ":"):
		default:
			return true
		}
	}
	return false
}
