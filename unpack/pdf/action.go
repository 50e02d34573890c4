// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"fmt"
	"strings"
)

// automatic tells of an action that nobody asked for, if it does more than go to a page.
func (x *inspection) automatic(o object, key, v value, when string) {
	for _, a := range x.definitions(o, v) {
		for range maxNext {
			if what := x.effect(a); what != "" {
				x.fact(o, Action, when+": "+what, key)
			}
			// One action or a list of them may follow; of a list the first is enough to make it known.
			next := x.sub(a, "Next")
			if l := next.items(); next.kind == list && len(l) > 0 {
				next = x.resolve(next, l[0])
			}
			if next.kind != dict {
				break
			}
			a = next
		}
	}
}

// events tells of additional actions (section 12.6.3): scripts and more on opening, closing, printing, typing.
func (x *inspection) events(o object, key, v value) {
	for _, aa := range x.definitions(o, v) {
		if aa.kind != dict {
			continue
		}
		for i := 0; i+1 < len(aa.list); i += 2 {
			x.automatic(o, key, aa.list[i+1], "on event "+quote(aa.list[i].text))
		}
	}
}

// effect says what an action does; "" is one that only moves about in the document, or none.
func (x *inspection) effect(a object) string {
	if a.kind != dict {
		return ""
	}
	for _, s := range x.definitions(a, a.get("S")) {
		if does := x.does(a, s.value.text); does != "" {
			return does
		}
	}
	if a.get("JS").kind != null {
		return "runs JavaScript"
	}
	return ""
}

// does says what an action of some type does.
func (x *inspection) does(a object, kind string) string {
	switch kind {
	case "JavaScript":
		return "runs JavaScript"
	case "Launch":
		return x.launch(a)
	case "URI":
		return "opens a web address " + quote(x.text(x.sub(a, "URI")))
	case "SubmitForm":
		return "sends the form" + x.to(a)
	case "ImportData":
		return "reads form data" + x.from(a)
	case "GoToR", "GoToE":
		return "opens another file" + x.from(a)
	case "Rendition", "Movie", "Sound", "RichMediaExecute":
		return "plays film or sound"
	}
	return ""
}

// action looks at the type of an action, or at some other entry S.
func (x *inspection) action(o object, v value) {
	for _, s := range x.revisions(o, v) {
		x.typed(o, v, s.value.text)
	}
}

// typed looks at an action of some type, which v says.
func (x *inspection) typed(o object, v value, kind string) {
	switch kind {
	case "JavaScript":
		x.fact(o, JavaScript, "runs JavaScript"+x.script(o, o.get("JS")), v)
	case "Launch":
		x.fact(o, Launch, x.launch(o), v)
		x.linkTo(o)
	case "SubmitForm":
		x.fact(o, Submit, "sends the form"+x.to(o), v)
		x.linkTo(o)
	case "ImportData":
		x.fact(o, Submit, "reads form data"+x.from(o), v)
	case "GoToR", "GoToE":
		x.elsewhere(o, v)
	case "Rendition":
		if o.either("R", "OP", "AN").kind != null {
			x.fact(o, RichMedia, "plays film or sound", v)
		}
	case "Sound":
		if o.get("Sound").kind != null {
			x.fact(o, RichMedia, "plays sound", v)
		}
	case "Movie":
		if o.either("Annotation", "T", "Operation").kind != null {
			x.fact(o, RichMedia, "plays a film", v)
		}
	case "RichMediaExecute":
		x.fact(o, RichMedia, "runs a command of rich media", v)
	}
}

// elsewhere tells of a link to another file, if that is on another machine: opening it sends who the reader is.
func (x *inspection) elsewhere(o object, v value) {
	target := x.target(o)
	slashes := strings.ReplaceAll(target, `\`, "/")
	if strings.HasPrefix(slashes, "//") || strings.Contains(slashes, "://") {
		x.fact(o, Action, "opens a file on another machine"+x.from(o), v)
		x.linkTo(o)
	}
}

// launch says what a launch action starts (section 12.6.4.5).
func (x *inspection) launch(o object) string {
	program := x.target(o)
	params := ""
	for _, system := range []string{"Win", "Mac", "Unix"} {
		if w := x.sub(o, system); w.kind == dict {
			program = x.text(x.sub(w, "F"))
			params = x.text(x.sub(w, "P"))
			break
		}
	}
	if params == "" {
		return "starts " + quote(program)
	}
	return fmt.Sprintf("starts %s with %s", quote(program), quote(params))
}

// target is the file or address of an action's F entry: a string or a file specification (section 7.11).
func (x *inspection) target(o object) string {
	f := x.sub(o, "F")
	if f.kind == dict {
		f = x.sub(f, "UF", "F", "DOS", "Unix", "Mac")
	}
	return x.text(f)
}

func (x *inspection) to(o object) string {
	if t := x.target(o); t != "" {
		return " to " + quote(t)
	}
	return ""
}

func (x *inspection) from(o object) string {
	if t := x.target(o); t != "" {
		return " " + quote(t)
	}
	return ""
}

// linkTo notes the target of an action as a link if it is an address.
func (x *inspection) linkTo(o object) {
	if t := x.target(o); strings.Contains(t, "://") || strings.HasPrefix(t, "mailto:") || strings.HasPrefix(t, `\\`) {
		x.link(t)
	}
}
