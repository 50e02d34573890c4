// SPDX-License-Identifier: Apache-2.0

package seven

import "fmt"

// Coders by their identifiers (Methods.txt of the LZMA SDK).
const (
	coderCopy = "\x00"
	coderPPMd = "\x03\x04\x01"
	coderAES  = "\x06\xf1\x07\x01"

	coderBrotli = "\x04\xf7\x11\x02"
)

// Coders that the library reads with too much memory, without an end, or not at all: its user gives it others.
const (
	CoderDelta     = "\x03"
	CoderLZMA      = "\x03\x01\x01"
	CoderLZMA2     = "\x21"
	CoderDeflate64 = "\x04\x01\x09"
	CoderZstd      = "\x04\xf7\x11\x01"
)

// coders are the names of coders; known are the ones that the library reads.
var coders = [...]struct {
	id, name string
	known    bool
}{
	{coderCopy, "Copy", true},
	{CoderDelta, "Delta", true},
	{"\x04", "BCJ (x86)", false},
	{"\x05", "PPC", false},
	{"\x06", "IA64", false},
	{"\x07", "ARM", false},
	{"\x08", "ARMT", false},
	{"\x09", "SPARC", false},
	{"\x0a", "ARM64", true},
	{"\x0b", "RISCV", false},
	{CoderLZMA2, "LZMA2", true},
	{"\x02\x03\x02", "Swap2", false},
	{"\x02\x03\x04", "Swap4", false},
	{CoderLZMA, "LZMA", true},
	{"\x03\x03\x01\x03", "BCJ (x86)", true},
	{"\x03\x03\x01\x1b", "BCJ2 (x86)", true},
	{"\x03\x03\x02\x05", "PPC", true},
	{"\x03\x03\x04\x01", "IA64", false},
	{"\x03\x03\x05\x01", "ARM", true},
	{"\x03\x03\x07\x01", "ARMT", false},
	{"\x03\x03\x08\x05", "SPARC", true},
	{coderPPMd, "PPMd", true},
	{"\x04\x01\x08", "Deflate", true},
	{CoderDeflate64, "Deflate64", true},
	{"\x04\x02\x02", "BZip2", true},
	{CoderZstd, "Zstandard", true},
	{coderBrotli, "Brotli", true},
	{"\x04\xf7\x11\x04", "LZ4", true},
	{"\x04\xf7\x11\x05", "LZ5", false},
	{"\x04\xf7\x11\x06", "Lizard", false},
	{"\x04\xf7\x11\x0c", "FLZMA2", false},
	{coderAES, "AES", true},
}

// coder is one step of unpacking.
type coder struct {
	id      string
	props   []byte
	in, out int
}

// folder is a block of files that were packed as one, and the coders to go through.
type folder struct {
	coders  []coder
	ins     int
	outs    int
	binds   [][2]int // What goes into which input comes from which output.
	streams int      // Packed streams of it.
	first   int      // The number of the first of them.
	packed  []int    // The inputs that these go to.
	sizes   []int64  // Octets that come out of each output.
	sum     uint32   // Checksum of what comes out at the end; 0 if it is not given.
}

// folder reads one folder.
func (c *cursor) folder() (f folder) {
	for range c.count(maxCoders, "coders") {
		v := c.octet()
		k := coder{id: string(c.atom(int(v & 0xf))), in: 1, out: 1}
		if v&0x10 != 0 {
			k.in, k.out = c.count(maxStreams, "streams"), c.count(maxStreams, "streams")
		}
		if v&0x20 != 0 {
			n := c.number()
			if n > maxProps {
				c.fail(fmt.Errorf("octets of properties (%d): %w", maxProps, ErrLimit))
			}
			k.props = c.atom(int(min(n, maxProps)))
		}
		if c.err != nil {
			return f
		}
		f.coders = append(f.coders, k)
		f.ins, f.outs = f.ins+k.in, f.outs+k.out
	}
	if c.err == nil && (f.ins > maxStreams || f.outs > maxStreams || f.ins < f.outs) {
		c.fail(fmt.Errorf("streams of a folder (%d): %w", maxStreams, ErrLimit))
	}
	for range f.outs - 1 {
		in, out := c.number(), c.number()
		if in >= uint64(f.ins) || out >= uint64(f.outs) {
			c.fail(fmt.Errorf("streams of a folder: %w", ErrFormat))
			return f
		}
		f.binds = append(f.binds, [2]int{int(in), int(out)})
	}
	f.streams = f.ins - (f.outs - 1)
	if f.streams == 1 {
		f.packed = []int{f.free()}
		return f
	}
	for range f.streams {
		in := c.number()
		if in >= uint64(f.ins) {
			c.fail(fmt.Errorf("streams of a folder: %w", ErrFormat))
			return f
		}
		f.packed = append(f.packed, int(in))
	}
	return f
}

// free is the input that nothing goes to but a packed stream.
func (f *folder) free() int {
	for in := range f.ins {
		if f.from(in) < 0 {
			return in
		}
	}
	return -1
}

// from is the output that goes to an input; -1 if none does.
func (f *folder) from(in int) int {
	for _, b := range f.binds {
		if b[0] == in {
			return b[1]
		}
	}
	return -1
}

// to is the input that an output goes to; -1 if it is what comes out at the end.
func (f *folder) to(out int) int {
	for _, b := range f.binds {
		if b[1] == out {
			return b[0]
		}
	}
	return -1
}

// owner is the coder that an input belongs to.
func (f *folder) owner(in int) int {
	if in < 0 {
		return -1
	}
	for i, k := range f.coders {
		if in -= k.in; in < 0 {
			return i
		}
	}
	return -1
}

// size is how many octets come out at the end.
func (f *folder) size() int64 {
	for out, n := range f.sizes {
		if f.to(out) < 0 {
			return n
		}
	}
	return -1
}

// aes is the first coder that decrypts; -1 if none does.
func (f *folder) aes() int {
	for i, k := range f.coders {
		if k.id == coderAES {
			return i
		}
	}
	return -1
}

// Rounds is how many rounds of SHA-256 it takes to try one password; 0 if the folder is not encrypted.
func (f *folder) Rounds() int64 {
	i := f.aes()
	if i < 0 {
		return 0
	}
	k, err := parseAES(f.coders[i].props)
	if err != nil || k.cycles == rawKey {
		return 1
	}
	return 1 << k.cycles
}

// Folder is a block of files that were packed as one.
type Folder struct {
	folder
	at, long int64 // The packed stream that is encrypted, and its length.
}

func (s *streams) folder(i int) Folder {
	f := Folder{folder: s.folders[i], at: -1}
	k := f.aes()
	if k < 0 {
		return f
	}
	off := s.position
	for j := range s.packed {
		if n := j - f.first; n >= 0 && n < len(f.packed) && f.owner(f.packed[n]) == k {
			f.at, f.long = off, s.packed[j]
			break
		}
		off += max(s.packed[j], 0)
	}
	return f
}

// Encrypted tells if a password is needed.
func (f *Folder) Encrypted() bool { return f.aes() >= 0 }

// Compressed tells if the folder is more than a copy of its files.
func (f *Folder) Compressed() bool {
	for _, k := range f.coders {
		if k.id != coderCopy && k.id != coderAES {
			return true
		}
	}
	return false
}
