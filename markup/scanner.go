// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"slices"
	"strings"
)

// scanner goes over one text.
type scanner struct {
	page    *Page
	text    []byte
	tag     tag // The one that is looked at.
	closing tag // The end tag of a script.
	start   urlStart
	sheet   sheet
	sheetAt int           // Where in the text it begins.
	strings int           // How far strings in the sheet were looked at.
	names   [maxName]byte // Of an attribute.

	xml       bool // The text is read as XML by those who go by its type.
	amp       bool // The text is AMP for Email: who shows it allows the scripts of its makers only.
	templates bool // A template element was opened.
	foreign   bool // An element was opened in which raw text is none: svg, math, select, frameset.

	bare    bool // Only dangers are looked for.
	flat    bool // There is no raw text: what browsers make of markup where others see raw text.
	nested  bool // In flat markup: an element was seen that may be raw text again.
	settled bool // It is known whether there is anything dangerous behind the first place where readings differ.

	stops        []int // Where readings that take noscript and its like for raw text go on.
	oddTo        int   // How far style elements of odd names were read.
	noCommentEnd bool  // There is none behind the last comment.
	replace      int   // Elements before this offset are gone or were read: they hold no more dangers.

	open     []element // That are open, without those that are void.
	rows     []row     // What stands in each of them, and in none.
	stood    bool      // There was an element that styles may be for.
	inset    *inset    // The svg or select element that is open, nil if there is none or it is not known where it ends.
	pending  int       // Index and one of the link whose element is being entered; 0 if there is none.
	rel      []byte    // Relations of the link element that is looked at.
	bases    []attr    // That may not stay where they are.
	based    bool      // Relative addresses lead to the web, by an ordinary base element.
	relative bool      // There is a URL that a base matters for.
	form     bool      // Inside a form that is disarmed.
	rules    rules     // Of the text's style sheets.
	begun    bool      // There was text.
	letters  int       // Octets of text that was shown.
	line     int       // How many of them come before the last line break.
	looks    style     // Of the tag that is looked at.
	decls    []decl
	inline   sheet // The style attribute that is looked at.
	spare    []byte

	cut     bool // A tag or raw text had no end.
	subsets int  // Document types with declarations.
	work    int  // Octets that were read once more for other readings.
	reached int  // Elements that end tags looked at for their start tags.
	reread  int  // Octets of tags that were read again.
	second  tag  // One of those.
	strict  bool // A table ends a paragraph.
	lastID  int  // Of elements that format.
	state
}

// state is what a conditional comment has of its own.
type state struct {
	hush       bool           // The markup is in a comment that only some programs read: it is not shown.
	floor      int            // Of the open elements, those below began before the conditional comment; 0 if we are in none.
	ends       map[string]int // Of each raw text element: where the next end tag is.
	formats    []format
	formOpen   bool  // A form was opened, and no other is before its end tag.
	links      []int // Index of the open links in Page.Links.
	linkText   bytes.Buffer
	tables     []*table // That are open.
	deep       int      // Tables that are open beyond maxTables.
	cssTail    bool     // A style element without an end was read.
	noCDATAEnd bool
}

func newScanner(p *Page, media string) *scanner {
	s := &scanner{page: p, text: p.text}
	switch {
	case strings.HasSuffix(media, "xml"):
		s.xml, s.foreign = true, true
	case media == "text/x-amp-html":
		s.amp = true
	}
	return s
}

// run goes over the whole text.
func (s *scanner) run() { s.markup(0, len(s.text)) }

// markup goes over text[i:end] as markup, and tells where the last token ended: behind end if it crosses that.
func (s *scanner) markup(i, end int) int {
	for i < end {
		n := bytes.IndexByte(s.text[i:end], '<')
		if n < 0 {
			s.shown(i, end)
			return end
		}
		if n > 0 {
			s.shown(i, i+n)
		}
		i = s.token(i+n, end)
	}
	return i
}

// token reads what the < at i begins and tells where it ends.
func (s *scanner) token(i, end int) int {
	next := i + 1
	if next == end {
		s.shown(i, end)
		return end
	}
	switch c := s.text[next]; {
	case isLetter(c):
		next = s.startTag(i, next)
	case c == '/' && next+1 < end && isLetter(s.text[next+1]):
		next = s.endTag(i, next+1)
	case c == '/' || c == '?':
		next = s.bogus(i, end)
	case c == '!':
		next = s.declaration(i, end)
	case c == 0:
		// Old browsers skip NUL, also here.
		j := next
		for j < end && s.text[j] == 0 {
			j++
		}
		if j < end && isLetter(s.text[j]) {
			next = s.startTag(i, j)
		}
	default:
		s.shown(i, next)
	}
	s.passed(i, next)
	return next
}

