// SPDX-License-Identifier: Apache-2.0

// Package ppt reads what can act in a PowerPoint document of before 2007 (MS-PPT): embedded objects and the macros, which are compound
// files in the stream "PowerPoint Document", and what clicks do.
package ppt

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
)

// Limits of one document.
const (
	MaxObjects = 1000
	MaxLinks   = 10_000
	MaxActions = 100
	maxText    = 8192 // Octets of one string.
)

// Object is a compound file in the stream.
type Object struct {
	Offset, Size int64
	Packed       bool // By zlib, behind four octets.
}

// Open reads the object out of the stream that it was found in.
func (o Object) Open(r io.ReaderAt) io.Reader {
	if !o.Packed {
		return io.NewSectionReader(r, o.Offset, o.Size)
	}
	var head [4]byte
	if o.Size < packHead {
		return bytes.NewReader(nil)
	}
	// If the length cannot be read, the data cannot either, and that tells.
	_, _ = r.ReadAt(head[:], o.Offset)
	in := flate.NewReader(io.NewSectionReader(r, o.Offset+packHead, o.Size-packHead))
	return &packed{r: in, left: int64(binary.LittleEndian.Uint32(head[:]))}
}

// packHead is the unpacked length and the header of zlib. The checksum is not looked at.
const packHead = 6

// packed reads packed data. PowerPoint leaves the end mark out of some, so data may break off when all of it is there.
type packed struct {
	r    io.Reader
	left int64
}

func (p *packed) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if p.left -= int64(n); p.left <= 0 && errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// Document is what was found.
type Document struct {
	Objects   []Object
	Links     []string
	Actions   []string // What clicks run: "macro Name", "program path", "object".
	Encrypted bool
}

// Record types (MS-PPT section 2.13.24).
const (
	recObject    = 0x1011 // ExOleObjStg, of an object or of the macros.
	recString    = 0x0FBA
	recHyperlink = 0x0FD7
	recAction    = 0x0FF3
	recCrypt     = 0x2F14
)

const (
	container    = 0xF // Version of records that hold others.
	recordHead   = 8
	runsMacro    = 1
	runsProgram  = 2
	runsObject   = 5
	actionOffset = 8
)

// Read reads the records of the stream, up to damage. The error is that of r.
func Read(r io.Reader) (*Document, error) {
	d := &Document{}
	in := bufio.NewReaderSize(r, maxText)
	p := &parser{doc: d}
	off := int64(0)
	var head [recordHead]byte
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return d, ignoreEnd(err)
		}
		off += recordHead
		version, instance := head[0]&15, binary.LittleEndian.Uint16(head[:])>>4
		kind, size := binary.LittleEndian.Uint16(head[2:]), int64(binary.LittleEndian.Uint32(head[4:]))
		if version == container {
			p.enter(kind, off+size)
			continue
		}
		data, err := in.Peek(int(min(size, maxText)))
		p.atom(kind, instance, data, off, size)
		if err != nil {
			return d, ignoreEnd(err)
		}
		off += size
		if _, err := io.CopyN(io.Discard, in, size); err != nil {
			return d, ignoreEnd(err)
		}
	}
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

type parser struct {
	doc    *Document
	end    int64  // Of the innermost container.
	link   bool   // In a hyperlink.
	action string // Of the container that is read; what it runs is to come.
}

func (p *parser) enter(kind uint16, end int64) {
	p.end = end
	p.link = kind == recHyperlink
	p.action = ""
	if kind == recCrypt {
		p.doc.Encrypted = true
	}
}

func (p *parser) atom(kind, instance uint16, b []byte, off, size int64) {
	switch kind {
	case recCrypt:
		p.doc.Encrypted = true
	case recObject:
		if len(p.doc.Objects) < MaxObjects {
			p.doc.Objects = append(p.doc.Objects, Object{off, size, instance&1 != 0})
		}
	case recAction:
		if len(b) <= actionOffset {
			return
		}
		switch b[actionOffset] {
		case runsMacro:
			p.run("macro")
		case runsProgram:
			p.run("program")
		case runsObject:
			p.run("object")
		}
	case recString:
		if off < p.end {
			p.text(wide(b))
		}
	}
}

// run notes that a click runs something; its name may follow.
func (p *parser) run(what string) {
	if len(p.doc.Actions) < MaxActions {
		p.action = what
		p.doc.Actions = append(p.doc.Actions, what)
	}
}

func (p *parser) text(s string) {
	switch {
	case p.action != "":
		p.doc.Actions[len(p.doc.Actions)-1] = p.action + " " + s
		p.action = ""
	case p.link && len(p.doc.Links) < MaxLinks:
		p.doc.Links = append(p.doc.Links, s)
	}
}

func wide(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}
