// SPDX-License-Identifier: Apache-2.0

package qr

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"io"
)

const signature = "\x89PNG\r\n\x1a\n"

func pngConfig(r io.Reader) (image.Config, error) { return png.DecodeConfig(newMended(r)) }

func decodePNG(r io.Reader, _ int) ([]image.Image, error) { return single(png.Decode)(newMended(r), 0) }

// mended is a PNG file (RFC 2083) with only the chunks that matter, right check sums and an end. Programs show files that have none of
// these.
type mended struct {
	r    io.Reader
	part bytes.Buffer // What is to be read next.
	left int64        // Octets of the chunk that were not read.
	done bool
}

// pngPiece is how much of a chunk is handed on as a chunk of its own, so that one that breaks off is handed on as far as it goes.
const pngPiece = 32 << 10

func newMended(r io.Reader) *mended {
	m := &mended{r: r}
	head := make([]byte, len(signature))
	_, err := io.ReadFull(r, head)
	m.part.Write(head)
	m.done = err != nil
	return m
}

func (m *mended) Read(p []byte) (int, error) {
	for m.part.Len() == 0 {
		if m.done {
			return 0, io.EOF
		}
		if err := m.next(); err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return 0, err
			}
			m.done = true
			m.chunk("IEND", nil)
		}
	}
	return m.part.Read(p)
}

// next reads a chunk, or the next piece of one.
func (m *mended) next() error {
	if m.left > 0 {
		return m.data()
	}
	var head [8]byte
	if _, err := io.ReadFull(m.r, head[:]); err != nil {
		return err
	}
	n := int64(binary.BigEndian.Uint32(head[:]))
	switch kind := string(head[4:]); kind {
	case "IHDR", "PLTE", "tRNS":
		if n > 3*256 {
			return io.EOF
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(m.r, b); err != nil {
			return err
		}
		m.chunk(kind, b)
		return m.skip(4)
	case "IDAT":
		m.left = n
		if n == 0 {
			return m.skip(4)
		}
		return nil
	case "IEND":
		return io.EOF
	default:
		return m.skip(n + 4)
	}
}

// data hands on a piece of image data.
func (m *mended) data() error {
	b := make([]byte, min(m.left, pngPiece))
	n, err := io.ReadFull(m.r, b)
	m.chunk("IDAT", b[:n])
	m.left -= int64(n)
	if err == nil && m.left == 0 {
		return m.skip(4)
	}
	if err != nil {
		m.left = 0
		m.r = bytes.NewReader(nil)
	}
	return nil
}

func (m *mended) skip(n int64) error {
	_, err := io.CopyN(io.Discard, m.r, n)
	return err
}

// chunk writes a chunk.
func (m *mended) chunk(kind string, data []byte) {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	m.part.Write(b)
}
