// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/emersion/go-smtp"

	"github.com/mailweir/mailweir/mail"
)

// maxRecipients bounds one transaction. Postfix's own limit, 1000 by default, comes long before.
const maxRecipients = 50_000

// session is what one connection from Postfix is about: the transaction that is open, and the connection to the next hop that
// MAIL and RCPT are relayed to. It belongs to the goroutine that go-smtp has for the connection.
type session struct {
	ctx     context.Context //nolint:containedctx // Ends with the connection, which is what a session is.
	conn    *conn
	hop     *Hop       // nil until the next hop was reached.
	offered extensions // What our EHLO reply promised of the next hop.

	client mail.Client        // From XFORWARD, for the next transaction.
	env    *mail.Envelope     // Of the open transaction; nil if none is.
	admit  *admission         // Its place among the messages in flight; nil when it was given back, or to Pending.
	cancel context.CancelFunc // Ends ctx.
}

var _ smtp.Session = (*session)(nil)

// newSession begins a session and reaches for the next hop, to know what to offer.
func newSession(ctx context.Context, c *conn) *session {
	s := &session{conn: c}
	s.ctx, s.cancel = context.WithCancel(ctx)
	if err := s.dial(); err != nil {
		// No reason to end the connection: Postfix would take the whole destination for dead. MAIL says 451.
		c.log.WithError(err).Warn("next hop cannot be reached")
	}
	s.offered = c.listener.capabilities()
	return s
}

// dial connects to the next hop, if that is not done.
func (s *session) dial() error {
	if s.hop != nil {
		return nil
	}
	hop, err := s.conn.listener.dialHop(s.ctx)
	if err != nil {
		return err
	}
	s.hop = hop
	s.conn.listener.learn(hop.ext)
	return nil
}

// dropHop forgets a connection to the next hop that is of no more use.
func (s *session) dropHop() {
	if s.hop != nil {
		s.hop.Close()
		s.hop = nil
	}
}

// ehlo is the text of our EHLO reply: what the next hop offers and we carry, and what concerns ourselves only (PIPELINING,
// XFORWARD). CHUNKING is not carried.
func (s *session) ehlo() []string {
	s.client = mail.Client{}
	lines := []string{s.conn.listener.hostname, "PIPELINING"}
	for _, keyword := range carried() {
		if s.offered.has(keyword) {
			lines = append(lines, keyword)
		}
	}
	if limit := s.sizeLimit(); limit > 0 {
		lines = append(lines, "SIZE "+strconv.FormatInt(limit, 10))
	} else {
		lines = append(lines, "SIZE")
	}
	return append(lines, "XFORWARD "+strings.Join(xforwardAttributes(), " "))
}

// sizeMargin is what a message may grow by on its way through us: trace and result fields.
const sizeMargin = 4 << 10

// sizeLimit is the largest message that is taken, in octets; 0 if there is no limit.
func (s *session) sizeLimit() int64 {
	hop, own := s.offered.size(), s.conn.listener.messageSize
	if hop > 16*sizeMargin {
		hop -= sizeMargin
	}
	if own == 0 || hop > 0 && hop < own {
		return hop
	}
	return own
}

// Mail relays MAIL.
func (s *session) Mail(string, *smtp.MailOptions) error {
	return s.answer(s.mail(mail.ParsePath(s.conn.arg)))
}

func (s *session) mail(from mail.Path) Reply {
	if s.env != nil {
		return NewReply(503, "5.5.1", "Error: nested MAIL command")
	}
	size, reply, ok := s.declaredSize(from)
	if !ok {
		return reply
	}
	admit, err := s.conn.listener.limiter.admit(size)
	if err != nil {
		if errors.Is(err, errTooMuch) {
			s.conn.listener.refused("octets")
		} else {
			s.conn.listener.refused("messages")
		}
		return NewReply(452, "4.3.1", "Error: too much mail at the same time, try again later")
	}
	id := s.conn.listener.newID()
	reply, err = s.relayMail(from)
	if err != nil || !reply.Positive() {
		admit.release()
		return s.hopReply(id, reply, err)
	}
	s.admit = admit
	s.conn.served = true
	s.env = &mail.Envelope{
		ID: id, Listener: s.conn.listener.Name, Client: s.client, MailFrom: from, Received: s.conn.listener.now(),
	}
	return reply
}

