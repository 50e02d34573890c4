// SPDX-License-Identifier: Apache-2.0

package ppmd

// learn takes the found symbol into the model.
func (m *Model) learn() {
	symbol, freq, next := m.b[m.found], m.freq(m.found), m.next(m.found)
	m.prevSymbol = symbol
	if m.orderFall == 0 && next > m.text {
		m.min, m.max = next, next
		return
	}
	if !m.update(symbol, freq, next) {
		m.restart()
		m.escapes = 0
	}
	if m.escapes == 0 {
		m.escapes = 1
		m.mask = [256]byte{}
	}
}

// update adds contexts and states for the found symbol; ok is false if there is no room.
func (m *Model) update(symbol byte, freq, next uint32) (ok bool) {
	shorter := m.rise(symbol, freq)
	if m.orderFall == 0 {
		c := m.successors(true, shorter)
		m.put32(m.found+offNext, c)
		m.min, m.max = c, c
		return c != 0
	}
	m.b[m.text] = symbol
	m.text++
	after := m.text
	if m.text >= m.units {
		return false
	}
	if next == 0 {
		m.put32(m.found+offNext, after)
		next = m.min
	} else {
		if next <= m.text {
			if next = m.successors(false, shorter); next == 0 {
				return false
			}
		}
		if m.orderFall--; m.orderFall == 0 {
			after = next
			if m.max != m.min {
				m.text--
			}
		}
	}
	states := m.count(m.min)
	rest := m.sum(m.min) - states - (freq - 1)
	for c := m.max; c != m.min; c = m.suffix(c) {
		if !m.add(c, symbol, freq, states, rest, after) {
			return false
		}
	}
	m.min, m.max = next, next
	return true
}

// rise makes the symbol more likely in the next shorter context, and gives its state there; 0 if it does not.
func (m *Model) rise(symbol byte, freq uint32) uint32 {
	c := m.suffix(m.min)
	if freq >= maxFreq/4 || c == 0 {
		return 0
	}
	s := m.find(c, symbol)
	if m.count(c) == 1 {
		if m.freq(s) < 32 {
			m.b[s+offFreq]++
		}
		return s
	}
	if s != m.states(c) && m.freq(s) >= m.freq(s-stateLen) {
		m.swap(s)
		s -= stateLen
	}
	if m.freq(s) < maxFreq-9 {
		m.b[s+offFreq] += 2
		m.put16(c+offSum, m.sum(c)+2)
	}
	return s
}

// add adds a state to a context that did not know the symbol.
func (m *Model) add(c uint32, symbol byte, freq, states, rest, after uint32) (ok bool) {
	n := m.count(c)
	sum, ok := m.enlarge(c, n, states)
	if !ok {
		return false
	}
	share, all := 2*freq*(sum+6), rest+sum
	f, more := uint32(1), uint32(3)
	if share < 6*all {
		if share > all {
			f++
		}
		if share >= 4*all {
			f++
		}
	} else {
		f = 4
		for _, times := range [3]uint32{9, 12, 15} {
			if share >= times*all {
				f++
			}
		}
		more = f
	}
	s := m.u32(c+offStates) + n*stateLen
	m.b[s], m.b[s+offFreq] = symbol, byte(f)
	m.put32(s+offNext, after)
	m.put16(c, n+1)
	m.put16(c+offSum, sum+more)
	return true
}

// enlarge makes room for a state in a context of n, and gives the sum of frequencies that it has then; ok is false if there is no room.
func (m *Model) enlarge(c, n, states uint32) (sum uint32, ok bool) {
	sum = m.sum(c)
	if n != 1 {
		if n&1 == 0 {
			block := m.expand(m.u32(c+offStates), n>>1)
			if block == 0 {
				return 0, false
			}
			m.put32(c+offStates, block)
		}
		grow := uint32(0)
		if 4*n <= states && sum <= 8*n {
			grow = 2
		}
		if 2*n < states {
			grow++
		}
		return sum + grow, true
	}
	s := m.alloc(1)
	if s == 0 {
		return 0, false
	}
	m.move(s, c+offSum, stateLen)
	m.put32(c+offStates, s)
	f := 2 * m.freq(s)
	if f >= 2*(maxFreq/4-1) {
		f = maxFreq - 4
	}
	m.b[s+offFreq] = byte(f)
	sum = f + m.initEscape
	if states > 3 {
		sum++
	}
	return sum, true
}

// successors makes the contexts that the found symbol leads to where there is only text yet; 0 if there is no room. shorter is the state of
// the symbol in the next shorter context, if that is known.
func (m *Model) successors(skip bool, shorter uint32) uint32 {
	var states [MaxOrder]uint32
	n := 0
	c, branch := m.min, m.next(m.found)
	if !skip {
		states[0], n = m.found, 1
	}
	for m.suffix(c) != 0 {
		c = m.suffix(c)
		s := shorter
		if s == 0 {
			s = m.find(c, m.b[m.found])
		}
		shorter = 0
		if to := m.next(s); to != branch {
			c = to
			break
		}
		if n == len(states) {
			return 0
		}
		states[n] = s
		n++
	}
	if n == 0 {
		return c
	}
	symbol := m.b[branch]
	freq := m.inherited(c, symbol)
	for n--; n >= 0; n-- {
		child := m.allocContext()
		if child == 0 {
			return 0
		}
		m.put16(child, 1)
		m.b[child+offSum], m.b[child+offSum+offFreq] = symbol, byte(freq)
		m.put32(child+offSum+offNext, branch+1)
		m.put32(child+offSuffix, c)
		m.put32(states[n]+offNext, child)
		c = child
	}
	return c
}

// inherited is the frequency that a symbol begins with in contexts longer than c.
func (m *Model) inherited(c uint32, symbol byte) uint32 {
	if m.count(c) == 1 {
		return m.freq(c + offSum)
	}
	f := m.freq(m.find(c, symbol)) - 1
	rest := m.sum(c) - m.count(c) - f
	switch {
	case 2*f > rest:
		return 1 + (2*f+3*rest-1)/(2*rest)
	case 5*f > rest:
		return 2
	}
	return 1
}
