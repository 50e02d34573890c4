// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bufio"
	"io"
)

// Codes of LZWDecode (section 7.4.4).
const (
	lzwClear = 256
	lzwEnd   = 257
	lzwFirst = 258
	lzwMost  = 4096
)

// lzw undoes LZWDecode. The standard library's reader does not know the early change of code length.
type lzw struct {
	r      *bufio.Reader
	early  int // 1 if the length of codes grows one code early.
	bits   uint32
	have   uint // Bits.
	width  uint
	next   int // First code that is not in the table.
	last   int // Code before; -1 after a clear.
	prefix [lzwMost]uint16
	suffix [lzwMost]byte
	out    [lzwMost]byte // A code's octets, at the end.
	left   int           // Octets in out that were not handed out.
	done   error
}

func newLZW(r io.Reader, early bool) *lzw {
	l := &lzw{r: bufio.NewReader(r)}
	if early {
		l.early = 1
	}
	l.clear()
	return l
}

func (l *lzw) clear() { l.width, l.next, l.last = 9, lzwFirst, -1 }

func (l *lzw) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if l.left == 0 {
			if l.done == nil {
				l.done = l.step()
			}
			if l.left == 0 && l.done != nil {
				return n, l.done
			}
			continue
		}
		c := copy(p[n:], l.out[lzwMost-l.left:])
		n, l.left = n+c, l.left-c
	}
	return n, nil
}

// step reads one code.
func (l *lzw) step() error {
	code, err := l.code()
	if err != nil {
		return err
	}
	switch {
	case code == lzwEnd:
		return io.EOF
	case code == lzwClear:
		l.clear()
		return nil
	case code > l.next || code == l.next && l.last < 0 || code >= lzwFirst && l.last < 0:
		return errDamaged
	}
	first := l.expand(code)
	if l.last >= 0 && l.next < lzwMost {
		l.prefix[l.next], l.suffix[l.next] = uint16(l.last), first
		l.next++
		if l.next+l.early >= 1<<l.width && l.width < 12 {
			l.width++
		}
	}
	l.last = code
	return nil
}

// code reads the bits of one code.
func (l *lzw) code() (int, error) {
	for l.have < l.width {
		c, err := l.r.ReadByte()
		if err != nil {
			return 0, err
		}
		l.bits = l.bits<<8 | uint32(c)
		l.have += 8
	}
	l.have -= l.width
	return int(l.bits >> l.have & (1<<l.width - 1)), nil
}

// expand puts what a code stands for at the end of out and gives its first octet.
func (l *lzw) expand(code int) byte {
	at := lzwMost
	if code == l.next { // The code that is about to be made: the one before and its own first octet.
		at--
		code = l.last
	}
	unknown := at < lzwMost
	for code >= lzwFirst && at > 1 {
		at--
		l.out[at] = l.suffix[code]
		code = int(l.prefix[code])
	}
	at--
	l.out[at] = byte(code)
	if unknown {
		l.out[lzwMost-1] = byte(code)
	}
	l.left = lzwMost - at
	return byte(code)
}
