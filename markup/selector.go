// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// compound is what a selector says of one element.
type compound struct {
	tag     string // "" for any.
	id      string
	classes []string
	valued  []valued
	choices []choice
	child   []steps
}

// valued is what it says of an attribute (Selectors section 6).
type valued struct {
	name, value string
	how         byte // 0 if it is enough that it is there; else what stands before the =, or that itself.
}

// choice is a list of which one holds, or with not none.
type choice struct {
	list []compound
	not  bool
}

// steps are the places among the elements within another that it means: by·n + from.
type steps struct{ by, from int }

// hold tells if they have a place, which is 1 for the first.
func (st steps) hold(place int) bool {
	n := place - st.from
	return st.by == 0 && n == 0 || st.by != 0 && n%st.by == 0 && n/st.by >= 0
}

// parts is how many things are asked of an element besides its name and ID.
func (c *compound) parts() int {
	n := len(c.classes) + len(c.valued) + len(c.child)
	for i := range c.choices {
		for j := range c.choices[i].list {
			n += 1 + c.choices[i].list[j].parts()
		}
	}
	return n
}

// plain tells of a selector that it asks for nothing but a name.
func (c *compound) plain() bool { return c.id == "" && c.parts() == 0 }

// compoundOf reads a selector of one element: "div.a.b", "#c". The weight is its specificity. It holds for perhaps those it says if part of it is not followed,
// and for no one if it is none.
func compoundOf(sel []byte) (c compound, weight int, holds answer) {
	sel = bytes.TrimPrefix(bytes.TrimPrefix(sel, []byte("*|")), []byte("|"))
	holds = yes
	for len(sel) > 0 && holds != no {
		name, args, rest := nextPart(sel)
		sel = rest
		more, is := 100, yes
		switch {
		case name[0] == '[':
			is = c.attribute(name)
		case name[0] == ':' && isFollowed(name):
			more, is = c.pseudo(string(name[1:]), args)
		case name[0] == '#' && len(name) > 1 && (c.id == "" || c.id == string(name[1:])):
			c.id, more = string(name[1:]), 10_000
		case name[0] == '.' && len(name) > 1:
			c.classes = append(c.classes, string(name[1:]))
		case name[0] == '.' || name[0] == '#':
			is = no
		case string(name) != "*":
			c.tag, more = string(name), 1
		default:
			more = 0
		}
		weight += more
		holds = min(holds, is)
	}
	return c, weight, holds
}

// nextPart is what a selector of one element says first: a name with what makes it a class or an ID, an attribute, or what is in the parentheses behind a name.
// States, such as :hover, stay in the name before, which no element has then, but for one whose name the colon is part of.
func nextPart(sel []byte) (name, args, rest []byte) {
	if sel[0] == '[' {
		n := 1 + outside(sel[1:], "]")
		if n == 0 {
			n = len(sel) - 1
		}
		return sel[:n+1], nil, sel[n+1:]
	}
	if n := pseudoName(sel); isFollowed(sel[:n]) {
		name, rest = sel[:n], sel[n:]
		if len(rest) == 0 || rest[0] != '(' {
			return name, nil, rest
		}
		n := 1 + outside(rest[1:], ")")
		if n == 0 {
			n = len(rest)
		}
		return name, rest[1:n], rest[min(n+1, len(rest)):]
	}
	n := 1
	for n < len(sel) && strings.IndexByte(".#[", sel[n]) < 0 && !isFollowed(sel[n:n+pseudoName(sel[n:])]) {
		n++
	}
	return sel[:n], nil, sel[n:]
}

// pseudoName is how long the name of a pseudo-class at the start of sel is, with its colon; 0 if there is none.
func pseudoName(sel []byte) int {
	if len(sel) == 0 || sel[0] != ':' {
		return 0
	}
	n := 1
	for n < len(sel) && (isLetter(sel[n]) || sel[n] == '-') {
		n++
	}
	return n
}

// isFollowed knows the pseudo-classes that elements may have in a mail that nobody touches.
func isFollowed(name []byte) bool {
	if len(name) == 0 {
		return false
	}
	switch string(name[1:]) {
	case "link", "any-link", "root", "checked", "first-child", "nth-child", "not", "is", "where", "matches", "any", "-webkit-any", "-moz-any",
		"only-child", "last-child", "nth-last-child", "first-of-type", "last-of-type", "nth-of-type", "nth-last-of-type", "only-of-type", "has", "scope", "lang", "dir",
		"enabled", "optional", "valid", "in-range", "read-only", "read-write", "defined", "default":
		return true
	}
	return false
}

