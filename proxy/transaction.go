// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"

	"github.com/mailweir/mailweir/mail"
)

// Transaction is one mail object for a Handler to decide about.
type Transaction struct {
	Envelope *mail.Envelope
	Content  *mail.Spool // Gone when the handler has returned; see Pending.
	Listener Listener

	// Hop is the connection that MAIL and RCPT were relayed on. Its transaction is open and has all of Envelope.RcptTo. A handler that
	// breaks it sets it to nil.
	Hop *Hop

	// Pending, if the handler sets it, is closed when nobody reads Content any more; until then Content stays.
	Pending <-chan struct{}

	// Gone tells if the client has hung up, so that nobody waits for the replies: what is handed on from now on, the client will send again.
	Gone func() bool

	// Dial opens another connection to the same next hop. Who opens it closes it.
	Dial func(ctx context.Context) (*Hop, error)
}

// Handler decides what becomes of a mail object, and does it. It returns one reply for each forward-path of the envelope, in
// order; to a client that speaks SMTP only the first is sent. A positive reply says that the mail object is in
// safe hands. It is called by many goroutines at once. ctx ends when the server is stopped for good.
type Handler func(ctx context.Context, tx *Transaction) []Reply
