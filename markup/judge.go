// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"cmp"
	"math"
)

// Bounds of what is seen.
const (
	farAway    = -500 // Pixels; what begins further to the left of the page or above it is not seen.
	farScreens = -100 // Hundredths of a screen, likewise.
	farRight   = 3000 // Pixels; what begins further to the right is not seen.
	faint      = 0.1  // Opacity that is not seen.
	tiny       = .12  // Of what is made smaller, which is not read.
	sliver     = 1    // Pixels of what is no larger than a line.
	narrow     = 3    // Pixels of what is too narrow for any letter.
	flatLine   = .2   // Height of a line, as a share of its letters; what has less lies under the next.
	maxLines   = 1000 // With more, what is said of lines means nothing.
	apart      = 100  // Pixels between letters with which nobody reads words.
	narrowest  = .35  // What is taken from between letters, as a share of their size; with more they lie over one another.
)

// judge tells what the style makes of an element of that name within letters of that size.
func (st *style) judge(l *look, around float64, name []byte) {
	if st.said == 0 {
		return
	}
	l.gone = l.gone || starts(st.value(display), "none") || starts(st.value(display), "table-column") || starts(st.value(contents), "hidden")
	l.gone = l.gone || share(st.value(opacity)) < faint || st.has(filter) && fades(st.value(filter))
	l.gone = l.gone || st.placed() && emptyRectangle(st.value(clip)) || emptyPath(st.value(clipPath)) || share(st.value(zoom)) < tiny
	m := st.movement()
	l.gone = l.gone || m.gone
	if l.clipped = st.clipped(l) && st.sized(name); l.clipped && st.has(position) && !starts(st.value(position), "static") {
		l.gone = true // Otherwise what has a place of its own within is not clipped.
	}
	l.placed = st.placed()
	l.away, l.right = st.away(m)
	l.lifted = l.placed || m.moves || st.shifted() || !isNone(st.value(area))
	l.sized = st.sized(name)
	if v := st.value(textIndent); v != nil {
		l.indented = isVeiled
		if !isAway(v) && !isFarRight(v) {
			l.indented = isSeen
		}
	}
	switch v := st.value(visibility); {
	case v == nil:
	case starts(v, "hidden"), starts(v, "collapse"):
		l.veiled = isVeiled
	case starts(v, "visible"), starts(v, "initial"):
		l.veiled = isSeen
	}
	if px, ok := pixels(st.value(fontSize), around); ok {
		l.size = px
	}
	if v := st.value(lineHeight); v != nil {
		l.flat = isSeen
		if share(v) < flatLine {
			l.flat = isVeiled
		}
	}
	if v := st.value(letterSpacing); v != nil {
		l.squeezed = isSeen
		if own := cmp.Or(max(l.size, 0), around); len(v) > 0 && v[0] == '-' {
			if px, ok := pixels(v[1:], own); ok && px > narrowest*own {
				l.squeezed = isVeiled
			}
		} else if px, ok := pixels(v, own); ok && px > apart {
			l.squeezed = isVeiled
		}
	}
	if v := st.value(wordSpacing); len(v) > 0 && v[0] == '-' {
		if own := cmp.Or(max(l.size, 0), around); -moved(v) > 2*own {
			l.squeezed = isVeiled
		}
	}
	if v := st.value(whiteSpace); v != nil {
		l.unbroken = isSeen
		if starts(v, "nowrap") {
			l.unbroken = isVeiled
		}
	}
	if n := number(st.value(lineClamp)); n >= 1 && n < maxLines {
		l.lines = int(n)
	}
	if v := st.value(ink); v != nil {
		switch {
		case starts(v, "initial"):
			l.ink = 0
		case !starts(v, "revert"): // That leaves links the colour that they have.
			l.ink = colour(v) &^ thin
		}
	}
	if c := colour(st.value(fill)); c != noColour {
		l.ink = c &^ thin
	}
	if st.has(glow) && !isNone(st.value(glow)) && !hasAny(st.value(glow), "-box") {
		l.ink = pictured
	}
	if v := st.value(paper); v != nil {
		l.paint(v)
	}
	if st.has(picture) && st.values[picture].pictured() {
		l.paper = drawn(st.value(picture)) // Whatever is behind it.
	}
	l.covers = l.paper != noColour
	l.backwards = l.backwards || starts(st.value(direction), "rtl") && bytes.Contains(st.value(bidi), []byte("override"))
}

