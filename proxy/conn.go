// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
)

// Limits of one connection.
const (
	maxCommandLine = 8192 // Octets. RFC 5321 section 4.5.3.1.4 asks for 512, SMTPUTF8 and DSN for some more.
	maxBadCommands = 20   // Then 421.
)

// conn lies between the socket and go-smtp. It hands go-smtp one command at a time, with what go-smtp does not carry
// taken out, and puts the replies that the session wants in the place of go-smtp's:
//
//   - XFORWARD becomes NOOP; MAIL and RCPT get an address of no meaning, and the session has their raw argument;
//   - replies gather until there is no further command to read, so a pipelined group is answered by one write;
//   - the body never passes through go-smtp: the session reads it with readBody, and go-smtp sees an empty one;
//   - all deadlines are set here, and after an error inside a body the connection is dead: nothing is read from it again.
//
// Read and Write are for go-smtp's one goroutine of this connection; retire is for any.
type conn struct {
	net.Conn
	listener *listener
	log      logrus.FieldLogger
	session  *session // nil until the first EHLO, LHLO or HELO.

	in     []byte // Read from the socket, not used yet.
	inBuf  [maxCommandLine]byte
	feed   []byte // For go-smtp to read.
	out    []byte // Replies that are not sent yet.
	verb   string // The command that go-smtp is at, as the client gave it.
	arg    string // Its argument, raw.
	bad    int    // Commands that were none.
	greets bool   // Until the banner is out.

	hadBody bool // The command is DATA and its body was read.

	replies []Reply // What go-smtp's next replies are replaced by.

	closed func() // Called when the connection was closed, more than once perhaps.

	dead     bool        // Nothing is read any more.
	retiring atomic.Bool // To be closed with 421 as soon as no transaction is open.
	waiting  atomic.Bool // Blocked in a read for a command.
}

func newConn(c net.Conn, l *listener) *conn {
	cn := &conn{Conn: c, listener: l, greets: true, log: l.log}
	cn.in = cn.inBuf[:0]
	return cn
}

func (c *conn) inTransaction() bool { return c.session != nil && c.session.env != nil }

// bye sends a last reply. Nothing is read from the connection any more.
func (c *conn) bye(r Reply) {
	c.dead = true
	c.out = r.Append(c.out)
	_ = c.flush() // The connection ends in any case.
}

// flush sends the replies that wait, by one write.
func (c *conn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	if err := c.SetWriteDeadline(c.listener.now().Add(c.listener.timeouts.Idle)); err != nil {
		return err
	}
	_, err := c.Conn.Write(c.out)
	c.out = c.out[:0]
	return err
}

// Close sends what waits and closes the connection.
func (c *conn) Close() error {
	c.dead = true
	_ = c.flush()
	err := c.Conn.Close()
	c.closed()
	return err
}

// retire asks for the connection to end with 421 as soon as no transaction is open.
func (c *conn) retire() {
	c.retiring.Store(true)
	if c.waiting.Load() {
		_ = c.Conn.SetReadDeadline(time.Unix(1, 0)) // Wakes the read up.
	}
}

var _ net.Conn = (*conn)(nil)
