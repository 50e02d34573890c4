// SPDX-License-Identifier: Apache-2.0

package ppmd

import "encoding/binary"

// Layout of the heap, which decides when a model is full and begins anew, so it must be that of the packer: units of 12 octets. A context is
// one: the number of states (2 octets), the sum of their frequencies (2), where they are (4), the next shorter context (4). A context of one
// state has it in the place of the sum. A state is half a unit: the symbol, its frequency, what follows (4). The lower part of the heap
// is text, one octet for each symbol.
const (
	unitLen  = 12
	stateLen = unitLen / 2
	classes  = 38
	maxUnits = 128 // Of one block.

	offSum    = 2 // In a context, or its only state.
	offStates = 4
	offSuffix = 8

	offFreq = 1 // In a state.
	offNext = 2

	freeStamp  = 0xffff // Of a free block while blocks are joined: this, its units, the next and the last one.
	offUnits   = 2
	offForward = 4
	offBack    = 8
)

// heap gives out blocks of units. Offset 0 is none.
type heap struct {
	b         []byte
	size      uint32
	text      uint32 // End of the text.
	units     uint32 // Where units begin.
	low, high uint32 // What is between was never given out.
	free      [classes]uint32
	untilJoin int
	unitsOf   [classes]uint32
	classOf   [maxUnits]uint8
}

// reserve makes a heap of size octets.
func (h *heap) reserve(size uint32) {
	if h.classOf[maxUnits-1] == 0 {
		h.tables()
	}
	if h.size != size {
		h.size = size
		if n := int(size) + 2*unitLen; cap(h.b) >= n {
			h.b = h.b[:n]
		} else {
			h.b = make([]byte, n)
		}
	}
}

// tables are of the sizes of blocks: by ones, by twos, by threes, by fours.
func (h *heap) tables() {
	n := uint32(0)
	for c := range h.unitsOf {
		n += min(uint32(c)/4+1, 4)
		h.unitsOf[c] = n
	}
	c := uint8(0)
	for i := range h.classOf {
		if h.unitsOf[c] < uint32(i)+1 {
			c++
		}
		h.classOf[i] = c
	}
}

// restart gives everything back. 7 parts of 8 are for units.
func (h *heap) restart() {
	h.free = [classes]uint32{}
	h.untilJoin = 0
	h.text = unitLen
	h.high = h.text + h.size
	h.low = h.high - h.size/8/unitLen*7*unitLen
	h.units = h.low
	clear(h.b[h.high:]) // The end is no free block.
}

func (h *heap) u16(at uint32) uint32      { return uint32(binary.LittleEndian.Uint16(h.b[at:])) }
func (h *heap) u32(at uint32) uint32      { return binary.LittleEndian.Uint32(h.b[at:]) }
func (h *heap) put16(at uint32, v uint32) { binary.LittleEndian.PutUint16(h.b[at:], uint16(v)) }
func (h *heap) put32(at uint32, v uint32) { binary.LittleEndian.PutUint32(h.b[at:], v) }
func (h *heap) move(to, from, n uint32)   { copy(h.b[to:to+n], h.b[from:from+n]) }
func (h *heap) class(units uint32) uint8  { return h.classOf[units-1] }
func (h *heap) put(block uint32, c uint8) { h.put32(block, h.free[c]); h.free[c] = block }

func (h *heap) take(c uint8) uint32 {
	block := h.free[c]
	h.free[c] = h.u32(block)
	return block
}

// split gives back what a block of one class has more than one of another.
func (h *heap) split(block uint32, from, to uint8) {
	h.giveBack(block+h.unitsOf[to]*unitLen, h.unitsOf[from]-h.unitsOf[to])
}

func (h *heap) giveBack(block, units uint32) {
	c := h.class(units)
	if n := h.unitsOf[c]; n != units {
		c--
		h.put(block, c)
		n = h.unitsOf[c]
		block += n * unitLen
		c = h.class(units - n)
	}
	h.put(block, c)
}