// paint reads a background.
func (l *look) paint(v []byte) {
	switch c := colour(v); {
	case c == clear:
	case c != noColour:
		l.paper = c
	case bytes.IndexByte(v, '(') >= 0:
		l.paper = pictured
	}
}

// clipped tells if nothing of the element is left to be seen for its size, and notes that.
func (st *style) clipped(l *look) bool {
	small := false
	for _, p := range [...]property{height, maxHeight, width, maxWidth} {
		v := st.value(p)
		if v == nil {
			continue
		}
		px, ok := pixels(v, usualSize)
		small = small || ok && px <= narrow && (px == 0 || bytes.IndexByte(v, '%') < 0)
		if p == height || p == maxHeight {
			l.height = size(v, l.height)
		} else {
			l.width = size(v, l.width)
		}
	}
	if moved(st.value(paddingTop)) > narrow || moved(st.value(paddingBottom)) > narrow || moved(st.value(minHeight)) > narrow {
		small = false
	}
	o := st.value(overflow)
	l.cuts = starts(o, "hidden") || starts(o, "clip")
	l.scrolls = starts(o, "auto") || starts(o, "scroll")
	return small && (l.cuts || l.scrolls)
}

// fades tells if a filter makes things transparent: opacity(0), alpha(opacity=0).
func fades(v []byte) bool {
	n := bytes.LastIndex(v, []byte("opacity"))
	if n < 0 || n+len("opacity(") > len(v) {
		return false
	}
	return share(v[n+len("opacity("):]) < faint
}

// emptyRectangle knows the values of clip that leave nothing: rect(0,0,0,0). The order is top, right, bottom, left.
func emptyRectangle(v []byte) bool {
	if !starts(v, "rect(") {
		return false
	}
	var side [4]float64
	n := 0
	for one := range bytes.FieldsFuncSeq(v[len("rect("):min(len(v), 200)], func(r rune) bool { return r == ' ' || r == ',' || r == ')' }) {
		if n == len(side) {
			return false
		}
		if side[n] = number(one); side[n] == nothing {
			return false // auto
		}
		n++
	}
	return n == len(side) && (side[2]-side[0] <= sliver || side[1]-side[3] <= sliver)
}

// emptyPath knows the values of clip-path that leave nothing: inset(100%), circle(0), polygon(0 0, 0 0).
func emptyPath(v []byte) bool {
	name, rest, ok := bytes.Cut(v[:min(len(v), 200)], []byte("("))
	if !ok {
		return false
	}
	rest = trim(rest)
	switch {
	case starts(name, "inset"):
		return bytes.IndexByte(rest, '%') > 0 && number(rest) >= 50 && number(rest) < nothing
	case starts(name, "circle"), starts(name, "ellipse"):
		return number(rest) == 0
	case starts(name, "polygon"):
		return !bytes.ContainsAny(rest, "123456789")
	}
	return false
}

// nothing stands for a number that is not there. It is larger than any that matters.
const nothing = 1e9

// number is the number that v begins with (CSS Syntax section 4.3.12); nothing if there is none.
func number(v []byte) float64 {
	i, n, part, digits := 0, 0., 0., 0
	if len(v) > 0 && (v[0] == '-' || v[0] == '+') {
		i++
	}
	for ; i < len(v); i++ {
		c := v[i]
		if c == '.' && part == 0 && i+1 < len(v) && isDigit(v[i+1]) {
			part = .1
			continue
		}
		if !isDigit(c) {
			break
		}
		digits++
		if part > 0 {
			n, part = n+part*float64(c-'0'), part/10
		} else {
			n = n*10 + float64(c-'0')
		}
	}
	if digits == 0 {
		return nothing
	}
	if power, ok := exponent(v[i:]); ok {
		n *= math.Pow10(power)
	}
	if n = min(n, nothing-1); v[0] == '-' {
		return -n
	}
	return n
}

