// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
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

// Read gives go-smtp its next command.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.feed) == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.feed)
	c.feed = c.feed[n:]
	return n, nil
}

// next reads a command and translates it for go-smtp.
func (c *conn) next() error {
	line, err := c.readLine()
	if err != nil {
		return err
	}
	c.replies, c.hadBody = nil, false
	c.verb, c.arg, _ = strings.Cut(line, " ")
	c.verb = strings.ToUpper(c.verb)
	c.feed = append(c.translate(), '\r', '\n')
	return nil
}

// translate is the command as go-smtp is to see it.
func (c *conn) translate() []byte {
	switch c.verb {
	case "EHLO", "LHLO", "HELO":
		if c.arg == "" {
			c.setReply(NewReply(501, "5.5.4", "Syntax: "+c.verb+" hostname"))
			return []byte("NOOP")
		}
		// What go-smtp makes of the name does not matter, and it is stricter than Postfix.
		return []byte(c.verb + " client")
	case "MAIL", "RCPT":
		return c.translatePath()
	case "XFORWARD":
		c.setReply(c.xforward())
		return []byte("NOOP")
	case "DATA":
		if strings.TrimSpace(c.arg) != "" {
			c.setReply(NewReply(501, "5.5.4", "Syntax: DATA"))
			return []byte("NOOP")
		}
		return []byte(c.verb)
	case "RSET", "NOOP", "QUIT", "VRFY":
		return []byte(c.verb)
	}
	c.bad++
	if c.bad > maxBadCommands {
		c.setReply(NewReply(421, "4.7.0", c.listener.hostname+" too many errors"))
		return []byte("QUIT")
	}
	c.setReply(NewReply(502, "5.5.2", "Error: command not recognized"))
	return []byte("NOOP")
}

// translatePath takes the argument of MAIL or RCPT out of go-smtp's hands.
func (c *conn) translatePath() []byte {
	want, token := "FROM:", "MAIL FROM:<sender@invalid>"
	if c.verb == "RCPT" {
		want, token = "TO:", "RCPT TO:<recipient@invalid>"
	}
	arg := strings.TrimLeft(c.arg, " ")
	if len(arg) < len(want) || !strings.EqualFold(arg[:len(want)], want) || strings.TrimSpace(arg[len(want):]) == "" {
		c.setReply(NewReply(501, "5.5.4", "Syntax: "+c.verb+" "+want+"<address>"))
		return []byte("NOOP")
	}
	c.arg = arg[len(want):]
	return []byte(token)
}

// xforward takes the attributes of an XFORWARD command.
func (c *conn) xforward() Reply {
	if c.session == nil {
		return NewReply(503, "5.5.1", "Error: send EHLO first")
	}
	if c.session.env != nil {
		return NewReply(503, "5.5.1", "Error: MAIL transaction in progress")
	}
	if err := parseXforward(c.arg, &c.session.client); err != nil {
		c.log.WithError(err).Warn("bad XFORWARD command")
		return NewReply(501, "5.5.4", "Error: bad XFORWARD attributes")
	}
	return NewReply(250, "2.0.0", "Ok")
}

// errRetired ends a connection that was told 421.
var errRetired = io.EOF

