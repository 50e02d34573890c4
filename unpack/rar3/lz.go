// SPDX-License-Identifier: Apache-2.0

package rar3

import "github.com/mailweir/mailweir/unpack/huff"

// Symbols of each code.
const (
	mainCodes   = 299
	offsetCodes = 60
	lowCodes    = 17
	repeatCodes = 28
)

// lz is the state of blocks of LZ77.
type lz struct {
	lengths                  [mainCodes + offsetCodes + lowCodes + repeatCodes]byte
	main, offset, low, again huff.Table

	before      [4]int64 // The last distances.
	length      int      // The last length.
	lowBefore   int
	lowRepeated int

	lengthSlots [repeatCodes]slot
	offsetSlots [offsetCodes]slot
}

// read reads the codes of a block.
func (z *lz) read(in *bits) error {
	z.lowBefore, z.lowRepeated = 0, 0
	if in.read(1) == 0 {
		z.lengths = [len(z.lengths)]byte{}
	}
	var own [20]byte
	for i := 0; i < len(own); i++ {
		n := in.read(4)
		if n == 15 {
			if zeros := int(in.read(4)); zeros > 0 {
				i += zeros + 1
				continue
			}
		}
		own[i] = byte(n)
	}
	var t huff.Table
	if err := t.Make(own[:]); err != nil {
		return ErrFormat
	}
	if err := z.codeLengths(in, &t); err != nil {
		return err
	}
	rest := z.lengths[:]
	for _, c := range []struct {
		t *huff.Table
		n int
	}{{&z.main, mainCodes}, {&z.offset, offsetCodes}, {&z.low, lowCodes}, {&z.again, repeatCodes}} {
		if err := c.t.Make(rest[:c.n]); err != nil {
			return ErrFormat
		}
		rest = rest[c.n:]
	}
	return nil
}

// codeLengths reads the lengths of all codes: the difference to those before, or runs.
func (z *lz) codeLengths(in *bits, t *huff.Table) error {
	for i := 0; i < len(z.lengths); {
		s, err := decode(in, t)
		switch {
		case err != nil:
			return err
		case in.ended():
			return nil // It is told of.
		case s < 16:
			z.lengths[i] = (z.lengths[i] + byte(s)) & 15
			i++
			continue
		case s < 18 && i == 0:
			return ErrFormat
		}
		// The one before, or zeros, a few times or many.
		var v byte
		if s < 18 {
			v = z.lengths[i-1]
		}
		n := 0
		if s&1 == 0 {
			n = 3 + int(in.read(3))
		} else {
			n = 11 + int(in.read(7))
		}
		for ; n > 0 && i < len(z.lengths); n-- {
			z.lengths[i] = v
			i++
		}
	}
	return nil
}

// symbol decodes one of a block of LZ77.
func (u *Unpacker) symbol() error {
	z := &u.lz
	s, err := u.code(&z.main)
	switch {
	case err != nil:
		return err
	case s < 256:
		u.put(byte(s))
		return nil
	case s == 256:
		u.endBlock()
		return nil
	case s == 257:
		return u.filterCode(func() (byte, error) { return u.in.octet(), nil })
	case s == 258:
	case s < 263:
		err = u.repeated(s - 259)
	case s < 271:
		u.near(s - 263)
	default:
		err = u.far(s - 271)
	}
	if err == nil {
		u.copy(z.before[0], z.length)
	}
	return err
}

// endBlock reads what follows a block: another one, or the end of the file.
func (u *Unpacker) endBlock() {
	if u.in.read(1) == 1 {
		u.tables = false
		return
	}
	u.last = true
	u.tables = u.in.read(1) == 0
}

// slot is a run of values: the first one, and how many bits tell which.
type slot struct {
	first int
	extra uint
}

// fillSlots makes the runs one behind another. extra gives the bits of each.
func fillSlots(all []slot, extra func(i int) uint) {
	first := 0
	for i := range all {
		all[i] = slot{first, extra(i)}
		first += 1 << all[i].extra
	}
}

// slots are those of lengths and of distances.
func (z *lz) slots() {
	fillSlots(z.lengthSlots[:], func(i int) uint { return uint(max(i-4, 0) / 4) })
	fillSlots(z.offsetSlots[:], func(i int) uint {
		switch {
		case i < 34:
			return uint(max(i/2-1, 0))
		case i < 48:
			return 16
		}
		return 18
	})
}

func (u *Unpacker) value(s slot) int { return s.first + int(u.in.read(s.extra)) }

// repeated takes one of the last distances.
func (u *Unpacker) repeated(i int) error {
	z := &u.lz
	distance := z.before[i]
	copy(z.before[1:i+1], z.before[:i])
	z.before[0] = distance
	s, err := u.code(&z.again)
	if err == nil {
		z.length = 2 + u.value(z.lengthSlots[s])
	}
	return err
}

// near takes two octets that are near.
func (u *Unpacker) near(i int) {
	s := [8]slot{{0, 2}, {4, 2}, {8, 3}, {16, 4}, {32, 5}, {64, 6}, {128, 6}, {192, 6}}[i]
	u.push(int64(u.value(s)) + 1)
	u.lz.length = 2
}

func (u *Unpacker) push(distance int64) {
	z := &u.lz
	copy(z.before[1:], z.before[:])
	z.before[0] = distance
}

// far takes a length and a distance.
func (u *Unpacker) far(i int) error {
	z := &u.lz
	z.length = 3 + u.value(z.lengthSlots[i])
	s, err := u.code(&z.offset)
	if err != nil {
		return err
	}
	run := z.offsetSlots[s]
	distance := int64(run.first) + 1
	if run.extra < 4 {
		distance += int64(u.in.read(run.extra))
	} else {
		distance += int64(u.in.read(run.extra-4)) << 4
		low, err := u.lowBits()
		if err != nil {
			return err
		}
		distance += int64(low)
	}
	if distance >= 0x2000 {
		z.length++
	}
	if distance >= 0x40000 {
		z.length++
	}
	u.push(distance)
	return nil
}

// lowBits decodes the lower four bits of a distance, or takes those before.
func (u *Unpacker) lowBits() (int, error) {
	z := &u.lz
	if z.lowRepeated > 0 {
		z.lowRepeated--
		return z.lowBefore, nil
	}
	s, err := u.code(&z.low)
	if err != nil {
		return 0, err
	}
	if s == 16 {
		z.lowRepeated = 15
	} else {
		z.lowBefore = s
	}
	return z.lowBefore, nil
}
