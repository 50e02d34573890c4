// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/mailweir/mailweir/mail"
)

// maxLine is how far before its first 8-bit octet something in a text is taken to begin.
const maxLine = 512

// tail visits what stands in the body of an entity in base64 and cannot be base64: octets of a file as they are, as a rule behind the end. Decoders pass
// them over; programs that look for a signature find them.
func (w *walk) tail(o origin, p *mail.Part) error {
	raw := p.Raw()
	at, err := w.firstHigh(raw)
	if err != nil || at < 0 {
		return err
	}
	from := max(at-maxLine, 0)
	before := make([]byte, at-from)
	if _, err := raw.ReadAt(before, from); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	from += int64(bytes.LastIndexByte(before, '\n') + 1)
	rest := io.NewSectionReader(raw, from, raw.Size()-from)
	if rest.Size() < minHidden {
		return nil
	}
	if err := w.again(o.Place, rest.Size()); err != nil {
		return err
	}
	return w.leaf(o.as("octets in base64"), content{r: rest, size: rest.Size()})
}

// firstHigh is the offset of the first octet that is no US-ASCII; -1 if there is none.
func (w *walk) firstHigh(r *io.SectionReader) (int64, error) {
	page := w.u.page()
	defer w.u.pages.Put(page)
	for off := int64(0); off < r.Size(); off += pageSize {
		if err := w.stopped(); err != nil {
			return 0, err
		}
		n, err := r.ReadAt((*page)[:min(pageSize, r.Size()-off)], off)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if i := indexHigh((*page)[:n]); i >= 0 {
			return off + int64(i), nil
		}
	}
	return -1, nil
}

// indexHigh finds the first octet above 0x7F.
func indexHigh(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if binary.LittleEndian.Uint64(b[i:])&0x8080808080808080 != 0 {
			break
		}
	}
	for ; i < len(b); i++ {
		if b[i] >= 0x80 {
			return i
		}
	}
	return -1
}
