// SPDX-License-Identifier: Apache-2.0

package lzma

import (
	"errors"
	"fmt"
	"io"
)

// source gives the octets of the data, a piece at a time.
type source interface {
	next(used int) ([]byte, error) // The next ones, at least one, after so many of those given before.
	close(used int) error          // Leaves the input behind so many of those given last.
}

// rangeDecoder decodes bits, each by its probability (section 4).
type rangeDecoder struct {
	in    source
	buf   []byte
	at    int
	width uint32
	value uint32
	err   error // Of the source. Zeros follow.
}

// start begins with five octets.
func (c *rangeDecoder) start(in source) error {
	*c = rangeDecoder{in: in, width: ^uint32(0)}
	first := c.octet()
	for range 4 {
		c.value = c.value<<8 | uint32(c.octet())
	}
	if c.err != nil {
		return c.err
	}
	if first != 0 || c.value == c.width {
		return fmt.Errorf("%w: first octets", ErrFormat)
	}
	return nil
}

func (c *rangeDecoder) octet() byte {
	if c.at == len(c.buf) {
		if c.err != nil {
			return 0
		}
		used := c.at
		c.at = 0
		if c.buf, c.err = c.in.next(used); len(c.buf) == 0 {
			if c.err == nil || errors.Is(c.err, io.EOF) {
				c.err = io.ErrUnexpectedEOF
			}
			return 0
		}
	}
	b := c.buf[c.at]
	c.at++
	return b
}

func (c *rangeDecoder) normalise() {
	if c.width < 1<<24 {
		c.width <<= 8
		c.value = c.value<<8 | uint32(c.octet())
	}
}

// bit decodes one by a probability of 11 bits, and learns from it.
func (c *rangeDecoder) bit(p *uint16) uint32 {
	if c.width < 1<<24 {
		c.width <<= 8
		c.value = c.value<<8 | uint32(c.octet())
	}
	v := *p
	bound := (c.width >> 11) * uint32(v)
	if c.value < bound {
		c.width = bound
		*p = v + (2048-v)>>5
		return 0
	}
	c.width -= bound
	c.value -= bound
	*p = v - v>>5
	return 1
}

// direct decodes n bits that are as likely as not.
func (c *rangeDecoder) direct(n uint) (v uint32) {
	for range n {
		c.normalise()
		c.width >>= 1
		c.value -= c.width
		t := 0 - c.value>>31 // All ones if it is below zero.
		c.value += c.width & t
		v = v<<1 + t + 1
	}
	return v
}

// tree decodes n bits, highest first.
func (c *rangeDecoder) tree(p []uint16, n uint) uint32 {
	m := uint32(1)
	for range n {
		m = m<<1 | c.bit(&p[m])
	}
	return m - 1<<n
}

// reverse decodes n bits, lowest first.
func (c *rangeDecoder) reverse(p []uint16, n uint) (v uint32) {
	m := uint32(1)
	for i := range n {
		b := c.bit(&p[m])
		m = m<<1 | b
		v |= b << i
	}
	return v
}

// piped is a source of unknown length.
type piped struct{ in Input }

func (p piped) next(used int) ([]byte, error) {
	if err := p.close(used); err != nil {
		return nil, err
	}
	if _, err := p.in.Peek(1); err != nil {
		return nil, err
	}
	return p.in.Peek(p.in.Buffered())
}

func (p piped) close(used int) error {
	_, err := p.in.Discard(used)
	return err
}

// chunk is a source that was read already.
type chunk []byte

func (p *chunk) next(int) ([]byte, error) {
	b := *p
	*p = nil
	return b, nil
}

func (*chunk) close(int) error { return nil }
