// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"hash/maphash"
	"unicode/utf8"
)

// element is one that is open.
type element struct {
	name      uint64 // Hash of its name.
	is        traits
	at, named int    // Where its tag is, and the name in that.
	plain     string // Its name if it has no tag.
	id        int    // Of one that formats.
	block     bool
	backwards bool
	renamed   Kind
	link      int // Index in Page.Links and one; 0 if it is no link.
	shade
}

// Bounds of what is kept of open elements. A page with more is Unfollowed.
const (
	maxOpen  = 1000 // Those deeper are taken for part of the one at this depth.
	maxReach = 100  // How far an end tag looks for its start tag when reachWork is used up.

	reachWork  = 4 // Elements that end tags look at for each octet of the text, beyond leastReach.
	leastReach = 1 << 20
)

// nameSeed is for hashes of names. Who writes a page does not know the seed, and so no two names with one hash.
var nameSeed = maphash.MakeSeed()

func hashName(name []byte) uint64 { return maphash.Bytes(nameSeed, name) }

// fullName is the hash of a tag's name, in HTML with what looks like a prefix.
func (s *scanner) fullName(t *tag) uint64 {
	if !t.prefixed || s.xml {
		return hashName(t.local)
	}
	end := t.nameStart
	for end < t.end && !isSpace(s.text[end]) && s.text[end] != '/' && s.text[end] != '>' {
		end++
	}
	var buf [maxName]byte
	return hashName(fold(buf[:0], s.text[t.nameStart:end]))
}

// void elements have no content (HTML standard, section 13.1.2).
func void(name []byte) bool {
	switch string(name) {
	case "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link", "meta", "param",
		"source", "track", "wbr", "image":
		return true
	}
	return false
}

// block elements stand on lines of their own.
func block(name []byte) bool {
	switch string(name) {
	case "p", "div", "table", "tr", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "center", "form",
		"section", "article", "header", "footer", "main", "nav", "aside", "address", "fieldset", "body", "html", "head", "title", "tbody", "thead",
		"tfoot", "caption", "figure", "figcaption", "option", "hr", "xmp", "details", "summary", "legend":
		return true
	}
	return false
}

// enter notes that an element begins.
func (s *scanner) enter(t *tag) {
	if s.flat {
		return
	}
	s.foreignEnter(t)
	name := string(t.local)
	switch name {
	case "html", "body":
		s.language(t)
	case "br", "hr":
		s.gap(spanBreak)
	case "td", "th":
		s.gap(spanCell)
	case "input":
		s.label(t)
	}
	isBlock := block(t.local)
	if isBlock {
		s.gap(spanBreak)
	}
	if t.ignored {
		return
	}
	is := t.is
	if !s.xml {
		switch n := len(s.open); {
		case (name == "svg" || name == "math") && !t.prefixed:
			is = alien
		case n > 0 && s.open[n-1].is&alien != 0 && s.foreignHere():
			is = foreigner(name)
		}
	}
	if void(t.local) && !t.prefixed && is&alien == 0 || t.selfClosing && (s.xml || is&alien != 0) {
		s.standsEmpty(t)
		return
	}
	e := element{name: s.fullName(t), is: is, at: t.start, named: t.nameStart, block: isBlock, renamed: t.renamed}
	s.inherit(t, &e)
	s.opens(t, &e)
	if name == "body" && (s.begun || s.stood) {
		s.bodyAgain(&e)
	}
	s.tableEnter(t, &e)
	s.stands(t, &e.own)
	if len(s.open) < maxOpen {
		s.keep(t, &e)
		s.push(e)
		if e.backwards {
			s.turn(t.end, spanBack, forcedLeft)
		}
	} else {
		s.beyond("elements within one another")
	}
}

// push opens an element.
func (s *scanner) push(e element) {
	s.open = append(s.open, e)
	if s.rules.sideways {
		*s.row() = row{}
	}
}

// row is what selectors need of the elements that stand in another so far.
type row struct {
	n         int
	all, last marks // Of all, and of the last.
}

