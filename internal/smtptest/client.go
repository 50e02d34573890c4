// SPDX-License-Identifier: Apache-2.0

// Package smtptest is an SMTP and LMTP client for tests that does only what it is told: it sends exact octets, pipelines, stalls, and
// reads replies. It judges nothing; the tests do.
package smtptest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// DefaultTimeout is how long a client waits for a reply, or for room to write, unless told otherwise.
const DefaultTimeout = 30 * time.Second

const maxReplyLines = 200

// Reply is one reply, of one or more lines (RFC 5321 section 4.2).
type Reply struct {
	Code  int
	Lines []string // Text of each line, behind the code and its separator.
}

// String is the reply as one line.
func (r Reply) String() string { return strconv.Itoa(r.Code) + " " + strings.Join(r.Lines, " / ") }

// OK tells if the code is 2xx or 3xx.
func (r Reply) OK() bool { return r.Code >= 200 && r.Code < 400 }

// Offers tells if a reply to EHLO names the keyword, with whatever parameters.
func (r Reply) Offers(keyword string) bool {
	if len(r.Lines) == 0 {
		return false
	}
	for _, l := range r.Lines[1:] {
		if name, _, _ := strings.Cut(l, " "); strings.EqualFold(name, keyword) {
			return true
		}
	}
	return false
}

// Client is one connection. It is for one goroutine.
type Client struct {
	Timeout time.Duration // For each read and write.
	conn    net.Conn
	r       *bufio.Reader
}

// Dial connects to host:port, or to a unix socket given as unix:/path, and reads the greeting.
func Dial(address string) (*Client, Reply, error) {
	network := "tcp"
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		network, address = "unix", path
	}
	conn, err := net.DialTimeout(network, address, DefaultTimeout)
	if err != nil {
		return nil, Reply{}, err
	}
	c := &Client{Timeout: DefaultTimeout, conn: conn, r: bufio.NewReader(conn)}
	greeting, err := c.ReadReply()
	if err != nil {
		_ = conn.Close()
		return nil, Reply{}, fmt.Errorf("read greeting of %s: %w", address, err)
	}
	return c, greeting, nil
}

// Close closes the connection without QUIT.
func (c *Client) Close() error { return c.conn.Close() }

// Conn is the connection below, for a test that wants to close one half of it.
func (c *Client) Conn() net.Conn { return c.conn }

// Write sends octets as they are, and waits for nothing.
func (c *Client) Write(octets []byte) (int, error) {
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.Timeout)); err != nil {
		return 0, err
	}
	return c.conn.Write(octets)
}

// ReadReply reads the next reply.
func (c *Client) ReadReply() (Reply, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(c.Timeout)); err != nil {
		return Reply{}, err
	}
	var r Reply
	for range maxReplyLines {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return r, err
		}
		text, ok := strings.CutSuffix(line, "\r\n")
		if !ok || len(text) < 3 {
			return r, fmt.Errorf("reply line %q is none", line)
		}
		code, err := strconv.Atoi(text[:3])
		if err != nil || code < 100 || (r.Code != 0 && code != r.Code) {
			return r, fmt.Errorf("reply line %q has no code, or another one than %d", line, r.Code)
		}
		r.Code = code
		more := len(text) > 3 && text[3] == '-'
		r.Lines = append(r.Lines, text[min(4, len(text)):])
		if !more {
			return r, nil
		}
	}
	return r, errors.New("reply does not end")
}

// Cmd sends one command line and reads its reply.
func (c *Client) Cmd(format string, args ...any) (Reply, error) {
	if _, err := c.Write([]byte(fmt.Sprintf(format, args...) + "\r\n")); err != nil {
		return Reply{}, err
	}
	return c.ReadReply()
}

// Pipeline sends all lines in one write and then reads as many replies (RFC 2920).
func (c *Client) Pipeline(lines ...string) ([]Reply, error) {
	if _, err := c.Write([]byte(strings.Join(lines, "\r\n") + "\r\n")); err != nil {
		return nil, err
	}
	replies := make([]Reply, 0, len(lines))
	for range lines {
		r, err := c.ReadReply()
		if err != nil {
			return replies, err
		}
		replies = append(replies, r)
	}
	return replies, nil
}

// Stuff makes a body ready for DATA: a period that begins a line gets another (RFC 5321 section 4.5.2), the body gets a
// CRLF at its end if it has none, and the final dot follows. Only CRLF ends a line.
func Stuff(body []byte) []byte {
	out := make([]byte, 0, len(body)+len(body)/64+8)
	if bytes.HasPrefix(body, []byte(".")) {
		out = append(out, '.')
	}
	out = append(out, bytes.ReplaceAll(body, []byte("\r\n."), []byte("\r\n.."))...)
	if len(body) > 0 && !bytes.HasSuffix(body, []byte("\r\n")) {
		out = append(out, "\r\n"...)
	}
	return append(out, ".\r\n"...)
}
