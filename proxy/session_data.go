// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"errors"
	"io"
	"slices"
	"syscall"

	"github.com/mailweir/mailweir/mail"
)

// Data holds the body and asks the handler what becomes of it. The reader is go-smtp's and of no use: see conn.readBody.
func (s *session) Data(io.Reader) error {
	replies := s.data()
	if s.conn.listener.Protocol == SMTP {
		replies = replies[:1]
	}
	s.conn.setReply(replies...)
	return nil
}

// data gives one reply for each recipient.
func (s *session) data() []Reply {
	l := s.conn.listener
	hint := s.admit.declared
	spool := l.spooler.New(hint)
	tx := &Transaction{Envelope: s.env, Content: spool, Listener: l.Listener, Hop: s.hop, Gone: s.conn.gone, Dial: l.dialHop}
	defer func() { s.giveBack(tx.Pending, spool) }()
	w := &bodyWriter{spool: spool, admit: s.admit, limit: s.sizeLimit()}
	end, err := s.conn.readBody(w)
	if err != nil {
		l.log.WithError(err).WithField("id", s.env.ID).Warn("body ended early")
		return s.same(NewReply(421, "4.4.2", l.hostname+" Error: body ended early"))
	}
	if end.writeErr != nil {
		return s.same(s.bodyReply(end.writeErr))
	}
	if end.bareLFDot && !l.PassBareLF {
		l.log.WithField("id", s.env.ID).Warn("smuggling: lone dot after a bare line feed")
		return s.same(NewReply(550, "5.5.2", "Error: bare line feed before a lone dot, id="+s.env.ID))
	}
	if end.loose {
		l.log.WithField("id", s.env.ID).Warn("smuggling: CR CR LF before the final dot; the connection ends here")
	}
	replies := l.handle(s.ctx, tx)
	if tx.Hop != s.hop {
		s.dropHop() // The handler has given it up.
		s.hop = tx.Hop
	}
	return replies
}

// giveBack closes the spool, and gives back the place among the messages in flight, when nobody reads it any more.
func (s *session) giveBack(pending <-chan struct{}, spool *mail.Spool) {
	if pending == nil {
		_ = spool.Close()
		return // Reset gives the place back.
	}
	admit := s.admit
	s.admit = nil
	go func() {
		<-pending
		_ = spool.Close()
		admit.release()
	}()
}

// same is the one reply for every recipient.
func (s *session) same(r Reply) []Reply {
	return slices.Repeat([]Reply{r}, len(s.env.RcptTo)) // At least one: without a recipient go-smtp refuses DATA.
}

// Sentinels of bodyWriter.
var (
	errTooLarge = errors.New("message is larger than the limit")
	errTooMuch  = errors.New("octets in flight")
)

func (s *session) bodyReply(err error) Reply {
	id := s.env.ID
	s.conn.log.WithError(err).WithField("id", id).Warn("message could not be held")
	switch {
	case errors.Is(err, errTooLarge):
		s.conn.listener.refused("size")
		return NewReply(552, "5.3.4", "Message size exceeds fixed limit")
	case errors.Is(err, errTooMuch):
		s.conn.listener.refused("octets")
		return NewReply(452, "4.3.1", "Error: too much mail at the same time, try again later, id="+id)
	}
	s.conn.listener.refused("storage")
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return NewReply(452, "4.3.1", "Error: insufficient system storage, id="+id)
	}
	return NewReply(451, "4.3.0", "Error: message could not be held, id="+id)
}

// bodyWriter holds a body within the limits.
type bodyWriter struct {
	spool *mail.Spool
	admit *admission
	limit int64
}

func (w *bodyWriter) Write(p []byte) (int, error) {
	size := w.spool.Size() + int64(len(p))
	if w.limit > 0 && size > w.limit {
		return 0, errTooLarge
	}
	if !w.admit.grow(size) {
		return 0, errTooMuch
	}
	return w.spool.Write(p)
}