// row is that of the innermost element that is open.
func (s *scanner) row() *row {
	for len(s.rows) <= len(s.open) {
		s.rows = append(s.rows, row{})
	}
	return &s.rows[len(s.open)]
}

// stands notes an element there.
func (s *scanner) stands(t *tag, own *marks) {
	switch string(t.local) {
	case "html", "head", "body":
	case "meta", "title", "link", "base", "style":
		if len(s.open) == 0 || s.open[len(s.open)-1].name == hashName([]byte("html")) {
			return // It is in the head, which begins and ends without tags too.
		}
	default:
		s.stood = true
	}
	if !s.rules.sideways {
		return
	}
	r := s.row()
	r.n++
	r.last = *own
	r.all.add(own)
}

// standsEmpty notes one that nothing is in.
func (s *scanner) standsEmpty(t *tag) {
	var l look
	if s.rules.sideways {
		l = s.style(t)
	}
	s.stands(t, &l.marks)
}

// label takes what stands in a button or a field for text.
func (s *scanner) label(t *tag) {
	a := s.attr(t, "value")
	if a == nil {
		return
	}
	switch string(s.value(t, "type")) {
	case "hidden", "checkbox", "radio", "image", "file", "color", "range", "password":
		return
	}
	var in element
	s.inherit(t, &in)
	is := spanShown
	if in.hidden || s.hush {
		is = spanHidden
	}
	s.span(a.valStart, a.valEnd, is)
}

// leave notes an end tag.
func (s *scanner) leave(t *tag) {
	if s.flat {
		return
	}
	s.foreignLeave(t)
	s.tableLeave(t)
	switch string(t.local) {
	case "form":
		s.form = false
	case "p", "div", "li", "tr", "td":
		s.gap(spanBreak)
	case "table":
		s.gap(spanBreak)
		s.gap(spanCell) // The last one ends here.
	}
	s.ended(t)
}

// tooMany begins what tells of a limit.
const tooMany = "too many "

// beyond notes that there is more of something than is followed.
func (s *scanner) beyond(what string) {
	if s.page.Unfollowed == "" {
		s.page.Unfollowed = tooMany + what
	}
}

// unsure notes why nobody can say what is to be seen.
func (s *scanner) unsure(why string) {
	if s.page.Unfollowed == "" {
		s.page.Unfollowed = why
	}
}

// turn notes that what is written backwards begins or ends, also in the text of a link.
func (s *scanner) turn(at int, is spanKind, control rune) {
	s.span(at, at, is)
	if len(s.links) > 0 && s.linkText.Len() < MaxShown-utf8.UTFMax {
		s.linkText.WriteRune(control)
	}
}

// close ends an element at the offset.
func (s *scanner) close(e *element, at int) {
	if e.backwards {
		s.turn(at, spanForth, popped)
	}
	if e.block {
		s.gap(spanBreak)
	}
	if e.link > 0 {
		s.endLink(e.link-1, at)
	}
}

// finish ends what is still open, and puts the dangers in order.
func (s *scanner) finish() {
	for i := range s.open {
		s.close(&s.open[i], len(s.text))
	}
	if s.replace = 0; !s.relative {
		s.bases = nil
	}
	for i := range s.bases {
		a := &s.bases[i]
		s.renameAttr(a, Base, "base "+cut(s.text[a.valStart:a.valEnd], 80))
	}
	if s.rules.unsure != "" {
		s.unsure(s.rules.unsure)
	}
	s.page.arrange()
}

// hidden tells if what comes now is not to be seen.
func (s *scanner) hidden() bool {
	n := s.parent(0)
	return s.hush || n >= 0 && s.open[n].hidden
}

// language notes the language of the whole text.
func (s *scanner) language(t *tag) {
	if s.page.Lang != "" {
		return
	}
	if v := s.value(t, "lang"); len(v) > 0 && len(v) <= maxName {
		s.page.Lang = string(v)
	}
}
