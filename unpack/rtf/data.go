// SPDX-License-Identifier: Apache-2.0

package rtf

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// hex gathers hexadecimal digits into octets.
type hex struct {
	half bool
	high byte
	size int64
	sum  uint64  // To compare readings by.
	out  *[]byte // Where octets go; nil if nobody wants them.
}

func (h *hex) digit(c byte) {
	var v byte
	switch {
	case c >= '0' && c <= '9':
		v = c - '0'
	case c >= 'a' && c <= 'f':
		v = c - 'a' + 10
	case c >= 'A' && c <= 'F':
		v = c - 'A' + 10
	default:
		return
	}
	if !h.half {
		h.half, h.high = true, v
		return
	}
	h.half = false
	h.octet(h.high<<4 | v)
}

func (h *hex) octet(b byte) {
	h.size++
	// A difference that is made for this sum to miss it hides a reading that Word does not have.
	h.sum = h.sum*1099511628211 ^ uint64(b)
	if h.out != nil {
		*h.out = append(*h.out, b)
	}
}

// beginData begins the data of the last object. Word takes data without \object too.
func (p *parser) beginData(g *group, number []byte) {
	p.endData()
	if n := len(p.doc.Objects); n == 0 || p.doc.Objects[n-1].Readings > 0 {
		p.begin()
	}
	n := len(p.doc.Objects) - 1
	if p.doc.Objects[n].Readings > 0 {
		return // There are too many objects.
	}
	g.to, g.data = objectData, true
	p.object = n
	p.strict, p.loose = hex{}, hex{}
	o := &p.doc.Objects[n]
	o.start, o.lead = p.at(), string(number)
	for _, c := range number {
		// A number is part of the word, but who looks for the word alone takes it for data.
		p.loose.digit(c)
		o.Odd = true
	}
}

// endData ends the data of an object, if one is open.
func (p *parser) endData() {
	if p.object < 0 {
		return
	}
	o := &p.doc.Objects[p.object]
	p.object = -1
	o.Readings = 1
	if p.strict.size != p.loose.size || p.strict.sum != p.loose.sum {
		o.Readings = 2
	}
}

// digit takes a character of an object's data. What is no hexadecimal digit is skipped, as readers do.
func (p *parser) digit(c byte) {
	if c > ' ' && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
		p.odd()
	}
	p.loose.digit(c)
	if p.top().to != unknown {
		p.strict.digit(c)
	}
}

// binary has the next octets be taken as they are (\bin). Of a number that leads out of the file nobody knows what readers do with it;
// here it counts for nothing, so that what follows is looked at.
func (p *parser) binary(number []byte) {
	if p.inData() {
		p.odd()
	}
	n, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || n <= 0 || n > p.size-p.at() {
		return
	}
	p.bin = n
	p.strict.half, p.loose.half = false, false
}

func (p *parser) octet(c byte) {
	if !p.inData() {
		return
	}
	p.loose.octet(c)
	if p.top().to != unknown {
		p.strict.octet(c)
	}
}

// Data reads one reading of the data of an object of the file: 0 without what stands in groups of its own, 1 with all digits.
func (o Object) Data(r io.ReaderAt, size int64, reading int) io.Reader {
	p := newParser(r, o.start, size)
	p.doc.Objects = []Object{{start: o.start}}
	p.object = 0
	p.groups = append(p.groups, group{to: objectData, data: true})
	d := &dataReader{p: p}
	if reading == 0 {
		p.strict.out = &d.out
		return d
	}
	p.loose.out = &d.out
	for _, c := range []byte(o.lead) {
		p.loose.digit(c)
	}
	return d
}

type dataReader struct {
	p   *parser
	out []byte
	err error
}

func (d *dataReader) Read(b []byte) (int, error) {
	for len(d.out) < len(b) && d.err == nil {
		d.err = d.p.step()
		if d.p.object != 0 || errors.Is(d.err, io.ErrUnexpectedEOF) {
			d.err = io.EOF
		}
	}
	n := copy(b, d.out)
	d.out = append(d.out[:0], d.out[n:]...)
	if n == 0 && len(b) > 0 {
		return 0, d.err
	}
	return n, nil
}
