// SPDX-License-Identifier: Apache-2.0

// Package xls reads the records of an Excel workbook stream, BIFF 2 to 8 (MS-XLS), for what can act in it: Excel 4 macro sheets, names that
// run by themselves, hidden sheets, and links that start programs. Cells are not read.
package xls

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// Limits of what is kept of one workbook.
const (
	MaxSheets = 1000
	MaxNames  = 100 // Names that run by themselves, calls, and links, of each.
	maxRecord = 16 << 10
)

// Sheet is a sheet as the workbook lists it.
type Sheet struct {
	Name   string
	Macro  bool   // Of Excel 4 macros.
	Hidden string // "", "hidden" or "very hidden"; the last one no menu shows.
}

// Book is what was found.
type Book struct {
	Version   int // BIFF version, 2 to 8; 0 if there is no beginning of a workbook.
	Sheets    []Sheet
	Macros    int      // Macro sheets that are there, listed or not.
	Modules   int      // Listed modules of Visual Basic, of Excel 5 and 95.
	Auto      []string // Names that run by themselves.
	Calls     []string // Functions in macro sheets that leave the document, such as EXEC.
	DDE       []string // Programs and what they are told.
	Links     []string // Other workbooks, as far as they are on other hosts.
	Encrypted bool     // What follows the mark was not read.
}

// Record numbers (MS-XLS section 2.3.2, and the BIFF of Excel 2 to 4).
const (
	recFormula     = 0x0006
	recFormula3    = 0x0206
	recFormula4    = 0x0406
	recBOF2        = 0x0009
	recBOF3        = 0x0209
	recBOF4        = 0x0409
	recBOF         = 0x0809
	recName        = 0x0018
	recName3       = 0x0218
	recExternSheet = 0x0017
	recFilePass    = 0x002F
	recBoundSheet  = 0x0085
	recSupBook     = 0x01AE
)

const (
	macroSheet    = 0x0040 // Type of a substream.
	boundIsMacro  = 1      // Types of a listed sheet.
	boundIsModule = 6
	version8      = 0x0600
	fixedName     = 14 // Octets of a name's record before the name.
	formulaTokens = 22 // Octets of a formula's record before its tokens.
)

// Is tells if the octets begin as a workbook stream does.
func Is(head []byte) bool {
	if len(head) < 8 {
		return false
	}
	id, size, kind := binary.LittleEndian.Uint16(head), binary.LittleEndian.Uint16(head[2:]), binary.LittleEndian.Uint16(head[6:])
	switch id {
	case recBOF2, recBOF3, recBOF4, recBOF:
		return size >= 4 && size <= 16 && slices.Contains([]uint16{5, 6, 0x10, 0x20, macroSheet, 0x100}, kind)
	}
	return false
}

// Read reads the records up to the end, to damage, or to where encryption begins. The error is that of r.
func Read(r io.Reader) (*Book, error) {
	p := &parser{book: &Book{}}
	in := bufio.NewReaderSize(r, maxRecord)
	var head [4]byte
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return p.book, ignoreEnd(err)
		}
		id, size := binary.LittleEndian.Uint16(head[:]), int(binary.LittleEndian.Uint16(head[2:]))
		data, err := in.Peek(min(size, maxRecord))
		p.record(id, data)
		if err != nil {
			return p.book, ignoreEnd(err)
		}
		if p.book.Encrypted {
			return p.book, nil
		}
		if _, err := in.Discard(size); err != nil {
			return p.book, ignoreEnd(err)
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
	book  *Book
	macro bool // In a macro sheet.
}

func (p *parser) record(id uint16, b []byte) {
	switch id {
	case recBOF, recBOF2, recBOF3, recBOF4:
		p.begin(id, b)
	case recBoundSheet:
		p.sheet(b)
	case recName, recName3:
		p.name(b)
	case recSupBook, recExternSheet:
		p.link(id, b)
	case recFormula, recFormula3, recFormula4:
		if p.macro {
			p.formula(b)
		}
	case recFilePass:
		p.book.Encrypted = p.book.Version > 0
	}
}

func (p *parser) begin(id uint16, b []byte) {
	if len(b) < 4 {
		return
	}
	if p.book.Version == 0 {
		switch {
		case id != recBOF:
			p.book.Version = 2 + int(id>>9) // 0x0009, 0x0209, 0x0409.
		case binary.LittleEndian.Uint16(b) >= version8:
			p.book.Version = 8
		default:
			p.book.Version = 5
		}
		if id == recBOF4 {
			p.book.Version = 4
		}
	}
	p.macro = binary.LittleEndian.Uint16(b[2:]) == macroSheet
	if p.macro {
		p.book.Macros++
	}
}

func (p *parser) sheet(b []byte) {
	if len(b) > 5 && b[5] == boundIsModule {
		p.book.Modules++
	}
	if len(b) < 7 || len(p.book.Sheets) >= MaxSheets {
		return
	}
	s := Sheet{Name: p.text(b[7:], int(b[6])), Macro: b[5] == boundIsMacro}
	switch b[4] & 3 {
	case 1:
		s.Hidden = "hidden"
	case 2, 3:
		s.Hidden = "very hidden"
	}
	p.book.Sheets = append(p.book.Sheets, s)
}

// builtin are the names that are stored as a number (MS-XLS section 2.5.114).
func builtin(n byte) string {
	switch n {
	case 1:
		return "Auto_Open"
	case 2:
		return "Auto_Close"
	case 10:
		return "Auto_Activate"
	case 11:
		return "Auto_Deactivate"
	}
	return ""
}

func (p *parser) name(b []byte) {
	if len(b) < fixedName+1 || p.book.Version < 5 {
		p.oldName(b)
		return
	}
	name := p.text(b[fixedName:], int(b[3]))
	const isBuiltin = 0x20
	if binary.LittleEndian.Uint16(b)&isBuiltin != 0 && len(name) == 1 {
		name = builtin(name[0])
	}
	p.auto(name)
}

// oldName reads a name of Excel 2 to 4 by its text alone.
func (p *parser) oldName(b []byte) {
	if i := strings.Index(strings.ToLower(string(b)), "auto_"); i >= 0 {
		p.auto(printable(b[i:]))
	}
}

// printable is the text up to the first octet that is none.
func printable(b []byte) string {
	i := slices.IndexFunc(b, func(c byte) bool { return c < ' ' || c > '~' })
	if i < 0 {
		i = len(b)
	}
	return string(b[:i])
}

// auto keeps a name if it runs by itself. Excel goes by how it begins.
func (p *parser) auto(name string) {
	lower := strings.ToLower(strings.ReplaceAll(name, "\x00", ""))
	for _, prefix := range []string{"auto_open", "auto_close", "auto_activate", "auto_deactivate", "_xlnm.auto_"} {
		if strings.HasPrefix(lower, prefix) {
			p.book.Auto = appendOnce(p.book.Auto, name)
		}
	}
}

func appendOnce(list []string, s string) []string {
	if len(list) >= MaxNames || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// text reads n characters: in BIFF 8 behind an octet that tells if they are two octets each.
func (p *parser) text(b []byte, n int) string {
	wide := false
	if p.book.Version >= 8 && len(b) > 0 {
		wide, b = b[0]&1 != 0, b[1:]
	}
	if !wide {
		return latin1(b[:min(n, len(b))])
	}
	units := make([]uint16, 0, n)
	for i := 0; i+2 <= len(b) && len(units) < n; i += 2 {
		units = append(units, binary.LittleEndian.Uint16(b[i:]))
	}
	return string(utf16.Decode(units))
}

func latin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}
