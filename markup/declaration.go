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
	marginRight
	marginBottom
	translate
	scale
	zoom
	lineHeight
	letterSpacing
	area // Of a grid: cells may lie over one another.
	glow // What makes letters without a colour be seen.
	wordSpacing
	whiteSpace
	lineClamp // Lines that are shown.
	paddingBottom
	minHeight
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
	case "height", "block-size":
		return height, true
	case "max-height", "max-block-size":
		return maxHeight, true
	case "width", "inline-size":
		return width, true
	case "max-width", "max-inline-size":
		return maxWidth, true
	case "overflow", "overflow-x", "overflow-y":
		return overflow, true
	case "text-indent":
		return textIndent, true
	case "position":
		return position, true
	case "left", "inset-inline-start":
		return left, true
	case "top", "inset-block-start":
		return top, true
	case "right", "inset-inline-end":
		return right, true
	case "bottom", "inset-block-end":
		return bottom, true
	case "margin-left", "margin-inline-start":
		return marginLeft, true
	case "margin-top", "margin-block-start":
		return marginTop, true
	case "margin-right", "margin-inline-end":
		return marginRight, true
	case "margin-bottom", "margin-block-end":
		return marginBottom, true
	case "padding-left", "padding-inline-start":
		return paddingLeft, true
	case "padding-top", "padding-block-start":
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
	case "translate":
		return translate, true
	case "scale":
		return scale, true
	case "zoom":
		return zoom, true
	case "filter", "-webkit-filter":
		return filter, true
	case "content-visibility":
		return contents, true
	case "direction":
		return direction, true
	case "padding-bottom", "padding-block-end":
		return paddingBottom, true
	case "min-height", "min-block-size":
		return minHeight, true
	case "float":
		return float, true
	case "unicode-bidi":
		return bidi, true
	case "line-height":
		return lineHeight, true
	case "letter-spacing":
		return letterSpacing, true
	case "word-spacing":
		return wordSpacing, true
	case "white-space", "text-wrap", "text-wrap-mode", "white-space-collapse":
		return whiteSpace, true
	case "line-clamp", "-webkit-line-clamp":
		return lineClamp, true
	case "grid-area", "grid-row", "grid-row-start", "grid-column", "grid-column-start":
		return area, true
	case "text-shadow", "-webkit-text-stroke", "-webkit-text-stroke-width", "-webkit-text-stroke-color", "background-clip", "-webkit-background-clip":
		return glow, true
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
	maxDecls = 2000     // Declarations of a rule or an attribute.
	maxValue = 200      // Octets of a value: it is looked at for each element that it holds for.

	longValue   = tooMany + "octets of a value"
	notFollowed = "a style that is not followed: "
)

// declarations adds those of a style that matter and that a browser understands. What it does not, it leaves out, and what stood before holds. It
// tells why nobody can say what they do; "" if that can be said.
func declarations(to []decl, css []byte) (list []decl, unsure string) {
	for len(css) > 0 {
		if len(to) > maxDecls {
			return to, tooMany + "declarations"
		}
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
		d := decl{value: trim(one[c+1:])}
		if n := outside(d.value, "!"); n >= 0 {
			if !bytes.EqualFold(trim(d.value[n+1:]), []byte("important")) {
				continue
			}
			d.value, d.firm = trim(d.value[:n]), true
		}
		if len(name) < len(trim(one[:c])) && len(name) < maxName {
			continue // With an octet in it that some skip it is another name.
		}
		if unjudged(name, d.value) && unsure == "" {
			unsure = notFollowed + string(name)
		}
		if sides := sidesOf(name); sides != nil && len(d.value) <= maxValue {
			to = shorthand(to, sides, d)
			continue
		}
		var ok bool
		if d.is, ok = propertyOf(name); !ok {
			continue
		}
		if string(name) == "font" {
			if _, high, ok := bytes.Cut(d.value, []byte("/")); ok && len(high) <= maxValue {
				to = append(to, decl{lineHeight, trim(high), d.firm})
			}
			d.value = sizeOfFont(d.value)
		}
		if len(d.value) > maxValue {
			d.value = d.value[:maxValue]
			if !d.pictured() && unsure == "" {
				unsure = longValue
			}
		}
		if d.reckoned() && unsure == "" {
			unsure = notFollowed + "values that are reckoned"
		}
		if string(name) == "background" {
			to = append(to, decl{picture, d.value, d.firm})
			d.value = colourOf(d.value)
		}
		if understood(d) {
			to = append(to, d)
		}
	}
	return to, unsure
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
		case c == ')' && depth > 0:
			depth--
		case depth == 0 && strings.IndexByte(stops, c) >= 0:
			return i
		}
	}
	return -1
}

// sizeOfFont is the size in a value of the property font: "bold 12px/1.5 serif". Without a family behind it there is none.
func sizeOfFont(v []byte) []byte {
	if isWide(v) {
		return v
	}
	words := bytes.Fields(v)
	for _, one := range words[:max(0, len(words)-1)] {
		size, _, _ := bytes.Cut(one, []byte("/"))
		unit, isNumber := unitOf(size)
		switch {
		case isFontStyle(size), isNumber && (len(unit) == 0 && number(size) >= 1 || string(unit) == "deg"): // A weight, such as 400, or a slant.
		case isLength(size) || !isNumber && !isWide(size):
			return size
		default:
			return nil
		}
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
	said   uint64 // A bit for each property.
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
