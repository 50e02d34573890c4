// SPDX-License-Identifier: Apache-2.0

package ppmd

const (
	top    = 1 << 24
	bottom = 1 << 15
)

// coder is a range decoder without carry.
type coder struct {
	next            func() byte
	low, code, wide uint32
}

func (c *coder) start(next func() byte) {
	*c = coder{next: next, wide: ^uint32(0)}
	for range 4 {
		c.code = c.code<<8 | uint32(next())
	}
}

func (c *coder) normalise() {
	for {
		if c.low^(c.low+c.wide) >= top {
			if c.wide >= bottom {
				return
			}
			c.wide = -c.low & (bottom - 1)
		}
		c.code = c.code<<8 | uint32(c.next())
		c.low <<= 8
		if c.wide <<= 8; c.wide == 0 {
			return // It never gets wider.
		}
	}
}

// count is where in scale the code is; scale is not 0.
func (c *coder) count(scale uint32) uint32 {
	if c.wide /= scale; c.wide == 0 {
		return scale // Nothing that is packed leads here.
	}
	return (c.code - c.low) / c.wide
}

func (c *coder) take(from, to uint32) {
	c.low += c.wide * from
	c.wide *= to - from
	c.normalise()
}

// ReadByte decodes an octet. Errors are ErrFormat only: what is behind the end of the data is octets as well.
func (m *Model) ReadByte() (byte, error) {
	found := false
	if m.count(m.min) == 1 {
		found = m.binary()
	} else {
		var ok bool
		if found, ok = m.many(); !ok {
			return 0, ErrFormat
		}
	}
	for !found {
		for {
			m.orderFall++
			if m.min = m.suffix(m.min); m.min == 0 {
				return 0, ErrFormat
			}
			if m.count(m.min) != m.masked {
				break
			}
		}
		var ok bool
		if found, ok = m.unmasked(); !ok {
			return 0, ErrFormat
		}
	}
	symbol := m.b[m.found]
	m.learn()
	return symbol, nil
}

// high is 8 for the upper symbols.
func high(symbol byte) uint32 {
	if symbol >= 0x40 {
		return 8
	}
	return 0
}

// classBySize is a class of contexts by the number of their states.
func classBySize(n uint32) uint32 {
	switch {
	case n == 1:
		return 0
	case n == 2:
		return 2
	case n <= 11:
		return 4
	}
	return 6
}

// binary decodes in a context of one state.
func (m *Model) binary() (found bool) {
	s := m.min + offSum
	i := m.prevSuccess + classBySize(m.count(m.suffix(m.min))) + high(m.prevSymbol) + 2*high(m.b[s]) + uint32(m.runLength>>26)&0x20
	p := &m.bin[m.freq(s)-1][i]
	mean := (*p + 1<<(periodBits-2)) >> periodBits
	m.highBits = high(m.prevSymbol)
	if m.code.count(binScale) < uint32(*p) {
		m.code.take(0, uint32(*p))
		*p += 1<<intBits - mean
		m.found = s
		if m.freq(s) < 128 {
			m.b[s+offFreq]++
		}
		m.prevSuccess = 1
		m.runLength++
		return true
	}
	m.code.take(uint32(*p), binScale)
	*p -= mean
	m.initEscape = uint32([16]uint8{25, 14, 9, 7, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2}[*p>>10])
	m.mask[m.b[s]] = m.escapes
	m.masked, m.prevSuccess = 1, 0
	return false
}

// many decodes in a context of several states.
func (m *Model) many() (found, ok bool) {
	c := m.min
	scale, n := m.sum(c), m.count(c)
	if scale == 0 {
		return false, false
	}
	count := m.code.count(scale)
	if count >= scale {
		return false, false
	}
	s := m.u32(c + offStates)
	to := m.freq(s)
	m.prevSuccess = 0
	for i := uint32(0); ; {
		if to > count {
			m.code.take(to-m.freq(s), to)
			if i == 0 && 2*to > scale {
				m.prevSuccess = 1
				m.runLength++
			}
			m.likelier(s)
			if i > 0 && m.freq(s) > m.freq(s-stateLen) {
				m.swap(s)
				m.found = s - stateLen
			}
			if m.freq(m.found) > maxFreq {
				m.rescale()
			}
			return true, true
		}
		if i++; i == n {
			break
		}
		s += stateLen
		to += m.freq(s)
	}
	m.highBits = high(m.prevSymbol)
	m.code.take(to, scale)
	m.masked = n
	for s := m.u32(c + offStates); n > 0; n-- {
		m.mask[m.b[s]] = m.escapes
		s += stateLen
	}
	return false, true
}

// likelier makes the state the one that was found.
func (m *Model) likelier(s uint32) {
	m.found = s
	m.b[s+offFreq] += 4
	m.put16(m.min+offSum, m.sum(m.min)+4)
}

// escape is the chance of an escape from the context at hand.
func (m *Model) escape(n uint32) (chance uint32, from *see) {
	if n == 256 {
		return 1, &m.dummy
	}
	diff := n - m.masked
	i := m.highBits
	if diff < m.count(m.suffix(m.min))-n {
		i++
	}
	if m.sum(m.min) < 11*n {
		i += 2
	}
	if m.masked > diff {
		i += 4
	}
	from = &m.sees[seeClass(diff)][i]
	v := from.sum >> from.shift
	from.sum -= v
	return uint32(max(v, 1)), from
}

// seeClass is a class by a number of states: 0, 1, 2, then one class of one, one of two, and so on.
func seeClass(n uint32) uint32 {
	n--
	if n < 3 {
		return n
	}
	class := uint32(3)
	for left, step := n-3, uint32(1); left >= step; step++ {
		left -= step
		class++
	}
	return class
}

// narrow changes the chance less from now on.
func (s *see) narrow() {
	if s.shift == periodBits {
		return
	}
	if s.count--; s.count == 0 {
		s.sum *= 2
		s.count = 3 << s.shift
		s.shift++
	}
}

// unmasked decodes among the states that were not ruled out.
func (m *Model) unmasked() (found, ok bool) {
	n := m.count(m.min)
	chance, from := m.escape(n)
	var states [256]uint32
	k, sum := 0, uint32(0)
	for s := m.states(m.min); n > 0; n-- {
		if m.mask[m.b[s]] != m.escapes && k < len(states) {
			sum += m.freq(s)
			states[k] = s
			k++
		}
		s += stateLen
	}
	scale := sum + chance
	count := m.code.count(scale)
	if count >= scale {
		return false, false
	}
	if count >= sum {
		m.code.take(sum, scale)
		from.sum += uint16(scale)
		m.masked = m.count(m.min)
		for _, s := range states[:k] {
			m.mask[m.b[s]] = m.escapes
		}
		return false, true
	}
	to := uint32(0)
	for _, s := range states[:k] {
		if to += m.freq(s); to <= count {
			continue
		}
		m.code.take(to-m.freq(s), to)
		from.narrow()
		m.likelier(s)
		if m.freq(s) > maxFreq {
			m.rescale()
		}
		m.escapes++
		m.runLength = m.firstRun
		return true, true
	}
	return false, false
}
