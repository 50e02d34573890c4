// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/pierrec/lz4/v4"
)

const (
	lz4Magic  = "\x04\x22\x4d\x18"
	lz4Legacy = "\x02\x21\x4c\x18"
)

func isLZ4(h *head) bool {
	return h.behindSkipped(lz4Magic) || h.behindSkipped(lz4Legacy)
}

func openLZ4(b *box) error { return openStreams(b, lz4Stream, ".lz4>", ".tlz4>.tar") }

func lz4Stream(f *feed) (*stream, error) {
	if s, err := skipFrame(f); s != nil || err != nil {
		return s, err
	}
	switch {
	case f.begins(lz4Magic):
		return &stream{Reader: lz4.NewReader(newLZ4Frame(f))}, nil
	case f.begins(lz4Legacy):
		return &stream{Reader: lz4.NewReader(newLZ4Old(f))}, nil
	}
	return nil, nil
}

// lz4Old reads the blocks of the old format, which go on up to the end of the file or the next frame.
type lz4Old struct {
	frame
	begun bool
}

func newLZ4Old(f *feed) *lz4Old {
	z := &lz4Old{frame: frame{feed: f}}
	z.frame.next = z.next
	return z
}

// lz4OldBlock is more than what 8 MiB that cannot be compressed take; a magic number is more than that.
const lz4OldBlock = 16 << 20

func (z *lz4Old) next() error {
	b, err := z.feed.Peek(4)
	if err != nil {
		return io.EOF // Less than a length is left.
	}
	size := int64(binary.LittleEndian.Uint32(b))
	if z.begun && size > lz4OldBlock {
		return io.EOF
	}
	if z.head = bytes.Clone(b); z.begun {
		z.rest = size
	}
	z.begun = true
	_, err = z.feed.Discard(len(b))
	return err
}

// lz4Frame reads one frame octet for octet, so that what is behind it stays in the feed.
type lz4Frame struct {
	frame
	flags byte
	begun bool
	ended bool
}

func newLZ4Frame(f *feed) *lz4Frame {
	z := &lz4Frame{frame: frame{feed: f}}
	z.frame.next = z.next
	return z
}

var errLZ4 = errors.New("lz4 frame header makes no sense")

// Flags of a frame.
const (
	lz4DictID        = 0x01
	lz4Checksum      = 0x04
	lz4Size          = 0x08
	lz4BlockChecksum = 0x10
)

func (z *lz4Frame) next() error {
	switch {
	case !z.begun:
		return z.begin()
	case z.ended:
		return io.EOF
	}
	z.head = make([]byte, 4)
	if _, err := io.ReadFull(z.feed, z.head); err != nil {
		return io.ErrUnexpectedEOF
	}
	size := int64(binary.LittleEndian.Uint32(z.head) &^ (1 << 31))
	switch {
	case size == 0:
		z.ended = true
		if z.flags&lz4Checksum != 0 {
			z.rest = 4
		}
	case z.flags&lz4BlockChecksum != 0:
		z.rest = size + 4
	default:
		z.rest = size
	}
	return nil
}

func (z *lz4Frame) begin() error {
	start, err := z.feed.Peek(6)
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	z.begun, z.flags = true, start[4]
	if z.flags>>6 != 1 {
		return errLZ4
	}
	length := 7
	if z.flags&lz4Size != 0 {
		length += 8
	}
	if z.flags&lz4DictID != 0 {
		length += 4
	}
	z.head = make([]byte, length)
	if _, err := io.ReadFull(z.feed, z.head); err != nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}
