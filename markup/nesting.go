// SPDX-License-Identifier: Apache-2.0

package markup

import "slices"

// parent is the index of the open element that one with the traits is put in, -1 if there is none: not in a table, but before it, if it is no part
// of one (HTML standard, section 13.2.6.1).
func (s *scanner) parent(is traits) int {
	n := len(s.open) - 1
	if is&part != 0 || s.xml {
		return n
	}
	for n >= s.floor && s.open[n].is&grid != 0 {
		n--
		if s.open[n+1].name == nameTable {
			break
		}
	}
	return n
}

// foreignHere tells if what comes now is SVG or MathML.
func (s *scanner) foreignHere() bool {
	n := len(s.open)
	return n > 0 && s.open[n-1].is&(alien|guest) == alien
}

// isHere tells if the innermost open element has one of the traits.
func (s *scanner) isHere(is traits) bool {
	n := len(s.open)
	return n > s.floor && s.open[n-1].is&is != 0
}

// inTable tells if what comes now stands in a table, but in no cell of it.
func (s *scanner) inTable() bool {
	i := s.find(0, func(e *element) bool { return e.is&(grid|part) != 0 || e.name == nameTemplate })
	return i >= 0 && s.open[i].is&grid != 0
}

// find is the index of the innermost open element that wanted knows, if there is none with the traits before; -1 without one.
func (s *scanner) find(bounds traits, wanted func(e *element) bool) int {
	for i := len(s.open) - 1; i >= s.floor; i-- {
		if s.reached++; s.reached > leastReach+reachWork*len(s.text) && i < len(s.open)-maxReach {
			s.beyond("end tags without a start tag")
			return -1
		}
		e := &s.open[i]
		if wanted(e) {
			return i
		}
		if e.is&bounds != 0 {
			return -1
		}
	}
	return -1
}

// named finds one by its name.
func (s *scanner) named(bounds traits, names ...uint64) int {
	return s.find(bounds, func(e *element) bool { return e.is&alien == 0 && slices.Contains(names, e.name) })
}

// Names that the rules speak of.
var (
	nameP, nameLi, nameDd, nameDt        = hashName([]byte("p")), hashName([]byte("li")), hashName([]byte("dd")), hashName([]byte("dt"))
	nameA, nameNobr, nameButton          = hashName([]byte("a")), hashName([]byte("nobr")), hashName([]byte("button"))
	nameOption, nameTable, nameTr        = hashName([]byte("option")), hashName([]byte("table")), hashName([]byte("tr"))
	nameTbody, nameThead, nameTfoot      = hashName([]byte("tbody")), hashName([]byte("thead")), hashName([]byte("tfoot"))
	nameHTML, nameHead, nameTemplate     = hashName([]byte("html")), hashName([]byte("head")), hashName([]byte("template"))
	nameDiv, nameAddress, nameOptionList = hashName([]byte("div")), hashName([]byte("address")), hashName([]byte("optgroup"))
	nameForm, nameColgroup               = hashName([]byte("form")), hashName([]byte("colgroup"))
)

// endTo ends the open elements from index i on; at is the offset where.
func (s *scanner) endTo(i, at int) {
	for j := len(s.open) - 1; j >= i; j-- {
		e := &s.open[j]
		s.close(e, at)
		s.open = s.open[:j]
		switch {
		case e.is&(marked|part) == marked|part:
			s.unmark()
		case e.id > 0:
			s.unformat(e.id)
		}
	}
}

