// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
)

const (
	bzip2Block = "\x31\x41\x59\x26\x53\x59" // Before a block.
	bzip2Final = "\x17\x72\x45\x38\x50\x90" // Behind the last one.
)

func isBzip2(h *head) bool {
	return h.has(0, "BZh") && len(h.octet) > 3 && h.octet[3] >= '1' && h.octet[3] <= '9' && (h.has(4, bzip2Block) || h.has(4, bzip2Final))
}

func openBzip2(b *box) error {
	return openStreams(b, bzip2Stream, ".bz2>", ".bz>", ".tbz2>.tar", ".tbz>.tar", ".tb2>.tar")
}

func bzip2Stream(f *feed) (*stream, error) {
	if !f.begins("BZh") {
		return nil, nil
	}
	return &stream{Reader: &bzip2Data{r: bzip2.NewReader(&bzip2Feed{feed: f}), feed: f}}, nil
}

// bzip2Feed ends where a stream ends and another begins: the library would go on.
type bzip2Feed struct {
	*feed
	begun bool
}

func (f *bzip2Feed) ReadByte() (byte, error) {
	if f.begun && f.begins("BZh") && f.box.bzip2Ends(f.at()) {
		return 0, io.EOF
	}
	f.begun = true
	return f.feed.ReadByte()
}

// bzip2Data is what one stream unpacks to. The library takes what is behind the last stream for damage of it.
type bzip2Data struct {
	r    io.Reader
	feed *feed
}

func (d *bzip2Data) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	var structural bzip2.StructuralError
	if err == nil || errors.Is(err, io.EOF) || !errors.As(err, &structural) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return n, err
	}
	// It has read one or two octets to see if there is one more.
	for behind := range int64(3) {
		end := d.feed.at() - behind
		if !d.feed.box.bzip2Ends(end) {
			continue
		}
		if err := d.feed.seek(end); err != nil {
			return n, err
		}
		return n, io.EOF
	}
	return n, err
}

// bzip2Ends tells if a stream ends at off: with a magic number of 48 bits, a checksum of 32, and bits up to the next octet.
func (b *box) bzip2Ends(off int64) bool {
	const length = 11
	var tail [length]byte
	r, _ := b.content()
	if off < length {
		return false
	}
	if _, err := r.ReadAt(tail[:], off-length); err != nil {
		return false
	}
	var head uint64
	for _, c := range tail[:7] {
		head = head<<8 | uint64(c)
	}
	for bits := range 8 {
		if head>>bits&(1<<48-1) == 0x177245385090 { // bzip2Final
			return true
		}
	}
	return false
}

// seek goes back to an offset that was read.
func (f *feed) seek(off int64) error {
	if _, err := f.in.Seek(off, io.SeekStart); err != nil {
		return fmt.Errorf("seek: %w", err)
	}
	f.Reset(f.in)
	return nil
}
