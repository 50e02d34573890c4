// SPDX-License-Identifier: Apache-2.0

// Package doc reads what can act in a Word document of before 2007 (MS-DOC), macros and embedded objects left out: its fields, and where its
// template is loaded from.
package doc

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"

	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/ole"
)

// MaxText is how many octets are looked at for fields.
const MaxText = 256 << 20

// Document is what was found.
type Document struct {
	Fields     []field.Field
	Template   string
	Encrypted  bool
	Obfuscated bool   // By exclusive or: Encrypted too.
	Table      string // Name of the stream in which the tables are.
	Lock       int64  // Octets in front of it that say how it is encrypted.
}

// Places in the file information block (MS-DOC section 2.5).
const (
	magic        = 0xA5EC
	flagsAt      = 0x0A
	lockAt       = 0x0E
	assocAt      = 154 + 32*8 // FibRgFcLcb97.fcSttbfAssoc
	fibSize      = assocAt + 8
	isEncrypted  = 0x0100
	isSecond     = 0x0200 // The tables are in 1Table.
	isObfuscated = 0x8000
)

// ErrFormat is returned for what is no Word document.
var ErrFormat = errors.New("not a Word document")

// Read reads the document in the file. It fails with ErrFormat, and for errors of reading the file.
func Read(f *ole.File) (*Document, error) {
	e := f.Find("WordDocument")
	if e == nil || e.Kind != ole.Stream {
		return nil, ErrFormat
	}
	head, err := f.Read(e, fibSize)
	if err != nil {
		return nil, err
	}
	if len(head) < 32 || binary.LittleEndian.Uint16(head) != magic {
		return nil, ErrFormat
	}
	flags := binary.LittleEndian.Uint16(head[flagsAt:])
	d := &Document{Encrypted: flags&isEncrypted != 0, Obfuscated: flags&isObfuscated != 0, Table: "0Table", Lock: int64(binary.LittleEndian.Uint32(head[lockAt:]))}
	if flags&isSecond != 0 {
		d.Table = "1Table"
	}
	if d.Encrypted {
		return d, nil
	}
	if err := d.template(f, head); err != nil {
		return nil, err
	}
	r, err := f.Open(e)
	if err != nil {
		return nil, err
	}
	d.Fields, err = fields(io.LimitReader(r, MaxText))
	return d, err
}

// maxAssoc is how many octets of the table of associated strings are read; the template is the second of them.
const maxAssoc = 4096

// template reads the path of the template (MS-DOC section 2.9.274).
func (d *Document) template(f *ole.File, head []byte) error {
	e := f.Find(d.Table)
	if e == nil || e.Kind != ole.Stream || len(head) < fibSize {
		return nil
	}
	r, err := f.Open(e)
	if err != nil {
		return err
	}
	off, size := int64(binary.LittleEndian.Uint32(head[assocAt:])), int64(binary.LittleEndian.Uint32(head[assocAt+4:]))
	if off >= r.Size() || size == 0 {
		return nil
	}
	b := make([]byte, min(size, maxAssoc, r.Size()-off))
	if _, err := r.ReadAt(b, off); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	d.Template = assoc(b, 1)
	return nil
}

// assoc is the i-th string of a table of strings in UTF-16.
func assoc(b []byte, i int) string {
	if len(b) < 6 || binary.LittleEndian.Uint16(b) != 0xFFFF {
		return ""
	}
	extra := int(binary.LittleEndian.Uint16(b[4:]))
	for b = b[6:]; len(b) >= 2; i-- {
		n := 2 * int(binary.LittleEndian.Uint16(b))
		if b = b[2:]; n > len(b) {
			return ""
		}
		if i == 0 {
			return wide(b[:n])
		}
		b = b[min(n+extra, len(b)):]
	}
	return ""
}

func wide(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// Characters that a field is made of (MS-DOC section 2.8.25).
const (
	begin    = 0x13
	separate = 0x14
	end      = 0x15
)

// fields finds fields among all octets: text is in pieces, of one octet or two a character, and where they are is only told by tables that may
// lie. What is no text between a beginning and an end is no field.
func fields(r io.Reader) ([]field.Field, error) {
	var p field.Parser
	in := bufio.NewReaderSize(r, 32<<10)
	two := false
	for {
		c, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return p.Fields, nil
		}
		if err != nil {
			return nil, err
		}
		if !p.Inside() && c != begin {
			continue
		}
		if c == begin {
			next, _ := in.Peek(1)
			two = len(next) == 1 && next[0] == 0
		}
		u := uint16(c)
		if two {
			high, err := in.ReadByte()
			if err != nil {
				continue
			}
			u |= uint16(high) << 8
		}
		char(&p, u)
	}
}

func char(p *field.Parser, u uint16) {
	switch u {
	case 0:
		*p = field.Parser{Fields: p.Fields}
	case begin:
		p.Begin()
	case separate:
		p.Separate()
	case end:
		p.End()
	default:
		p.Text(string(rune(u)))
	}
}
