// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// bringsPage knows the attributes that bring another page into a frame.
func bringsPage(name []byte) bool {
	switch string(name) {
	case "src", "srcdoc", "datasrc", "data", "href", "code", "config":
		return true
	}
	return false
}

// bringsObject knows the attributes that make an object, or something embedded, one: without them nothing runs, by no plug-in.
func bringsObject(name []byte) bool {
	switch string(name) {
	case "data", "src", "code", "classid", "codebase", "archive", "object", "type", "codetype", "datasrc", "href", "java_code", "java_object",
		"java_archive", "java_codebase", "java_type", "pluginspage", "pluginurl", "filename":
		return true
	}
	return false
}

// emptied takes away from an element what it brings in, and tells if there is any. The element stays, and with it the place that it has on the page.
func (s *scanner) emptied(t *tag, k Kind, brings func(name []byte) bool) bool {
	detail := string(t.local)
	found := false
	for i := range t.attrs {
		a := &t.attrs[i]
		if !brings(local(fold(s.names[:0], s.text[a.start:a.nameEnd]))) || blank(s.text[a.valStart:a.valEnd]) {
			continue
		}
		s.renameAttr(a, k, detail)
		found, detail = true, ""
	}
	return found
}

// frames tells if an element shows whatever its address leads to, pages as well as images.
func frames(element []byte) bool {
	switch string(element) {
	case "iframe", "frame", "portal", "fencedframe", "ilayer", "layer", "object", "embed", "applet":
		return true
	}
	return false
}

// blankPage is the address of a page with nothing in it.
const blankPage = "about:blank"

// blank tells if an address leads to nothing.
func blank(v []byte) bool {
	v = bytes.TrimSpace(v)
	return len(v) == 0 || bytes.EqualFold(v, []byte(blankPage))
}

// embed looks at an embed element. Without an address it would have no place on the page, so it gets one that leads to nothing.
func (s *scanner) embed(t *tag) {
	if s.emptied(t, Object, bringsObject) && !s.flat {
		s.danger(Object, "", t.nameEnd, t.nameEnd, ` src="`+blankPage+`"`)
	}
}

// param looks at what is told to an object. Some programs take from there what the object itself does not say.
func (s *scanner) param(t *tag) {
	name := bytes.TrimSpace(s.value(t, "name"))
	if string(name) != "movie" && string(name) != "url" && !bringsObject(name) {
		return
	}
	s.emptied(t, Object, func(name []byte) bool { return string(name) == "value" })
}
