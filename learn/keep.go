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

// magic begins a kept model. The last digit changes with what features are made of, and with what is kept: a model is of no use to another extractor.
const magic = "mailweir model 3\n"

// ErrModel tells that something is no model, or is damaged.
var ErrModel = errors.New("not a model that can be read")

// Write writes the model as it is, octet for octet the same for the same model.
func (m *Model) Write(w io.Writer) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := bufio.NewWriterSize(w, 1<<16)
	b := append([]byte(magic), byte(32-m.shift))
	b = binary.LittleEndian.AppendUint32(b, m.seen[0])
	b = binary.LittleEndian.AppendUint32(b, m.seen[1])
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

func (c *cell) encode(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, c.seen[0])
	b = binary.LittleEndian.AppendUint32(b, c.seen[1])
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

// Read reads what Write wrote. It takes no more memory than a model of the size that is said in front; that is at most 1<<maxBits features.
func Read(r io.Reader, maxBits int) (*Model, error) {
	in := &reader{r: bufio.NewReaderSize(r, 1<<16)}
	if string(in.octets(len(magic))) != magic {
		return nil, errors.Join(ErrModel, in.err)
	}
	bits := int(in.octets(1)[0])
	if bits > maxBits {
		return nil, fmt.Errorf("%w: size 2^%d, want at most 2^%d", ErrModel, bits, maxBits)
	}
	m, err := New(bits)
	if err != nil {
		return nil, errors.Join(ErrModel, cmp.Or(in.err, err))
	}
	m.seen = [2]uint32{in.number(), in.number()}
	m.past.count, m.past.total = in.number(), in.amount()
	for i := range m.past.ham {
		m.past.ham[i] = in.amount()
	}
	for i := range m.mix {
		if m.mix[i] = in.amount(); !(m.mix[i] > 0 && m.mix[i] <= float64(learners)) {
			return nil, errors.Join(ErrModel, in.err)
		}
	}
	if !m.past.plausible() || !m.mix.plausible() {
		return nil, ErrModel
	}
	for _, cells := range [][]cell{m.words, m.grams} {
		for i := range cells {
			cells[i] = cell{seen: [2]uint32{in.number(), in.number()}, weight: in.weight()}
		}
	}
	if in.err != nil {
		return nil, errors.Join(ErrModel, in.err)
	}
	return m, nil
}

// rounding is how far sums may be off, as a share of them.
const rounding = 1e-6

// plausible tells if a model may have remembered so much ham: with each one what was there before counts less.
func (c *calibration) plausible() bool {
	above := 0.0
	for _, n := range c.ham {
		above += n
	}
	return above <= c.total*(1+rounding) && c.total <= (1+rounding)/(1-memory)
}

// plausible tells if the weights are 1 on average.
func (x *mix) plausible() bool {
	sum := 0.0
	for _, n := range x {
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

// amount is a number that is finite and not negative.
func (r *reader) amount() float64 {
	f := math.Float64frombits(binary.LittleEndian.Uint64(r.octets(8)))
	if !(f >= 0 && f < 1e15) {
		r.err = errors.Join(r.err, errors.New("an amount is out of range"))
		return 0
	}
	return f
}

func (r *reader) weight() weight {
	w := weight{w: math.Float32frombits(r.number()), past: math.Float32frombits(r.number())}
	if !(w.w > -1e6 && w.w < 1e6 && w.past >= 0 && w.past < 1e9) {
		r.err = errors.Join(r.err, errors.New("a weight is out of range"))
		return weight{}
	}
	return w
}
