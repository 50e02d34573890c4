// SPDX-License-Identifier: Apache-2.0

// Package doc reads what can act in a Word document of before 2007 (MS-DOC), macros and embedded objects left out: its fields, and where its
// template is loaded from. Of documents of Word 6 and 95 it reads the fields, and tells if there are macros: they are older than Visual Basic.
package doc

import (
	"encoding/binary"
	"errors"
	"slices"
	"unicode/utf16"

	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/ole"
)

// Document is what was found.
type Document struct {
	Fields     []field.Field
	Template   string
	Macros     bool // WordBasic macros, of Word 6 and 95. Word makes Visual Basic of them when it opens the file.
	Cut        bool // There are more pieces of text than are read: MaxPieces, MaxRepeat.
	Encrypted  bool
	Obfuscated bool       // By exclusive or: Encrypted too.
	Table      *ole.Entry // The stream in which the tables are; nil if it is not there.
	Lock       int64      // Octets in front of it that say how it is encrypted.
}

// Places in the file information block (MS-DOC section 2.5, and that of Word 6).
const (
	magic        = 0xA5EC
	magic6       = 0xA5DC // Of Word 6 and 95, which have all in one stream.
	flagsAt      = 0x0A
	lockAt       = 0x0E
	assocAt      = 154 + 32*8 // FibRgFcLcb97.fcSttbfAssoc
	piecesAt     = 154 + 33*8 // FibRgFcLcb97.fcClx
	commandsAt6  = 88 + 24*8
	piecesAt6    = 88 + 33*8
	fibSize      = piecesAt + 8
	isEncrypted  = 0x0100
	isSecond     = 0x0200 // The tables are in 1Table.
	isObfuscated = 0x8000
)

// ErrFormat is returned for what is no Word document.
var ErrFormat = errors.New("not a Word document")

// Name is that of the stream of a document.
const Name = "WordDocument"

// Read reads the document whose stream e is. It fails with ErrFormat, and for errors of reading the file.
func Read(f *ole.File, e *ole.Entry) (*Document, error) {
	if e == nil || e.Kind != ole.Stream || e.Parent == nil {
		return nil, ErrFormat
	}
	head, err := f.Read(e, fibSize)
	if err != nil {
		return nil, err
	}
	if len(head) < 32 {
		return nil, ErrFormat
	}
	kind, flags := binary.LittleEndian.Uint16(head), binary.LittleEndian.Uint16(head[flagsAt:])
	if kind != magic && kind != magic6 {
		return nil, ErrFormat
	}
	head = append(head, make([]byte, fibSize-len(head))...)
	old := kind == magic6
	d := &Document{Encrypted: flags&isEncrypted != 0, Obfuscated: old || flags&isObfuscated != 0, Lock: int64(binary.LittleEndian.Uint32(head[lockAt:]))}
	switch {
	case old:
		d.Table = e
	case flags&isSecond != 0:
		d.Table = e.Parent.Child("1Table")
	default:
		d.Table = e.Parent.Child("0Table")
	}
	if d.Encrypted {
		return d, nil
	}
	if old {
		return d, errors.Join(d.macros(f, head), d.fields(f, e, head[piecesAt6:]))
	}
	return d, errors.Join(d.template(f, head), d.fields(f, e, head[piecesAt:]))
}

// table is some octets of the tables, whose offset and size stand at the place.
func (d *Document) table(f *ole.File, place []byte, limit int64) ([]byte, error) {
	return part(f, d.Table, binary.LittleEndian.Uint32(place), binary.LittleEndian.Uint32(place[4:]), limit)
}

// macros looks for a list of macros, which stands first in the table of commands.
func (d *Document) macros(f *ole.File, head []byte) error {
	const table, list, size = 0xFF, 1, 4
	b, err := d.table(f, head[commandsAt6:], size)
	d.Macros = len(b) == size && b[0] == table && b[1] == list && binary.LittleEndian.Uint16(b[2:]) > 0
	return err
}

// maxAssoc is how many octets of the table of associated strings are read; the template is the second of them.
const maxAssoc = 4096

// template reads the path of the template (MS-DOC section 2.9.274).
func (d *Document) template(f *ole.File, head []byte) error {
	b, err := d.table(f, head[assocAt:], maxAssoc)
	d.Template = assoc(b, 1)
	return err
}

// fields reads the fields of the text, in all ways in which it may be read, each once. place is that of the table of pieces.
func (d *Document) fields(f *ole.File, e *ole.Entry, place []byte) error {
	clx, err := d.table(f, place, MaxPieces+1)
	if err != nil {
		return err
	}
	text, err := f.Open(e)
	if err != nil {
		return err
	}
	shown, cut, err := pieces(text, clx)
	d.Cut = cut
	if err != nil {
		return err
	}
	all, err := scan(text)
	seen := map[string]bool{}
	d.Fields = slices.DeleteFunc(append(shown, all...), func(f field.Field) bool {
		s := f.String()
		known := seen[s]
		seen[s] = true
		return known
	})
	return err
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
