// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// role is what a browser does with the URL in an attribute.
type role uint8

const (
	none   role = iota
	goes        // Goes there when asked to.
	loads       // Fetches it to show it.
	sends       // Sends a form there.
	lists       // Several URLs to be fetched, with blanks and commas between them.
	pings       // Tells the addresses that a link was followed.
	styles      // CSS.
	paints      // CSS without names.
	begins      // A value that an animation gives an attribute.
	bases       // Base of other URLs.
	sheets      // Fetches it as something that the page needs.
	reuses      // Takes SVG from there.
)

// check looks at a start tag for all that is dangerous.
func (s *scanner) check(t *tag) {
	s.element(t)
	img := shape{width: -1, height: -1}
	for i := range t.attrs {
		a := &t.attrs[i]
		name := local(fold(s.names[:0], s.text[a.start:a.nameEnd]))
		if len(name) > 2 && name[0] == 'o' && name[1] == 'n' {
			if len(name) > 4 && isLetter(name[2]) {
				s.renameAttr(a, Handler, string(name)+" of "+string(t.local))
			}
			continue
		}
		if r := roleOf(t.local, name); r != none {
			s.attribute(t, a, r, name, &img)
		}
	}
	s.image(t, &img)
}

// roleOf knows the attributes whose values are URLs or CSS.
func roleOf(element, name []byte) role {
	switch string(name) {
	case "style":
		return styles
	case "href":
		return roleOfHref(element)
	case "src", "background", "poster", "dynsrc", "lowsrc", "icon":
		return loads
	case "srcset", "imagesrcset":
		return lists
	case "action", "formaction", "action-xhr":
		return sends
	case "ping", "attributionsrc":
		return pings
	case "data", "codebase", "classid", "code", "archive", "cite", "longdesc", "profile", "usemap", "datasrc", "folder", "manifest", "base":
		return goes
	case "to", "from", "by", "values":
		return begins
	case "fill", "stroke", "filter", "mask", "clip-path", "marker", "marker-start", "marker-mid", "marker-end", "cursor":
		return paints
	}
	return none
}

func roleOfHref(element []byte) role {
	switch string(element) {
	case "base":
		return bases
	case "link":
		return sheets
	case "image", "feimage":
		return loads
	case "use", "mpath", "textpath", "tref", "altglyph", "font-face-uri", "color-profile":
		return reuses
	}
	return goes
}

// attribute looks at an attribute that has a role.
func (s *scanner) attribute(t *tag, a *attr, r role, name []byte, img *shape) {
	switch r {
	case styles:
		s.css(a.valStart, a.valEnd, cssAttribute, "style of "+string(t.local))
		return
	case paints:
		s.css(a.valStart, a.valEnd, cssAttribute, string(name))
		return
	case lists:
		s.srcset(t, a)
		return
	case begins:
		s.animated(t, a)
		return
	case pings:
		s.renameAttr(a, Remote, string(name))
		return
	default:
	}
	start := s.start.read(s.text[a.valStart:a.valEnd], true)
	leads, scheme := classify(start)
	if leads == opens && scheme == "file" && r != goes && localFile(start) {
		leads = quiet
	}
	if leads == data && !hasContent(s.text[a.valStart:a.valEnd]) {
		leads = quiet
	}
	if leads == nowhere && len(start) > 0 && start[0] != '#' {
		leads = s.toBase()
	}
	if leads == data {
		s.dataURL(t, a, r, mediaOf(start))
		return
	}
	if leads == runs || leads == opens {
		s.badScheme(t, a, r, scheme)
		return
	}
	s.address(t, a, r, leads, img)
}

// hasContent tells if a data URL has any: there is a comma before it.
func hasContent(v []byte) bool { return bytes.IndexByte(v, ',') >= 0 || bytes.IndexByte(v, '&') >= 0 }

