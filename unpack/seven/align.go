// SPDX-License-Identifier: Apache-2.0

package seven

import "math/bits"

// mark is something in a header that has to be known again when the header is written anew.
type mark struct {
	at, long int
	number   bool // Else it is an identifier or the properties of a coder.
}

// pageLen is how many octets the library reads at once. It takes an identifier, or properties, that lie on two pages for the end of the header.
const pageLen = 4096

// aligned is the header with nothing that the library cannot read across pages: numbers before it are written longer than they need be.
func aligned(plain []byte, marks []mark) []byte {
	if len(plain) <= pageLen {
		return plain
	}
	longer := make([]int, len(marks)) // Octets that a number gets more.
	moved := 0                        // Octets by which the mark at hand moves.
	for i, m := range marks {
		at := m.at + moved
		if m.number || m.long == 0 || at/pageLen == (at+m.long-1)/pageLen {
			continue
		}
		left := pageLen - at%pageLen
		for j := i - 1; j >= 0 && left > 0; j-- {
			if marks[j].number {
				n := min(left, maxNumber-marks[j].long-longer[j])
				longer[j] += n
				left -= n
				moved += n
			}
		}
	}
	return rewrite(plain, marks, longer)
}

const maxNumber = 9 // Octets of the longest number.

func rewrite(plain []byte, marks []mark, longer []int) []byte {
	out := make([]byte, 0, len(plain)+pageLen)
	from := 0
	for i, m := range marks {
		if longer[i] == 0 {
			continue
		}
		out = append(out, plain[from:m.at]...)
		from = m.at + m.long
		c := &cursor{b: plain[m.at:from]}
		out = appendNumber(out, c.number(), m.long+longer[i])
	}
	return append(out, plain[from:]...)
}

// appendNumber writes a number in n octets, which are enough for it.
func appendNumber(b []byte, v uint64, n int) []byte {
	first := ^byte(0) << (maxNumber - n)
	if n < maxNumber {
		first |= byte(v >> (8 * (n - 1)))
	}
	b = append(b, first)
	for i := range n - 1 {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}

// numberLen is the length of the number that begins with an octet.
func numberLen(first byte) int { return 1 + bits.LeadingZeros8(^first) }
