// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"cmp"
	"slices"
)

// Bounds of what is kept of style sheets. A page with more is Unfollowed.
const (
	maxRules   = 2000 // Rules, and parts of selectors.
	maxMarks   = 255  // Parts of selectors that speak of elements around or before.
	maxMatches = 200  // Rules that hold for one element.
	maxClasses = 1000 // Octets of a class attribute, and of an ID.

	maxSelector = 400 // Octets of one selector.
	maxCompound = 16  // Classes and the like that a selector asks of one element.

	ruleWork  = 1 // Rules that are compared for each octet of the text, beyond leastWork; real mail needs a twentieth.
	leastWork = 1 << 20
)

// rule is one of a style sheet, or a part of its selector that speaks of an element around or before.
type rule struct {
	compound
	needs  mark     // Of another element; 0 if it needs none.
	in     relation // How the other stands to it.
	mark   mark     // What an element gets by it; 0 if it gets the style.
	weight int      // The specificity of the selector.
	decls  []decl
	octets int    // Of the values.
	doubt  string // Why nobody can say what it does; "" if that can be said.
}

// mark is what an element has that a part of a selector fits, which speaks of elements around or before: 1 to maxMarks.
type mark uint8

// marks are those of one element. That for 0 is not used.
type marks [(maxMarks + 1) / 64]uint64

func (m *marks) set(one mark)      { m[one/64] |= 1 << (one % 64) }
func (m *marks) has(one mark) bool { return m[one/64]&(1<<(one%64)) != 0 }

func (m *marks) add(other *marks) {
	for i := range m {
		m[i] |= other[i]
	}
}

// rules are those of all style sheets of a text so far, by the ID, the first class or the name of the element that they are for.
type rules struct {
	list     []rule
	byKey    map[string][]int
	marks    map[string]mark
	sideways bool     // One needs what elements there are before another.
	text     []byte   // The attributes of the tag that is looked at.
	names    [][]byte // Its classes, in order.
	found    []int    // The rules that hold for it.
	painted  bool     // One gives the whole page a background: paper.
	paper    uint32
	top      shade  // Marks of html and body where they have no tags.
	head     marks  // Those of head.
	decls    []decl // Of the rule that is looked at.
	late     bool   // One came behind text that it may be for.
	whole    bool   // All rules of the text are known.
	work     int    // Comparisons so far.
	unsure   string // Why nobody can say what they do; "" if that can be said.
}

// sheetRules keeps the rules of the sheet that was just read, if they hold on a screen.
func (s *scanner) sheetRules() {
	holds := onScreen(s.value(&s.tag, "media"))
	if kind := trim(s.value(&s.tag, "type")); len(kind) > 0 && !bytes.EqualFold(kind, []byte("text/css")) {
		return
	}
	if s.flat || s.bare || s.hush || s.rules.whole || holds == no {
		return
	}
	before, page := len(s.rules.list), s.pagePaper()
	s.rules.read(bytes.Clone(s.sheet.css), holds)
	if len(s.rules.list) > before {
		s.markAgain()
	}
	for i := range s.open {
		if s.open[i].paper != page {
			break // It has a background of its own.
		}
		s.open[i].paper = s.pagePaper()
	}
	s.rules.late = s.rules.late || len(s.rules.list) > before && (s.begun || s.stood)
}

// pagePaper is the background of the page, as far as it is known.
func (s *scanner) pagePaper() uint32 {
	if s.rules.painted {
		return s.rules.paper
	}
	return 0xffffff
}

// markAgain gives html and body, and what else is open, the marks of rules that came behind their tags.
func (s *scanner) markAgain() {
	const most = 8 // Elements; styles stand in the head, and sometimes in the outermost tables.
	open, r := s.open, &s.rules
	s.open, r.top = nil, shade{}
	r.top.own = s.ruled(&tag{local: []byte("html")}, nil, nil)
	r.top.marks = r.top.own
	r.head = s.ruled(&tag{local: []byte("head")}, nil, nil)
	r.top.own = s.ruled(&tag{local: []byte("body")}, nil, nil)
	for i := range open[:min(len(open), most)] {
		e := &open[i]
		s.open = open[:i]
		switch {
		case e.plain != "":
			s.closing = tag{local: []byte(e.plain), is: e.is}
		case e.named == 0:
			s.open = open
			return // A comment that is read as markup.
		default:
			s.closing.read(s.text, e.at, e.named)
		}
		if r.work += s.closing.end - e.at; r.work > leastWork+ruleWork*len(s.text) {
			r.beyond("rules of styles to compare")
			break
		}
		l := s.style(&s.closing)
		around := s.above(s.closing.local, s.closing.is)
		e.own, e.marks = l.marks, around.marks
		e.marks.add(&around.own)
	}
	s.open = open
}

