// SPDX-License-Identifier: Apache-2.0

package clamd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

const (
	command     = "zINSTREAM\x00"
	chunkOctets = 64 << 10 // Content in one write.
	lengthSize  = 4        // Octets of the length before a chunk, in network byte order.
)

// buffer holds a command, a chunk with its length, and the length 0 that ends a stream.
type buffer [len(command) + lengthSize + chunkOctets + lengthSize]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// writeError is an error of the connection, as opposed to one of the content.
type writeError struct{ err error }

func (e *writeError) Error() string { return "send content: " + e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// send writes the command and content up to its end. If content ends with an error the stream is left without its end, and
// clamd gives no answer. Small content leaves in one write.
func send(w io.Writer, content io.Reader) error {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	at := copy(buf[:], command)
	for last := false; !last; at = 0 {
		n, err := io.ReadFull(content, buf[at+lengthSize:][:chunkOctets])
		last = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return fmt.Errorf("read content: %w", err)
		}
		if n > 0 {
			binary.BigEndian.PutUint32(buf[at:], uint32(n))
			at += lengthSize + n
		}
		if last {
			binary.BigEndian.PutUint32(buf[at:], 0)
			at += lengthSize
		}
		if _, err := w.Write(buf[:at]); err != nil {
			return &writeError{err}
		}
	}
	return nil
}