// alloc gives a block of so many units; 0 if there is none.
func (h *heap) alloc(units uint32) uint32 {
	c := h.class(units)
	if h.free[c] != 0 {
		return h.take(c)
	}
	if n := h.unitsOf[c] * unitLen; n <= h.high-h.low {
		h.low += n
		return h.low - n
	}
	return h.rare(c)
}

// allocContext gives one unit, from the top.
func (h *heap) allocContext() uint32 {
	if h.high != h.low {
		h.high -= unitLen
		return h.high
	}
	if h.free[0] != 0 {
		return h.take(0)
	}
	return h.rare(0)
}

// rare looks for a larger block when there is none of the class.
func (h *heap) rare(c uint8) uint32 {
	if h.untilJoin == 0 {
		h.untilJoin = 255
		h.join()
		if h.free[c] != 0 {
			return h.take(c)
		}
	}
	for i := c + 1; i < classes; i++ {
		if h.free[i] != 0 {
			block := h.take(i)
			h.split(block, i, c)
			return block
		}
	}
	h.untilJoin--
	n := h.unitsOf[c] * unitLen
	if h.units-h.text <= n {
		return 0
	}
	h.units -= n
	return h.units
}

// join makes large blocks of small ones that lie side by side.
func (h *heap) join() {
	const list = 0 // The unit at the start of the heap, which is not used, holds the list together.
	if h.low != h.high {
		h.b[h.low] = 0
	}
	h.put32(list+offForward, list)
	h.put32(list+offBack, list)
	for c := range uint8(classes) {
		for h.free[c] != 0 {
			block := h.take(c)
			h.put16(block, freeStamp)
			h.put16(block+offUnits, h.unitsOf[c])
			h.link(block, list)
		}
	}
	for block := h.u32(list + offForward); block != list; block = h.u32(block + offForward) {
		for {
			n := h.u16(block + offUnits)
			next := block + n*unitLen
			if h.u16(next) != freeStamp || n+h.u16(next+offUnits) >= 0x10000 {
				break
			}
			h.unlink(next)
			h.put16(block+offUnits, n+h.u16(next+offUnits))
		}
	}
	for {
		block := h.u32(list + offForward)
		if block == list {
			break
		}
		h.unlink(block)
		n := h.u16(block + offUnits)
		for ; n > maxUnits; n -= maxUnits {
			h.put(block, classes-1)
			block += maxUnits * unitLen
		}
		h.spread(block, n)
	}
	h.put32(list+offForward, 0)
	h.put32(list+offBack, 0)
}

// spread puts a joined block away, in two if there is no class for it.
func (h *heap) spread(block, units uint32) {
	c := h.class(units)
	if h.unitsOf[c] != units {
		c--
		rest := units - h.unitsOf[c]
		h.put(block+(units-rest)*unitLen, h.class(rest))
	}
	h.put(block, c)
}

func (h *heap) link(block, list uint32) {
	next := h.u32(list + offForward)
	h.put32(block+offForward, next)
	h.put32(block+offBack, list)
	h.put32(next+offBack, block)
	h.put32(list+offForward, block)
}

func (h *heap) unlink(block uint32) {
	next, back := h.u32(block+offForward), h.u32(block+offBack)
	h.put32(back+offForward, next)
	h.put32(next+offBack, back)
}

// expand makes room for one unit more; 0 if there is none.
func (h *heap) expand(block, units uint32) uint32 {
	from, to := h.class(units), h.class(units+1)
	if from == to {
		return block
	}
	larger := h.alloc(units + 1)
	if larger != 0 {
		h.move(larger, block, units*unitLen)
		h.put(block, from)
	}
	return larger
}

// shrink leaves only so many units.
func (h *heap) shrink(block, units, left uint32) uint32 {
	from, to := h.class(units), h.class(left)
	switch {
	case from == to:
		return block
	case h.free[to] != 0:
		smaller := h.take(to)
		h.move(smaller, block, left*unitLen)
		h.put(block, from)
		return smaller
	}
	h.split(block, from, to)
	return block
}
