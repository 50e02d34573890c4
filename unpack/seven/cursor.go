// SPDX-License-Identifier: Apache-2.0

package seven

import (
	"encoding/binary"
	"fmt"
	"math"
)

// cursor reads a header. Its first fault stays, and then everything it reads is 0.
type cursor struct {
	b     []byte
	err   error
	all   int    // Octets in the beginning.
	marks []mark // Of what was read so far.
}

func (c *cursor) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	c.b = nil
}

func (c *cursor) octet() byte {
	if len(c.b) == 0 {
		c.fail(fmt.Errorf("header breaks off: %w", ErrFormat))
		return 0
	}
	v := c.b[0]
	c.b = c.b[1:]
	return v
}

// mark notes that something begins. How long it is shows where the next mark is, or what it is.
func (c *cursor) mark(number bool) {
	if at := c.all - len(c.b); len(c.b) > 0 && at >= 0 {
		m := mark{at: at, number: number}
		if number {
			m.long = min(numberLen(c.b[0]), len(c.b))
		}
		c.marks = append(c.marks, m)
	}
}

// atom takes octets that are to stay together.
func (c *cursor) atom(n int) []byte {
	c.mark(false)
	v := c.take(n)
	if k := len(c.marks); k > 0 && v != nil {
		c.marks[k-1].long = n
	}
	return v
}

func (c *cursor) take(n int) []byte {
	if n > len(c.b) {
		c.fail(fmt.Errorf("header breaks off: %w", ErrFormat))
		return nil
	}
	v := c.b[:n]
	c.b = c.b[n:]
	return v
}

// number reads a number: as many octets follow the first one as it has ones at its top.
func (c *cursor) number() uint64 {
	c.mark(true)
	first := c.octet()
	n := numberLen(first) - 1
	var v uint64
	for i, b := range c.take(n) {
		v |= uint64(b) << (8 * i)
	}
	if n < 7 {
		v |= uint64(first&(1<<(7-n)-1)) << (8 * n)
	}
	return v
}

// count reads a number that is at least 1 and at most most.
func (c *cursor) count(most int, what string) int {
	v := c.number()
	switch {
	case c.err != nil:
		return 0
	case v == 0:
		c.fail(fmt.Errorf("no %s: %w", what, ErrFormat))
		return 0
	case v > uint64(most):
		c.fail(fmt.Errorf("%s (%d): %w", what, most, ErrLimit))
		return 0
	}
	return int(v)
}

// length reads a number that is a length or an offset; those that are too large are -1.
func (c *cursor) length() int64 {
	if v := c.number(); v <= math.MaxInt64 {
		return int64(v)
	}
	return -1
}

// sums reads checksums of n things; the ones that are not given are 0.
func (c *cursor) sums(n int) []uint32 {
	given := make([]bool, n)
	var mask, b byte
	all := c.octet() != 0
	for i := range given {
		if !all && mask == 0 {
			b, mask = c.octet(), 0x80
		}
		given[i] = all || b&mask != 0
		mask >>= 1
	}
	sums := make([]uint32, n)
	for i := range sums {
		if !given[i] {
			continue
		}
		v := c.take(4)
		if v == nil {
			break
		}
		sums[i] = binary.LittleEndian.Uint32(v)
	}
	return sums
}

// end gives the fault; there is one if something is left.
func (c *cursor) end() error {
	if c.err == nil && len(c.b) > 0 {
		c.fail(fmt.Errorf("header is too long: %w", ErrFormat))
	}
	return c.err
}
