// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strconv"
)

// look is what a style says about being seen.
type look struct {
	hidden        bool
	tiny          bool // Hidden for the size of its font.
	width, height int  // Pixels; -1 if not said.
	ink, paper    uint32
}

// noColour stands for a colour that is not said or not understood. Others are 0xRRGGBB.
const noColour = 1 << 31

// maxStyle bounds the octets of a style that are looked at for this.
const maxStyle = 4 << 10

// style reads the attributes that decide whether an element is seen.
func (s *scanner) style(t *tag) look {
	l := look{width: -1, height: -1, ink: noColour, paper: noColour}
	for i := range t.attrs {
		a := &t.attrs[i]
		v := s.text[a.valStart:a.valEnd]
		switch c := s.text[a.start] | 0x20; c {
		case 's', 'h', 'b', 'c', 'i':
		default:
			continue
		}
		switch string(fold(s.names[:0], s.text[a.start:a.nameEnd])) {
		case "style":
			l.read(v)
		case "hidden":
			l.hidden = true
		case "bgcolor":
			l.paint(v)
		case "background":
			l.paper = pictured
		case "color":
			l.ink = colour(v)
		case "size":
			l.hidden = l.hidden || string(t.local) == "font" && len(v) > 0 && v[0] == '0'
		case "class", "id":
			l.hidden = l.hidden || len(s.styles) > 0 && s.namedHidden(s.text[a.start]|0x20 == 'i', v)
		}
	}
	switch string(t.local) {
	case "template", "noembed", "noframes", "iframe", "title", "head", "datalist", "dialog":
		l.hidden = true
	}
	return l
}

// read reads the declarations of a style attribute.
func (l *look) read(v []byte) {
	v = v[:min(len(v), maxStyle)]
	var zeroHeight, zeroWidth, clips, away, placed bool
	for len(v) > 0 {
		n := bytes.IndexByte(v, ';')
		one := v
		if n >= 0 {
			one, v = v[:n], v[n+1:]
		} else {
			v = nil
		}
		c := bytes.IndexByte(one, ':')
		if c < 0 {
			continue
		}
		var buf [maxName]byte
		value := trim(one[c+1:])
		switch string(fold(buf[:0], one[:c])) {
		case "display":
			l.hidden = l.hidden || starts(value, "none")
		case "visibility":
			l.hidden = l.hidden || starts(value, "hidden") || starts(value, "collapse")
		case "opacity":
			l.hidden = l.hidden || number(value) < 0.05
		case "font-size":
			l.fontSize(value)
		case "font":
			l.hidden = l.hidden || bytes.HasPrefix(value, []byte("0/")) || bytes.HasPrefix(value, []byte("0px"))
		case "mso-hide":
			l.hidden = l.hidden || starts(value, "all")
		case "height", "max-height":
			zeroHeight = zeroHeight || number(value) == 0
			l.height = size(value, l.height)
		case "width", "max-width":
			zeroWidth = zeroWidth || number(value) == 0
			l.width = size(value, l.width)
		case "overflow", "overflow-x", "overflow-y":
			clips = starts(value, "hidden") || starts(value, "clip")
		case "text-indent":
			l.hidden = l.hidden || number(value) <= -500
		case "position":
			placed = starts(value, "absolute") || starts(value, "fixed")
		case "left", "top", "right", "bottom", "margin-left", "margin-top":
			away = away || number(value) <= -500
		case "clip", "clip-path":
			clips = true
			zeroHeight = zeroHeight || starts(value, "rect(0") || starts(value, "inset(100%") || starts(value, "inset(50%")
		case "color":
			l.ink = colour(value)
		case "background", "background-color", "background-image":
			l.paint(value)
		}
	}
	l.hidden = l.hidden || clips && (zeroHeight || zeroWidth) || away && placed || l.tiny
}

// pictured stands for a background that is no single colour.
const pictured = 1 << 30

// paint reads a background.
func (l *look) paint(v []byte) {
	if c := colour(v); c != noColour {
		l.paper = c
	} else if bytes.IndexByte(v, '(') >= 0 {
		l.paper = pictured
	}
}

// fontSize judges a font: what is smaller than two pixels is not read.
func (l *look) fontSize(v []byte) {
	n := number(v)
	switch {
	case bytes.Contains(v, []byte("em")) || bytes.Contains(v, []byte("%")):
		l.tiny = n < 0.05
	default:
		l.tiny = n < 2
	}
}

// inherit tells how the element is seen inside those that are open.
func (s *scanner) inherit(t *tag, e *element) {
	e.paper, e.ink = 0xffffff, 0
	if n := len(s.open); n > 0 {
		e.paper, e.ink, e.hidden = s.open[n-1].paper, s.open[n-1].ink, s.open[n-1].hidden
	}
	if len(t.attrs) == 0 && string(t.local) != "template" && string(t.local) != "head" {
		return
	}
	l := s.style(t)
	e.hidden = e.hidden || l.hidden
	if l.paper != noColour {
		e.paper = l.paper
	}
	if l.ink != noColour {
		e.ink = l.ink
	}
	if l.ink != noColour && e.ink == e.paper {
		e.hidden = true
	}
}

// trim is v without white space around it.
func trim(v []byte) []byte { return bytes.TrimSpace(v) }

// starts tells if v begins with a word, in any case.
func starts(v []byte, word string) bool {
	return len(v) >= len(word) && bytes.EqualFold(v[:len(word)], []byte(word))
}

// number is the number that v begins with; a large one if there is none.
func number(v []byte) float64 {
	n := 0
	for n < len(v) && n < 16 && (isDigit(v[n]) || v[n] == '.' || n == 0 && (v[n] == '-' || v[n] == '+')) {
		n++
	}
	f, err := strconv.ParseFloat(string(v[:n]), 64)
	if err != nil {
		return 1e9
	}
	return f
}

// size is a length in pixels, or other if it is in another unit.
func size(v []byte, other int) int {
	if f := number(v); f >= 0 && f < 1e6 && bytes.IndexByte(v, '%') < 0 && !bytes.Contains(v, []byte("em")) {
		return int(f)
	}
	return other
}