// address looks at an ordinary URL.
func (s *scanner) address(t *tag, a *attr, r role, leads address, img *shape) {
	switch r {
	case goes:
		s.follow(t, a)
	case sends:
		if string(t.local) != "form" {
			s.renameAttr(a, Form, "formaction of "+string(t.local))
		}
		s.follow(t, a)
	case bases:
		s.rebase(t, a, leads)
		s.follow(t, a)
	case reuses:
		if leads == fetched {
			s.renameAttr(a, SVG, "content of another file in "+string(t.local))
		}
	case sheets:
		s.linked(t, a, leads)
	case loads:
		if isImage(t.local) && img.src == nil {
			img.src, img.leads = a, leads
			return
		}
		if leads == fetched {
			s.renameAttr(a, Remote, string(t.local))
			s.follow(t, a)
		}
	default:
	}
}

// badScheme makes a dangerous URL one that leads nowhere.
func (s *scanner) badScheme(t *tag, a *attr, r role, scheme string) {
	detail := scheme + ": in " + string(t.local)
	if scheme == `\\` {
		detail = "file server in " + string(t.local)
	}
	s.nowhere(t, a, r, Scheme, detail)
	if r == goes || r == sends {
		s.follow(t, a)
	}
}

// nowhere disarms a URL. A link stays one to the eye.
func (s *scanner) nowhere(t *tag, a *attr, r role, k Kind, detail string) {
	if r == goes && (string(t.local) == "a" || string(t.local) == "area") {
		s.danger(k, detail, a.valStart, a.valEnd, "#")
		return
	}
	s.renameAttr(a, k, detail)
}

// dataURL looks at a URL that brings its content along.
func (s *scanner) dataURL(t *tag, a *attr, r role, media string) {
	if what := s.carried(a.valStart, a.valEnd); what != "" {
		s.nowhere(t, a, r, Smuggling, what+" in "+string(t.local))
		return
	}
	if r == goes && s.attr(t, "download") != nil {
		s.nowhere(t, a, r, Smuggling, "file to be kept, of "+media)
		return
	}
	switch {
	case r == loads && !frames(t.local):
		// Shown as an image, or not at all: no program in it runs.
	case shownMedia(media) && r != reuses && r != bases:
	case r == sheets:
		s.renameAttr(a, CSS, "data: in link")
	case r == reuses:
		s.renameAttr(a, SVG, "data: in "+string(t.local))
	default:
		s.nowhere(t, a, r, Scheme, "data: "+media+" in "+string(t.local))
	}
}

// linked looks at where a link element leads.
func (s *scanner) linked(t *tag, a *attr, leads address) {
	s.follow(t, a)
	if bytes.Contains(s.rel, []byte("import")) {
		s.renameAttr(a, Script, "HTML import")
		return
	}
	if leads == fetched && !names(s.rel) {
		s.renameAttr(a, Remote, "link "+cut(s.rel, 40))
	}
}

// names tells if a link element of these relations only names another page. What is not known may be fetched.
func names(rel []byte) bool {
	for word := range bytes.FieldsSeq(rel) {
		switch string(word) {
		case "alternate", "author", "bookmark", "canonical", "contents", "copyright", "help", "home", "index", "license", "me", "next", "prev", "previous",
			"search", "self", "shortlink", "start", "top", "up":
		default:
			return false
		}
	}
	return true
}

// renameAttr gives an attribute a name that means nothing. Its value stays where it is.
func (s *scanner) renameAttr(a *attr, k Kind, detail string) {
	name := s.text[a.start:a.nameEnd]
	at := a.start + len(name) - len(local(name))
	s.danger(k, detail, at, at, "x-")
}

// value is that of an attribute in lower case, without character references; nil if there is none.
func (s *scanner) value(t *tag, name string) []byte {
	if a := s.attr(t, name); a != nil {
		return bytes.ToLower(unescape(nil, s.text[a.valStart:a.valEnd], true))
	}
	return nil
}

// attr finds the first attribute of the name, or if there is none the first that old browsers, or XML, take for it.
func (s *scanner) attr(t *tag, name string) *attr {
	var other *attr
	for i := range t.attrs {
		a := &t.attrs[i]
		raw := s.text[a.start:a.nameEnd]
		if c := raw[len(raw)-1]; len(raw) < len(name) || c > ' ' && c != 0x7f && c|0x20 != name[len(name)-1] {
			continue // As the name of most ends in another letter.
		}
		if string(local(fold(s.names[:0], raw))) != name {
			continue
		}
		if len(raw) == len(name) {
			return a
		}
		if other == nil {
			other = a
		}
	}
	return other
}
