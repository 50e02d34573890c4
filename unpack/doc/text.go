// SPDX-License-Identifier: Apache-2.0

package doc

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/ole"
)

// Characters that a field is made of (MS-DOC section 2.8.25).
const (
	begin    = 0x13
	separate = 0x14
	end      = 0x15
)

// char takes a character of text. A NUL in what may be no text ends all that has begun.
func char(p *field.Parser, u uint16) {
	switch u {
	case 0:
		p.Drop()
	case begin:
		p.Begin()
	case separate:
		p.Separate()
	case end:
		p.End()
	default:
		if p.Inside() {
			p.Text(string(rune(u)))
		}
	}
}

// scan finds fields among all octets, in characters of one octet, and of two that begin at an even or an odd offset: where text is is only told
// by tables that may lie. What is no text between a beginning and an end is no field.
func scan(r io.Reader) ([]field.Field, error) {
	var narrow field.Parser
	var wide [2]field.Parser
	in := bufio.NewReaderSize(r, 32<<10)
	last := uint16(0)
	for i := 0; ; i++ {
		c, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return append(append(narrow.Fields, wide[0].Fields...), wide[1].Fields...), nil
		}
		if err != nil {
			return nil, err
		}
		char(&narrow, uint16(c))
		if i > 0 {
			char(&wide[(i-1)&1], last|uint16(c)<<8)
		}
		last = uint16(c)
	}
}

// Of the table of pieces (MS-DOC section 2.9.38).
const (
	MaxPieces  = 8 << 20 // Octets of the table.
	MaxRepeat  = 2       // How often the octets of the text may be read: pieces may share them.
	properties = 1       // What stands before the table in its place.
	pieceTable = 2
	pieceSize  = 8       // Octets that describe a piece.
	isNarrow   = 1 << 30 // One octet a character; the offset is twice what it is.
)

// pieces finds fields in the text in the order in which it is shown: pieces of it may stand anywhere. clx is the table's place, with an octet more
// than may be read if there are more. cut tells that not all pieces were read.
func pieces(text *io.SectionReader, clx []byte) (fields []field.Field, cut bool, err error) {
	le := binary.LittleEndian
	long := len(clx) > MaxPieces
	clx = clx[:min(len(clx), MaxPieces)]
	for len(clx) >= 3 && clx[0] == properties {
		clx = clx[min(3+int(le.Uint16(clx[1:])), len(clx)):]
	}
	if len(clx) < 5 || clx[0] != pieceTable {
		return nil, long && len(clx) < 5, nil
	}
	plc, whole := clx[5:], int64(le.Uint32(clx[1:]))
	cut = long && whole > int64(len(plc))
	plc = plc[:min(int64(len(plc)), whole)]
	n := (len(plc) - 4) / (4 + pieceSize)
	var p field.Parser
	in := bufio.NewReader(nil)
	left := MaxRepeat * text.Size()
	for i := range n {
		from, to := int64(le.Uint32(plc[4*i:])), int64(le.Uint32(plc[4*i+4:]))
		place := int64(le.Uint32(plc[4*(n+1)+pieceSize*i+2:]))
		off, width := place&(isNarrow-1), int64(2)
		if place&isNarrow != 0 {
			off, width = off/2, 1
		}
		size := min(max(to-from, 0)*width, max(text.Size()-off, 0))
		if size == 0 {
			continue
		}
		if left -= size; left < 0 {
			cut = true
			break
		}
		in.Reset(io.NewSectionReader(text, off, size))
		if err := piece(&p, in, width); err != nil {
			return nil, cut, err
		}
	}
	p.Close()
	return p.Fields, cut, nil
}

// piece reads characters of so many octets.
func piece(p *field.Parser, in *bufio.Reader, width int64) error {
	var b [2]byte
	for {
		if _, err := io.ReadFull(in, b[:width]); err != nil {
			return ignoreEnd(err)
		}
		if u := binary.LittleEndian.Uint16(b[:]); u != 0 {
			char(p, u)
		}
	}
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// part is some octets of a stream, at most limit, as far as they are there.
func part(f *ole.File, e *ole.Entry, off, size uint32, limit int64) ([]byte, error) {
	if e == nil || e.Kind != ole.Stream || size == 0 {
		return nil, nil
	}
	r, err := f.Open(e)
	if err != nil || int64(off) >= r.Size() {
		return nil, err
	}
	b := make([]byte, min(int64(size), limit, r.Size()-int64(off)))
	_, err = r.ReadAt(b, int64(off))
	return b, ignoreEnd(err)
}
