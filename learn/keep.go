// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// magic begins a kept model. Its last digit changes with what features are made of and with what is kept: a model is of no use to another extractor.
const magic = "mailweir model 3\n"

var errModel = errors.New("not a model that can be read")

// Write writes the model as it is, octet for octet the same for the same model.
func (m *Model) Write(w io.Writer) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := bufio.NewWriterSize(w, 1<<16)
	b := append([]byte(magic), byte(32-m.shift))
	b = m.seen.encode(b)
	b = m.past.encode(b)
	for _, n := range m.mix {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(n))
	}
	for _, cells := range [][]cell{m.words, m.grams} {
		for i := range cells {
			b = cells[i].encode(b)
			if _, err := out.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	return out.Flush()
}

func (c *counts) encode(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, c.ham)
	return binary.LittleEndian.AppendUint32(b, c.spam)
}

func (c *cell) encode(b []byte) []byte {
	b = c.seen.encode(b)
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(c.w))
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(c.past))
}

func (c *calibration) encode(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, c.count)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c.total))
	for _, n := range c.ham {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(n))
	}
	return b
}

// Read reads what Write wrote. It takes no more memory than a model of the size that is written in front, which may be at most 1<<maxBits hashes. The
// error tells that it is no model or damaged, or why it could not be read.
func Read(r io.Reader, maxBits int) (*Model, error) {
	in := &reader{r: bufio.NewReaderSize(r, 1<<16)}
	if string(in.octets(len(magic))) != magic {
		return nil, errors.Join(errModel, in.err)
	}
	bits := int(in.octets(1)[0])
	if bits > maxBits {
		return nil, fmt.Errorf("%w: size 2^%d, want at most 2^%d", errModel, bits, maxBits)
	}
	m, err := New(bits)
	if err != nil {
		return nil, errors.Join(errModel, cmp.Or(in.err, err))
	}
	m.seen = in.counts()
	m.past.count, m.past.total = in.number(), in.amount()
	for i := range m.past.ham {
		m.past.ham[i] = in.amount()
	}
	for i := range m.mix {
		m.mix[i] = in.amount()
	}
	if !m.past.plausible() || !m.mix.plausible() {
		return nil, errors.Join(errModel, in.err)
	}
	for _, cells := range [][]cell{m.words, m.grams} {
		for i := range cells {
			cells[i] = cell{seen: in.counts(), weight: in.weight()}
		}
	}
	if in.err != nil {
		return nil, errors.Join(errModel, in.err)
	}
	return m, nil
}

// Bounds of what is read.
const (
	rounding  = 1e-6 // How far sums may be off, as a share of them.
	maxAmount = 1e15 // The others are far beyond what any model comes to.
	maxWeight = 1e6
	maxPast   = 1e9
)

// plausible tells if a model may have remembered so much ham: each one makes those before it count less.
func (c *calibration) plausible() bool {
	above := 0.0
	for _, n := range c.ham {
		above += n
	}
	return above <= c.total*(1+rounding) && c.total <= (1+rounding)/(1-memory)
}

// plausible tells if every learner counts something, and they count 1 on average.
func (x *mix) plausible() bool {
	sum := 0.0
	for _, n := range x {
		if n <= 0 {
			return false
		}
		sum += n
	}
	return math.Abs(sum/float64(learners)-1) <= rounding
}

// reader reads numbers. After an error it gives zeros.
type reader struct {
	r   *bufio.Reader
	buf [32]byte
	err error
}

func (r *reader) octets(n int) []byte {
	b := r.buf[:n]
	if r.err == nil {
		_, r.err = io.ReadFull(r.r, b)
	}
	if r.err != nil {
		clear(b)
	}
	return b
}

func (r *reader) number() uint32 { return binary.LittleEndian.Uint32(r.octets(4)) }

func (r *reader) counts() counts { return counts{ham: r.number(), spam: r.number()} }

// amount is a number that is finite and not negative.
func (r *reader) amount() float64 {
	f := math.Float64frombits(binary.LittleEndian.Uint64(r.octets(8)))
	if !(f >= 0 && f < maxAmount) {
		r.err = errors.Join(r.err, errors.New("an amount is out of range"))
		return 0
	}
	return f
}

func (r *reader) weight() weight {
	w := weight{w: math.Float32frombits(r.number()), past: math.Float32frombits(r.number())}
	if !(w.w > -maxWeight && w.w < maxWeight && w.past >= 0 && w.past < maxPast) {
		r.err = errors.Join(r.err, errors.New("a weight is out of range"))
		return weight{}
	}
	return w
}