// declaredSize reads the SIZE parameter (RFC 1870).
func (s *session) declaredSize(from mail.Path) (int64, Reply, bool) {
	v, ok := from.Param("SIZE")
	if !ok {
		return 0, Reply{}, true
	}
	size, err := strconv.ParseUint(v, 10, 63)
	limit := s.sizeLimit()
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && limit > 0 && size > uint64(limit):
		return 0, NewReply(552, "5.3.4", "Message size exceeds fixed limit"), false
	case err != nil:
		return 0, NewReply(501, "5.5.4", "Error: bad SIZE value"), false
	}
	return int64(size), Reply{}, true
}

// relayMail sends MAIL on. The next hop may have closed an idle connection since the last transaction: then by a new one.
func (s *session) relayMail(from mail.Path) (Reply, error) {
	ahead := s.conn.rcptsAhead()
	if s.hop != nil {
		reply, err := s.hop.Mail(from, s.client, ahead...)
		if err == nil {
			return reply, nil
		}
		s.dropHop()
	}
	if err := s.dial(); err != nil {
		return Reply{}, err
	}
	if lacking := s.hop.ext.lacking(s.offered); lacking != "" {
		// What we promised at EHLO does not hold. The next EHLO is answered better.
		s.conn.retiring.Store(true)
		return Reply{}, errors.New("next hop does not offer " + lacking + " as before")
	}
	return s.hop.Mail(from, s.client, ahead...)
}

// hopReply is the reply to relay: that of the next hop, or ours if it gave none.
func (s *session) hopReply(id string, r Reply, err error) Reply {
	if err == nil {
		return r
	}
	s.conn.log.WithError(err).WithField("id", id).Warn("next hop gave no answer")
	s.dropHop()
	return NewReply(451, "4.4.2", "Error: next hop gave no answer, id="+id)
}

// Rcpt relays RCPT.
func (s *session) Rcpt(string, *smtp.RcptOptions) error {
	to := mail.ParsePath(s.conn.arg)
	switch {
	case s.env == nil:
		return s.answer(NewReply(503, "5.5.1", "Error: need MAIL command"))
	case s.hop == nil:
		return s.answer(NewReply(451, "4.4.2", "Error: next hop gave no answer, id="+s.env.ID))
	case len(s.env.RcptTo) == maxRecipients:
		return s.answer(NewReply(452, "4.5.3", "Error: too many recipients"))
	}
	reply, err := s.hop.Rcpt(to)
	if err != nil {
		return s.answer(s.hopReply(s.env.ID, reply, err))
	}
	if reply.Positive() {
		s.env.RcptTo = append(s.env.RcptTo, to)
	}
	return s.answer(reply)
}

// answer has the reply sent in the place of go-smtp's, and tells go-smtp whether it was a yes.
func (s *session) answer(r Reply) error {
	s.conn.setReply(r)
	if r.Positive() {
		return nil
	}
	return &smtp.SMTPError{Code: r.Code, Message: r.String()}
}

// Reset ends the transaction. The next hop's, if it is still open, is reset when the next one begins.
func (s *session) Reset() {
	s.client = mail.Client{} // As Postfix's own server does.
	s.env = nil
	if s.admit != nil {
		s.admit.release()
		s.admit = nil
	}
}

// Logout ends the session.
func (s *session) Logout() error {
	s.Reset()
	if s.hop != nil {
		s.hop.Quit()
		s.hop = nil
	}
	s.cancel()
	return nil
}
