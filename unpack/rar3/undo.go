// SPDX-License-Identifier: Apache-2.0

package rar3

import "encoding/binary"

// undoCalls makes the targets of calls, and of jumps, in an x86 program relative again. at is where in the file b begins.
func undoCalls(b []byte, at uint32, jumps bool) {
	const fileSize = 1 << 24
	le := binary.LittleEndian
	for i := 0; i+5 <= len(b); {
		c := b[i]
		i++
		if c != 0xe8 && (!jumps || c != 0xe9) {
			continue
		}
		pos := at + uint32(i)
		v := le.Uint32(b[i:])
		switch {
		case v < fileSize:
			le.PutUint32(b[i:], v-pos)
		case int32(v) < 0 && int32(v+pos) >= 0:
			le.PutUint32(b[i:], v+fileSize)
		}
		i += 4
	}
}

// undoItanium makes the targets of branches relative again: bundles of 16 octets have three instructions of 41 bits.
func undoItanium(b []byte, at uint32) {
	units := [16]byte{4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0}
	for bundle := at >> 4; len(b) > 21; bundle++ {
		if kind := b[0] & 0x1f; kind >= 16 {
			for i := range uint(3) {
				pos := i*41 + 5
				if units[kind-16]>>i&1 != 0 && bitsAt(b, pos+37, 4) == 5 {
					putBits(b, pos+13, 20, bitsAt(b, pos+13, 20)-bundle)
				}
			}
		}
		b = b[16:]
	}
}

func bitsAt(b []byte, pos, n uint) uint32 {
	return binary.LittleEndian.Uint32(b[pos/8:]) >> (pos & 7) & (1<<n - 1)
}

func putBits(b []byte, pos, n uint, v uint32) {
	mask := uint32(1<<n-1) << (pos & 7)
	p := b[pos/8:]
	binary.LittleEndian.PutUint32(p, binary.LittleEndian.Uint32(p)&^mask|v<<(pos&7)&mask)
}

// undoDelta sums up differences; the octets of each channel stand together.
func undoDelta(b []byte, channels int) []byte {
	out := make([]byte, len(b))
	next := 0
	for c := range channels {
		var v byte
		for i := c; i < len(out); i += channels {
			v -= b[next]
			next++
			out[i] = v
		}
	}
	return out
}

// undoPixels undoes the prediction of a colour by those to the left and above; width is that of a row in octets. The first of red is at the
// offset red: green was taken from the other two.
func undoPixels(b []byte, width, red int) []byte {
	out := make([]byte, len(b))
	next := 0
	for c := range 3 {
		left := 0
		for i := c; i < len(out); i += 3 {
			guess := left
			if up := i - width; up >= 3 {
				guess = paeth(left, int(out[up]), int(out[up-3]))
			}
			left = (guess - int(b[next])) & 0xff
			next++
			out[i] = byte(left)
		}
	}
	for i := red; i < len(out)-2; i += 3 {
		out[i] += out[i+1]
		out[i+2] += out[i+1]
	}
	return out
}

// paeth is the neighbour that is nearest to left and up less the one between.
func paeth(left, up, between int) int {
	guess := left + up - between
	a, b, c := abs(guess-left), abs(guess-up), abs(guess-between)
	switch {
	case a <= b && a <= c:
		return left
	case b <= c:
		return up
	}
	return between
}

func abs(n int) int { return max(n, -n) }

// undoSamples undoes the prediction of sound, whose weights follow what would have been better.
func undoSamples(b []byte, channels int) []byte {
	out := make([]byte, len(b))
	next := 0
	for c := range channels {
		var p predictor
		for i := c; i < len(out); i += channels {
			out[i] = p.next(int(int8(b[next])))
			next++
		}
	}
	return out
}

// predictor is that of one channel.
type predictor struct {
	last int // The octet before.
	d, k [3]int
	miss [7]int
	n    int
}

func (p *predictor) next(difference int) byte {
	guess := p.last<<3 + p.k[0]*p.d[0] + p.k[1]*p.d[1] + p.k[2]*p.d[2]
	v := (guess >> 3 & 0xff) - difference
	scaled := difference << 3
	p.miss[0] += abs(scaled)
	for i, d := range p.d {
		p.miss[1+2*i] += abs(scaled - d)
		p.miss[2+2*i] += abs(scaled + d)
	}
	change := int(int8(v - p.last))
	p.d[2] = p.d[1]
	p.d[1] = change - p.d[0]
	p.d[0] = change
	p.last = v & 0xff
	if p.n&0x1f == 0 {
		p.adapt()
	}
	p.n++
	return byte(v)
}

// adapt changes the weight that would have helped the most.
func (p *predictor) adapt() {
	best := 0
	for i, m := range p.miss {
		if m < p.miss[best] {
			best = i
		}
	}
	p.miss = [7]int{}
	if best == 0 {
		return
	}
	k := &p.k[(best-1)/2]
	switch down := best&1 == 1; {
	case down && *k >= -16:
		*k--
	case !down && *k < 16:
		*k++
	}
}