// pseudo reads one of those, and tells its specificity. Of those that it does not know, nobody can say what they mean here.
func (c *compound) pseudo(name string, args []byte) (weight int, holds answer) {
	switch name {
	case "link", "any-link":
		c.valued = append(c.valued, valued{name: "href"})
	case "checked":
		c.valued = append(c.valued, valued{name: "checked"})
	case "root":
		if c.tag != "" && c.tag != "html" {
			return 0, no
		}
		c.tag = "html"
	case "first-child":
		c.child = append(c.child, steps{0, 1})
	case "nth-child":
		st, ok := stepsOf(args)
		if !ok {
			return 0, perhaps
		}
		c.child = append(c.child, st)
	case "not", "is", "where", "matches", "any", "-webkit-any", "-moz-any":
		weight, holds = c.choose(args, name == "not")
		if name == "where" {
			weight = 0
		}
		return weight, holds
	default:
		return 0, perhaps
	}
	return 100, yes
}

// choose reads a list of selectors of which one is to hold, or none.
func (c *compound) choose(args []byte, not bool) (weight int, holds answer) {
	ch := choice{not: not}
	for one := range listed(args) {
		if compoundEnd(one) < len(one) {
			return 0, perhaps
		}
		inner, w, holds := compoundOf(one)
		if holds == perhaps {
			return 0, perhaps
		}
		if holds == yes {
			ch.list = append(ch.list, inner)
			weight = max(weight, w)
		}
	}
	c.choices = append(c.choices, ch)
	return weight, yes
}

// listed goes over the selectors of a list.
func listed(list []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(list) > 0 {
			one := list
			if n := outside(list, ","); n >= 0 {
				one, list = list[:n], list[n+1:]
			} else {
				list = nil
			}
			if !yield(trim(one)) {
				return
			}
		}
	}
}

// attribute reads what is in brackets: [a], [a=b], [a~="b" i].
func (c *compound) attribute(sel []byte) answer {
	sel = trim(bytes.TrimSuffix(sel[1:], []byte("]")))
	name, value, is := bytes.Cut(sel, []byte("="))
	name = trim(name)
	v := valued{name: string(name)}
	if is {
		v.how = '='
		if n := len(name); n > 0 && strings.IndexByte("~|^$*", name[n-1]) >= 0 {
			v.how, v.name = name[n-1], string(trim(name[:n-1]))
		}
		value = trim(value)
		if len(value) > 0 && (value[0] == '"' || value[0] == '\'') {
			value, _, _ = bytes.Cut(value[1:], value[:1])
		} else {
			value, _, _ = bytes.Cut(value, []byte(" ")) // What stands behind it is about its case.
		}
		v.value = string(value)
	}
	if v.name == "" || len(v.name) > maxName {
		return no
	}
	c.valued = append(c.valued, v)
	return yes
}

// stepsOf reads "odd", "even", "3", "2n+1" (Selectors section 14.3).
func stepsOf(v []byte) (st steps, ok bool) {
	text := strings.ReplaceAll(string(trim(v)), " ", "")
	switch text {
	case "odd":
		return steps{2, 1}, true
	case "even":
		return steps{2, 0}, true
	}
	by, from, is := strings.Cut(text, "n")
	if !is {
		by, from = "0", by
	}
	switch by {
	case "", "+":
		by = "1"
	case "-":
		by = "-1"
	}
	if from == "" {
		from = "0"
	}
	const most = 1000
	var err, err2 error
	st.by, err = strconv.Atoi(by)
	st.from, err2 = strconv.Atoi(from)
	if err != nil || err2 != nil || max(st.by, -st.by, st.from, -st.from) > most {
		return st, false
	}
	return st, true
}

// subject is an element that selectors are compared with.
type subject struct {
	s       *scanner
	tag     *tag
	id      []byte
	classes [][]byte // In order.
	place   int      // Among those within the same element, from 1.
	near    [relations]*marks
}

