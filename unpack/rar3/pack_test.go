// SPDX-License-Identifier: Apache-2.0

package rar3

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"slices"
)

// packer makes data as RAR does, of random symbols that all mean something.
type packer struct {
	*writer
	r         *rand.Rand
	plain     []byte // What it unpacks to, before filters.
	before    [4]int
	length    int
	far       int // How many distances were written.
	low       int // How many distances take the low bits of the one before,
	lowBefore int // which are these.
	filters   []filter
	kinds     int
}

// symbol writes one of a code in which the first k symbols have n bits and the others one more, as tables makes them.
func (p *packer) symbol(s, k, n int) {
	if s < k {
		p.put(s, n)
		return
	}
	p.put(k+s, n+1)
}

func (p *packer) main(s int) { p.symbol(s, 213, 8) }

func (p *packer) slot(s slot) int {
	v := p.r.IntN(1 << s.extra)
	p.put(v, int(s.extra))
	return s.first + v
}

// block begins one.
func (p *packer) block() {
	for p.n%8 != 0 {
		p.put(0, 1)
	}
	w := tables()
	bitsOf := w.n
	for i := range bitsOf {
		p.put(int(w.b[i/8]>>(7-i%8)&1), 1)
	}
	p.low, p.lowBefore = 0, 0
}

// step writes something.
func (p *packer) step(z *lz) {
	switch op := p.r.IntN(12); {
	case op < 5 || len(p.plain) < 300 || op < 8 && p.far < 4:
		c := p.r.IntN(256)
		p.main(c)
		p.plain = append(p.plain, byte(c))
	case op == 5:
		p.main(258)
		p.repeat()
	case op == 6:
		i := p.r.IntN(4)
		p.main(259 + i)
		distance := p.before[i]
		copy(p.before[1:i+1], p.before[:i])
		p.before[0] = distance
		s := p.r.IntN(repeatCodes)
		p.symbol(s, 4, 4)
		p.length = 2 + p.slot(z.lengthSlots[s])
		p.repeat()
	case op == 7:
		i := p.r.IntN(8)
		p.main(263 + i)
		p.push(p.slot([8]slot{{0, 2}, {4, 2}, {8, 3}, {16, 4}, {32, 5}, {64, 6}, {128, 6}, {192, 6}}[i]) + 1)
		p.length = 2
		p.repeat()
	default:
		p.match(z)
	}
}

func (p *packer) push(distance int) {
	copy(p.before[1:], p.before[:])
	p.before[0] = distance
	p.far++
}

// match writes a length, and a distance that is not before the first octet.
func (p *packer) match(z *lz) {
	i := p.r.IntN(28)
	p.main(271 + i)
	p.length = 3 + p.slot(z.lengthSlots[i])
	s := p.r.IntN(offsetCodes)
	for run := z.offsetSlots[s]; run.first+1<<run.extra > min(len(p.plain), Window); run = z.offsetSlots[s] {
		s = p.r.IntN(s)
	}
	p.symbol(s, 4, 5)
	run := z.offsetSlots[s]
	var distance int
	if run.extra < 4 {
		distance = p.slot(run) + 1
	} else {
		distance = run.first + p.slot(slot{0, run.extra - 4})<<4 + 1
		distance += p.lowBits()
	}
	if distance >= 0x2000 {
		p.length++
	}
	if distance >= 0x40000 {
		p.length++
	}
	p.push(distance)
	p.repeat()
}

// repeat repeats what the last distance and length say.
func (p *packer) repeat() {
	for range p.length {
		p.plain = append(p.plain, p.plain[len(p.plain)-p.before[0]])
	}
}

func (p *packer) lowBits() int {
	if p.low > 0 {
		p.low--
		return p.lowBefore
	}
	v := p.r.IntN(lowCodes)
	p.symbol(v, 15, 4)
	if v == 16 {
		p.low = 15
	} else {
		p.lowBefore = v
	}
	return p.lowBefore
}

