// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"encoding/binary"
	"io"
)

const (
	szddMagic  = "SZDD\x88\xf0\x27\x33A"
	szddHeader = 14
	szddWindow = 4096
)

func isSZDD(h *head) bool { return h.has(0, szddMagic) }

// openSZDD takes out the file that COMPRESS.EXE has packed. The last character of its name is in the header.
func openSZDD(b *box) error {
	r, size := b.content()
	var h [szddHeader]byte
	if _, err := r.ReadAt(h[:], 0); err != nil {
		b.ended(orUnexpected(err))
		return nil
	}
	name := b.inner(nil)
	if n := len(name); n > 0 && name[n-1] == '_' && h[9] != 0 {
		name = name[:n-1] + string(rune(h[9]))
	}
	length := int64(binary.LittleEndian.Uint32(h[10:]))
	return b.member(member{names: []string{name}, size: length, open: func() (io.Reader, error) {
		in := io.NewSectionReader(r, szddHeader, size-szddHeader)
		z := &szdd{in: bufio.NewReaderSize(in, 4<<10), left: length, at: szddWindow - 16}
		for i := range z.window {
			z.window[i] = ' '
		}
		return z, nil
	}})
}

// szdd goes by control octets, least significant bit first: a literal if it is set, or 12 bits of place and 4 of length.
type szdd struct {
	in     *bufio.Reader
	left   int64
	window [szddWindow]byte
	at     int
	flags  uint16 // Above the last one is a mark.
	from   int
	run    int
}

func (z *szdd) Read(p []byte) (n int, err error) {
	for n < len(p) && z.left > 0 {
		if z.run == 0 {
			if err := z.token(); err != nil {
				return n, orUnexpected(err)
			}
		}
		c := z.window[z.from&(szddWindow-1)]
		z.window[z.at] = c
		z.at = (z.at + 1) & (szddWindow - 1)
		z.from++
		z.run--
		z.left--
		p[n] = c
		n++
	}
	if n == 0 && z.left == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (z *szdd) token() error {
	if z.flags <= 1 {
		c, err := z.in.ReadByte()
		if err != nil {
			return err
		}
		z.flags = 0x100 | uint16(c)
	}
	literal := z.flags&1 != 0
	z.flags >>= 1
	first, err := z.in.ReadByte()
	if err != nil {
		return err
	}
	if literal {
		z.window[z.at] = first
		z.from, z.run = z.at, 1
		return nil
	}
	second, err := z.in.ReadByte()
	if err != nil {
		return err
	}
	z.from, z.run = int(first)|int(second&0xf0)<<4, int(second&0x0f)+3
	return nil
}
