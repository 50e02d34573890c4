// SPDX-License-Identifier: Apache-2.0

// Package rtf finds what can act in a Rich Text file: embedded and linked objects, however their hexadecimal is written, remote templates,
// and fields. Rich Text readers take nearly everything, so this one does; where they differ on what an object's octets are, it gives
// both.
package rtf

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
)

// Limits of one file.
const (
	MaxObjects = 1000
	MaxGroups  = 10_000 // Groups inside groups; those deeper are taken for their outer one.
	maxWord    = 250    // Octets of a control word; Word cuts it.
	maxClass   = 256    // Octets of a class name or a template.
)

// Object is an object in the text.
type Object struct {
	Class    string // As \objclass has it; the data may say otherwise.
	Update   bool   // It acts when the file is opened (\objupdate), not when it is clicked.
	Linked   bool   // \objlink or \objautlink.
	HTML     bool   // \objhtml, \objocx: a control.
	Odd      bool   // The hexadecimal is written in a way that no word processor writes it.
	Readings int    // How many readings of the data there are: 0 to 2.

	start int64  // Where in the file the data begins.
	lead  string // The number of its control word.
}

// Document is what was found.
type Document struct {
	Objects   []Object
	Templates []string
	Fields    []field.Field
	End       int64 // Offset behind the text; 0 if its last group is not closed. Readers do not look at what follows.
}

// Is tells if readers take the octets for Rich Text: Word asks for no more than {\rt, behind blanks.
func Is(head []byte) bool {
	return strings.HasPrefix(strings.TrimLeft(string(head), " \t\r\n\x00\ufeff"), `{\rt`)
}

// Scan reads a file of so many octets. The error is that of r.
func Scan(r io.ReaderAt, size int64) (*Document, error) {
	p := newParser(r, 0, size)
	var err error
	for err == nil {
		err = p.step()
	}
	p.endData()
	p.fields.Close()
	p.doc.Fields = p.fields.Fields
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return p.doc, err
}

func newParser(r io.ReaderAt, start, size int64) *parser {
	in := &counted{r: io.NewSectionReader(r, start, size-start), off: start}
	return &parser{in: bufio.NewReaderSize(in, 16<<10), src: in, size: size, doc: &Document{}, object: -1, groups: []group{{}}}
}

// counted knows how far the file was read.
type counted struct {
	r   io.Reader
	off int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.off += int64(n)
	return n, err
}

// at is the offset in the file of what is read next.
func (p *parser) at() int64 { return p.src.off - int64(p.in.Buffered()) }

// destination is what the text of a group is for.
type destination byte

const (
	body        destination = iota
	objectData              // \objdata
	objectClass             // \objclass
	template                // \template
	fieldText               // \fldinst
	fieldResult             // \fldrslt
	unknown                 // A destination that is skipped by readers that do not know it.
)

type group struct {
	to    destination
	star  bool // \* stands before the next control word.
	field bool // A \field begins in it.
	data  bool // Its object's data begins in it.
	upr   bool // What its first group says its second one says in Unicode.
	stand int  // How many characters stand for one in Unicode, for readers that do not know it, less one (\uc).
}

type parser struct {
	in     *bufio.Reader
	src    *counted
	size   int64 // Octets of the file.
	doc    *Document
	groups []group // Open ones; the first is around the file.
	lost   int     // Groups that are open beyond MaxGroups.
	fields field.Parser
	text   strings.Builder // Of a class or a template.
	bin    int64           // Octets to come that are taken as they are.
	skip   int             // Characters to come that stand for one that was read.

	object int // Index of that whose data is read; -1 if none is.
	strict hex // Data without what stands in groups of their own.
	loose  hex // Data with all digits.
}

func (p *parser) top() *group { return &p.groups[len(p.groups)-1] }

// step reads the next character, or all of the next control word.
func (p *parser) step() error {
	c, err := p.in.ReadByte()
	if err != nil {
		return err
	}
	if p.bin > 0 {
		p.bin--
		p.octet(c)
		return nil
	}
	switch c {
	case '{':
		p.push()
	case '}':
		p.pop()
	case '\\':
		return p.control()
	case '\r', '\n':
	default:
		p.char(c)
	}
	return nil
}

func (p *parser) push() {
	if len(p.groups) >= MaxGroups {
		p.lost++
		return
	}
	if p.inData() {
		p.odd()
	}
	p.skip = 0
	g := group{to: p.top().to, stand: p.top().stand}
	if p.top().upr && g.to != body {
		g.to = unknown
	}
	p.top().upr = false
	p.groups = append(p.groups, g)
}

func (p *parser) pop() {
	if p.lost > 0 {
		p.lost--
		return
	}
	p.skip = 0
	g := *p.top()
	if len(p.groups) > 1 {
		p.groups = p.groups[:len(p.groups)-1]
		if len(p.groups) == 1 && p.doc.End == 0 {
			p.doc.End = p.at()
		}
	} else {
		*p.top() = group{}
	}
	switch {
	case g.to == p.top().to && g.to != body:
	case g.to == objectClass:
		p.class()
	case g.to == template && p.text.Len() > 0:
		p.template(strings.TrimSpace(p.text.String()))
	}
	if g.field {
		p.fields.End()
	}
	if g.data {
		p.endData()
	}
}

// template keeps a template. Many on the reader's own disk must not hide one that is not.
func (p *parser) template(path string) {
	p.text.Reset()
	if n := len(p.doc.Templates); n < MaxObjects || n < 2*MaxObjects && field.Remote(path) {
		p.doc.Templates = append(p.doc.Templates, path)
	}
}

// class ends a class name.
func (p *parser) class() {
	if n := len(p.doc.Objects); n > 0 {
		p.doc.Objects[n-1].Class = strings.TrimSpace(p.text.String())
	}
	p.text.Reset()
}

// char takes a character of text.
func (p *parser) char(c byte) {
	if p.skip > 0 && !p.inData() {
		p.skip--
		return
	}
	if !p.letter(rune(c)) && p.inData() {
		p.digit(c)
	}
}

// letter takes a character of a text that is kept; false if it stands in none.
func (p *parser) letter(r rune) bool {
	switch p.top().to {
	case objectClass, template:
		// Blanks in front must not push away what stands behind.
		if p.text.Len() < maxClass && (p.text.Len() > 0 || r > ' ') {
			p.text.WriteRune(r)
		}
	case fieldText, fieldResult:
		p.fields.Text(string(r))
	default:
		return false
	}
	return true
}

// inData tells if the data of an object is read, in a group of its own or not.
func (p *parser) inData() bool { return p.object >= 0 }

func (p *parser) odd() { p.doc.Objects[p.object].Odd = true }
