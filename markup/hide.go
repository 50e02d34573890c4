// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// look is what a tag's attributes and the style sheets say about how its element is seen.
type look struct {
	gone          bool // Neither the element nor anything in it is seen.
	clipped       bool // So it is, but for what has a place of its own.
	placed        bool // It has one.
	away          seen // Whether it is far from the page; elements in it may be back.
	indented      seen // Whether its lines are.
	veiled        seen // Its text is not seen; elements in it may be.
	right         bool // It is beyond the right edge, unless it was away to the left.
	lifted        bool // Other text may lie where it is, or only some programs show it.
	covers        bool // It has a background there.
	flat          seen // Whether its lines have no height.
	squeezed      seen // Whether its letters lie over one another.
	unbroken      seen // Whether its text is one line.
	cuts, scrolls bool // What has no room in it is not seen, or only by hand.
	sized         bool // Its height is as it is said to be.
	size          float64
	width, height int // Pixels; -1 if not said.
	lines         int // That are shown; 0 if all.
	ink, paper    uint32
	backwards     bool // Its text runs from right to left, whatever the letters are.
	marks         marks
}

// seen is what visibility says.
type seen uint8

const (
	notSaid seen = iota
	isSeen
	isVeiled
)

const (
	usualSize = 16 // Pixels of letters in a page that does not say how large they are.
	leastSize = 3  // Smaller letters are not read.
)

// style reads what decides whether an element is seen, within the one that is open.
func (s *scanner) style(t *tag) look {
	l := look{width: -1, height: -1, ink: noColour, paper: noColour, size: -1}
	st := &s.looks
	st.reset()
	a := s.attributes(t, &l)
	name := string(t.local)
	if (hides(name) || s.foreignHere() && describes(name)) && !(name == "dialog" && st.has(display)) {
		l.gone = true
	} else if name == "a" && s.attr(t, "href") != nil {
		l.ink = pictured // Links have a colour of their own.
	}
	l.marks = s.ruled(t, a.class, a.id)
	if a.style != nil {
		var unsure string
		if s.decls, unsure = declarations(s.decls[:0], a.style); unsure != "" {
			s.unsure(unsure)
		}
		st.apply(s.decls)
	}
	st.judge(&l, s.around(t.is).size, t.local)
	l.lifted = l.lifted || shownBySome(name)
	if name == "nobr" {
		l.unbroken = isVeiled
	}
	return l
}

// named are attributes that style sheets go by, or that are one.
type named struct{ style, class, id []byte }

// attributes reads those that decide whether an element is seen.
func (s *scanner) attributes(t *tag, l *look) (n named) {
	st := &s.looks
	for i := len(t.attrs) - 1; i >= 0; i-- { // Of two, the first counts (HTML standard, section 13.2.5.33).
		a := &t.attrs[i]
		switch c := s.text[a.start] | 0x20; c {
		case 's', 'h', 'b', 'c', 'i', 't', 'd', 'o', 'n':
		default:
			continue
		}
		v := s.text[a.valStart:a.valEnd]
		name := fold(s.names[:0], s.text[a.start:a.nameEnd])
		if len(name) < a.nameEnd-a.start {
			continue // With an octet in it that some skip it is another name.
		}
		switch string(name) {
		case "style":
			n.style = s.declared(a.valStart, a.valEnd)
		case "class":
			n.class = v
		case "id":
			n.id = v
		case "hidden":
			st.put(decl{display, []byte("none"), false})
		case "open":
			if string(t.local) == "dialog" {
				st.put(decl{display, []byte("block"), false})
			}
		case "bgcolor":
			if tabular(t.local) {
				st.put(decl{paper, legacy(v), false})
			}
		case "background":
			if tabular(t.local) && len(trim(v)) > 0 {
				st.put(decl{picture, []byte("url("), false})
			}
		case "color":
			if string(t.local) == "font" {
				st.put(decl{ink, legacy(v), false})
			}
		case "text":
			if string(t.local) == "body" {
				st.put(decl{ink, legacy(v), false})
			}
		case "size":
			if string(t.local) == "font" {
				l.size = fontElement(v)
			}
		case "nowrap":
			st.put(decl{whiteSpace, []byte("nowrap"), false})
		case "dir":
			l.backwards = string(t.local) == "bdo" && starts(trim(v), "rtl")
		}
	}
	return n
}

// tabular elements are those whose attributes give them a background (HTML standard, sections 15.3.1 and 15.3.8), and col, whose cells have it.
func tabular(name []byte) bool {
	switch string(name) {
	case "body", "table", "tbody", "thead", "tfoot", "tr", "td", "th":
		return true
	}
	return false
}

// hides knows elements whose content is not seen, or not in every program.
func hides(name string) bool {
	switch name {
	case "template", "noembed", "noframes", "iframe", "title", "datalist", "dialog":
		return true
	}
	return false
}

// shownBySome knows elements that some programs show as they are, and others only what is in them.
func shownBySome(name string) bool {
	switch name {
	case "svg", "math", "canvas", "video", "audio", "progress", "meter", "rp":
		return true
	}
	return false
}

// describes knows elements of SVG that are not drawn.
func describes(name string) bool { return name == "desc" || name == "metadata" || name == "defs" }

// declared is a style attribute without character references, escapes and comments, of which there are mostly none.
func (s *scanner) declared(from, to int) []byte {
	if to > from+maxStyle {
		s.beyond("octets of a style")
		to = from + maxStyle
	}
	v := s.text[from:to]
	if bytes.IndexByte(v, '&') < 0 && bytes.IndexByte(v, '\\') < 0 && !bytes.ContainsAny(v, "\t\n\f\r") && !bytes.Contains(v, []byte("/*")) {
		return v
	}
	if s.sheetAt == from && len(s.sheet.css) > 0 {
		return s.sheet.css[:min(len(s.sheet.css), maxStyle)] // It was looked for dangers.
	}
	s.inline.fold(s.text, from, to, cssAttribute)
	return s.inline.css
}

