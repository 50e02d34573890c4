// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// HopOptions says how to reach the next hop.
type HopOptions struct {
	Address  Address
	Protocol Protocol      // SMTP or LMTP.
	Hostname string        // Our name in EHLO.
	Timeout  time.Duration // For the connection, and for each reply.
}

// Hop is a connection to the next hop. It speaks SMTP or LMTP as a client that changes no octet: paths, parameters and content
// go out as they are given. It is for one goroutine. After an error (other than a reply) it is broken, and the only thing
// left to do is Close.
type Hop struct {
	opts HopOptions
	ext  extensions
	conn net.Conn
	r    *bufio.Reader
	out  []byte

	stop  func() bool // Ends the watch on the context.
	ended atomic.Bool // The context has ended.

	ahead []mail.Path // Recipients that the next hop was told of, and whose replies were not read yet.

	open  bool // MAIL was taken; the transaction has not ended.
	data  bool // The next hop waits for the rest of a body.
	rcpts int  // Recipients taken in this transaction.
}

// A HopError is an answer that the next hop did not give.
type HopError struct {
	Step string // The command that was waited for: connect, EHLO, MAIL, RCPT, DATA, end of data.
	Err  error
}

func (e *HopError) Error() string { return fmt.Sprintf("next hop: %s: %v", e.Step, e.Err) }

func (e *HopError) Unwrap() error { return e.Err }

// A ReplyError is a no of the next hop.
type ReplyError struct{ Reply Reply }

func (e *ReplyError) Error() string { return "next hop: reply " + e.Reply.String() }

// DialHop connects to the next hop and greets it. All that is done with the Hop ends when ctx does. An error is a *HopError.
func DialHop(ctx context.Context, o HopOptions) (*Hop, error) {
	timeout := o.Timeout
	o.Timeout = min(timeout, greetTimeout)
	d := net.Dialer{Timeout: o.Timeout}
	c, err := d.DialContext(ctx, o.Address.Network, o.Address.Addr)
	if err != nil {
		return nil, &HopError{"connect", err}
	}
	h := &Hop{opts: o, conn: c, r: bufio.NewReaderSize(c, maxReplyLine)}
	h.stop = context.AfterFunc(ctx, func() {
		h.ended.Store(true)
		_ = c.SetDeadline(time.Unix(1, 0))
	})
	if err := h.greet(); err != nil {
		h.Close()
		return nil, err
	}
	h.opts.Timeout = timeout
	return h, nil
}

// greetTimeout bounds the wait for the connection, for the banner and for the reply to EHLO. It is short, because our client waits for our own
// reply to EHLO meanwhile, and a next hop on the same host has no reason to take long.
const greetTimeout = 10 * time.Second

// greet reads the banner and says EHLO or LHLO; HELO to a server that knows no better.
func (h *Hop) greet() error {
	banner, err := h.reply("connect")
	if err != nil {
		return err
	}
	if !banner.Positive() {
		return &HopError{"connect", fmt.Errorf("reply %s", banner)}
	}
	verb := "EHLO "
	if h.opts.Protocol == LMTP {
		verb = "LHLO "
	}
	r, err := h.command("EHLO", verb+h.opts.Hostname)
	if err == nil && r.Permanent() && h.opts.Protocol == SMTP {
		r, err = h.command("EHLO", "HELO "+h.opts.Hostname)
		r.Lines = nil
	}
	if err != nil {
		return err
	}
	if !r.Positive() {
		return &HopError{"EHLO", fmt.Errorf("reply %s", r)}
	}
	h.ext = parseExtensions(r.Lines)
	return nil
}

// Close ends the connection. A transaction that is open, or a body without its final dot, is not delivered.
func (h *Hop) Close() {
	h.stop()
	_ = h.conn.Close()
}

// Quit takes leave and ends the connection. It does not wait for the reply.
func (h *Hop) Quit() {
	_ = h.conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = h.conn.Write([]byte("QUIT\r\n"))
	h.Close()
}

// command sends one command and reads its reply.
func (h *Hop) command(step, line string) (Reply, error) {
	h.out = append(append(h.out, line...), '\r', '\n')
	if err := h.flush(step); err != nil {
		return Reply{}, err
	}
	return h.reply(step)
}

func (h *Hop) flush(step string) error {
	err := h.arm(h.conn.SetWriteDeadline)
	if err == nil && h.r.Buffered() > 0 {
		err = errors.New("a reply that nobody asked for") // 421, most likely. All further replies would belong to other commands.
	}
	if err == nil {
		_, err = h.conn.Write(h.out)
	}
	h.out = h.out[:0]
	if err != nil {
		return &HopError{step, err}
	}
	return nil
}

// arm sets a deadline for what comes next, unless the context has ended.
func (h *Hop) arm(set func(time.Time) error) error {
	if err := set(time.Now().Add(h.opts.Timeout)); err != nil {
		return err
	}
	if h.ended.Load() {
		return context.Canceled
	}
	return nil
}

func (h *Hop) reply(step string) (Reply, error) {
	if err := h.arm(h.conn.SetReadDeadline); err != nil {
		return Reply{}, &HopError{step, err}
	}
	r, err := readReply(h.r)
	if err != nil {
		return Reply{}, &HopError{step, err}
	}
	if !answers(step, r) {
		// To take it for a yes would lose mail; it may as well be the answer to another command.
		return Reply{}, &HopError{step, fmt.Errorf("reply %s does not answer that", r)}
	}
	if r.Code == 421 {
		// RFC 5321 section 3.8: it closes the connection now.
		return r, &HopError{step, fmt.Errorf("reply %s", r)}
	}
	return r, nil
}

// answers tells if a reply may be one to the command: yes or no, and to DATA "go on" in the place of yes.
func answers(step string, r Reply) bool {
	if step == "DATA" {
		return r.Code == 354 || r.Temporary() || r.Permanent()
	}
	return r.Positive() || r.Temporary() || r.Permanent()
}
