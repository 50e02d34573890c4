// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"strconv"
	"sync"
)

const (
	maxHead     = 8 << 10                    // Octets of a request before its body.
	maxSizeLine = len("10000\r\n")           // Octets of a chunk's size and its CRLF.
	chunkOctets = maxPreview                 // Content in one write.
	maxTail     = len("\r\n" + endOfPreview) // Octets after a chunk.

	endOfBody    = "0\r\n\r\n"       // RFC 9112 section 7.1; also ends a preview that more would follow.
	endOfPreview = "0; ieof\r\n\r\n" // Ends a preview that is the whole body: RFC 3507 section 4.5.
)

// buffer holds one write: a head, the size of a chunk, the chunk, and an end.
type buffer [maxHead + maxSizeLine + chunkOctets + maxTail]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// sent is what became of the writing.
type sent struct {
	whole   bool   // All has been written.
	digest  digest // If whole.
	content error  // Of reading the content; then there must be no verdict.
	conn    error  // Of writing; then there may be an answer.
}

// body writes content in chunks.
type body struct {
	w       io.Writer
	content io.Reader
	size    int64
	left    int64
	sum     hash.Hash
	buf     *buffer
	sent    sent
}

func newBody(w io.Writer, content io.Reader, size int64) *body {
	return &body{w: w, content: content, size: size, left: size, sum: sha256.New(), buf: buffers.Get().(*buffer)}
}

// close gives the buffer back.
func (b *body) close() { buffers.Put(b.buf) }

// next writes head and up to limit octets of content, in one write. It tells if there is more to write.
func (b *body) next(head string, limit int, preview bool) (more bool) {
	const at = maxHead + maxSizeLine
	n := int(min(int64(limit), b.left))
	if b.sent.content = b.read(b.buf[at:][:n]); b.sent.content != nil {
		return false
	}
	start, end := at, at+n
	if n > 0 {
		size := strconv.AppendUint(nil, uint64(n), 16)
		start -= len(size) + len("\r\n")
		copy(b.buf[start:], append(size, '\r', '\n'))
		end += copy(b.buf[end:], "\r\n")
	}
	start -= len(head)
	copy(b.buf[start:], head)
	switch {
	case preview && b.left == 0:
		end += copy(b.buf[end:], endOfPreview)
	case preview || b.left == 0:
		end += copy(b.buf[end:], endOfBody)
	}
	if _, b.sent.conn = b.w.Write(b.buf[start:end]); b.sent.conn != nil {
		return false
	}
	if b.left == 0 {
		b.sent.whole, b.sent.digest = true, digest{size: b.size, sum: [sha256.Size]byte(b.sum.Sum(nil))}
	}
	return b.left > 0
}

// read fills p, and after the last octet makes sure that the content ends there.
func (b *body) read(p []byte) error {
	if _, err := io.ReadFull(b.content, p); err != nil {
		return noEOF(err)
	}
	b.sum.Write(p)
	if b.left -= int64(len(p)); b.left > 0 {
		return nil
	}
	var more [1]byte
	if _, err := io.ReadFull(b.content, more[:]); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// noEOF makes an end that came too early an error of that name.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
