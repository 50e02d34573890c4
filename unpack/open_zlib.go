// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
)

// isZlib looks for the header of RFC 1950 section 2.2, which is no more than two octets, and then if the data can be unpacked so far as
// the head goes.
func isZlib(h *head) bool {
	b := h.octet
	if len(b) < 8 || b[0]&0x0f != 8 || b[0]>>4 > 7 || b[1]&0x20 != 0 || (int(b[0])<<8|int(b[1]))%31 != 0 {
		return false
	}
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return false
	}
	const enough = 32 // Octets that unpack are no accident.
	n, err := io.CopyN(io.Discard, r, enough)
	return n == enough || n > 0 && errors.Is(err, io.EOF)
}

func openZlib(b *box) error {
	return openStreams(b, func(f *feed) (*stream, error) {
		if f.at() > 0 {
			return nil, nil
		}
		r, err := zlib.NewReader(f)
		if err != nil {
			return nil, err
		}
		return &stream{Reader: r}, nil
	}, ".zlib>", ".zz>")
}