// exponent is what stands behind a number: e-3.
func exponent(v []byte) (power int, ok bool) {
	const most = 20
	if len(v) < 2 || v[0]|0x20 != 'e' {
		return 0, false
	}
	v = v[1:]
	sign := 1
	if (v[0] == '-' || v[0] == '+') && len(v) > 1 {
		if v[0] == '-' {
			sign = -1
		}
		v = v[1:]
	}
	for ok = isDigit(v[0]); len(v) > 0 && isDigit(v[0]); v = v[1:] {
		power = min(power*10+int(v[0]-'0'), most)
	}
	return power * sign, ok
}

// share is a number, or one in a hundred.
func share(v []byte) float64 {
	n := number(v)
	if digits := bytes.TrimLeft(v, "+-.0123456789"); n < nothing && len(digits) > 0 && digits[0] == '%' {
		return n / 100
	}
	return n
}

// size is a length in pixels, or other if it is a share of what is around.
func size(v []byte, other int) int {
	if px, ok := pixels(v, usualSize); ok && px < 1e6 && number(v) < nothing && bytes.IndexByte(v, '%') < 0 {
		return int(px)
	}
	return other
}

// pixels is the size of letters within others of a size.
func pixels(v []byte, around float64) (px float64, ok bool) {
	if n := bytes.IndexByte(v, '('); n > 0 {
		v = trim(v[n+1:]) // Of calc() and its like, the first number.
	}
	n := number(v)
	if n == nothing {
		return namedSize(v, around)
	}
	unit, _ := unitOf(v)
	n *= inPixels(unit, around)
	return n, n >= 0
}

// inPixels is how many pixels a unit is, more or less, with letters of a size.
func inPixels(unit []byte, around float64) float64 {
	var buf [maxName]byte
	unit = fold(buf[:0], unit)
	switch string(bytes.TrimLeft(unit, "sld")) {
	case "vw", "vh", "vi", "vb", "vmin", "vmax":
		return 8
	}
	switch string(unit) {
	case "em", "ic":
		return around
	case "ex", "ch", "cap":
		return around / 2
	case "lh":
		return around * 1.2
	case "%":
		return around / 100
	case "rem", "rlh", "ric", "pc":
		return usualSize
	case "rex", "rch", "rcap":
		return usualSize / 2
	case "pt":
		return 4. / 3
	case "in":
		return 96
	case "cm":
		return 37.8
	case "mm":
		return 3.78
	case "q":
		return .945
	}
	if bytes.HasPrefix(unit, []byte("cq")) {
		return 8
	}
	return 1
}

// namedSize knows the words for sizes.
func namedSize(v []byte, around float64) (px float64, ok bool) {
	var buf [maxName]byte
	switch string(fold(buf[:0], v)) {
	case "xx-small":
		return 9, true
	case "x-small":
		return 10, true
	case "small":
		return 13, true
	case "medium", "initial":
		return usualSize, true
	case "large":
		return 18, true
	case "x-large":
		return 24, true
	case "xx-large":
		return 32, true
	case "smaller":
		return around * 5 / 6, true
	case "larger":
		return around * 6 / 5, true
	case "inherit", "unset":
		return around, true
	}
	return 0, false
}

// fontElement is the size in pixels that a font element asks for: 1 to 7, or a step from 3 (HTML standard, section 15.3.4). Programs show 0 as 1.
func fontElement(v []byte) float64 {
	v = trim(v)
	n := number(v)
	if n == nothing || len(v) == 0 {
		return -1
	}
	if v[0] == '+' || v[0] == '-' {
		n += 3
	}
	return [...]float64{10, 13, 16, 18, 24, 32, 48}[int(min(max(n, 1), 7))-1]
}
