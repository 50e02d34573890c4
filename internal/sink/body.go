// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"
)

// readBody reads up to CRLF.CRLF, and to nothing else, and takes away the period that RFC 5321 section 4.5.2 puts before another.
func (s *session) readBody(m *Message) (tooLarge bool, err error) {
	if err := s.w.Flush(); err != nil {
		return false, err
	}
	lineStart, tail := true, byte(0) // tail is the last octet before this piece.
	for {
		if err := s.conn.SetDeadline(time.Now().Add(idleTimeout)); err != nil {
			return false, err
		}
		piece, err := s.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return false, fmt.Errorf("read body: %w", err)
		}
		if lineStart && string(piece) == ".\r\n" {
			return tooLarge, nil
		}
		body := piece
		if lineStart && piece[0] == '.' {
			body = piece[1:]
		}
		if tooLarge = tooLarge || int64(len(m.Data)+len(body)) > s.server.opts.MaxSize; !tooLarge {
			m.Data = append(m.Data, body...)
		}
		lineStart = endsCRLF(tail, piece)
		tail = piece[len(piece)-1]
	}
}

// endsCRLF tells if piece, which follows the octet tail, ends with CRLF.
func endsCRLF(tail byte, piece []byte) bool {
	n := len(piece)
	if piece[n-1] != '\n' {
		return false
	}
	if n == 1 {
		return tail == '\r'
	}
	return piece[n-2] == '\r'
}
