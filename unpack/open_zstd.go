// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	zstdMagic = "\x28\xb5\x2f\xfd"
	zstdHead  = 18         // Octets of the longest frame header.
	skipMagic = 0x184d2a50 // To 0x184d2a5f: a frame of no data, RFC 8878 section 3.1.2. LZ4 has the same.
)

func isZstd(h *head) bool { return h.behindSkipped(zstdMagic) }

// maxSkipped is how many frames of no data may stand before the first that has some.
const maxSkipped = 1000

// behindSkipped tells if the magic number begins the leaf, or is behind frames of no data.
func (h *head) behindSkipped(magic string) bool {
	off := int64(0)
	for range maxSkipped {
		if h.has(off, magic) {
			return true
		}
		var b [8]byte
		if n, _ := h.leaf.Content.ReadAt(b[:], off); n < len(b) || binary.LittleEndian.Uint32(b[:])&^0xf != skipMagic {
			return false
		}
		off += 8 + int64(binary.LittleEndian.Uint32(b[4:]))
	}
	return false
}

func openZstd(b *box) error { return openStreams(b, zstdStream, ".zst>", ".tzst>.tar") }

func zstdStream(f *feed) (*stream, error) {
	if s, err := skipFrame(f); s != nil || err != nil {
		return s, err
	}
	if !f.begins(zstdMagic) {
		return nil, nil
	}
	head, _ := f.Peek(zstdHead)
	r, err := f.box.zstdReader(newZstdFrame(f), head)
	if err != nil {
		return nil, fmt.Errorf("zstd frame: %w", err)
	}
	return &stream{Reader: refusing{r}}, nil
}

// skipFrame passes over a frame of no data; the stream is nil if there is none.
func skipFrame(f *feed) (*stream, error) {
	h, _ := f.Peek(8)
	if len(h) < 8 || binary.LittleEndian.Uint32(h)&^0xf != skipMagic {
		return nil, nil
	}
	n := int64(binary.LittleEndian.Uint32(h[4:])) + 8
	if _, err := io.CopyN(io.Discard, f, n); err != nil {
		return nil, fmt.Errorf("frame to be skipped: %w", err)
	}
	return &stream{Reader: empty{}}, nil
}

type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }

// zstdFrame reads one frame octet for octet, so that what is behind it stays in the feed.
type zstdFrame struct {
	frame
	begun    bool
	checksum bool
	last     bool // The block at hand is the last one.
}

func newZstdFrame(f *feed) *zstdFrame {
	z := &zstdFrame{frame: frame{feed: f}}
	z.frame.next = z.next
	return z
}

var errZstd = errors.New("zstd frame header makes no sense")

// next reads a header: that of the frame, that of a block.
func (z *zstdFrame) next() error {
	if !z.begun {
		return z.begin()
	}
	if z.last {
		if !z.checksum {
			return io.EOF
		}
		z.checksum, z.rest = false, 4
		return nil
	}
	z.head = make([]byte, 3)
	if _, err := io.ReadFull(z.feed, z.head); err != nil {
		return io.ErrUnexpectedEOF
	}
	// Section 3.1.1.2: a flag, two bits for the kind, 21 for the size.
	block := uint32(z.head[0]) | uint32(z.head[1])<<8 | uint32(z.head[2])<<16
	z.last, z.rest = block&1 != 0, int64(block>>3)
	if block>>1&3 == 1 {
		z.rest = 1 // One octet, over and over.
	}
	return nil
}

// frame reads the header of the frame, section 3.1.1.1.
func (z *zstdFrame) begin() error {
	start, err := z.feed.Peek(5)
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	d := start[4]
	length := 5 + []int{0, 1, 2, 4}[d&3]
	single := d&0x20 != 0
	if !single {
		length++
	}
	switch {
	case d>>6 > 0:
		length += 1 << (d >> 6)
	case single:
		length++
	}
	if d&0x08 != 0 {
		return errZstd
	}
	z.begun, z.checksum = true, d&0x04 != 0
	z.head = make([]byte, length)
	if _, err := io.ReadFull(z.feed, z.head); err != nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}
