// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"bytes"
	"io"
)

// Stream is a message that is being written, so that it can be signed as it leaves: it keeps the header section and hashes the body.
// It belongs to one goroutine.
type Stream struct {
	head headerReader
	body io.WriteCloser
	msg  *Message
}

var _ io.WriteCloser = (*Stream)(nil)

// NewStream begins a message whose body is for b, which nothing may be added to any more.
func NewStream(b *Bodies) *Stream { return &Stream{body: b.Writer()} }

// Write takes octets of the message. The error is ErrHeaderTooLarge.
func (s *Stream) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && !s.head.done {
		line := p
		if i := bytes.IndexByte(p, '\n'); i >= 0 {
			line = p[:i+1]
		}
		s.head.add(line)
		p = p[len(line):]
		if s.head.read > MaxHeader || len(s.head.fields) > MaxFields {
			return 0, ErrHeaderTooLarge
		}
	}
	if len(p) > 0 {
		if _, err := s.body.Write(p); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Close ends the message.
func (s *Stream) Close() error {
	s.msg = New(s.head.finish())
	return s.body.Close()
}

// Message is the header section that was written, after Close.
func (s *Stream) Message() *Message { return s.msg }
