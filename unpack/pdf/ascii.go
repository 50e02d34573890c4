// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bufio"
	"io"
)

// base16 undoes ASCIIHexDecode (section 7.4.2).
type base16 struct {
	r    *bufio.Reader
	done bool
}

func (a *base16) Read(p []byte) (int, error) {
	for n := range p {
		hi, err := a.digit()
		if err != nil {
			return n, err
		}
		lo, err := a.digit()
		if err != nil {
			lo = 0
		}
		p[n] = byte(hi<<4 | lo)
	}
	return len(p), nil
}

func (a *base16) digit() (int, error) {
	for !a.done {
		c, err := a.r.ReadByte()
		if err != nil {
			a.done = err == io.EOF
			return 0, err
		}
		if d := unhex(int(c)); d >= 0 {
			return d, nil
		}
		a.done = c == '>'
	}
	return 0, io.EOF
}

// base85 undoes ASCII85Decode (section 7.4.3).
type base85 struct {
	r    *bufio.Reader
	out  [4]byte
	have int // Octets at the end of out that were not handed out.
	done error
}

func (a *base85) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if a.have == 0 {
			if a.done != nil {
				return n, a.done
			}
			a.group()
			continue
		}
		c := copy(p[n:], a.out[4-a.have:])
		n, a.have = n+c, a.have-c
	}
	return n, nil
}

// group reads up to five digits.
func (a *base85) group() {
	var v uint32
	digits := 0
	for digits < 5 {
		c, err := a.r.ReadByte()
		if err != nil || c == '~' {
			a.done = io.EOF
			if err != nil {
				a.done = err
			}
			break
		}
		if c == 'z' && digits == 0 {
			a.out, a.have = [4]byte{}, 4
			return
		}
		if c < '!' || c > 'u' {
			continue
		}
		v = v*85 + uint32(c-'!')
		digits++
	}
	if digits < 2 {
		return
	}
	for i := digits; i < 5; i++ {
		v = v*85 + 84
	}
	out := [4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
	a.have = digits - 1
	copy(a.out[4-a.have:], out[:a.have])
}

// runLength undoes RunLengthDecode (section 7.4.5).
type runLength struct {
	r      *bufio.Reader
	plain  int // Octets to be copied.
	repeat int // Times that octet is to be repeated.
	octet  byte
	done   error
}

func (u *runLength) Read(p []byte) (int, error) {
	for n := range p {
		for u.plain == 0 && u.repeat == 0 {
			if u.done == nil {
				u.done = u.begin()
			}
			if u.done != nil {
				return n, u.done
			}
		}
		if u.repeat > 0 {
			u.repeat--
			p[n] = u.octet
			continue
		}
		c, err := u.r.ReadByte()
		if err != nil {
			u.plain, u.done = 0, err
			return n, err
		}
		u.plain--
		p[n] = c
	}
	return len(p), nil
}

// begin reads the length of the next run.
func (u *runLength) begin() error {
	c, err := u.r.ReadByte()
	switch {
	case err != nil:
		return err
	case c == 128:
		return io.EOF
	case c < 128:
		u.plain = int(c) + 1
		return nil
	}
	u.repeat = 257 - int(c)
	u.octet, err = u.r.ReadByte()
	if err != nil {
		u.repeat = 0
	}
	return err
}
