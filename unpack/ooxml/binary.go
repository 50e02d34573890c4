// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
)

// Records of workbooks in binary (MS-XLSB section 2.3).
const (
	brtName       = 39
	brtBundleSh   = 156
	brtBeginLink  = 360 // BrtBeginSupBook.
	maxRecord     = 64 << 10
	linkDDE       = 1
	binaryBook    = "\x83\x01"
	binaryLink    = "\xe8\x02"
	nameStringAt  = 9 // Octets of a name's record before the name.
	sheetStringAt = 8 // Octets of a sheet's record before the strings.
	maxString     = 32 << 10
)

// isBinary tells of a workbook or a link to another one in binary. Sheets are told of by relationships.
func isBinary(head []byte) bool {
	return strings.HasPrefix(string(head), binaryBook) || strings.HasPrefix(string(head), binaryLink)
}

// binary reads the records of a part.
func (i *Inspector) binary(name string, r io.Reader) error {
	in := bufio.NewReaderSize(io.LimitReader(r, MaxPart), maxRecord)
	for {
		id, err := number(in, 2)
		if err != nil {
			return ignoreEnd(err)
		}
		size, err := number(in, 4)
		if err != nil {
			return ignoreEnd(err)
		}
		b, err := in.Peek(min(size, maxRecord))
		i.record(name, id, b)
		if err != nil {
			return ignoreEnd(err)
		}
		if _, err := in.Discard(size); err != nil {
			return ignoreEnd(err)
		}
	}
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return ignoreEOF(err)
}

// number reads a number of seven bits in each of at most n octets.
func number(in *bufio.Reader, n int) (int, error) {
	v := 0
	for i := range n {
		c, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		v |= int(c&0x7F) << (7 * i)
		if c&0x80 == 0 {
			break
		}
	}
	return v, nil
}

func (i *Inspector) record(name string, id int, b []byte) {
	switch id {
	case brtBundleSh:
		i.binarySheet(b)
	case brtName:
		if s, _ := wideString(b, nameStringAt); s != "" {
			i.autoName(s)
		}
	case brtBeginLink:
		if len(b) < 2 {
			return
		}
		app, at := wideString(b, 2)
		topic, _ := wideString(b, at)
		if binary.LittleEndian.Uint16(b) == linkDDE {
			i.fact("macro.dde", "DDE link to %q with %q (%s)", app, topic, name)
		}
	}
}

// binarySheet reads the state, the identifiers and the name of a sheet.
func (i *Inspector) binarySheet(b []byte) {
	if len(b) < sheetStringAt {
		return
	}
	_, at := wideString(b, sheetStringAt)
	name, _ := wideString(b, at)
	switch b[0] {
	case 1:
		i.hide(name, "hidden")
	case 2:
		i.hide(name, "very hidden")
	}
}

// wideString reads UTF-16 behind its length in characters; after is where what follows begins.
func wideString(b []byte, at int) (s string, after int) {
	if at < 0 || at+4 > len(b) {
		return "", len(b)
	}
	n := binary.LittleEndian.Uint32(b[at:])
	at += 4
	if n == 0xFFFFFFFF {
		return "", at // There is none.
	}
	if n > maxString || at+2*int(n) > len(b) {
		return "", len(b)
	}
	units := make([]uint16, n)
	for k := range units {
		units[k] = binary.LittleEndian.Uint16(b[at+2*k:])
	}
	return string(utf16.Decode(units)), at + 2*int(n)
}
