// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/mail"
)

// listener is a Listener with all that its connections need. It never changes: a change of the config makes another.
type listener struct {
	Listener
	log         logrus.FieldLogger
	hostname    string
	messageSize int64
	timeouts    Timeouts
	limiter     *limiter
	metrics     *metrics
	spooler     *mail.Spooler
	handler     Handler
	now         func() time.Time

	learned atomic.Pointer[extensions] // What the next hop offered when it was last reached.
}

func newListener(l Listener, o *Options, s *Server) *listener {
	s.metrics.add(l.Name)
	return &listener{
		Listener:    l,
		log:         s.log.WithField("listener", l.Name),
		hostname:    o.Hostname,
		messageSize: o.MessageSize,
		timeouts:    o.Timeouts,
		limiter:     s.limiter,
		metrics:     s.metrics,
		spooler:     o.Spooler,
		handler:     o.Handle,
		now:         time.Now,
	}
}

// service is the protocol's name in the banner.
func (l *listener) service() string {
	if l.Protocol == LMTP {
		return "LMTP"
	}
	return "ESMTP"
}

func (l *listener) hopOptions() HopOptions {
	return HopOptions{Address: l.NextHop, Protocol: l.NextHopProtocol, Hostname: l.hostname, Timeout: l.timeouts.NextHop}
}

func (l *listener) dialHop(ctx context.Context) (*Hop, error) { return DialHop(ctx, l.hopOptions()) }

// learn keeps what the next hop offers, for when it cannot be asked.
func (l *listener) learn(e extensions) { l.learned.Store(&e) }

// capabilities is what the next hop offers. As long as it was never reached, all that we carry is offered: to a mail object that
// needs SMTPUTF8 Postfix would make a notification of failure otherwise. If the next hop turns out to offer less, MAIL says 451.
func (l *listener) capabilities() extensions {
	if e := l.learned.Load(); e != nil {
		return *e
	}
	all := extensions{}
	for _, keyword := range carried() {
		all[keyword] = ""
	}
	return all
}

// refused counts a mail object that was not taken, by one of refusals.
func (l *listener) refused(reason string) {
	l.metrics.refused.WithLabelValues(l.Name, reason).Inc()
}

// handle calls the handler. A panic in it is a fault of ours, and no reason to lose mail.
func (l *listener) handle(ctx context.Context, tx *Transaction) (replies []Reply) {
	id := tx.Envelope.ID
	defer func() {
		p := recover()
		if p != nil {
			l.log.WithFields(logrus.Fields{"id": id, "err": p}).Error("panic while a message was handled")
		}
		if p != nil || len(replies) != len(tx.Envelope.RcptTo) {
			replies = slices.Repeat([]Reply{NewReply(451, "4.3.0", "Error: internal error, id="+id)}, len(tx.Envelope.RcptTo))
		}
	}()
	return l.handler(ctx, tx)
}
