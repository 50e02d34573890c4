// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"slices"
	"strings"
)

// compound is what a selector says of one element.
type compound struct {
	tag     string // "" for any.
	id      string
	classes []string
}

// compoundOf reads a selector of one element: "div.a.b", "#c". The weight is its specificity, below 0 if it says what is not followed.
func compoundOf(sel []byte) (c compound, weight int) {
	for len(sel) > 0 {
		n := 1 + bytes.IndexAny(sel[1:], ".#")
		if n == 0 {
			n = len(sel)
		}
		name := sel[:n]
		sel = sel[n:]
		if bytes.ContainsAny(name, "[]():+~&|\"'\x7f") {
			return c, -1
		}
		switch {
		case name[0] == '#' && len(name) > 1 && c.id == "":
			c.id = string(name[1:])
			weight += 10_000
		case name[0] == '.' && len(name) > 1:
			c.classes = append(c.classes, string(name[1:]))
			weight += 100
		case name[0] == '.' || name[0] == '#':
			return c, -1
		case string(name) != "*":
			c.tag = string(name)
			weight++
		}
	}
	return c, weight
}

// fits tells if an element of that name, ID and classes, which are in order, is one that the selector means.
func (c *compound) fits(tag, id []byte, classes [][]byte) bool {
	if c.tag != "" && c.tag != string(tag) || c.id != "" && c.id != string(id) {
		return false
	}
	for _, want := range c.classes {
		if _, ok := slices.BinarySearchFunc(classes, want, func(b []byte, want string) int { return strings.Compare(string(b), want) }); !ok {
			return false
		}
	}
	return true
}

// selector keeps a rule for what a selector of tags, classes and IDs stands for, with those of elements around. Others are not followed.
func (r *rules) selector(sel []byte, decls []decl) {
	if len(sel) > maxSelector {
		r.beyond("octets of a selector")
		return
	}
	var last rule
	direct := false
	for at := 0; at < len(sel); {
		if sel[at] == ' ' || sel[at] == '>' {
			direct = direct || sel[at] == '>'
			at++
			continue
		}
		end := at + 1
		for end < len(sel) && sel[end] != ' ' && sel[end] != '>' {
			end++
		}
		if at > 0 {
			mark := r.marked(string(sel[:at]), last)
			if mark == 0 {
				return
			}
			last.needs, last.parent = mark, 0
			if direct {
				last.needs, last.parent = 0, mark
			}
		}
		var weight int
		if last.compound, weight = compoundOf(sel[at:end]); weight < 0 {
			return
		}
		if len(last.classes) > maxCompound {
			r.beyond("classes of a selector")
			return
		}
		last.weight += weight
		at, direct = end, false
	}
	last.decls, last.mark = decls, 0
	if last.tag == "body" || last.tag == "html" {
		r.paint(&last)
	}
	r.keep(last)
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
