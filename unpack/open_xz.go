// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"

	"github.com/mailweir/mailweir/unpack/lzma"
	"github.com/mailweir/mailweir/unpack/xz"
)

func isXZ(h *head) bool { return h.has(0, xz.Magic) }

func openXZ(b *box) error {
	return openStreams(b, func(f *feed) (*stream, error) {
		if !f.begins(xz.Magic) {
			return nil, nil
		}
		return &stream{Reader: xz.NewReader(f)}, nil
	}, ".xz>", ".txz>.tar")
}

// lzmaHeader is how long the header of a .lzma file is: properties, dictionary size, size.
const lzmaHeader = 13

// isLZMA tells if the head is that of a .lzma file. The format has no magic number, so all that a header can say is judged as xz and 7-Zip do, and
// some octets must unpack.
func isLZMA(h *head) bool {
	b := h.octet
	if len(b) < lzmaHeader+5 || b[0] >= 9*5*5 || b[lzmaHeader] != 0 {
		return false
	}
	// A dictionary is a power of two, or that and its half, or as large as can be.
	dict := binary.LittleEndian.Uint32(b[1:])
	if top := uint32(1) << (31 - bits.LeadingZeros32(dict|1)); dict != top && dict != top|top>>1 && dict != math.MaxUint32 {
		return false
	}
	size := binary.LittleEndian.Uint64(b[5:])
	if size == 0 || size != math.MaxUint64 && size >= 1<<56 {
		return false
	}
	some := int64(16)
	if size != math.MaxUint64 && size > 1<<38 {
		some = 64 << 10 // More than xz believes: then nothing in the head may be damaged.
	}
	r, err := lzma.NewReader(bufio.NewReader(&headReader{b[lzmaHeader:]}), b[0], uint32(some), lzma.Unknown)
	if err != nil {
		return false
	}
	_, err = io.CopyN(io.Discard, r, some)
	return err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || some > 16 && errors.Is(err, io.ErrNoProgress)
}

// headReader reads octets and ends with io.ErrNoProgress, which tells the end of the head from that of the data.
type headReader struct{ b []byte }

func (r *headReader) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, io.ErrNoProgress
	}
	n := copy(p, r.b)
	r.b = r.b[n:]
	return n, nil
}

func openLZMA(b *box) error {
	return openStreams(b, func(f *feed) (*stream, error) {
		if f.at() > 0 {
			return nil, nil // Only the first octets were looked at.
		}
		var h [lzmaHeader]byte
		if _, err := io.ReadFull(f, h[:]); err != nil {
			return nil, fmt.Errorf("lzma header: %w", err)
		}
		le := binary.LittleEndian
		r, err := lzma.NewReader(f, h[0], le.Uint32(h[1:]), int64(le.Uint64(h[5:])))
		if err != nil {
			return nil, fmt.Errorf("lzma header: %w", err)
		}
		return &stream{Reader: r}, nil
	}, ".lzma>", ".tlz>.tar")
}

const lzipMagic = "LZIP\x01"

func isLzip(h *head) bool { return h.has(0, lzipMagic) }

func openLzip(b *box) error { return openStreams(b, lzipStream, ".lz>", ".tlz>.tar") }

// lzipStream reads one member of a .lz file: LZMA data with its own header and trailer.
func lzipStream(f *feed) (*stream, error) {
	if !f.begins(lzipMagic) {
		return nil, nil
	}
	var h [6]byte
	if _, err := io.ReadFull(f, h[:]); err != nil {
		return nil, fmt.Errorf("lzip header: %w", err)
	}
	dict := uint32(1) << (h[5] & 0x1f)
	dict -= dict / 16 * uint32(h[5]>>5)
	// The properties are always the same; the data end by themselves.
	r, err := lzma.NewReader(f, 0x5d, dict, lzma.Unknown)
	if err != nil {
		return nil, fmt.Errorf("lzip header: %w", err)
	}
	return &stream{Reader: r, end: func() error {
		if _, err := f.Discard(20); err != nil {
			return errors.New("lzip trailer is cut short")
		}
		return nil
	}}, nil
}
