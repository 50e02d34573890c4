// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"
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

	// From the client: conn_command.go, conn_body.go.
	in    []byte // Read from the socket, not used yet; lies in inBuf.
	inBuf [maxCommandLine]byte
	feed  []byte // The command as go-smtp is to see it, not read by it yet.
	bad   int    // Commands that were none.
	dead  bool   // Nothing is read any more.

	// The command that go-smtp is at.
	verb    string // In upper case.
	arg     string // Raw; of MAIL and RCPT what follows the colon.
	hadBody bool   // It is DATA, and its body was read.

	// To the client: conn_reply.go.
	replies []Reply // What go-smtp's next replies are replaced by.
	out     []byte  // Replies that are not sent yet.
	greeted bool    // The banner is out.

	closed   func()      // Called when the connection was closed, more than once perhaps.
	served   bool        // There was a transaction.
	retiring atomic.Bool // To be closed with 421 as soon as no transaction is open.
	waiting  atomic.Bool // Blocked in a read for a command.
}

func newConn(c net.Conn, l *listener) *conn {
	cn := &conn{Conn: c, listener: l, log: l.log}
	cn.in = cn.inBuf[:0]
	return cn
}

// inTransaction tells if MAIL was taken and the end of data, or RSET, is still to come.
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
	if err != nil {
		c.dead = true // A reply is lost; what comes now may be an answer to another.
	}
	return err
}

// gone tells if the client has closed the connection: nobody waits for a reply, and what is delivered now is delivered again when the
// client tries again.
func (c *conn) gone() bool {
	sc, ok := c.Conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return true
	}
	closed := false
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		closed = n == 0 && err == nil || errors.Is(err, unix.ECONNRESET)
	})
	return closed || err != nil
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
