// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
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

// Mail begins a transaction: XFORWARD, if the next hop takes it, and MAIL with the reverse-path as given. A transaction that
// is still open is reset first. ahead are recipients that will be named next, by Rcpt or Rcpts and in that order; the next hop is told
// of them already if it takes pipelined commands (RFC 2920), and then all goes out in one write.
func (h *Hop) Mail(from mail.Path, client mail.Client, ahead ...mail.Path) (Reply, error) {
	var lines []string
	if h.open {
		lines = append(lines, "RSET")
	}
	lines = append(lines, formatXforward(client, h.ext.xforward())...)
	lines = append(lines, "MAIL FROM:"+from.Raw)
	h.open, h.rcpts = false, 0
	var r Reply
	var err error
	if h.ext.has("PIPELINING") {
		r, err = h.pipeline(lines, ahead[:min(len(ahead), maxGroup)])
	} else {
		r, err = h.oneByOne(lines)
	}
	h.open = err == nil && r.Positive()
	return r, err
}

// maxGroup bounds the commands that are sent before their replies are read: RFC 2920 section 3.1 warns of the deadlock where both sides
// wait for room to send, so a group has to fit into any buffer.
const maxGroup = 100

// pipeline sends commands, the last of which is MAIL, and RCPT for those ahead. It returns the reply to MAIL. The replies to the
// commands before it do not matter: a refused XFORWARD or RSET does not keep the mail object from being delivered.
func (h *Hop) pipeline(lines []string, ahead []mail.Path) (r Reply, err error) {
	if len(h.ahead) > 0 {
		return r, &HopError{"MAIL", errOutOfStep}
	}
	for _, line := range lines {
		h.out = append(append(h.out, line...), '\r', '\n')
	}
	for _, to := range ahead {
		h.out = append(append(append(h.out, "RCPT TO:"...), to.Raw...), '\r', '\n')
	}
	if err := h.flush("MAIL"); err != nil {
		return r, err
	}
	for range lines {
		if r, err = h.reply("MAIL"); err != nil {
			return r, err
		}
	}
	if r.Positive() {
		h.ahead = ahead
		return r, nil
	}
	for range ahead { // Refused as well, because there is no transaction.
		if _, err := h.reply("RCPT"); err != nil {
			return r, err
		}
	}
	return r, nil
}

// oneByOne is pipeline for a next hop that wants to be asked one thing at a time.
func (h *Hop) oneByOne(lines []string) (r Reply, err error) {
	for _, line := range lines {
		if r, err = h.command("MAIL", line); err != nil {
			return r, err
		}
	}
	return r, nil
}

// errOutOfStep tells that the next hop was told of other recipients ahead than are named now. It never is so: the same lines make both.
var errOutOfStep = errors.New("recipients out of step")

// Rcpt names a recipient of the open transaction, the forward-path as given.
func (h *Hop) Rcpt(to mail.Path) (r Reply, err error) {
	switch {
	case len(h.ahead) == 0:
		r, err = h.command("RCPT", "RCPT TO:"+to.Raw)
	case h.ahead[0].Raw == to.Raw:
		h.ahead = h.ahead[1:]
		r, err = h.reply("RCPT")
	default:
		return r, &HopError{"RCPT", errOutOfStep}
	}
	if err == nil && r.Positive() {
		h.rcpts++
	}
	return r, err
}

// Rcpts names recipients of the open transaction, in as few round trips as the next hop allows. If it fails, the replies are to the
// first of them.
func (h *Hop) Rcpts(to []mail.Path) ([]Reply, error) {
	replies := make([]Reply, 0, len(to))
	for len(replies) < len(to) {
		if len(h.ahead) == 0 && h.ext.has("PIPELINING") {
			rest := to[len(replies):]
			h.ahead = rest[:min(len(rest), maxGroup)]
			for _, p := range h.ahead {
				h.out = append(append(append(h.out, "RCPT TO:"...), p.Raw...), '\r', '\n')
			}
			if err := h.flush("RCPT"); err != nil {
				return replies, err
			}
		}
		r, err := h.Rcpt(to[len(replies)])
		if err != nil {
			return replies, err
		}
		replies = append(replies, r)
	}
	return replies, nil
}

// Data sends DATA and then what write writes, with dot-stuffing, up to but not including the final dot. The reply is that to
// DATA: if it is not 354 nothing was written and the transaction is still open. If write fails the Hop is broken, and the next
// hop does not deliver what it has.
func (h *Hop) Data(write func(io.Writer) error) (Reply, error) {
	if len(h.ahead) > 0 {
		return Reply{}, &HopError{"DATA", errOutOfStep}
	}
	r, err := h.command("DATA", "DATA")
	if err != nil || r.Code != 354 {
		return r, err
	}
	h.data = true
	w := &dotWriter{h: h, buf: h.out[:0], lineStart: true}
	if err := write(w); err != nil {
		return r, &HopError{"DATA", err}
	}
	w.finish()
	h.out = w.buf
	return r, nil
}

// Dot ends the data and waits for the final replies: one, or over LMTP one for each recipient that was taken, in order.
// The message may have been delivered even if it fails.
func (h *Hop) Dot() ([]Reply, error) {
	h.out = append(h.out, ".\r\n"...)
	n := 1
	if h.opts.Protocol == LMTP {
		n = h.rcpts
	}
	h.open, h.data, h.rcpts = false, false, 0
	if err := h.flush("end of data"); err != nil {
		return nil, err
	}
	replies := make([]Reply, n)
	for i := range replies {
		r, err := h.reply("end of data")
		if err != nil {
			return replies[:i], err
		}
		replies[i] = r
	}
	return replies, nil
}

// Deliver hands over a message of our own to one recipient. It returns nil only if the next hop took it.
func (h *Hop) Deliver(from, to mail.Path, write func(io.Writer) error) error {
	r, err := h.Mail(from, mail.Client{}, to)
	if err == nil && r.Positive() {
		r, err = h.Rcpt(to)
	}
	if err == nil && r.Positive() {
		r, err = h.Data(write)
	}
	if err != nil {
		return err
	}
	if r.Code != 354 {
		return fmt.Errorf("next hop: reply %s", r)
	}
	replies, err := h.Dot()
	if err == nil && !replies[0].Positive() {
		err = fmt.Errorf("next hop: reply %s", replies[0])
	}
	return err
}

// InData tells if a body was begun and not ended: the only thing left to do then is Dot, or Close, and nothing is delivered.
func (h *Hop) InData() bool { return h.data }

// PerRecipient tells if Dot gives one reply for each recipient.
func (h *Hop) PerRecipient() bool { return h.opts.Protocol == LMTP }

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

// answers tells if a reply may be one to the command: yes or no, and to DATA "go on" in the place of yes.
func answers(step string, r Reply) bool {
	if step == "DATA" {
		return r.Code == 354 || r.Temporary() || r.Permanent()
	}
	return r.Positive() || r.Temporary() || r.Permanent()
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
