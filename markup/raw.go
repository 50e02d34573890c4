// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strings"
)

// raw goes over an element whose content browsers do not take for markup, or not all of them, and tells where markup goes on. It is
// false if the element is none, or if its content is read as markup for being so in some program.
func (s *scanner) raw(t *tag) (next int, ok bool) {
	switch string(t.local) {
	case "script":
		return s.script(t)
	case "style", "title", "textarea":
		if s.flat {
			s.nested = true
			return 0, false
		}
		if t.odd || t.prefixed {
			s.oddText(t)
			return 0, false
		}
		return s.rawText(t)
	case "noscript", "noembed", "noframes", "xmp", "iframe":
		// Markup for those that run no scripts, or do not know the element; raw text for others.
		if s.flat {
			s.nested = true
		} else if e := s.rawEnd(string(t.local), t.end); e >= 0 {
			s.fork(e)
		}
	}
	return 0, false
}

// maxForks is how many readings may be under way.
const maxForks = 8

// fork notes that some read raw text up to end.
func (s *scanner) fork(end int) {
	if len(s.stops) == maxForks {
		s.ambiguous(s.tag.start, "nested "+string(s.tag.local))
		return
	}
	s.stops = append(s.stops, end)
}

// passed is told of each token: where another reading goes on in the midst of one, readings differ on all that follows.
func (s *scanner) passed(from, to int) {
	for i := 0; i < len(s.stops); i++ {
		switch stop := s.stops[i]; {
		case from < stop && stop < to:
			s.ambiguous(from, "raw text")
		case stop > from:
			continue
		}
		s.stops = append(s.stops[:i], s.stops[i+1:]...)
		i--
	}
}

// rawText goes over style, title and textarea.
func (s *scanner) rawText(t *tag) (int, bool) {
	name := string(t.local)
	s.check(t)
	if !s.flat {
		s.standsEmpty(t)
	}
	e := s.rawEnd(name, t.end)
	end := e
	if e < 0 {
		end = len(s.text)
	}
	if name == "style" && (e >= 0 || !s.cssTail) {
		s.cssTail = e < 0
		s.styleSheet(t.end, end)
	}
	if e < 0 {
		s.cut = true
		return t.end, true // Those who show anything of what follows take it for markup.
	}
	if s.foreign {
		s.inner(t.end, e)
		s.other(t.end, e, name)
	}
	if name == "textarea" && !s.flat {
		var in element
		s.inherit(t, &in)
		s.push(in)
		s.shown(t.end, e)
		s.open = s.open[:len(s.open)-1]
	}
	return e, true
}

// maxEnds is how many names end tags are looked for by: each is looked for over the whole text.
const maxEnds = 32

// oddText goes over such an element that is one only to those who skip octets in names, or know no prefixes. To others its content is markup.
func (s *scanner) oddText(t *tag) {
	e := s.rawEnd(string(t.local), t.end)
	if t.prefixed {
		if len(s.ends) == maxEnds {
			s.page.Unreadable = "many prefixes"
			return
		}
		if own := s.rawEnd(string(bytes.ToLower(s.text[t.nameStart:t.nameEnd])), t.end); own >= 0 && (e < 0 || own < e) {
			e = own
		}
	}
	if e < 0 {
		return
	}
	if string(t.local) == "style" && t.end >= s.oddTo {
		s.styleSheet(t.end, e)
		s.oddTo = e
	}
	s.fork(e)
}

// rawEnd is the offset of the end tag of a raw text element whose content begins at from; -1 if there is none.
func (s *scanner) rawEnd(name string, from int) int {
	if e, ok := s.ends[name]; ok && (e >= from || e < 0) {
		return e
	}
	if s.ends == nil {
		s.ends = map[string]int{}
	}
	e := endTagAt(s.text, from, name)
	s.ends[name] = e
	return e
}

// endTagAt finds the first end tag of that name.
func endTagAt(text []byte, from int, name string) int {
	for i := from; ; {
		n := bytes.Index(text[i:], []byte("</"))
		if n < 0 {
			return -1
		}
		i += n
		if isEndTag(text[i:], name) {
			return i
		}
		i += 2
	}
}

