// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// noProperty stands for a property that does not matter, where a shorthand has one.
const noProperty = properties

// sidesOf knows the properties that stand for several: those of all sides, from the top in the order of the clock, or of two ends. It is nil for others.
func sidesOf(name []byte) []property {
	switch string(name) {
	case "margin":
		return marginSides[:]
	case "margin-block":
		return marginBlock[:]
	case "margin-inline":
		return marginInline[:]
	case "padding":
		return paddingSides[:]
	case "padding-block":
		return paddingBlock[:]
	case "padding-inline":
		return paddingInline[:]
	case "inset":
		return insetSides[:]
	case "inset-block":
		return insetBlock[:]
	case "inset-inline":
		return insetInline[:]
	}
	return nil
}

var (
	marginSides   = [...]property{marginTop, marginRight, marginBottom, marginLeft}
	marginBlock   = [...]property{marginTop, marginBottom}
	marginInline  = [...]property{marginLeft, marginRight}
	paddingSides  = [...]property{paddingTop, noProperty, paddingBottom, paddingLeft}
	paddingBlock  = [...]property{paddingTop, paddingBottom}
	paddingInline = [...]property{paddingLeft, noProperty}
	insetSides    = [...]property{top, right, bottom, left}
	insetBlock    = [...]property{top, bottom}
	insetInline   = [...]property{left, right}
)

// shorthand adds what a declaration for several sides says of each: of one value, all have it; of two, the first is for the first and the third; of three,
// the last side has what the second has.
func shorthand(to []decl, sides []property, d decl) []decl {
	var each [4][]byte
	n := 0
	for rest := d.value; len(rest) > 0; {
		end := outside(rest, " ")
		if end < 0 {
			end = len(rest)
		}
		if end > 0 {
			if n == len(each) || !understood(decl{sides[0], rest[:end], false}) {
				return to
			}
			each[n] = rest[:end]
			n++
		}
		rest = rest[min(end+1, len(rest)):]
	}
	if n == 0 {
		return to
	}
	for i, is := range sides {
		switch {
		case i < n:
		case n == 3 && i == 3:
			i = 1
		default:
			i %= n
		}
		if is != noProperty {
			to = append(to, decl{is, each[i], d.firm})
		}
	}
	return to
}

// unjudged knows what decides whether something is seen in ways that are not followed. Honest mail has hardly any of it.
func unjudged(name, value []byte) bool {
	switch string(name) {
	case "mask", "mask-image", "-webkit-mask", "-webkit-mask-image", "-webkit-mask-box-image", "mask-border", "all", "animation", "animation-name",
		"-webkit-animation", "-webkit-animation-name", "offset", "offset-path", "perspective", "rotate", "contain":
		return !isNone(value)
	case "mix-blend-mode":
		return !starts(value, "normal")
	case "-webkit-text-security":
		return !isNone(value)
	case "font-size-adjust":
		return share(value) < tiny
	case "box-shadow", "outline", "outline-width":
		return isBroad(value)
	case "filter", "-webkit-filter":
		return hasAny(value, "blur(", "contrast(", "brightness(", "invert(", "url(")
	case "background", "background-color":
		return hasAny(value, "currentcolor")
	}
	return false
}

// isBroad tells of a frame or shadow that covers what is around it.
func isBroad(v []byte) bool {
	const pixels = 100
	for one := range bytes.FieldsFuncSeq(v[:min(len(v), maxValue)], func(r rune) bool { return r == ' ' || r == ',' || r == '(' }) {
		if n := number(one); n >= pixels && n < nothing && bytes.HasSuffix(one, []byte("px")) || n >= 10 && n < nothing && hasAny(one, "%", "em", "v") {
			return true
		}
	}
	return false
}

// isNone tells of a value that a property has without it.
func isNone(v []byte) bool {
	return len(v) == 0 || starts(v, "none") || starts(v, "initial") || starts(v, "unset") || starts(v, "auto")
}

// hasAny looks for words in lower case.
func hasAny(v []byte, words ...string) bool {
	var buf [maxValue]byte
	v = lower(buf[:0], v)
	for _, w := range words {
		if bytes.Contains(v, []byte(w)) {
			return true
		}
	}
	return false
}

// reckoned tells of a value that has to be reckoned from others: of variables, by arithmetic, or of colours in forms that are not read.
func (d *decl) reckoned() bool {
	if bytes.IndexByte(d.value, '(') < 0 {
		return false
	}
	switch d.is {
	case picture, area, glow:
		return false
	case ink, fill, paper:
		return hasAny(d.value, "var(", "env(", "attr(", "color(", "lab(", "lch(", "mix(", "light-dark(", "hwb(", "cmyk(")
	case width, maxWidth:
		return hasAny(d.value, "var(", "env(", "attr(") // Arithmetic with them is common in columns that give way.
	default:
		return hasAny(d.value, "var(", "env(", "attr(", "calc(", "min(", "max(", "clamp(")
	}
}