// read keeps the rules of a sheet, and looks at those of groups of which nobody can say if they hold.
func (r *rules) read(css []byte, holds answer) {
	depth, since := 0, 0 // Of groups, and of the outermost that perhaps holds.
	for len(css) > 0 {
		n := outside(css, "{}")
		if n < 0 {
			return
		}
		if css[n] == '}' { // The end of a group, or one too many.
			css = css[n+1:]
			if depth > 0 {
				depth--
			}
			since = min(since, depth)
			continue
		}
		prelude := css[:n]
		css = css[n+1:]
		prelude = trim(prelude[bytes.LastIndexByte(prelude, ';')+1:])
		prelude = trim(bytes.TrimPrefix(trim(bytes.TrimPrefix(prelude, []byte("<!--"))), []byte("-->")))
		if bytes.HasPrefix(prelude, []byte("@")) {
			switch groupHolds(prelude) {
			case no:
				css = css[groupEnd(css):]
				continue
			case perhaps:
				if since == 0 {
					since = depth + 1
				}
			case yes: // The rules in it are like those around it.
			}
			depth++
			continue
		}
		end := outside(css, "}")
		if end < 0 {
			end = len(css)
		}
		if outside(css[:end], "{") >= 0 {
			r.doubt(notFollowed + "rules within rules")
		}
		inner := holds
		if since > 0 {
			inner = perhaps
		}
		r.add(prelude, css[:end], inner)
		css = css[min(end+1, len(css)):]
	}
}

// groupHolds tells if the rules of a group hold that begins so.
func groupHolds(prelude []byte) answer {
	if condition, ok := bytes.CutPrefix(prelude, []byte("@media")); ok {
		return onScreen(condition) // A comment, which is gone, may stand between the words.
	}
	name, _, _ := bytes.Cut(prelude, []byte(" "))
	name, _, _ = bytes.Cut(name, []byte("("))
	switch string(name) {
	case "@supports", "@layer", "@container", "@scope", "@starting-style", "@document", "@-moz-document", "@when", "@else":
		return perhaps
	}
	return no
}

// groupEnd is the index behind the brace that ends the group in which css begins.
func groupEnd(css []byte) int {
	at, depth := 0, 1
	for depth > 0 {
		n := outside(css[at:], "{}")
		if n < 0 {
			return len(css)
		}
		at += n + 1
		if css[at-1] == '{' {
			depth++
		} else {
			depth--
		}
	}
	return at
}

// add keeps a rule for each of its selectors.
func (r *rules) add(selectors, body []byte, holds answer) {
	var st style
	list, unsure := declarations(r.decls[:0], body)
	r.decls = list
	st.apply(list)
	to := rule{doubt: unsure}
	for p := range properties {
		if st.has(p) {
			to.decls = append(to.decls, st.values[p])
			to.octets += len(st.values[p].value)
		}
	}
	if holds == perhaps {
		if to = to.missed("groups of rules"); to.doubt == "" {
			return
		}
	}
	if len(to.decls) == 0 && to.doubt == "" {
		return
	}
	for one := range listed(selectors) {
		if len(one) == 0 || relationOf(one[0]) < relations || relationOf(one[len(one)-1]) < relations {
			return // One that is none voids the list (Selectors section 4.1).
		}
	}
	if bytes.HasSuffix(trim(selectors), []byte(",")) {
		return
	}
	for one := range listed(selectors) {
		r.selector(one, to)
	}
}

// missed is what is left of a rule that perhaps holds: the doubt, if it may hide something.
func (one rule) missed(what string) rule {
	var st style
	st.apply(one.decls)
	l := look{width: -1, height: -1, ink: noColour, paper: noColour, size: -1}
	st.judge(&l, usualSize, nil)
	if l.gone || l.clipped || l.away == isVeiled || l.right || l.indented == isVeiled || l.veiled != notSaid || l.squeezed == isVeiled || l.size >= 0 && l.size < leastSize ||
		l.ink == clear || st.has(display) || st.has(opacity) {
		one.doubt = notFollowed + what
	}
	one.decls = nil
	return one
}