// isEndTag tells if b, which begins with </, is an end tag of that name.
func isEndTag(b []byte, name string) bool {
	b = b[2:]
	if len(b) <= len(name) || !strings.EqualFold(string(b[:len(name)]), name) {
		return false
	}
	c := b[len(name)]
	return isSpace(c) || c == '/' || c == '>'
}

// other reads text[from:to], which is raw text to some, as markup. Unless both readings agree on what follows, it is ambiguous.
func (s *scanner) other(from, to int, why string) {
	if s.settled || s.flat || bytes.IndexByte(s.text[from:to], '<') < 0 {
		return
	}
	probe := &scanner{page: &Page{text: s.text}, text: s.text, xml: s.xml, foreign: true, flat: true, replace: s.replace}
	i := from
	for i < to {
		n := bytes.IndexByte(s.text[i:to], '<')
		if n < 0 {
			break
		}
		i = probe.token(i+n, len(s.text))
	}
	if i > to || probe.nested {
		s.ambiguous(from, why)
		return
	}
	for _, d := range probe.page.Dangers {
		s.danger(d.Kind, d.Detail, int(d.Change.Start), int(d.Change.End), d.Change.With)
	}
}

// scriptGone stands in the place of a script element. It may stand wherever a script may, shows nothing, and changes nothing around it.
const scriptGone = "<template></template>"

// script goes over a script element with all that is in it.
func (s *scanner) script(t *tag) (int, bool) {
	if s.flat || t.prefixed || t.odd || s.foreign && t.selfClosing {
		s.nested = s.nested || s.flat && !t.selfClosing
		if t.odd || !s.dataBlock(t) {
			s.rename(t, Script, s.scriptDetail(t))
			s.enter(t)
		}
		return t.end, true
	}
	s.standsEmpty(t)
	e := scriptEnd(s.text, t.end)
	end := len(s.text)
	if e >= 0 {
		s.otherScript(t, e)
		s.closing.read(s.text, e, e+2)
		end = s.closing.end
	} else {
		e, s.cut = end, true
	}
	if s.dataBlock(t) {
		s.check(t)
		return e, true
	}
	s.danger(Script, s.scriptDetail(t), t.start, end, scriptGone)
	s.smuggled(t, e, end)
	s.replace = max(s.replace, end)
	return end, true
}

// otherScript looks at the content of a script as those do who know no raw text, or none of the rules for comments in it.
func (s *scanner) otherScript(t *tag, e int) {
	if first := s.rawEnd("script", t.end); first != e {
		s.ambiguous(t.start, "script")
	} else if s.foreign {
		s.inner(t.end, e)
		s.other(t.end, e, "script")
	}
}

// dataBlock tells that a script element holds data that no program runs (HTML standard, section 4.12.1), or is what AMP allows.
func (s *scanner) dataBlock(t *tag) bool {
	data := false
	for _, a := range t.attrs {
		v := strings.TrimSpace(strings.ToLower(string(s.text[a.valStart:a.valEnd])))
		name := fold(s.names[:0], s.text[a.start:a.nameEnd])
		switch string(name) {
		case "type":
			switch v {
			case "application/ld+json", "application/json", "application/activity+json":
				data = len(name) == a.nameEnd-a.start // With an octet in it that is skipped it is the name of something else to most.
			case "text/javascript":
				data = false
			default:
				return false
			}
			if !data && !s.amp {
				return false
			}
		case "src":
			if s.amp && strings.HasPrefix(v, "https://cdn.ampproject.org/") {
				return true
			}
			return false
		case "language", "event", "for":
			return false
		}
	}
	return data
}

// scriptDetail names the script by its source.
func (s *scanner) scriptDetail(t *tag) string {
	for _, a := range t.attrs {
		switch string(local(fold(s.names[:0], s.text[a.start:a.nameEnd]))) {
		case "src", "href":
			return "script from " + cut(s.text[a.valStart:a.valEnd], 80)
		}
	}
	return "script"
}

// cut is text of at most max octets.
func cut(b []byte, max int) string {
	if len(b) > max {
		return string(b[:max]) + "..."
	}
	return string(b)
}
