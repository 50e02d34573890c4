// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// bodyBuffer is how much of a body is read and written at a time, in octets.
const bodyBuffer = 64 << 10

// bodyBuffers keeps buffers between messages. A pool is a cache, not state.
var bodyBuffers = sync.Pool{New: func() any { b := make([]byte, bodyBuffer); return &b }}

// bodyEnd says how a body ended and what was seen on the way.
type bodyEnd struct {
	size int64 // Octets of the body, without dot-stuffing.

	// bareLFDot tells that a dot stands alone on a line by the reading that takes a bare LF for a line end. We do not read
	// so, but a next hop that does would end the message there and take the rest for commands (CVE-2023-51764).
	bareLFDot bool

	// loose tells that the CR of the line end before the final dot has a CR before it. Some do not take that for an end of
	// data, so nothing that follows on the connection may be read as a command: design note 009.
	loose bool

	// writeErr is the first error of the writer. The body was read to its end all the same.
	writeErr error
}

var endOfData = []byte("\r\n.\r\n")

// readBody reads a body to its end of data, CRLF.CRLF and nothing else (RFC 5321 section 4.1.1.4), and writes it to w without
// the dot-stuffing. buffered is what was read from r before; what follows the end of data is returned as rest. An error means
// that the end was not seen: nothing that r holds may then be read as a command.
func readBody(r io.Reader, buffered []byte, w io.Writer) (end bodyEnd, rest []byte, err error) {
	bp, _ := bodyBuffers.Get().(*[]byte)
	defer bodyBuffers.Put(bp)
	s := bodyScanner{w: w}
	// The body starts behind a line end: that of the DATA command.
	buf := append((*bp)[:0], '\r', '\n')
	s.skip = 2
	if len(buffered) > cap(buf)-len(buf) {
		return end, nil, errors.New("too much was sent before the reply to DATA")
	}
	buf = append(buf, buffered...)
	for {
		n, done := s.scan(buf)
		if done {
			return s.end, bytes.Clone(buf[n:]), nil
		}
		buf = buf[:copy(buf[:cap(buf)], buf[n:])]
		m, err := r.Read(buf[len(buf):cap(buf)])
		if m == 0 && err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return s.end, nil, err
		}
		buf = buf[:len(buf)+m]
	}
}

// bodyScanner finds the end of data and removes dot-stuffing, a buffer at a time.
type bodyScanner struct {
	w    io.Writer
	skip int  // Octets at the start of the buffer that are not of the body.
	prev byte // The last octet before the buffer.
	end  bodyEnd
}

// scan passes on what it can of buf. It returns how many octets it is done with, and if the end of data was among them.
func (s *bodyScanner) scan(buf []byte) (n int, done bool) {
	start := 0 // Of what is not passed on yet.
	from := 0  // Where the search goes on.
	for {
		i := bytes.Index(buf[from:], []byte("\n."))
		if i < 0 {
			return s.keepTail(buf, start), false
		}
		i += from // Of the LF.
		if len(buf)-i < 4 && !endsLine(buf[i+2:]) {
			// What follows the dot is not here yet. Keep the CR before the LF and what is before it.
			keep := max(i-1, start)
			s.pass(buf[start:keep])
			return keep, false
		}
		if s.before(buf, i) != '\r' {
			s.end.bareLFDot = s.end.bareLFDot || endsLine(buf[i+2:])
			from = i + 1
			continue
		}
		if bytes.HasPrefix(buf[i+2:], endOfData[3:]) {
			s.end.loose = i >= 2 && buf[i-2] == '\r' || i == 1 && s.prev == '\r'
			s.pass(buf[start : i+1])
			return i + 4, true
		}
		// RFC 5321 section 4.5.2: the first of a line's leading periods is removed.
		s.pass(buf[start : i+1])
		start, from = i+2, i+2
	}
}

// endsLine tells if b begins with a line end, by the loosest reading.
func endsLine(b []byte) bool {
	return len(b) > 0 && b[0] == '\n' || len(b) > 1 && b[0] == '\r' && b[1] == '\n'
}

// before is the octet before buf[i].
func (s *bodyScanner) before(buf []byte, i int) byte {
	if i == 0 {
		return s.prev
	}
	return buf[i-1]
}

// keepTail passes on all of buf but what may be the beginning of an end of data, and returns where that begins.
func (s *bodyScanner) keepTail(buf []byte, start int) int {
	keep := len(buf)
	for k := min(2, len(buf)-start); k > 0; k-- {
		if bytes.HasSuffix(buf, endOfData[:k]) {
			keep = len(buf) - k
			break
		}
	}
	if keep == len(buf) && keep > start && buf[keep-1] == '\n' {
		keep-- // A bare LF may be followed by a dot.
	}
	s.pass(buf[start:keep])
	return keep
}

// pass writes p to the spool. After an error it only counts.
func (s *bodyScanner) pass(p []byte) {
	if len(p) == 0 {
		return
	}
	s.prev = p[len(p)-1]
	if s.skip > 0 {
		n := min(s.skip, len(p))
		s.skip -= n
		p = p[n:]
	}
	s.end.size += int64(len(p))
	if s.end.writeErr != nil || len(p) == 0 {
		return
	}
	_, s.end.writeErr = s.w.Write(p)
}