// paint notes the background that a rule for the whole page gives it. One that may hold for other pages only, and one of two, is none that is known.
func (r *rules) paint(one *rule) {
	sure := one.plain() && one.needs == 0
	for i := range one.decls {
		l := look{paper: noColour}
		switch d := &one.decls[i]; {
		case d.is == paper:
			l.paint(d.value)
		case d.is == picture && d.pictured():
			l.paper = pictured
		}
		if l.paper == noColour {
			continue
		}
		if !sure || r.painted && r.paper != l.paper {
			l.paper = pictured
		}
		r.painted, r.paper = true, l.paper
	}
}

func (r *rules) keep(one rule) {
	if len(r.list) == maxRules {
		r.beyond("rules of styles")
		return
	}
	key := one.tag
	switch {
	case one.id != "":
		key = "#" + one.id
	case len(one.classes) > 0:
		key = "." + one.classes[0]
	}
	if r.byKey == nil {
		r.byKey = map[string][]int{}
	}
	r.byKey[key] = append(r.byKey[key], len(r.list))
	r.list = append(r.list, one)
}

// beyond notes that a limit was hit.
func (r *rules) beyond(what string) {
	if r.unsure == "" {
		r.unsure = tooMany + what
	}
}

// doubt notes why nobody can say what the rules do.
func (r *rules) doubt(why string) {
	if r.unsure == "" {
		r.unsure = why
	}
}

// ruled applies the rules that hold for a tag with those attributes to the style, and gives the marks of the element.
func (s *scanner) ruled(t *tag, class, id []byte) (own marks) {
	r := &s.rules
	if len(r.list) == 0 {
		return own
	}
	if r.work > leastWork+ruleWork*len(s.text) {
		r.beyond("rules of styles to compare")
		return own
	}
	if max(len(class), len(id)) > maxClasses {
		r.beyond("octets of a class or ID")
	}
	r.names, r.found, r.text = r.names[:0], r.found[:0], r.text[:0]
	class, id = r.lower(class, maxClasses), trim(r.lower(id, maxClasses))
	for name := range bytes.FieldsSeq(class) {
		r.names = append(r.names, name)
	}
	slices.SortFunc(r.names, bytes.Compare)
	r.names = slices.CompactFunc(r.names, bytes.Equal)
	around := s.above(t.local, t.is)
	around.marks.add(&around.own)
	one := subject{s: s, tag: t, id: id, classes: r.names, near: [relations]*marks{within: &around.marks, directly: &around.own}}
	switch {
	case string(t.local) == "body": // Behind the head, which may have no tag.
		one.place, one.near[behind], one.near[next] = 2, &r.head, &r.head
	case r.sideways:
		row := s.row()
		one.place, one.near[behind], one.near[next] = row.n+1, &row.all, &row.last
	}
	r.try(&own, "", nil, &one)
	r.try(&own, "", t.local, &one)
	for _, name := range r.names {
		r.try(&own, ".", name, &one)
	}
	if len(id) > 0 {
		r.try(&own, "#", id, &one)
	}
	slices.SortFunc(r.found, func(a, b int) int { return cmp.Or(cmp.Compare(r.list[a].weight, r.list[b].weight), cmp.Compare(a, b)) })
	for _, i := range r.found {
		r.work += len(r.list[i].decls) + r.list[i].octets/4
		s.looks.apply(r.list[i].decls)
	}
	return own
}

// lower is an attribute value in lower case and without references, in memory that is used again for the next tag.
func (r *rules) lower(v []byte, most int) []byte {
	v = v[:min(len(v), most)]
	from := len(r.text)
	if bytes.IndexByte(v, '&') >= 0 {
		r.text = unescape(r.text, v, true)
	} else {
		r.text = append(r.text, v...)
	}
	v = r.text[from:len(r.text):len(r.text)]
	for i, c := range v {
		if 'A' <= c && c <= 'Z' {
			v[i] = c | 0x20
		}
	}
	return v
}

// try finds the rules with that key which hold for an element, and gives it the marks of those that give one.
func (r *rules) try(own *marks, kind string, name []byte, el *subject) {
	var buf [2 * maxName]byte
	key := append(append(buf[:0], kind...), name...)
	list := r.byKey[string(key)]
	r.work += len(list)
	for _, i := range list {
		one := &r.list[i]
		if one.needs != 0 && !el.near[one.in].has(one.needs) || !one.fits(el) {
			continue
		}
		if one.mark != 0 {
			own.set(one.mark)
			continue
		}
		if one.doubt != "" {
			r.doubt(one.doubt)
		}
		if len(one.decls) == 0 {
			continue
		}
		if len(r.found) == maxMatches {
			r.beyond("rules for one element")
			break
		}
		r.found = append(r.found, i)
	}
}