// begins ends what a start tag ends, and opens what it needs around it. The tag is ignored if no element can stand there.
func (s *scanner) begins(t *tag) {
	if s.flat || s.xml {
		return
	}
	name, is := string(t.local), t.is
	if t.prefixed {
		name = ""
	}
	if s.foreignHere() {
		if !breaksOut(name) && !(name == "font" && (s.attr(t, "color") != nil || s.attr(t, "face") != nil || s.attr(t, "size") != nil)) {
			return
		}
		for len(s.open) > s.floor && s.foreignHere() {
			s.endTo(len(s.open)-1, t.start)
		}
	}
	if is&part != 0 {
		t.ignored = !s.beginsPart(t, name)
		return
	}
	here := uint64(0)
	if n := len(s.open); n > s.floor {
		here = s.open[n-1].name
	}
	if (here == nameHTML || here == nameHead) && !ofHead(name) {
		s.body()
	}
	if here == nameColgroup && name != "col" && name != "template" {
		s.endTo(len(s.open)-1, t.start)
	}
	switch {
	case name == "table" && s.inTable():
		s.endTo(s.named(0, nameTable), t.start)
	case name == "form":
		if t.ignored = s.formOpen || s.inTable(); !t.ignored {
			s.endP(t.start)
		}
		s.formOpen = true
	case is&endsP != 0:
		s.endP(t.start)
		if is&heading != 0 && s.isHere(heading) {
			s.endTo(len(s.open)-1, t.start)
		}
	case name == "table" && s.strict:
		s.endP(t.start)
	case name == "li":
		s.endItem(t.start, nameLi, nameLi)
	case name == "dd" || name == "dt":
		s.endItem(t.start, nameDd, nameDt)
	case name == "a":
		s.adopt(nameA, t.start)
		if i := s.format(nameA); i >= 0 { // It was out of reach.
			s.formats = slices.Delete(s.formats, i, i+1)
		}
	case name == "nobr":
		if s.reopen(t.start); s.named(scoped, nameNobr) >= 0 {
			s.adopt(nameNobr, t.start)
		}
	case name == "button":
		if i := s.named(scoped, nameButton); i >= 0 {
			s.endTo(i, t.start)
		}
	case (name == "option" || name == "optgroup") && here == nameOption:
		s.endTo(len(s.open)-1, t.start)
	}
	if is&(special|endsP) == 0 || is&marked != 0 && name != "template" || name == "button" || name == "select" {
		s.reopen(t.start)
	}
}

// body opens the body of a page that has no tag for it.
func (s *scanner) body() {
	if n := len(s.open) - 1; s.open[n].name == nameHead {
		s.open = s.open[:n]
	}
	if n := len(s.open) - 1; n >= 0 && s.open[n].name == nameHTML {
		s.openPlain("body")
	}
}

// bodyAgain looks at a body that begins behind text or elements. Its attributes hold for those too (HTML standard, section 13.2.6.4.7).
func (s *scanner) bodyAgain(e *element) {
	around := s.around(0)
	if e.absent() && !around.absent() || e.veiled && !around.veiled || e.indented && !around.indented || e.size < leastSize && around.size >= leastSize {
		s.unsure(notFollowed + "a body that begins late")
	}
}

// textBegins opens what text at the offset needs around it.
func (s *scanner) textBegins(at int) {
	if s.flat || s.xml || s.foreignHere() {
		return
	}
	if n := len(s.open) - 1; n >= s.floor {
		switch s.open[n].name {
		case nameHTML, nameHead:
			s.body()
		case nameColgroup:
			s.endTo(n, at)
		}
	}
	s.reopen(at)
}

// endP ends an open paragraph.
func (s *scanner) endP(at int) {
	if i := s.find(scoped, func(e *element) bool { return e.name == nameP || e.name == nameButton }); i >= 0 && s.open[i].name == nameP {
		s.endTo(i, at)
	}
}

// endItem ends an open item of a list before another, and a paragraph.
func (s *scanner) endItem(at int, one, other uint64) {
	i := s.find(0, func(e *element) bool {
		return e.is&alien == 0 && (e.name == one || e.name == other) || e.is&special != 0 && e.name != nameP && e.name != nameDiv && e.name != nameAddress
	})
	if i >= 0 && (s.open[i].name == one || s.open[i].name == other) {
		s.endTo(i, at)
	}
	s.endP(at)
}

