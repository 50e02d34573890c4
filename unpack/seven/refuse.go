// SPDX-License-Identifier: Apache-2.0

package seven

import (
	"encoding/binary"
	"fmt"

	"github.com/mailweir/mailweir/unpack/lzma"
)

// Refused tells why the library does not unpack the folder, or would need more than dict octets of memory to look back at; "" if it does.
func (f *Folder) Refused(dict int64) string {
	for i, k := range f.coders {
		name := fmt.Sprintf("coder %x", k.id)
		known := false
		for _, c := range coders {
			if c.id == k.id {
				name, known = c.name, c.known
			}
		}
		if !known {
			return "compression method " + name + " is not supported"
		}
		if k.id == coderAES {
			if _, err := parseAES(k.props); err != nil {
				return err.Error()
			}
		}
		if n := k.memory(f.sizes, i); n > dict {
			return fmt.Sprintf("limit dictionary (%d octets) exceeded: %s needs %d", dict, name, n)
		}
	}
	return ""
}

// Memory is how many octets all coders of the folder together look back at.
func (f *Folder) Memory() (n int64) {
	for i, k := range f.coders {
		n += k.memory(f.sizes, i)
	}
	return n
}

// memory is how many octets a coder looks back at.
func (k *coder) memory(sizes []int64, i int) int64 {
	const brotliWindow = 16 << 20
	le := binary.LittleEndian
	switch k.id {
	case CoderLZMA, CoderLZMA2, CoderZstd:
		return bounded(lzma.MaxDict, sizes, i) // They are read up to that.
	case coderBrotli:
		return bounded(brotliWindow, sizes, i)
	case coderPPMd:
		if len(k.props) == 5 {
			return int64(le.Uint32(k.props[1:]))
		}
	}
	return 0
}

// bounded is a window that need not be larger than what is unpacked.
func bounded(n int64, sizes []int64, i int) int64 {
	if i < len(sizes) && sizes[i] >= 0 {
		return min(n, sizes[i])
	}
	return n
}
