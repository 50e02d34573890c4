// SPDX-License-Identifier: Apache-2.0

package filetype

import "bytes"

// markup tells what a text is that begins with "<"; unknown if that is no tag. t is in lower case.
func markup(t []byte) kind {
	if bytes.HasPrefix(t, []byte("<?php")) || bytes.HasPrefix(t, []byte("<?=")) {
		return scriptPHP
	}
	xmlSeen := bytes.HasPrefix(t, []byte("<?xml"))
	root, rest := rootElement(t)
	if k := roots[string(root)]; k != unknown {
		return inParticular(k, xmlSeen, rest)
	}
	switch {
	case bytes.Contains(t, []byte("<hta:application")):
		return hta
	case htmlTags[string(root)]:
		return html
	case xmlSeen && bytes.Contains(rest, []byte("<html")):
		return xhtml
	case xmlSeen && bytes.Contains(rest, []byte("<svg")):
		return svg
	case xmlSeen:
		return xml
	}
	return unknown
}

// roots are kinds by the root element's name without prefix. Sources: the schemas of Microsoft (Windows Script Host, MS-SHLLINK's relatives
// Library Description and Search Connector, MMC, MSBuild, ClickOnce, flat OPC), JSR 56 for JNLP, the W3C for SVG.
var roots = map[string]kind{
	"html":                       html,
	"svg":                        svg,
	"job":                        scriptWSF,
	"package":                    scriptWSF, // Or flat OPC, or the manifest of an EPUB.
	"scriptlet":                  scriptSCT,
	"component":                  scriptSCT,
	"stylesheet":                 scriptXSL,
	"transform":                  scriptXSL,
	"librarydescription":         libraryMS,
	"persistedquery":             searchMS,
	"searchconnectordescription": searchMS,
	"opensearchdescription":      searchMS,
	"pcsettings":                 settingcontent,
	"jnlp":                       jnlp,
	"mmc_consolefile":            msc,
	"project":                    msbuild,
	"assembly":                   clickonce,
	"plist":                      webloc,
	"worddocument":               wordML,
	"workbook":                   wordML,
	"document":                   odf,
}

// inParticular looks at what follows where the root element does not decide alone. A kind that it does not confirm is xml.
func inParticular(k kind, xmlSeen bool, rest []byte) kind {
	has := func(marks ...string) bool {
		for _, m := range marks {
			if bytes.Contains(rest, []byte(m)) {
				return true
			}
		}
		return false
	}
	ok := true
	switch k {
	case html:
		if has("<hta:application") {
			return hta
		}
		if xmlSeen {
			return xhtml
		}
	case scriptWSF:
		if has("schemas.microsoft.com/office/2006/xmlpackage") {
			return flatOPC
		}
		ok = has("<script", "<job", "<runtime")
	case scriptSCT:
		ok = has("<script", "<registration")
	case scriptXSL:
		ok = has(":script", "urn:schemas-microsoft-com:xslt")
	case msbuild:
		ok = has("schemas.microsoft.com/developer/msbuild", "<usingtask", "<target")
	case clickonce:
		ok = has("<deployment", ":deployment")
	case webloc:
		if has("payloadtype", "payloadcontent") {
			return mobileconfig
		}
		ok = has("<key>url</key>")
	case wordML:
		ok = has("schemas.microsoft.com/office", "urn:schemas-microsoft-com:office")
	case odf:
		ok = has("urn:oasis:names:tc:opendocument")
	default:
	}
	if !ok {
		return xml
	}
	return k
}

// htmlTags are what a text begins with that browsers take for HTML (WHATWG MIME Sniffing section 7.1), and others that mail begins with.
var htmlTags = map[string]bool{
	"a": true, "b": true, "base": true, "blockquote": true, "body": true, "br": true, "button": true, "center": true, "div": true, "em": true,
	"embed": true, "font": true, "form": true, "frameset": true, "h1": true, "h2": true, "h3": true, "h4": true, "head": true, "hr": true,
	"i": true, "iframe": true, "img": true, "input": true, "li": true, "link": true, "meta": true, "noscript": true, "object": true, "ol": true,
	"p": true, "pre": true, "script": true, "section": true, "small": true, "span": true, "strong": true, "style": true, "table": true,
	"tbody": true, "td": true, "textarea": true, "title": true, "tr": true, "u": true, "ul": true, "video": true, "!doctype html": true,
}

// rootElement is the name of the first element, behind declarations, comments and blanks, without its prefix; and what follows the
// name. A document type of HTML is as good as the element.
func rootElement(t []byte) (name, rest []byte) {
	for {
		t = bytes.TrimLeft(t, " \t\r\n\f\x80")
		switch {
		case bytes.HasPrefix(t, []byte("<?")):
			t = behind(t, "?>")
		case bytes.HasPrefix(t, []byte("<!--")):
			t = behind(t[2:], "-->")
		case bytes.HasPrefix(t, []byte("<!doctype html")):
			if name, rest := rootElement(doctypeEnd(t)); len(name) > 0 && string(name) == "html" {
				return name, rest
			}
			return []byte("!doctype html"), t
		case bytes.HasPrefix(t, []byte("<!doctype")):
			t = doctypeEnd(t)
		default:
			return elementName(t)
		}
	}
}

// doctypeEnd is what follows a document type declaration, with an internal subset or without.
func doctypeEnd(t []byte) []byte {
	end := bytes.IndexByte(t, '>')
	if subset := bytes.IndexByte(t, '['); subset >= 0 && subset < end {
		return bytes.TrimLeft(behind(behind(t, "]"), ">"), "")
	}
	return behind(t, ">")
}

// behind is what follows the first mark; nothing if it is not there.
func behind(t []byte, mark string) []byte {
	_, rest, _ := bytes.Cut(t, []byte(mark))
	return rest
}

// elementName is the name of the element that t begins with.
func elementName(t []byte) (name, rest []byte) {
	if len(t) < 2 || t[0] != '<' {
		return nil, t
	}
	t = t[1:]
	n := 0
	for n < len(t) && (t[n] >= 'a' && t[n] <= 'z' || t[n] >= '0' && t[n] <= '9' || t[n] == ':' || t[n] == '_' || t[n] == '-') {
		n++
	}
	if n < len(t) && bytes.IndexByte([]byte(" \t\r\n\f/>"), t[n]) < 0 {
		return nil, t // "<from@example.org" is no tag.
	}
	name, rest = t[:n], t[n:]
	if colon := bytes.LastIndexByte(name, ':'); colon >= 0 && n < len(t) {
		name = name[colon+1:]
	}
	return name, rest
}
