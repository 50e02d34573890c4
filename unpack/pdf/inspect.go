// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"slices"
	"strings"
)

// inspection is a file being looked at.
type inspection struct {
	*document
	report *Report
	files  map[int64]*file // By the offset of the stream's data.
	order  []*file
	images []Image
	links  map[string]bool
	marks  []mark // Names that make it active.
	blanks []mark // Scripts in object streams: without them there is room for what is changed.
}

// mark is a name in the file or in an object stream.
type mark struct {
	in       int32 // Index of the object stream; -1 is the file.
	off, end int64
}

// fact notes a fact once, with the names that make it one.
func (x *inspection) fact(o object, code, detail string, names ...value) {
	for _, n := range names {
		if n.kind == name && len(x.marks) <= maxMarks {
			x.marks = append(x.marks, mark{in: o.in, off: n.off, end: n.end})
		}
	}
	if f := (Fact{Code: code, Detail: detail}); !x.full(code) && !slices.Contains(x.report.Facts, f) {
		x.report.Facts = append(x.report.Facts, f)
	}
}

// full tells if there are enough facts of a code.
func (x *inspection) full(code string) bool {
	n := 0
	for _, f := range x.report.Facts {
		if f.Code == code {
			n++
		}
	}
	return n >= maxFactsEach
}

func (x *inspection) problem(p Problem) { x.report.Problems = append(x.report.Problems, p) }

// link notes an address once.
func (x *inspection) link(uri string) {
	if uri == "" || x.links[uri] {
		return
	}
	if len(x.links) >= maxLinks {
		x.missed(errLinks)
		return
	}
	x.links[uri] = true
	x.report.Links = append(x.report.Links, uri)
}

// look goes through a value and all that stands in it. Values are nested as deep as the parser allows.
func (x *inspection) look(o object, v value) {
	switch v.kind {
	case dict:
		in := object{place: o.place, value: v}
		for i := 0; i+1 < len(v.list); i += 2 {
			x.entry(in, v.list[i], v.list[i+1])
			x.look(o, v.list[i+1])
		}
	case list:
		for _, e := range v.list {
			if e.kind == dict || e.kind == list {
				x.look(o, e)
			}
		}
	case none, null, number, name, text, ref, opener, closer, keyword:
	}
}

// entry looks at one entry of a dictionary.
func (x *inspection) entry(o object, key, v value) {
	switch key.text {
	case "JS":
		if v.kind != null {
			x.fact(o, JavaScript, "runs JavaScript"+x.script(o, v), key)
		}
		if v.kind == text && o.in >= 0 && len(x.blanks) < maxMarks {
			x.blanks = append(x.blanks, mark{in: o.in, off: v.off, end: v.end})
		}
	case "OpenAction":
		x.automatic(o, key, v, "when it is opened")
	case "AA":
		x.events(o, key, v)
	case "XFA":
		if v.kind != null {
			x.fact(o, XFA, "has an XFA form", key)
		}
	case "EF":
		x.embedded(o, key, v)
	case "RF":
		x.related(o, key, v)
	case "JavaScript":
		x.imported(o, key, v)
	case "FDF":
		for _, f := range x.definitions(o, v) {
			x.elsewhere(f, key)
		}
	case "OnInstantiate":
		x.fact(o, JavaScript, "runs JavaScript"+x.script(o, v), key)
	case "Base":
		if base := x.text(x.resolve(o, v)); strings.Contains(base, "://") {
			x.link(base)
		}
	case "URI":
		x.link(x.text(x.resolve(o, v)))
	case "S":
		x.action(o, v)
	case "FS":
		x.linkTo(o)
	case "Subtype":
		x.media(o, v)
	}
}

// imported tells of scripts of form data (section 12.7.8.3), which run when it is read into a file.
func (x *inspection) imported(o object, key, v value) {
	for _, d := range x.definitions(o, v) {
		if s := d.either("Before", "After", "AfterPermsReady", "Doc"); s.kind != null {
			x.fact(o, JavaScript, "runs JavaScript"+x.script(d, s), key)
		}
	}
}

// script is the beginning of a script, quoted, for a detail.
func (x *inspection) script(o object, v value) string {
	if x.full(JavaScript) {
		return ""
	}
	js := x.resolve(o, v)
	s := x.text(js)
	if js.stream && !x.sealed {
		data, _, err := x.decode(js, maxScript)
		if err != nil {
			x.broke = err
		}
		s = decodeText(string(data))
	}
	if s == "" {
		return ""
	}
	return ": " + quote(s)
}

// media tells of what is shown by other means than ink.
func (x *inspection) media(o object, v value) {
	for _, s := range x.definitions(o, v) {
		switch s.value.text {
		case "RichMedia":
			x.fact(o, RichMedia, "holds rich media (Flash, film or 3D)", v)
		case "3D":
			x.fact(o, RichMedia, "holds a 3D model", v)
		case "Movie":
			x.fact(o, RichMedia, "holds a film", v)
		case "Sound":
			x.fact(o, RichMedia, "holds sound", v)
		}
	}
}

// stream looks at what is in a stream.
func (x *inspection) stream(o object) {
	switch {
	case o.is("Type", "EmbeddedFile"):
		x.file(o, nil)
	case o.is("Subtype", "Image"):
		x.image(o)
	}
}