// beginsPart does so for parts of tables. Outside a table they are none.
func (s *scanner) beginsPart(t *tag, name string) bool {
	i := s.find(0, func(e *element) bool {
		switch e.name {
		case nameTable, nameTemplate, nameHTML:
			return true
		case nameTbody, nameThead, nameTfoot:
			return name == "tr" || name == "td" || name == "th"
		case nameTr:
			return name == "td" || name == "th"
		}
		return false
	})
	if i < 0 || s.open[i].name == nameHTML {
		return false
	}
	s.endTo(i+1, t.start)
	if s.open[i].name == nameTable && (name == "tr" || name == "td" || name == "th") {
		s.openPlain("tbody")
	}
	if (name == "td" || name == "th") && s.open[i].name != nameTr && s.open[i].name != nameTemplate {
		s.openPlain("tr")
	}
	return true
}

// openPlain opens an element that has no tag.
func (s *scanner) openPlain(name string) {
	if len(s.open) == maxOpen {
		return
	}
	t := tag{local: []byte(name), is: traitsOf(name)}
	e := element{name: hashName(t.local), is: traitsOf(name), plain: name}
	s.inherit(&t, &e)
	s.stands(&t, &e.own)
	s.push(e)
}

// ended ends what an end tag ends.
func (s *scanner) ended(t *tag) {
	name, i := s.fullName(t), 0
	switch local := string(t.local); {
	case s.xml:
		i = s.find(0, func(e *element) bool { return e.name == name })
	case (local == "body" || local == "html") && !t.prefixed:
		return // What follows is in them all the same.
	case s.foreignHere() && (local != "p" && local != "br" || t.prefixed):
		if i = s.find(0, func(e *element) bool { return e.name == name || e.is&alien == 0 }); i >= 0 && s.open[i].is&alien == 0 {
			i = s.endedBy(t, name)
		}
	default:
		for s.foreignHere() && len(s.open) > s.floor {
			s.endTo(len(s.open)-1, t.start)
		}
		i = s.endedBy(t, name)
	}
	if i < 0 {
		return
	}
	if k := s.open[i].renamed; k != "" {
		s.danger(k, "", t.nameStart, t.nameEnd, "x-"+string(t.local))
	}
	if s.open[i].name == nameForm && !s.xml {
		s.endForm(i, t.start)
		return
	}
	inside := s.open[i].is&(marked|part) == marked
	if s.endTo(i, t.start); inside {
		s.unmark()
	}
}

// endedBy is the index of the outermost element that an end tag of HTML ends; -1 if there is none.
func (s *scanner) endedBy(t *tag, name uint64) int {
	switch {
	case t.is&formatting != 0 && s.adopt(name, t.start):
		return -1
	case name == nameP:
		if i := s.named(scoped, nameP, nameButton); i >= 0 && s.open[i].name == nameP {
			return i
		}
		return -1
	case name == nameLi:
		return s.named(scoped|list, nameLi)
	case t.is&heading != 0:
		return s.find(scoped, func(e *element) bool { return e.is&heading != 0 })
	case t.is&part != 0 || name == nameTable:
		if i := s.named(0, name, nameTable, nameTemplate); i >= 0 && s.open[i].name == name {
			return i
		}
		return -1
	case name == nameTemplate:
		return s.named(0, name)
	case name == nameForm && !s.formOpen:
		return -1
	case name == nameForm:
		s.formOpen = false
		return s.named(scoped, name)
	case t.is&(special|endsP) != 0:
		return s.named(scoped, name)
	}
	return s.find(special, func(e *element) bool { return e.name == name })
}

// endForm ends a form, and of what is open in it only paragraphs and items of lists.
func (s *scanner) endForm(i, at int) {
	for n := len(s.open) - 1; n > i; n-- {
		switch s.open[n].name {
		case nameP, nameLi, nameDd, nameDt, nameOption, nameOptionList:
			s.endTo(n, at)
			continue
		}
		break
	}
	s.close(&s.open[i], at)
	s.open = slices.Delete(s.open, i, i+1)
}
