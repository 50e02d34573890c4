// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strings"
)

// property is one of CSS that decides whether something is seen.
type property uint8

const (
	display property = iota
	visibility
	opacity
	fontSize
	height
	maxHeight
	width
	maxWidth
	overflow
	textIndent
	position
	left
	top
	right
	bottom
	marginLeft
	marginTop
	paddingLeft
	paddingTop
	clip
	clipPath
	ink
	fill
	paper
	picture
	transform
	filter
	contents
	direction
	bidi
	float
	properties
)

// propertyOf knows them by their names.
func propertyOf(name []byte) (p property, ok bool) {
	switch string(name) {
	case "display":
		return display, true
	case "visibility":
		return visibility, true
	case "opacity":
		return opacity, true
	case "font-size", "font":
		return fontSize, true
	case "height":
		return height, true
	case "max-height":
		return maxHeight, true
	case "width":
		return width, true
	case "max-width":
		return maxWidth, true
	case "overflow", "overflow-x", "overflow-y":
		return overflow, true
	case "text-indent":
		return textIndent, true
	case "position":
		return position, true
	case "left":
		return left, true
	case "top":
		return top, true
	case "right":
		return right, true
	case "bottom":
		return bottom, true
	case "margin-left":
		return marginLeft, true
	case "margin-top":
		return marginTop, true
	case "padding-left":
		return paddingLeft, true
	case "padding-top":
		return paddingTop, true
	case "clip":
		return clip, true
	case "clip-path":
		return clipPath, true
	case "color":
		return ink, true
	case "-webkit-text-fill-color":
		return fill, true
	case "background", "background-color":
		return paper, true
	case "background-image":
		return picture, true
	case "transform", "-webkit-transform":
		return transform, true
	case "filter":
		return filter, true
	case "content-visibility":
		return contents, true
	case "direction":
		return direction, true
	case "float":
		return float, true
	case "unicode-bidi":
		return bidi, true
	}
	return 0, false
}

// decl gives a property a value.
type decl struct {
	is    property
	value []byte
	firm  bool // It is said to be important: only what is important too takes its place.
}

// Bounds of what is looked at for this.
const (
	maxStyle = 16 << 10 // Octets of a style attribute.
	maxValue = 200      // Octets of a value: it is looked at for each element that it holds for.

	longValue = "octets of a value"
)

// declarations adds those of a style that matter and that a browser understands. What it does not, it leaves out, and what stood before holds. It
// tells if a value was cut that may say something else behind that.
func declarations(to []decl, css []byte) (list []decl, long bool) {
	for len(css) > 0 {
		one := css
		if n := outside(css, ";"); n >= 0 {
			one, css = css[:n], css[n+1:]
		} else {
			css = nil
		}
		c := bytes.IndexByte(one, ':')
		if c < 0 {
			continue
		}
		var buf [maxName]byte
		name := fold(buf[:0], one[:c])
		p, ok := propertyOf(name)
		if !ok {
			continue
		}
		d := decl{is: p, value: trim(one[c+1:])}
		if n := bytes.LastIndexByte(d.value, '!'); n >= 0 && starts(trim(d.value[n+1:]), "important") {
			d.value, d.firm = trim(d.value[:n]), true
		}
		if string(name) == "font" {
			d.value = sizeOfFont(d.value)
		}
		if len(d.value) > maxValue {
			d.value = d.value[:maxValue]
			long = long || !d.pictured()
		}
		if string(name) == "background" {
			to = append(to, decl{picture, d.value, d.firm})
			d.value = colourOf(d.value)
		}
		if understood(d) {
			to = append(to, d)
		}
	}
	return to, long
}

// pictured tells of a background that it is more than a colour.
func (d *decl) pictured() bool {
	return (d.is == paper || d.is == picture) && (bytes.Contains(d.value, []byte("url(")) || bytes.Contains(d.value, []byte("gradient(")))
}

// outside is the index of the first of the stops that is in no string and in no parentheses; -1 if there is none.
func outside(v []byte, stops string) int {
	var quote byte
	depth := 0
	for i, c := range v {
		switch {
		case quote != 0:
			if c == quote || c == '\n' {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth = max(0, depth-1)
		case depth == 0 && strings.IndexByte(stops, c) >= 0:
			return i
		}
	}
	return -1
}

// understood tells of a declaration that it may have an effect.
func understood(d decl) bool {
	switch d.is {
	case display:
		for _, word := range [...]string{"none", "block", "inline", "table", "list-item", "flex", "grid", "contents", "flow", "run-in", "ruby", "inherit", "initial", "unset", "revert", "-webkit-", "-ms-", "-moz-"} {
			if starts(d.value, word) {
				return true
			}
		}
		return false
	case visibility:
		return starts(d.value, "hidden") || starts(d.value, "collapse") || starts(d.value, "visible") || starts(d.value, "initial")
	case ink, fill:
		return colour(d.value) != noColour || starts(d.value, "inherit") || starts(d.value, "unset") || starts(d.value, "currentcolor")
	case paper:
		return colour(d.value) != noColour || bytes.IndexByte(d.value, '(') >= 0 || starts(d.value, "none")
	case fontSize:
		_, ok := pixels(d.value, usualSize)
		return ok
	default:
		return len(d.value) > 0
	}
}

// sizeOfFont is the size in a value of the property font: "bold 12px/1.5 serif".
func sizeOfFont(v []byte) []byte {
	for one := range bytes.FieldsSeq(v) {
		size, _, _ := bytes.Cut(one, []byte("/"))
		if len(size) == 0 || size[0] != '.' && !isDigit(size[0]) || len(size) == 3 && size[1] == '0' && size[2] == '0' {
			continue // A weight, such as 400.
		}
		return size
	}
	return nil
}

// colourOf is the colour in a value of the property background: "none no-repeat 0 0 #fff".
func colourOf(v []byte) []byte {
	for rest := v; len(rest) > 0; {
		if colour(rest) != noColour {
			return rest
		}
		_, rest, _ = bytes.Cut(rest, []byte(" "))
	}
	return v
}

// style is what holds for an element of all that was declared.
type style struct {
	said   uint32 // A bit for each property.
	values [properties]decl
}

func (st *style) reset() { st.said = 0 }

func (st *style) has(p property) bool { return st.said&(1<<p) != 0 }

// put lets a declaration take the place of what was declared before.
func (st *style) put(d decl) {
	if st.has(d.is) && st.values[d.is].firm && !d.firm {
		return
	}
	st.values[d.is] = d
	st.said |= 1 << d.is
}

func (st *style) apply(list []decl) {
	for i := range list {
		st.put(list[i])
	}
}

// value is that of a property; nil if it was not declared.
func (st *style) value(p property) []byte {
	if !st.has(p) {
		return nil
	}
	return st.values[p].value
}
