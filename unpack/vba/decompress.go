// SPDX-License-Identifier: Apache-2.0

package vba

import (
	"encoding/binary"
	"errors"
)

// errCompressed is returned for what is no compressed container.
var errCompressed = errors.New("not compressed as VBA is")

const (
	container = 0x01 // First octet of a container.
	chunkSize = 4096 // Octets that a chunk unpacks to at most.
)

// Decompress unpacks a compressed container (MS-OVBA section 2.4.1), to at most limit octets. What comes before damage is returned with
// the error.
func Decompress(b []byte, limit int) ([]byte, error) {
	if len(b) < 3 || b[0] != container {
		return nil, errCompressed
	}
	var out []byte
	for b = b[1:]; len(b) >= 2 && len(out) < limit; {
		head := binary.LittleEndian.Uint16(b)
		if head>>12&7 != 3 {
			return out, errCompressed
		}
		size := min(int(head&0xFFF)+3, len(b))
		data := b[2:size]
		b = b[size:]
		if head&0x8000 == 0 {
			out = append(out, data[:min(len(data), chunkSize)]...)
			continue
		}
		var ok bool
		if out, ok = chunk(out, data); !ok {
			return out[:min(len(out), limit)], errCompressed
		}
	}
	return out[:min(len(out), limit)], nil
}

// chunk unpacks one chunk behind out (MS-OVBA section 2.4.1.3.2): octets as they are, and copies of what is before in the chunk.
func chunk(out, data []byte) (_ []byte, ok bool) {
	start := len(out)
	for len(data) > 0 {
		flags := data[0]
		data = data[1:]
		for bit := 0; bit < 8 && len(data) > 0; bit++ {
			if flags>>bit&1 == 0 {
				out, data = append(out, data[0]), data[1:]
				continue
			}
			if len(data) < 2 {
				return out, false
			}
			back, n := copyToken(binary.LittleEndian.Uint16(data), len(out)-start)
			data = data[2:]
			if back > len(out)-start || len(out)-start+n > chunkSize {
				return out, false
			}
			for range n {
				out = append(out, out[len(out)-back])
			}
		}
	}
	return out, true
}

// copyToken splits a token into how far back to copy from and how much (MS-OVBA section 2.4.1.3.19.1). done is what the chunk has so far.
func copyToken(token uint16, done int) (back, n int) {
	bits := 4
	for 1<<bits < done {
		bits++
	}
	bits = min(bits, 12)
	return int(token>>(16-bits)) + 1, int(token&(0xFFFF>>bits)) + 3
}
