// SPDX-License-Identifier: Apache-2.0

package rtf

import (
	"io"
	"strconv"
)

// control reads a control word or symbol behind a backslash (Rich Text Format specification 1.9.1, "RTF syntax").
func (p *parser) control() error {
	c, err := p.in.ReadByte()
	if err != nil {
		return err
	}
	switch {
	case isLetter(c):
		return p.word(c)
	case c == '*':
		p.top().star = true
	case c == '\'':
		return p.hexChar()
	case c == '{' || c == '}' || c == '\\':
		p.char(c)
	case c == '~' && !p.inData():
		p.char(' ')
	case p.inData():
		p.odd()
	}
	return nil
}

// hexChar reads \'hh. In an object's data Word takes its digits for none, and with them the single digit before; others count them.
func (p *parser) hexChar() error {
	var two [2]byte
	if _, err := io.ReadFull(p.in, two[:]); err != nil {
		return err
	}
	if p.inData() {
		p.odd()
		p.strict.half = false
		p.loose.digit(two[0])
		p.loose.digit(two[1])
		return nil
	}
	if n, err := strconv.ParseUint(string(two[:]), 16, 8); err == nil {
		p.char(byte(n))
	}
	return nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// word reads a control word that begins with c, its number, and the blank that ends it.
func (p *parser) word(c byte) error {
	name, number := []byte{c}, []byte(nil)
	for {
		c, err := p.in.ReadByte()
		if err != nil {
			p.act(string(name), number)
			return err
		}
		switch {
		case isLetter(c) && number == nil:
			if len(name) < maxWord {
				name = append(name, c)
			}
			continue
		case c >= '0' && c <= '9', c == '-' && number == nil:
			if len(number) < maxWord {
				number = append(number, c)
			}
			continue
		case c != ' ':
			if err := p.in.UnreadByte(); err != nil {
				return err
			}
		}
		p.act(string(name), number)
		return nil
	}
}

// act does what a control word says.
func (p *parser) act(name string, number []byte) {
	g := p.top()
	star := g.star
	g.star = false
	switch name {
	case "bin":
		p.binary(number)
	case "object":
		p.begin()
	case "objdata":
		p.beginData(g, number)
	case "objclass":
		g.to = objectClass
		p.text.Reset()
	case "template":
		g.to = template
		p.text.Reset()
	case "objupdate", "objautlink", "objlink", "objhtml", "objocx", "objsub", "objicemb":
		p.mark(name)
	case "field":
		if !g.field {
			g.field = true
			p.fields.Begin()
		}
	case "fldinst":
		g.to = fieldText
	case "fldrslt":
		g.to = fieldResult
		p.fields.Separate()
	case "upr":
		g.upr = true
	case "ud": // Its text is that of the group around it.
	case "u":
		p.unicode(number)
	case "uc":
		if n, err := strconv.Atoi(string(number)); err == nil {
			g.stand = min(max(n, 0), maxWord) - 1
		}
	case "tab", "par", "line", "cell", "row", "page", "sect", "emspace", "enspace", "qmspace":
		p.blank()
	default:
		p.other(g, star || isAside(name))
	}
}

// blank is a control word that stands for white space.
func (p *parser) blank() {
	if p.inData() {
		p.odd()
		return
	}
	p.char(' ')
}

// isAside tells of groups whose text is none of what is around them, as \* tells of others.
func isAside(name string) bool {
	switch name {
	case "info", "title", "author", "subject", "comment", "doccomm", "operator", "keywords", "company", "fonttbl", "colortbl", "stylesheet", "pict", "nonshppict",
		"footnote", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "annotation", "xe", "tc", "rxe", "bkmkstart", "bkmkend":
		return true
	}
	return false
}

// other is a control word that says nothing about objects.
func (p *parser) other(g *group, star bool) {
	if !p.inData() {
		if star && g.to != body {
			g.to = unknown // It stands in the text of a field or a name and is no part of it.
		}
		return
	}
	// In data there are none; readers skip them, and skip what stands in a group behind \*.
	p.odd()
	if star && !g.data {
		g.to = unknown
	}
}

// unicode reads a character by its number.
func (p *parser) unicode(number []byte) {
	n, err := strconv.ParseInt(string(number), 10, 32)
	if err != nil || p.inData() {
		return
	}
	p.letter(rune(uint16(n)))
	p.skip = p.top().stand + 1
}

func (p *parser) begin() {
	if len(p.doc.Objects) < MaxObjects {
		p.doc.Objects = append(p.doc.Objects, Object{})
	}
}

// mark notes what is said of the object, which may be before or behind its data.
func (p *parser) mark(name string) {
	n := len(p.doc.Objects)
	if n == 0 {
		p.begin()
		n = len(p.doc.Objects)
	}
	o := &p.doc.Objects[n-1]
	switch name {
	case "objupdate":
		o.Update = true
	case "objautlink", "objlink", "objsub", "objicemb":
		o.Linked = true
	case "objhtml", "objocx":
		o.HTML = true
	}
}