// fits tells if it is one that the selector means.
func (c *compound) fits(one *subject) bool {
	if c.tag != "" && c.tag != string(one.tag.local) || c.id != "" && c.id != string(one.id) {
		return false
	}
	one.s.rules.work += len(c.classes)
	for _, want := range c.classes {
		if _, ok := slices.BinarySearchFunc(one.classes, want, func(b []byte, want string) int { return strings.Compare(string(b), want) }); !ok {
			return false
		}
	}
	for i := range c.valued {
		if !c.valued[i].holds(one) {
			return false
		}
	}
	for i := range c.choices {
		ch := &c.choices[i]
		one.s.rules.work += len(ch.list)
		if slices.ContainsFunc(ch.list, func(c compound) bool { return c.fits(one) }) == ch.not {
			return false
		}
	}
	return !slices.ContainsFunc(c.child, func(st steps) bool { return !st.hold(one.place) })
}

// holds tells if the element has such an attribute.
func (v *valued) holds(one *subject) bool {
	r := &one.s.rules
	r.work += len(one.tag.attrs)
	a := one.s.attr(one.tag, v.name)
	if a == nil || v.how == 0 {
		return a != nil
	}
	at := len(r.text)
	got := string(r.lower(one.s.text[a.valStart:a.valEnd], maxClasses))
	r.text = r.text[:at]
	r.work += len(got) / 8
	switch v.how {
	case '~':
		return slices.Contains(strings.Fields(got), v.value)
	case '|':
		return got == v.value || strings.HasPrefix(got, v.value+"-")
	case '^':
		return v.value != "" && strings.HasPrefix(got, v.value)
	case '$':
		return v.value != "" && strings.HasSuffix(got, v.value)
	case '*':
		return v.value != "" && strings.Contains(got, v.value)
	}
	return got == v.value
}

// compoundEnd is where the selector of one element ends in which sel begins.
func compoundEnd(sel []byte) int {
	var quote byte
	depth := 0
	for i, c := range sel {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			depth--
		case depth == 0 && relationOf(c) < relations:
			return i
		}
	}
	return len(sel)
}

// relation is how an element stands to that of the part of a selector before.
type relation uint8

const (
	within   relation = iota // At any depth.
	directly                 // Right in it.
	behind                   // Both are in the same.
	next                     // And nothing is between them.
	relations
)

// relationOf knows the signs for them (Selectors section 15); relations for others.
func relationOf(c byte) relation {
	switch c {
	case ' ':
		return within
	case '>':
		return directly
	case '~':
		return behind
	case '+':
		return next
	}
	return relations
}

// selector keeps a rule for what a selector stands for. What elements there are inside or behind one decides about some: those are not followed.
func (r *rules) selector(sel []byte, to rule) {
	if len(sel) > maxSelector {
		r.beyond("octets of a selector")
		return
	}
	var last rule
	in := within
	for at := 0; at < len(sel); {
		if c := relationOf(sel[at]); c < relations {
			in = max(in, c)
			at++
			continue
		}
		end := at + compoundEnd(sel[at:])
		if at > 0 {
			mark := r.marked(string(sel[:at]), last)
			if mark == 0 {
				return
			}
			last.needs, last.in = mark, in
			r.sideways = r.sideways || in >= behind
		}
		var weight int
		var holds answer
		last.compound, weight, holds = compoundOf(sel[at:end])
		switch {
		case holds == perhaps:
			if to = to.missed("selectors by what comes later"); to.doubt == "" {
				return
			}
		case holds == no:
			return
		}
		if last.parts() > maxCompound {
			r.beyond("classes of a selector")
			return
		}
		r.sideways = r.sideways || last.counts()
		last.weight += weight
		at, in = end, within
	}
	last.decls, last.octets, last.doubt, last.mark = to.decls, to.octets, to.doubt, 0
	if last.tag == "body" || last.tag == "html" {
		r.paint(&last)
	}
	r.keep(last)
}

// counts tells if it matters which place the element has.
func (c *compound) counts() bool {
	return len(c.child) > 0 || slices.ContainsFunc(c.choices, func(ch choice) bool {
		return slices.ContainsFunc(ch.list, func(c compound) bool { return c.counts() })
	})
}

// marked keeps a part of a selector, written so, that speaks of an element around, and gives its mark; 0 if there are too many.
func (r *rules) marked(text string, part rule) mark {
	if mark, ok := r.marks[text]; ok {
		return mark
	}
	if len(r.marks) == maxMarks {
		r.beyond("elements around in selectors")
		return 0
	}
	if r.marks == nil {
		r.marks = map[string]mark{}
	}
	part.mark = mark(len(r.marks) + 1)
	r.marks[text] = part.mark
	r.keep(part)
	return part.mark
}
