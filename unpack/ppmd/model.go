// SPDX-License-Identifier: Apache-2.0

// Package ppmd decompresses PPMd variant H (Dmitry Shkarin's, of 2001) as RAR 2.9 to 4 use it. What it is defined by is what the packer does,
// down to when its memory is full. Package rar3 calls it.
package ppmd

import "errors"

// Bounds of a model.
const (
	MinOrder = 2
	MaxOrder = 64
)

// ErrFormat tells of data that no packer makes.
var ErrFormat = errors.New("PPMd data is damaged")

const (
	maxFreq    = 124
	intBits    = 7
	periodBits = 7
	binScale   = 1 << (intBits + periodBits)
)

// see is the chance of an escape from contexts that are alike.
type see struct {
	sum          uint16
	shift, count uint8
}

// Model predicts octets by those before them. It is not safe for several goroutines.
type Model struct {
	heap
	code coder

	order       int
	min, max    uint32 // Contexts: the one at hand, and the longest.
	found       uint32 // The state of the last symbol; 0 while there is none.
	orderFall   int
	runLength   int32
	firstRun    int32
	prevSuccess uint32
	highBits    uint32
	prevSymbol  byte
	initEscape  uint32
	masked      uint32 // States of the longer context that were ruled out.
	escapes     byte
	mask        [256]byte

	bin   [128][64]uint16
	first *[128][64]uint16 // How bin begins, as data may begin a model every few octets.
	sees  [25][16]see
	dummy see
}

// Start begins a model that looks at order octets back and keeps size octets. The octets of the data come from next.
func (m *Model) Start(order int, size uint32, next func() byte) error {
	if order < MinOrder || order > MaxOrder || size < 8*unitLen*maxUnits {
		return ErrFormat
	}
	m.order = order
	m.reserve(size)
	m.escapes = 1
	m.mask = [256]byte{}
	m.restart()
	m.code.start(next)
	return nil
}

// Resume goes on with the model that there is, with other data.
func (m *Model) Resume(next func() byte) error {
	if m.order == 0 || m.min == 0 {
		return ErrFormat
	}
	m.code.start(next)
	return nil
}

// restart begins a model of one context that knows nothing.
func (m *Model) restart() {
	h := &m.heap
	h.restart()
	m.firstRun = -int32(min(m.order, 12)) - 1
	m.orderFall, m.runLength, m.prevSuccess, m.prevSymbol = m.order, m.firstRun, 0, 0
	h.high -= unitLen
	m.min, m.max = h.high, h.high
	states := h.low
	h.low += 256 * stateLen
	m.setStates(m.min, 256, states)
	h.put16(m.min+offSum, 257)
	h.put32(m.min+offSuffix, 0)
	for i := range uint32(256) {
		at := states + i*stateLen
		h.b[at], h.b[at+offFreq] = byte(i), 1
		h.put32(at+offNext, 0)
	}
	m.found = states
	if m.first == nil {
		m.first = firstBin()
	}
	m.bin = *m.first
	for i := range m.sees {
		for j := range m.sees[i] {
			m.sees[i][j] = see{sum: uint16(5*i+10) << (periodBits - 4), shift: periodBits - 4, count: 4}
		}
	}
	m.dummy = see{shift: periodBits}
}

func firstBin() *[128][64]uint16 {
	escapes := [8]uint16{0x3cdd, 0x1f3f, 0x59bf, 0x48f3, 0x64a1, 0x5abc, 0x6632, 0x6051}
	var bin [128][64]uint16
	for i := range bin {
		for j := range bin[i] {
			bin[i][j] = binScale - escapes[j&7]/uint16(i+2)
		}
	}
	return &bin
}

func (m *Model) count(c uint32) uint32  { return m.u16(c) }
func (m *Model) sum(c uint32) uint32    { return m.u16(c + offSum) }
func (m *Model) suffix(c uint32) uint32 { return m.u32(c + offSuffix) }

func (m *Model) setStates(c, count, states uint32) {
	m.put16(c, count)
	m.put32(c+offStates, states)
}

// states is where the states of a context are.
func (m *Model) states(c uint32) uint32 {
	if m.count(c) == 1 {
		return c + offSum
	}
	return m.u32(c + offStates)
}

func (m *Model) freq(s uint32) uint32 { return uint32(m.b[s+offFreq]) }
func (m *Model) next(s uint32) uint32 { return m.u32(s + offNext) }

// find is the state of a symbol in a context that has it.
func (m *Model) find(c uint32, symbol byte) uint32 {
	s := m.states(c)
	for m.b[s] != symbol {
		s += stateLen
	}
	return s
}

// swap exchanges a state and the one before it.
func (m *Model) swap(s uint32) {
	var t [stateLen]byte
	copy(t[:], m.b[s:])
	m.move(s, s-stateLen, stateLen)
	copy(m.b[s-stateLen:], t[:])
}

// rescale halves the frequencies of the context at hand, the found state first, and drops the states that are left with none.
func (m *Model) rescale() {
	c := m.min
	old, states := m.count(c), m.u32(c+offStates)
	for ; m.found != states; m.found -= stateLen {
		m.swap(m.found)
	}
	m.b[states+offFreq] += 4
	escape := m.sum(c) + 4 - m.freq(states)
	more := uint32(1)
	if m.orderFall == 0 {
		more = 0
	}
	half := (m.freq(states) + more) >> 1
	m.b[states+offFreq] = byte(half)
	sum := half
	s := states
	for range old - 1 {
		s += stateLen
		escape -= m.freq(s)
		half = (m.freq(s) + more) >> 1
		m.b[s+offFreq] = byte(half)
		sum += half
		for t := s; t != states && half > m.freq(t-stateLen); t -= stateLen {
			m.swap(t)
		}
	}
	left := old
	for ; m.freq(s) == 0; s -= stateLen {
		left--
		escape++
	}
	if left == 1 {
		m.single(c, states, old, escape)
		return
	}
	escape -= escape >> 1
	m.put16(c+offSum, sum+escape)
	if before, after := (old+1)>>1, (left+1)>>1; before != after {
		states = m.shrink(states, before, after)
	}
	m.setStates(c, left, states)
	m.found = states
}

// single makes a context of one state.
func (m *Model) single(c, states, old, escape uint32) {
	var t [stateLen]byte
	copy(t[:], m.b[states:])
	for {
		t[offFreq] -= t[offFreq] >> 1
		if escape >>= 1; escape <= 1 {
			break
		}
	}
	m.put(states, m.class((old+1)>>1))
	m.put16(c, 1)
	copy(m.b[c+offSum:], t[:])
	m.found = c + offSum
}
