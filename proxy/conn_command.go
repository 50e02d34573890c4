// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/mailweir/mailweir/mail"
)

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
	want, token := "FROM:", "MAIL FROM:<from@invalid>"
	if c.verb == "RCPT" {
		want, token = "TO:", "RCPT TO:<to@invalid>"
	}
	arg := strings.TrimLeft(c.arg, " ")
	if len(arg) < len(want) || !strings.EqualFold(arg[:len(want)], want) || strings.TrimSpace(arg[len(want):]) == "" {
		c.setReply(NewReply(501, "5.5.4", "Syntax: "+c.verb+" "+want+"<address>"))
		return []byte("NOOP")
	}
	c.arg = arg[len(want):]
	return []byte(token)
}

// rcptsAhead are the paths of the RCPT commands that have arrived behind the command at hand: those that will be read next.
func (c *conn) rcptsAhead() []mail.Path {
	const verb = "RCPT TO:"
	var ahead []mail.Path
	for rest := c.in; ; {
		line, more, ok := bytes.Cut(rest, []byte("\r\n"))
		if !ok || len(line) <= len(verb) || !strings.EqualFold(string(line[:len(verb)]), verb) ||
			bytes.ContainsFunc(line, isControl) || len(bytes.TrimSpace(line[len(verb):])) == 0 {
			return ahead
		}
		ahead = append(ahead, mail.Path{Raw: string(line[len(verb):])})
		rest = more
	}
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

// readLine reads one command line. Replies that wait are sent first if the line is not here yet.
func (c *conn) readLine() (string, error) {
	for {
		if c.dead {
			return "", io.EOF
		}
		if c.retiring.Load() && c.served && !c.inTransaction() {
			return "", c.retired()
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
	retiring, wait := c.retiring.Load(), c.listener.timeouts.Idle
	if retiring && !c.inTransaction() {
		wait = min(wait, retireGrace)
	}
	deadline := c.listener.now().Add(wait)
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	if c.retiring.Load() != retiring {
		return nil // Retired since; readLine sees to it.
	}
	n, err := c.Conn.Read(c.inBuf[len(c.in):])
	c.in = c.inBuf[:len(c.in)+n]
	switch {
	case n > 0:
		return nil
	case isTimeout(err) && c.listener.now().Before(deadline):
		return nil // retire woke us up.
	case isTimeout(err) && retiring && !c.inTransaction():
		return c.retired()
	case isTimeout(err):
		c.bye(NewReply(421, "4.4.2", c.listener.hostname+" Error: timeout exceeded"))
		return io.EOF
	}
	return err
}

// retireGrace is how long a connection that was greeted and has had no transaction yet may take to begin one, when it is to be retired. Before
// the queue Postfix opens a connection for each mail object: to end it before would refuse that.
const retireGrace = time.Second

// retired says goodbye to a client whose connection is to end.
func (c *conn) retired() error {
	c.bye(NewReply(421, "4.3.2", c.listener.hostname+" closing connection"))
	return io.EOF
}

func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}