// startTag reads a start tag and, if its content is raw text, that too.
func (s *scanner) startTag(i, name int) int {
	t := &s.tag
	t.read(s.text, i, name)
	s.cut = s.cut || t.end == len(s.text) && s.text[t.end-1] != '>'
	if t.crowded && s.page.Unreadable == "" {
		s.page.Unreadable = "too many attributes"
	}
	end := t.end
	if next, ok := s.raw(t); ok {
		return next
	}
	s.begins(t)
	s.check(t)
	s.enter(t)
	return end
}

func (s *scanner) endTag(i, name int) int {
	t := &s.tag
	t.read(s.text, i, name)
	s.leave(t)
	return t.end
}

// bogus reads what a browser takes for a comment up to the next >: <?...>, </1>. XML reads it up to ?>, with nothing live in it.
func (s *scanner) bogus(i, end int) int {
	n := bytes.IndexByte(s.text[i:end], '>')
	if n < 0 {
		return end
	}
	next := i + n + 1
	if s.text[i+1] == '?' {
		s.instruction(i, next)
		if s.foreign && s.text[next-2] != '?' {
			s.ambiguous(i, "processing instruction")
		}
	}
	return next
}

// instruction looks at a processing instruction (XML section 2.6).
func (s *scanner) instruction(i, end int) {
	b := s.text[i:end]
	if len(b) > 17 && strings.EqualFold(string(b[2:16]), "xml-stylesheet") || len(b) > 8 && strings.EqualFold(string(b[2:8]), "import") {
		s.danger(SVG, "processing instruction that loads a program", i, i+2, "<?x-off-")
	}
}

// declaration reads a comment, a document type, CDATA, or what is none of these.
func (s *scanner) declaration(i, end int) int {
	b := s.text[i:end]
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		return s.comment(i, end)
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		return s.cdata(i, end)
	}
	n := bytes.IndexByte(b, '>')
	if n < 0 {
		n = len(b) - 1
	}
	s.strict = s.strict || len(s.open) == 0 && !s.stood && standard(b[:n])
	if open := s.bracket(b, n); open >= 0 {
		return s.subset(i, i+open, end)
	}
	return i + n + 1
}

// danger adds a danger. An element that is gone holds no more.
func (s *scanner) danger(k Kind, detail string, from, to int, with string) {
	if from < s.replace {
		return
	}
	p := s.page
	if len(p.Dangers) == MaxDangers {
		if p.Unreadable == "" {
			p.Unreadable = "too many dangers"
		}
		return
	}
	p.Dangers = append(room(p.Dangers), Danger{Kind: k, Detail: detail, Change: change(from, to, with)})
}

// room makes room for one more. It doubles what there is, so that what is thrown away on the way is no more than what is kept.
func room[T any](list []T) []T {
	if len(list) < cap(list) {
		return list
	}
	return slices.Grow(list, len(list)+16)
}

// ambiguous tells that browsers differ on what follows from i on. If there is anything dangerous in it, wherever a tag may
// begin, nobody can say what to change.
func (s *scanner) ambiguous(i int, why string) {
	p := s.page
	s.settled = s.settled || p.Unreadable != ""
	if s.settled || s.flat {
		s.nested = s.nested || s.flat
		return
	}
	s.settled = true
	text := p.text // All of it, also from inside a conditional comment.
	probe := &scanner{page: &Page{text: text}, text: text, xml: s.xml, foreign: true, flat: true}
	for i < len(text) && len(probe.page.Dangers) < MaxDangers {
		n := bytes.IndexByte(text[i:], '<')
		if n < 0 {
			break
		}
		i += n + 1
		j := i
		for j < len(text) && text[j] == 0 {
			j++
		}
		if j == len(text) || !isLetter(text[j]) {
			continue
		}
		probe.tag.read(text, i-1, j)
		if s.work += probe.tag.end - i; s.work > 4*len(text)+64<<10 {
			p.Unreadable = "tags within tags"
			return
		}
		if string(probe.tag.local) == "script" {
			probe.script(&probe.tag)
		}
		probe.check(&probe.tag)
		probe.hiddenTags(&probe.tag)
	}
	if d := slices.IndexFunc(probe.page.Dangers, func(d Danger) bool { return d.Kind != Remote && d.Kind != WebBug }); d >= 0 {
		p.Unreadable = why + " that can be read in two ways, with " + probe.page.Dangers[d].Detail
	}
}

// hiddenTags looks for tags in attribute values as a program writes them back that forgets to escape them.
func (s *scanner) hiddenTags(t *tag) {
	for _, a := range t.attrs {
		v := s.text[a.valStart:a.valEnd]
		if bytes.IndexByte(v, '&') < 0 {
			continue
		}
		v = unescape(nil, v, true)
		for i := bytes.IndexByte(v, '<'); i >= 0 && i+1 < len(v); {
			if isLetter(v[i+1]) {
				inner := &scanner{page: &Page{text: v[i:]}, text: v[i:], flat: true}
				inner.run()
				s.page.Dangers = append(s.page.Dangers, inner.page.Dangers...)
				break
			}
			n := bytes.IndexByte(v[i+1:], '<')
			if n < 0 {
				break
			}
			i += n + 1
		}
	}
}
