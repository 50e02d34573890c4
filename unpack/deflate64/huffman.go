// SPDX-License-Identifier: Apache-2.0

package deflate64

const (
	endOfBlock = 256
	maxLit     = 286 // Literal and length codes.
	maxDist    = 32  // Distance codes; Deflate has 30.
	maxBits    = 15  // Of a code.
	fastBits   = 9   // Codes of so many bits or fewer are found by one look.
)

// Where the lengths of a symbol begin, and how many bits are added: as in RFC 1951 section 3.2.5 but for the last, which has 16 bits here.
var (
	lengthBase = [...]int{
		3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31,
		35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 3,
	}
	lengthExtra = [len(lengthBase)]uint{
		0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
		3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16,
	}
)

// The same for distances, and two more.
var (
	distanceBase = [maxDist]int{
		1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193,
		257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577, 32769, 49153,
	}
	distanceExtra = [maxDist]uint{
		0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6,
		7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14,
	}
)

// lengthOrder is the order in which the lengths of the code length codes stand (RFC 1951 section 3.2.7).
var lengthOrder = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// huffman is a canonical prefix code.
type huffman struct {
	fast   [1 << fastBits]uint16 // Length in the low four bits and symbol above; 0 if the code is longer or there is none.
	count  [maxBits + 1]uint16   // Of codes of each length.
	symbol [maxLit + 2]uint16    // In the order of their codes.
	least  uint                  // Length of the shortest code.
}

// build makes the code from the lengths of its symbols' codes; false if these cannot be. A code with one symbol only
// need not be complete, as in zlib.
func (h *huffman) build(lens []uint8) bool {
	*h = huffman{}
	for _, n := range lens {
		h.count[n]++
	}
	used := len(lens) - int(h.count[0])
	h.count[0] = 0
	left, next := 1, [maxBits + 2]int{}
	for n := 1; n <= maxBits; n++ {
		left = left<<1 - int(h.count[n])
		if left < 0 {
			return false
		}
		next[n+1] = next[n] + int(h.count[n])
		if h.least == 0 && h.count[n] > 0 {
			h.least = uint(n)
		}
	}
	if left > 0 && (used > 1 || used == 1 && h.count[1] != 1) {
		return false
	}
	for s, n := range lens {
		if n > 0 {
			h.symbol[next[n]] = uint16(s)
			next[n]++
		}
	}
	h.index()
	return true
}

// index fills in what is found by one look.
func (h *huffman) index() {
	code, i := 0, 0
	for n := 1; n <= fastBits; n++ {
		code <<= 1
		for range h.count[n] {
			entry := h.symbol[i]<<4 | uint16(n)
			for at := reverse(code, n); at < len(h.fast); at += 1 << n {
				h.fast[at] = entry
			}
			code, i = code+1, i+1
		}
	}
}

// reverse turns the n bits of a code round: they come with the first one lowest.
func reverse(code, n int) int {
	r := 0
	for range n {
		r = r<<1 | code&1
		code >>= 1
	}
	return r
}

// decode reads a symbol. It takes no octet more than it needs.
func (z *Reader) decode(h *huffman) (int, error) {
	if h.least == 0 {
		return 0, z.corrupt()
	}
	want := h.least
	for {
		for z.nbits < want {
			if err := z.more(); err != nil {
				return 0, err
			}
		}
		e := h.fast[z.bits&(1<<fastBits-1)]
		n := uint(e & 15)
		switch {
		case n > 0 && n <= z.nbits:
			z.bits >>= n
			z.nbits -= n
			return int(e >> 4), nil
		case n == 0 && z.nbits >= fastBits:
			return z.decodeLong(h)
		}
		// Which code it is depends on bits that were not read yet.
		want = z.nbits + 1
	}
}

// decodeLong reads a symbol bit by bit.
func (z *Reader) decodeLong(h *huffman) (int, error) {
	code, first, index := 0, 0, 0
	for n := uint(1); n <= maxBits; n++ {
		if z.nbits < n {
			if err := z.more(); err != nil {
				return 0, err
			}
		}
		code |= int(z.bits >> (n - 1) & 1)
		count := int(h.count[n])
		if code-first < count {
			z.bits >>= n
			z.nbits -= n
			return int(h.symbol[index+code-first]), nil
		}
		index += count
		first = (first + count) << 1
		code <<= 1
	}
	return 0, z.corrupt()
}

// fixed sets the codes of RFC 1951 section 3.2.6.
func (z *Reader) fixed() {
	var lens [288]uint8
	for i := range lens {
		switch {
		case i < 144:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		case i < 280:
			lens[i] = 7
		default:
			lens[i] = 8
		}
	}
	z.lit.build(lens[:])
	var dist [maxDist]uint8
	for i := range dist {
		dist[i] = 5
	}
	z.dist.build(dist[:])
}

// dynamic reads the codes of a block (RFC 1951 section 3.2.7).
func (z *Reader) dynamic() error {
	v, err := z.take(14)
	if err != nil {
		return err
	}
	nlit, ndist, nlen := int(v&31)+257, int(v>>5&31)+1, int(v>>10)+4
	if nlit > maxLit {
		return z.corrupt()
	}
	var order [19]uint8
	for i := range nlen {
		n, err := z.take(3)
		if err != nil {
			return err
		}
		order[lengthOrder[i]] = uint8(n)
	}
	if !z.lit.build(order[:]) {
		return z.corrupt()
	}
	var lens [maxLit + maxDist]uint8
	if err := z.codeLengths(lens[:nlit+ndist]); err != nil {
		return err
	}
	if lens[endOfBlock] == 0 || !z.lit.build(lens[:nlit]) || !z.dist.build(lens[nlit:nlit+ndist]) {
		return z.corrupt()
	}
	return nil
}

// codeLengths reads the lengths of codes, in the code that z.lit has for them.
func (z *Reader) codeLengths(lens []uint8) error {
	for i := 0; i < len(lens); {
		s, err := z.decode(&z.lit)
		if err != nil {
			return err
		}
		if s < 16 {
			lens[i] = uint8(s)
			i++
			continue
		}
		base, bits, value := 3, uint(s-14), uint8(0)
		switch s {
		case 16:
			if i == 0 {
				return z.corrupt()
			}
			value = lens[i-1]
		case 17:
			bits = 3
		case 18:
			base, bits = 11, 7
		}
		n, err := z.take(bits)
		if err != nil {
			return err
		}
		end := i + base + int(n)
		if end > len(lens) {
			return z.corrupt()
		}
		for ; i < end; i++ {
			lens[i] = value
		}
	}
	return nil
}
