// SPDX-License-Identifier: Apache-2.0

package lzma

import "fmt"

// decoder is the state that symbols are decoded by (section 5).
type decoder struct {
	window
	code           rangeDecoder
	lc             uint
	lpMask, pbMask uint32
	pos            uint32 // Octets since the dictionary began.
	state          uint32
	rep            [4]uint32 // The last distances, less one.
	pending        int       // Octets of a match that are to be copied.

	match, rep0Long         [12 << 4]uint16
	isRep, repG0, g1, repG2 [12]uint16
	slot                    [4][64]uint16
	special                 [128]uint16
	align                   [16]uint16
	length, repLength       lengths
	literal                 []uint16
}

// lengths decodes lengths.
type lengths struct {
	choice, choice2 uint16
	low, mid        [16][8]uint16
	high            [256]uint16
}

const half = 1024 // The probability of what is as likely as not.

func fill(all ...[]uint16) {
	for _, p := range all {
		for i := range p {
			p[i] = half
		}
	}
}

// reset forgets what was learnt.
func (d *decoder) reset() {
	d.state, d.rep = 0, [4]uint32{}
	fill(d.match[:], d.rep0Long[:], d.isRep[:], d.repG0[:], d.g1[:], d.repG2[:], d.special[:], d.align[:], d.literal)
	for i := range d.slot {
		fill(d.slot[i][:])
	}
	d.length.reset()
	d.repLength.reset()
}

func (l *lengths) reset() {
	l.choice, l.choice2 = half, half
	fill(l.high[:])
	for i := range l.low {
		fill(l.low[i][:], l.mid[i][:])
	}
}

func (l *lengths) decode(c *rangeDecoder, pos uint32) uint32 {
	switch {
	case c.bit(&l.choice) == 0:
		return c.tree(l.low[pos][:], 3)
	case c.bit(&l.choice2) == 0:
		return 8 + c.tree(l.mid[pos][:], 3)
	}
	return 16 + c.tree(l.high[:], 8)
}

// run decodes until the window is filled up to limit, or the marker of the end comes.
func (d *decoder) run(limit int) (end bool, err error) {
	for d.w < limit {
		if d.pending > 0 {
			n := min(d.pending, limit-d.w)
			d.copy(int(d.rep[0])+1, n)
			d.pos += uint32(n)
			d.pending -= n
			continue
		}
		end, err := d.symbol()
		if d.code.err != nil {
			return false, d.code.err
		}
		if end || err != nil {
			return end, err
		}
	}
	return false, nil
}

// symbol decodes one: an octet, or a match to be copied.
func (d *decoder) symbol() (end bool, err error) {
	c, s, pos := &d.code, d.state, d.pos&d.pbMask
	if c.bit(&d.match[s<<4|pos]) == 0 {
		d.octet()
		return false, nil
	}
	after := uint32(0) // Three states more if the last symbol was no octet.
	if s >= 7 {
		after = 3
	}
	if c.bit(&d.isRep[s]) == 0 {
		d.rep[3], d.rep[2], d.rep[1] = d.rep[2], d.rep[1], d.rep[0]
		n := d.length.decode(c, pos)
		d.state = 7 + after
		if d.rep[0] = d.distance(n); d.rep[0] == ^uint32(0) {
			return true, nil
		}
		return false, d.repeat(n)
	}
	if d.again(s, pos) {
		d.state = min(9+after, 11)
		if err := d.reaches(); err != nil || c.err != nil {
			return false, err
		}
		d.put(d.back(int(d.rep[0]) + 1))
		d.pos++
		return false, nil
	}
	n := d.repLength.decode(c, pos)
	d.state = 8 + after
	return false, d.repeat(n)
}

// again picks one of the last distances. short tells that one octet is to be repeated.
func (d *decoder) again(s, pos uint32) (short bool) {
	c := &d.code
	if c.bit(&d.repG0[s]) == 0 {
		return c.bit(&d.rep0Long[s<<4|pos]) == 0
	}
	k := 1
	if c.bit(&d.g1[s]) == 1 {
		k = 2 + int(c.bit(&d.repG2[s]))
	}
	picked := d.rep[k]
	copy(d.rep[1:k+1], d.rep[:k])
	d.rep[0] = picked
	return false
}

// repeat begins to copy n octets and two.
func (d *decoder) repeat(n uint32) error {
	if d.code.err != nil {
		return nil //nolint:nilerr // who reads the code tells of it
	}
	if err := d.reaches(); err != nil {
		return err
	}
	d.pending = int(n) + 2
	return nil
}

// reaches tells if there is what the distance points to.
func (d *decoder) reaches() error {
	switch {
	case int64(d.rep[0]) < int64(d.have):
		return nil
	case d.cut && d.have == d.max:
		return ErrDictionary
	}
	return fmt.Errorf("%w: distance", ErrFormat)
}

// octet decodes one by those before it.
func (d *decoder) octet() {
	c := &d.code
	p := d.literal[0x300*((d.pos&d.lpMask)<<d.lc+uint32(d.back(1))>>(8-d.lc)):][:0x300]
	m := uint32(1)
	if d.state >= 7 {
		like := uint32(d.back(int(d.rep[0]) + 1))
		for m < 0x100 {
			like <<= 1
			want := like >> 8 & 1
			b := c.bit(&p[(1+want)<<8+m])
			if m = m<<1 | b; b != want {
				break
			}
		}
	}
	for m < 0x100 {
		m = m<<1 | c.bit(&p[m])
	}
	switch s := d.state; {
	case s < 4:
		d.state = 0
	case s < 10:
		d.state = s - 3
	default:
		d.state = s - 6
	}
	d.put(byte(m))
	d.pos++
}

// distance decodes one of a match of n octets and two, less one.
func (d *decoder) distance(n uint32) uint32 {
	c := &d.code
	slot := c.tree(d.slot[min(n, 3)][:], 6)
	if slot < 4 {
		return slot
	}
	more := uint(slot>>1 - 1)
	v := (2 | slot&1) << more
	if slot < 14 {
		return v + c.reverse(d.special[v-slot:], more)
	}
	v += c.direct(more-4) << 4
	return v + c.reverse(d.align[:], 4)
}