// shade is how what is in an element is seen.
type shade struct {
	hidden     bool // All of the following in short.
	gone       bool
	clipped    bool
	away       bool
	indented   bool
	veiled     bool
	squeezed   bool
	lifted     bool    // Other text may lie over it or under it, or only some programs show it.
	flat       bool    // Its lines have no height.
	unbroken   bool    // Its text is one line.
	short      bool    // What is behind the end of that is not to be seen.
	cuts       bool    // What has no room is not to be seen.
	room       int     // Octets of text so far at which there is no more room; 0 if there is enough.
	size       float64 // Of letters, in pixels.
	paper, ink uint32  // Colours, as colour gives them.
	marks, own marks   // What the selectors of style sheets need of the elements around, and of this one.
}

// absent tells that there is nothing to be seen, images neither.
func (e *shade) absent() bool { return e.gone || e.clipped || e.away }

// around is the shade of the open element that one with the traits is put in.
func (s *scanner) around(is traits) shade {
	if n := s.parent(is); n >= 0 {
		return s.open[n].shade
	}
	e := s.rules.top
	e.paper, e.size = s.pagePaper(), usualSize
	return e
}

// above is the shade that an element of that name is put in.
func (s *scanner) above(name []byte, is traits) shade {
	e := s.around(is)
	if len(s.open) == 0 {
		switch string(name) {
		case "html":
			e.marks, e.own = marks{}, marks{}
		case "head", "body":
			e.marks, e.own = marks{}, e.marks
		}
	}
	return e
}

// inherit tells how the element is seen inside those that are open.
func (s *scanner) inherit(t *tag, e *element) {
	e.shade = s.above(t.local, t.is)
	e.marks.add(&e.own)
	e.own = marks{}
	if len(t.attrs) == 0 && len(s.rules.list) == 0 && !hides(string(t.local)) && !shownBySome(string(t.local)) && string(t.local) != "nobr" && !s.foreign {
		return
	}
	l := s.style(t)
	e.own = l.marks
	e.gone = e.gone || l.gone
	e.clipped = l.clipped || e.clipped && !l.placed
	if l.away != notSaid {
		e.away = l.away == isVeiled || l.right && !e.away
	}
	if l.indented != notSaid {
		e.indented = l.indented == isVeiled
	}
	if l.veiled != notSaid {
		e.veiled = l.veiled == isVeiled
	}
	if l.squeezed != notSaid {
		e.squeezed = l.squeezed == isVeiled
	}
	if l.flat != notSaid {
		e.flat = l.flat == isVeiled
	}
	if l.unbroken != notSaid {
		e.unbroken = l.unbroken == isVeiled
	}
	e.lifted, e.short = e.lifted || l.lifted, e.short || l.cuts
	if l.size >= 0 {
		e.size = l.size
	}
	s.measure(e, &l)
	switch {
	case l.paper == noColour, l.paper&thin != 0 && alike(l.paper&^thin, e.paper):
	case l.paper&thin != 0:
		e.paper = pictured
	default:
		e.paper = l.paper
	}
	if l.ink != noColour {
		e.ink = l.ink
	}
	e.backwards = l.backwards
	if e.lifted && l.covers && !e.absent() {
		s.page.Laid += LaidImage
	}
	e.hidden = e.absent() || e.indented || e.veiled || e.squeezed || e.size < leastSize || alike(e.ink, e.paper)
}

// measure notes how much text has room in an element whose height is given, more rather than less.
func (s *scanner) measure(e *element, l *look) {
	if l.lines == 0 && (l.height < 0 || !l.sized) || l.scrolls {
		return
	}
	const (
		wide  = 250 // Octets of a line.
		thin  = 3   // Of which so many fit in a square at least, as letters go.
		spare = 1   // Lines, or a part of one.
	)
	octets, lines := wide, int(float64(max(0, l.height))/max(e.size, leastSize))
	if l.width > 0 {
		octets = min(wide, int(thin*float64(l.width)/max(e.size, leastSize)))
	}
	if l.lines > 0 {
		lines = l.lines
	}
	room := s.letters + (lines+spare)*octets
	if e.room == 0 || room < e.room {
		e.room, e.cuts = room, l.cuts
	}
}

// sized tells if height and width hold for an element: not for one in a line of text, and tables grow with what is in them.
func (st *style) sized(name []byte) bool {
	if v := st.value(display); v != nil {
		return (!starts(v, "inline") || starts(v, "inline-")) && !starts(v, "table")
	}
	switch string(name) {
	case "html", "body":
		return false
	case "label", "code", "sup", "sub", "s", "strike", "nobr", "q", "cite", "abbr", "mark", "var", "kbd", "samp", "tt", "ins", "del", "bdo", "bdi", "time", "data", "dfn", "acronym", "span", "font", "b", "i", "u", "a", "em", "strong", "small", "big", "table", "tbody", "tr", "td", "th":
		return st.placed() || st.has(float)
	}
	return true
}

// trim is v without white space around it.
func trim(v []byte) []byte { return bytes.TrimSpace(v) }

// starts tells if v begins with a word, in any case.
func starts(v []byte, word string) bool {
	return len(v) >= len(word) && bytes.EqualFold(v[:len(word)], []byte(word))
}
