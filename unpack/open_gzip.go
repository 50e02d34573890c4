// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const (
	gzipMagic = "\x1f\x8b\x08"
	gzipOld   = "\x1f\x9e\x08" // From before version 1.0; gzip still reads it.
)

func isGzip(h *head) bool { return h.has(0, gzipMagic) || h.has(0, gzipOld) }

func openGzip(b *box) error {
	return openStreams(b, gzipStream, ".gz>", ".tgz>.tar", ".taz>.tar", ".svgz>.svg", ".wmz>.wmf", ".emz>.emf", ".vgz>.vsd", ".gzip>", ".z>")
}

// Flags of a gzip header, RFC 1952 section 2.3.1.
const (
	gzipCRC = 1 << (iota + 1)
	gzipExtra
	gzipName
	gzipComment
)

// maxGzipText is how many octets the name or the comment in a header may have.
const maxGzipText = 64 << 10

var errGzip = errors.New("gzip header makes no sense")

// gzipStream reads one member, RFC 1952 section 2.3. Flags that are reserved are passed over, as gzip does not.
func gzipStream(f *feed) (*stream, error) {
	if !f.begins(gzipMagic) && !f.begins(gzipOld) {
		return nil, nil
	}
	var h [10]byte
	if _, err := io.ReadFull(f, h[:]); err != nil {
		return nil, fmt.Errorf("gzip header: %w", err)
	}
	flags := h[3]
	if flags&gzipExtra != 0 {
		if err := gzipSkip(f); err != nil {
			return nil, err
		}
	}
	var name string
	for _, flag := range []byte{gzipName, gzipComment} {
		if flags&flag == 0 {
			continue
		}
		text, err := gzipText(f)
		if err != nil {
			return nil, err
		}
		if flag == gzipName {
			name = text
		}
	}
	if flags&gzipCRC != 0 {
		if _, err := f.Discard(2); err != nil {
			return nil, fmt.Errorf("gzip header: %w", err)
		}
	}
	g := &gzipData{r: flate.NewReader(f), feed: f}
	return &stream{Reader: g, name: name, end: g.trailer}, nil
}

// gzipSkip passes over the extra field.
func gzipSkip(f *feed) error {
	var n [2]byte
	if _, err := io.ReadFull(f, n[:]); err != nil {
		return fmt.Errorf("gzip header: %w", err)
	}
	if _, err := f.Discard(int(binary.LittleEndian.Uint16(n[:]))); err != nil {
		return fmt.Errorf("gzip header: %w", err)
	}
	return nil
}

// gzipText reads Latin-1 up to NUL.
func gzipText(f *feed) (string, error) {
	var text bytes.Buffer
	for range maxGzipText {
		c, err := f.ReadByte()
		if err != nil {
			return "", fmt.Errorf("gzip header: %w", err)
		}
		if c == 0 {
			return text.String(), nil
		}
		if text.Len() < MaxAlias {
			text.WriteByte(c) // Programs of today take it for UTF-8.
		}
	}
	return "", errGzip
}

// gzipData is what one member unpacks to.
type gzipData struct {
	r    io.Reader
	feed *feed
	crc  uint32
	size uint32
}

func (g *gzipData) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.crc = crc32.Update(g.crc, crc32.IEEETable, p[:n])
	g.size += uint32(n)
	return n, err
}

func (g *gzipData) trailer() error {
	var t [8]byte
	if _, err := io.ReadFull(g.feed, t[:]); err != nil {
		return errors.New("gzip checksum is cut short")
	}
	if binary.LittleEndian.Uint32(t[:]) != g.crc || binary.LittleEndian.Uint32(t[4:]) != g.size {
		return errors.New("gzip checksum is wrong")
	}
	return nil
}
