// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"errors"
	"io"

	"github.com/mailweir/mailweir/mail"
)

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
		return &ReplyError{r}
	}
	replies, err := h.Dot()
	if err == nil && !replies[0].Positive() {
		err = &ReplyError{replies[0]}
	}
	return err
}

// InData tells if a body was begun and not ended: the only thing left to do then is Dot, or Close, and nothing is delivered.
func (h *Hop) InData() bool { return h.data }

// Offers tells if the next hop named that extension in its reply to EHLO.
func (h *Hop) Offers(keyword string) bool { return h.ext.has(keyword) }

// PerRecipient tells if Dot gives one reply for each recipient.
func (h *Hop) PerRecipient() bool { return h.opts.Protocol == LMTP }
