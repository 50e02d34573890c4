// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"slices"
)

// understood tells of a declaration that a browser does not leave it out (CSS Syntax section 9). What stood before it holds then.
func understood(d decl) bool {
	var buf [maxValue]byte
	v := lower(buf[:0], d.value)
	if len(v) == 0 {
		return false
	}
	if isWide(v) || hasAny(v, "var(", "env(", "attr(") {
		return true
	}
	switch d.is {
	case display:
		return isDisplay(v)
	case visibility:
		return isWord(v, "hidden", "collapse", "visible")
	case position:
		return isWord(v, "static", "relative", "absolute", "fixed", "sticky", "-webkit-sticky")
	case float:
		return isWord(v, "left", "right", "none", "inline-start", "inline-end")
	case direction:
		return isWord(v, "ltr", "rtl")
	case contents:
		return isWord(v, "visible", "hidden", "auto")
	case overflow:
		return allWords(v, "visible", "hidden", "clip", "scroll", "auto", "overlay")
	case whiteSpace:
		return allWords(v, "normal", "nowrap", "pre", "pre-wrap", "pre-line", "break-spaces", "wrap", "balance", "pretty", "stable", "collapse", "preserve", "preserve-breaks",
			"preserve-spaces", "trim", "none", "auto")
	case ink, fill:
		return isColour(d.value)
	case paper:
		return colour(d.value) != noColour || bytes.IndexByte(v, '(') >= 0 || isWord(v, "none")
	case fontSize:
		_, ok := pixels(v, usualSize)
		return ok && (isLength(v) || number(v) == nothing)
	case opacity, zoom:
		return isNumber(v) || isWord(v, "normal", "reset") || bytes.IndexByte(v, '(') > 0
	case lineHeight:
		return v[0] != '-' && (isLength(v) || isWord(v, "normal"))
	case height, maxHeight, width, maxWidth, minHeight, paddingLeft, paddingTop, paddingBottom:
		return v[0] != '-' && isLength(v) || isWord(v, "auto", "none", "min-content", "max-content", "fit-content", "stretch") || starts(v, "-webkit-")
	case left, top, right, bottom, marginLeft, marginTop, marginRight, marginBottom:
		return isLength(v) || isWord(v, "auto")
	case textIndent:
		length, rest, _ := bytes.Cut(v, []byte(" "))
		return isLength(length) && allWords(rest, "hanging", "each-line")
	case letterSpacing, wordSpacing:
		return isLength(v) || isWord(v, "normal")
	case transform:
		return isWord(v, "none") || bytes.IndexByte(v, '(') > 0
	default:
		return true
	}
}

// isWide tells of a value that any property may have (CSS Cascade section 7.3).
func isWide(v []byte) bool { return isWord(v, "inherit", "initial", "unset", "revert", "revert-layer") }

// isWord tells if v is one of the words.
func isWord(v []byte, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return w == string(v) })
}

// allWords tells if v is nothing but some of the words.
func allWords(v []byte, words ...string) bool {
	for len(v) > 0 {
		var one []byte
		if one, v, _ = bytes.Cut(v, []byte(" ")); len(one) == 0 {
			continue
		}
		if !isWord(one, words...) {
			return false
		}
	}
	return true
}

// isDisplay knows the values of display (CSS Display section 2).
func isDisplay(v []byte) bool {
	switch string(v) {
	case "none", "contents", "inline-block", "inline-table", "inline-flex", "inline-grid", "table-row", "table-cell", "table-row-group", "table-header-group",
		"table-footer-group", "table-column", "table-column-group", "table-caption", "ruby-text", "math", "-webkit-box", "-webkit-inline-box", "-webkit-flex", "-webkit-inline-flex":
		return true
	}
	outer, inner, item := 0, 0, 0
	for len(v) > 0 {
		var one []byte
		if one, v, _ = bytes.Cut(v, []byte(" ")); len(one) == 0 {
			continue
		}
		switch string(one) {
		case "block", "inline":
			outer++
		case "flow", "flow-root", "table", "flex", "grid", "ruby":
			inner++
		case "list-item":
			item++
		default:
			return false
		}
	}
	return outer <= 1 && inner <= 1 && item <= 1
}

// isColour tells of a value that it is a colour and nothing else.
func isColour(v []byte) bool {
	if outside(v, " ") >= 0 || bytes.ContainsAny(v, ";!:{") {
		return false
	}
	if n := bytes.IndexByte(v, '('); n > 0 {
		end := bytes.LastIndexByte(v, ')')
		return (end < 0 || end == len(v)-1) && colour(v) != noColour
	}
	return colour(v) != noColour || starts(v, "currentcolor")
}

// isFontStyle knows what may stand before the size of a font (CSS Fonts section 2.7).
func isFontStyle(v []byte) bool {
	var buf [maxValue]byte
	return isWord(lower(buf[:0], v), "normal", "italic", "oblique", "small-caps", "bold", "bolder", "lighter", "condensed", "semi-condensed", "extra-condensed", "ultra-condensed",
		"expanded", "semi-expanded", "extra-expanded", "ultra-expanded")
}

// isNumber tells of a value that it is a number or a percentage.
func isNumber(v []byte) bool {
	unit, ok := unitOf(v)
	return ok && (len(unit) == 0 || string(unit) == "%")
}

// isLength tells of a value that it is a length or a percentage, or reckoned. Without a unit it is one in pages of old only; those in mail are often meant so.
func isLength(v []byte) bool {
	if bytes.IndexByte(v, '(') > 0 {
		return true
	}
	unit, ok := unitOf(v)
	if !ok {
		return false
	}
	switch string(bytes.TrimLeft(unit, "sld")) {
	case "vw", "vh", "vi", "vb", "vmin", "vmax":
		return true
	}
	switch string(unit) {
	case "", "%", "px", "pt", "pc", "in", "cm", "mm", "q", "em", "rem", "ex", "rex", "ch", "rch", "cap", "rcap", "ic", "ric", "lh", "rlh", "cqw", "cqh", "cqi", "cqb", "cqmin", "cqmax":
		return true
	}
	return false
}

// unitOf is what stands behind the number that v begins with. It is not ok if there is none.
func unitOf(v []byte) (unit []byte, ok bool) {
	if number(v) == nothing {
		return nil, false
	}
	rest := bytes.TrimLeft(v, "+-.0123456789")
	if _, ok := exponent(rest); ok {
		rest = bytes.TrimLeft(rest[1:], "+-0123456789")
	}
	return rest, true
}

// lower appends v in lower case, at most as much as a value may have.
func lower(to, v []byte) []byte {
	for _, c := range v[:min(len(v), maxValue)] {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		to = append(to, c)
	}
	return to
}