// readLine reads one command line. Replies that wait are sent first if the line is not here yet.
func (c *conn) readLine() (string, error) {
	for {
		if c.dead {
			return "", io.EOF
		}
		if c.retiring.Load() && !c.inTransaction() {
			c.bye(NewReply(421, "4.3.2", c.listener.hostname+" closing connection"))
			return "", errRetired
		}
		if i := bytes.IndexByte(c.in, '\n'); i >= 0 {
			line := string(bytes.TrimSuffix(c.in[:i], []byte("\r")))
			c.in = c.in[i+1:]
			if strings.ContainsFunc(line, isControl) {
				c.bye(NewReply(500, "5.5.2", "Error: control character in command"))
				return "", io.EOF
			}
			return line, nil
		}
		if err := c.fill(); err != nil {
			return "", err
		}
	}
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// fill waits for octets of a command.
func (c *conn) fill() error {
	if len(c.in) >= maxCommandLine {
		c.bye(NewReply(500, "5.5.2", "Error: line too long"))
		return io.EOF
	}
	if err := c.flush(); err != nil {
		return err
	}
	c.in = c.inBuf[:copy(c.inBuf[:], c.in)]
	c.waiting.Store(true)
	defer c.waiting.Store(false)
	deadline := c.listener.now().Add(c.listener.timeouts.Idle)
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	if c.retiring.Load() && !c.inTransaction() {
		return nil // readLine says goodbye.
	}
	n, err := c.Conn.Read(c.inBuf[len(c.in):])
	c.in = c.inBuf[:len(c.in)+n]
	switch {
	case n > 0:
		return nil
	case isTimeout(err) && c.listener.now().Before(deadline):
		return nil // retire woke us up.
	case isTimeout(err):
		c.bye(NewReply(421, "4.4.2", c.listener.hostname+" Error: timeout exceeded"))
		return io.EOF
	}
	return err
}

func (c *conn) inTransaction() bool { return c.session != nil && c.session.env != nil }

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

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

// timedReader sets a deadline for each read, and one for all.
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
	if err := r.conn.SetReadDeadline(d); err != nil {
		return 0, err
	}
	return r.conn.Read(p)
}

// setReply replaces go-smtp's next reply.
func (c *conn) setReply(r ...Reply) { c.replies = r }

// Write takes a line of go-smtp's reply. The line itself is not sent: the last one of a reply is replaced by the reply that was
// set for it, or else by ours for that command.
func (c *conn) Write(p []byte) (int, error) {
	if len(p) < 4 || p[3] == '-' {
		return len(p), nil
	}
	var r Reply
	switch {
	case len(c.replies) > 0:
		r, c.replies = c.replies[0], c.replies[1:]
	case c.verb == "DATA" && p[0] == '3':
		// Whatever is left to read is body now: see readBody.
		r = Reply{Code: 354, Lines: []string{"End data with <CR><LF>.<CR><LF>"}}
	default:
		r = c.ownReply(p)
	}
	c.out = r.Append(c.out)
	// A refused DATA with something behind it: a body sent without waiting. It must not be taken for commands.
	if c.verb == "DATA" && r.Code != 354 && !c.hadBody && len(c.in) > 0 {
		c.dead = true
	}
	if len(c.out) > maxCommandLine {
		return len(p), c.flush()
	}
	return len(p), nil
}

// ownReply is our reply where go-smtp's would tell more, or other words, than Postfix does.
func (c *conn) ownReply(p []byte) Reply {
	if c.greets {
		c.greets = false
		return Reply{Code: 220, Lines: []string{c.listener.hostname + " " + c.listener.service() + " mailweir"}}
	}
	positive := p[0] == '2'
	switch {
	case positive && c.verb == "HELO":
		return Reply{Code: 250, Lines: []string{c.listener.hostname}}
	case positive && (c.verb == "EHLO" || c.verb == "LHLO"):
		return Reply{Code: 250, Lines: c.session.ehlo()}
	case positive && c.verb == "QUIT":
		return NewReply(221, "2.0.0", "Bye")
	case positive && c.verb == "VRFY":
		return NewReply(252, "2.0.0", "Cannot VRFY user")
	case positive:
		return NewReply(250, "2.0.0", "Ok")
	case c.verb == "MAIL":
		return NewReply(503, "5.5.1", "Error: send HELO/EHLO first")
	case c.verb == "RCPT":
		return NewReply(503, "5.5.1", "Error: need MAIL command")
	case c.verb == "DATA" && c.inTransaction():
		return NewReply(554, "5.5.1", "Error: no valid recipients")
	case c.verb == "DATA":
		return NewReply(503, "5.5.1", "Error: need RCPT command")
	case c.verb == "LHLO" || c.verb == "EHLO" || c.verb == "HELO":
		return NewReply(500, "5.5.1", "Error: this listener speaks "+string(c.listener.Protocol))
	}
	return NewReply(421, "4.3.0", c.listener.hostname+" Error: internal error")
}

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