// number writes a number as filters have it.
func (w *writer) number(v int) {
	switch {
	case v < 16:
		w.put(0, 2)
		w.put(v, 4)
	case v < 256:
		w.put(1, 2)
		w.put(v, 8)
	case v < 1<<16:
		w.put(2, 2)
		w.put(v, 16)
	default:
		w.put(3, 2)
		w.put(v, 32)
	}
}

// ownPrograms are those of RAR, by length and checksum, and the registers that they begin with.
var ownPrograms = []struct {
	n         int
	sum       uint32
	registers []int
}{
	{53, 0xad576887, nil},
	{57, 0x3cd7e57e, nil},
	{120, 0x3769893f, nil},
	{29, 0x0e06077d, []int{3}},
	{149, 0x1c2c5dc8, []int{303, 1}},
	{216, 0xbc85e701, []int{2}},
}

// filter writes one for what follows, n octets.
func (p *packer) filter(kind kind, n int) {
	own := ownPrograms[kind]
	w := &writer{}
	w.number(int(kind) + 1)
	w.number(0)
	w.number(n)
	mask := 1<<len(own.registers) - 1
	w.put(mask, 7)
	for _, v := range own.registers {
		w.number(v)
	}
	if int(kind) == p.kinds {
		p.kinds++
		w.number(own.n)
		for _, c := range forged(own.n, own.sum) {
			w.put(int(c), 8)
		}
	}
	p.main(257)
	p.put(0x80|0x20|0x10|7, 8)
	p.put(len(w.b), 16)
	for _, c := range w.b {
		p.put(int(c), 8)
	}
	f := filter{kind: kind, start: int64(len(p.plain)), length: uint32(n)}
	for i, v := range own.registers {
		f.r[i] = uint32(v)
	}
	p.filters = append(p.filters, f)
}

// forged is n octets with the checksum, the first of which is the parity of the others.
func forged(n int, sum uint32) []byte {
	for start := uint16(0); ; start++ {
		if b := forgedFrom(start, n, sum); parity(b) == 0 {
			return b
		}
	}
}

// forgedFrom is n octets with the checksum, of which start are the first.
func forgedFrom(start uint16, n int, sum uint32) []byte {
	table := crc32.IEEETable
	end := ^sum
	var index [4]byte
	for i := 3; i >= 0; i-- {
		j := slices.IndexFunc(table[:], func(v uint32) bool { return v>>24 == end>>24 })
		index[i] = byte(j)
		end = (end ^ table[j]) << 8
	}
	b := append(binary.LittleEndian.AppendUint16(nil, start), make([]byte, n-6)...)
	now := ^crc32.ChecksumIEEE(b)
	for _, j := range index {
		b = append(b, byte(now)^j)
		now = now>>8 ^ table[j]
	}
	return b
}

// free is where the last filter ends.
func (p *packer) free() int {
	if len(p.filters) == 0 {
		return 0
	}
	f := p.filters[len(p.filters)-1]
	return int(f.start) + int(f.length)
}

// pack makes data that unpack to at least size octets.
func pack(seed uint64, size int, filters bool) *packer {
	var z lz
	z.slots()
	p := &packer{writer: &writer{}, r: rand.New(rand.NewPCG(seed, 2))}
	p.block()
	for len(p.plain) < max(size, p.free()) {
		switch n := p.r.IntN(2000); {
		case n == 0:
			p.main(256)
			p.put(1, 1) // Another block of the file follows.
			p.block()
		case n < 10 && filters && p.free() <= len(p.plain) && len(p.plain) > 1000:
			p.filter(kind(len(p.filters)%len(ownPrograms)), 3*(100+p.r.IntN(20_000)))
		default:
			p.step(&z)
		}
	}
	p.main(256)
	p.put(0, 2) // The file ends.
	p.b = append(p.b, 0, 0)
	for _, f := range p.filters {
		part := p.plain[f.start:p.end(f)]
		b, _ := f.undo(bytes.Clone(part), uint32(f.start))
		copy(part, b)
	}
	return p
}

func (p *packer) end(f filter) int64 { return f.start + int64(f.length) }
