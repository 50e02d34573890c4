// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// inset is an svg or select element that is open. While all in it is of the plainest kind it is certain where it ends, and with it the rule
// that raw text is none. Else the rest of the text is taken to be inside.
type inset struct {
	open  []uint64
	lists bool // It is a select element.
}

// maxInset bounds the depth inside an inset.
const maxInset = 32

// foreignEnter follows elements in which browsers read raw text as markup.
func (s *scanner) foreignEnter(t *tag) {
	if s.xml {
		return
	}
	name := string(t.local)
	switch {
	case name == "template":
		s.templates = true
	case name == "col" && s.templates:
		s.foreign = true // Columns of a template: there elements with raw text are ignored (HTML standard, section 13.2.6.4.12).
	}
	if s.inset == nil {
		switch name {
		case "math", "frameset":
			s.foreign = true
		case "svg", "select":
			if !s.foreign && !s.hush && !t.odd && !t.prefixed && !(t.selfClosing && name == "svg") {
				s.inset = &inset{open: []uint64{hashName(t.local)}, lists: name == "select"}
			}
			s.foreign = true
		}
		return
	}
	if s.hush {
		return // Only some programs see it.
	}
	in := s.inset
	switch {
	case t.odd || t.prefixed:
		s.inset = nil
	case in.lists && (name == "option" || name == "optgroup"):
	case !in.lists && drawing(name) && len(in.open) < maxInset:
		if !t.selfClosing {
			in.open = append(in.open, hashName(t.local))
		}
	default:
		s.inset = nil // For good: foreign stays.
	}
}

// foreignLeave follows their end tags.
func (s *scanner) foreignLeave(t *tag) {
	in := s.inset
	if in == nil || s.hush {
		return
	}
	name := string(t.local)
	top := len(in.open) - 1
	switch {
	case t.odd || t.prefixed:
		s.inset = nil
	case in.lists && (name == "option" || name == "optgroup"):
	case !in.lists && (name == "title" || name == "style"): // Read as a whole with their content.
	case in.open[top] == hashName(t.local):
		in.open = in.open[:top]
		if top == 0 {
			s.inset, s.foreign = nil, false
		}
	default:
		s.inset = nil
	}
}

// inner is told of text in an inset that is raw text elsewhere. With a tag in it, it is no longer certain where the inset ends.
func (s *scanner) inner(from, to int) {
	if s.inset != nil && bytes.IndexByte(s.text[from:to], '<') >= 0 {
		s.inset = nil
	}
}

// drawing knows the elements of SVG in which HTML has no place.
func drawing(name string) bool {
	switch name {
	case "path", "rect", "circle", "ellipse", "line", "polygon", "polyline", "g", "use", "image", "defs", "lineargradient", "radialgradient", "stop",
		"clippath", "mask", "filter", "text", "tspan", "symbol", "pattern", "marker", "fegaussianblur", "feoffset", "feblend",
		"femerge", "femergenode", "feflood", "fecomposite", "fecolormatrix", "metadata":
		return true
	}
	return false
}
