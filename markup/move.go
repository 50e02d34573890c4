// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// movement is what transform, translate and scale do to an element.
type movement struct {
	gone  bool // Nothing of it is left to be seen.
	far   bool // It is put where nobody looks.
	back  bool // It is put so far to the other side that it may be back from there.
	right bool // So far to the right that it is only seen if it was away to the left before.
	moves bool // Other things may be where it is put.
}

// movement reads them (CSS Transforms sections 5, 7 and 12).
func (st *style) movement() (m movement) {
	for rest := st.value(transform); len(rest) > 0; {
		name, args, ok := bytes.Cut(rest, []byte("("))
		if !ok {
			break
		}
		args, rest, _ = bytes.Cut(args, []byte(")"))
		var buf [maxName]byte
		m.function(string(fold(buf[:0], trim(name))), args)
	}
	if v := st.value(translate); !isNone(v) {
		m.function("translate", v)
	}
	if v := st.value(scale); !isNone(v) {
		m.function("scale", v)
	}
	return m
}

// function is one of those that are written in a row.
func (m *movement) function(name string, args []byte) {
	const most = 16
	var v [most][]byte
	n := 0
	for one := range bytes.FieldsFuncSeq(args, func(r rune) bool { return r == ',' || r == ' ' }) {
		if n == most {
			return
		}
		v[n] = one
		n++
	}
	switch name {
	case "translate", "translate3d":
		m.shift(v[0], true)
		m.shift(v[1], false)
	case "translatex":
		m.shift(v[0], true)
	case "translatey":
		m.shift(v[0], false)
	case "scale", "scale3d":
		m.gone = m.gone || isTiny(v[0]) || isTiny(v[1])
	case "scalex", "scaley":
		m.gone = m.gone || isTiny(v[0])
	case "matrix":
		m.gone = m.gone || isTiny(v[0]) && isTiny(v[1]) || isTiny(v[2]) && isTiny(v[3])
		m.shift(v[4], true)
		m.shift(v[5], false)
	case "matrix3d":
		m.gone = m.gone || isTiny(v[0]) && isTiny(v[1]) || isTiny(v[4]) && isTiny(v[5])
		m.shift(v[12], true)
		m.shift(v[13], false)
	case "rotatex", "rotatey", "rotate3d", "skew", "skewx", "skewy", "perspective":
		m.gone = m.gone || n > 0 && onEdge(v[n-1])
	}
}

// shift is one along a side.
func (m *movement) shift(v []byte, across bool) {
	if n := number(v); n == 0 || n == nothing {
		return
	}
	m.moves = true
	m.far = m.far || isAway(v)
	m.back = m.back || isBack(v)
	m.right = m.right || across && isFarRight(v)
}

// isTiny tells of a scale that leaves nothing to be read.
func isTiny(v []byte) bool {
	n := share(v)
	return -tiny < n && n < tiny
}

// onEdge tells if what is turned by an angle is seen from its edge.
func onEdge(v []byte) bool {
	n := number(v)
	switch unit := bytes.TrimLeft(v, "+-.0123456789"); {
	case n == nothing:
		return false
	case starts(unit, "turn"):
		n *= 360
	case starts(unit, "grad"):
		n *= .9
	case starts(unit, "rad"):
		n *= 57.3
	}
	if n < 0 {
		n = -n
	}
	const right, near = 90, 7
	n -= 2 * right * float64(int(n/(2*right)))
	return n > right-near && n < right+near
}

// placed tells if the element leaves the order of the text.
func (st *style) placed() bool {
	p := st.value(position)
	return starts(p, "absolute") || starts(p, "fixed")
}

// nudged tells if it keeps its room there, and may stand beside it.
func (st *style) nudged() bool {
	p := st.value(position)
	return starts(p, "relative") || starts(p, "sticky") || starts(p, "-webkit-sticky")
}

// away tells if the element is beyond the left or the upper edge, or back from there; and if it is beyond the right one, unless it was away before.
func (st *style) away(m movement) (where seen, toTheRight bool) {
	far, back, toTheRight := m.far || isAway(st.value(marginLeft)) || isAway(st.value(marginTop)), m.back, m.right
	switch {
	case st.placed():
		far = far || isAway(st.value(left)) || isAway(st.value(top)) || isAway(st.value(right)) || isAway(st.value(bottom))
	case st.nudged():
		far = far || isAway(st.value(left)) || isAway(st.value(top)) || isBack(st.value(right)) || isBack(st.value(bottom))
	}
	for _, p := range [...]property{marginLeft, marginTop, paddingLeft, paddingTop, left, top} {
		back = back || isBack(st.value(p))
	}
	toTheRight = toTheRight || isFarRight(st.value(marginLeft)) || isFarRight(st.value(paddingLeft)) || (st.placed() || st.nudged()) && isFarRight(st.value(left))
	switch {
	case back, toTheRight:
		return isSeen, toTheRight && !far
	case far:
		return isVeiled, false
	}
	return notSaid, false
}

// shifted tells if the element is moved so that other text may be where it is.
func (st *style) shifted() bool {
	const (
		aside  = 20  // Pixels; less takes back the room between paragraphs.
		across = 100 // Pixels of what stands side by side.
	)
	if -moved(st.value(marginTop)) > aside || -moved(st.value(marginBottom)) > aside || -moved(st.value(marginLeft)) > across || -moved(st.value(marginRight)) > across {
		return true
	}
	if !st.nudged() {
		return false
	}
	for _, p := range [...]property{left, top, right, bottom} {
		if px := moved(st.value(p)); px > aside || px < -aside {
			return true
		}
	}
	return false
}

// moved is about how many pixels a length along a side is, below nothing to the other side; 0 if that is not said.
func moved(v []byte) float64 {
	const wide = 600 // Pixels of what holds the element.
	around, sign := float64(usualSize), 1.
	if bytes.IndexByte(v, '%') >= 0 {
		around = wide
	}
	if len(v) > 0 && v[0] == '-' {
		v, sign = v[1:], -1
	}
	if number(v) == nothing {
		return 0
	}
	px, _ := pixels(v, around)
	return px * sign
}

// isBack tells of a length that makes up for one that isAway tells of.
func isBack(v []byte) bool {
	n := number(v)
	return n < nothing && (inAll(v) >= -farAway || n >= -farScreens && relative(v))
}

// isFarRight tells of a length to the right of which nobody looks.
func isFarRight(v []byte) bool {
	n := number(v)
	return n < nothing && (inAll(v) >= farRight || n >= -farScreens && relative(v))
}

// isAway tells of a length that takes what it moves off the page.
func isAway(v []byte) bool {
	n := number(v)
	return n < 0 && (inAll(v) <= farAway || n <= farScreens && relative(v))
}

// inAll is how many pixels a length is, of letters of the usual size; a share of what is around counts as its number.
func inAll(v []byte) float64 {
	unit, _ := unitOf(v)
	if relative(v) {
		return number(v)
	}
	return number(v) * inPixels(unit, usualSize)
}

// relative tells if the unit of a length is a share of the screen.
func relative(v []byte) bool { return bytes.IndexByte(v, '%') >= 0 || bytes.ContainsAny(v, "vV") }
