// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"io"
	"net"
	"time"
)

// readBody reads a body into w, at once and past go-smtp, which then is given the end of an empty one.
// The whole body has to come within the timeout Data, every piece of it within Idle.
func (c *conn) readBody(w io.Writer) (bodyEnd, error) {
	if err := c.flush(); err != nil {
		return bodyEnd{}, err
	}
	c.hadBody = true
	r := &timedReader{conn: c.Conn, now: c.listener.now, idle: c.listener.timeouts.Idle}
	r.end = r.now().Add(c.listener.timeouts.Data)
	end, rest, err := readBody(r, c.in, w)
	c.in = c.inBuf[:0]
	if err != nil {
		// Whatever comes now may be the rest of the body. It must never be taken for commands.
		c.dead = true
		return end, err
	}
	if len(rest) > len(c.inBuf) {
		c.dead = true // More than commands could be.
		return end, nil
	}
	c.in = c.inBuf[:copy(c.inBuf[:], rest)]
	c.dead = end.loose
	c.feed = []byte(".\r\n")
	return end, nil
}

// timedReader sets a deadline for each read, and one for all. A deadline that retire has set for the command before, and that comes late, is
// passed over.
type timedReader struct {
	conn net.Conn
	now  func() time.Time
	idle time.Duration
	end  time.Time
}

func (r *timedReader) Read(p []byte) (int, error) {
	d := r.now().Add(r.idle)
	if d.After(r.end) {
		d = r.end
	}
	n, err := r.read(p, d)
	if n == 0 && isTimeout(err) && r.now().Before(d) {
		return r.read(p, d)
	}
	return n, err
}

func (r *timedReader) read(p []byte, deadline time.Time) (int, error) {
	if err := r.conn.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	return r.conn.Read(p)
}
