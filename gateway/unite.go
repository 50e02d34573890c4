// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"slices"

	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
)

// unite makes one reply of those to all recipients, for SMTP. If any of them has to be tried again all are, and the journal keeps
// the retry from delivering twice. If some are refused for good by the next hop after others were delivered, the sender is
// told, or, before the queue, where we make no notifications, the message is kept for them.
func (d *delivery) unite(ctx context.Context) []proxy.Reply {
	if !slices.ContainsFunc(d.replies, proxy.Reply.Temporary) {
		d.refusals(ctx)
	}
	one := worst(d.replies)
	if !one.Temporary() {
		d.journal.forget(d.attempt())
		return d.every(one)
	}
	if d.canRetry() {
		d.remember()
	}
	return d.every(one)
}

// refusals deals with recipients that the next hop refused while it took others.
func (d *delivery) refusals(ctx context.Context) {
	var refused []int
	for i, r := range d.replies {
		if r.Permanent() {
			refused = append(refused, i)
		}
	}
	if len(refused) == 0 || len(refused) == len(d.replies) {
		return // One reply is true for all.
	}
	var err error
	if d.tx.Listener.Mode == proxy.BeforeQueue || d.env.MailFrom.IsNull() {
		for _, i := range refused {
			d.fates[i] = policy.Quarantine
		}
		err = d.put(ctx, refused)
	} else {
		err = d.notify(ctx, refused)
	}
	for _, i := range refused {
		if err != nil {
			d.log.WithError(err).Error("refused recipients could not be told of")
			d.replies[i] = d.unreachable()
			continue
		}
		d.replies[i] = d.text(250, "2.0.0", "Ok")
	}
}

// every is the one reply for each recipient.
func (d *delivery) every(r proxy.Reply) []proxy.Reply {
	for i := range d.replies {
		d.replies[i] = r
	}
	return d.replies
}

// attempt is what the journal knows this mail object by.
func (d *delivery) attempt() attempt {
	return attempt{queueID: d.env.Client.Ident, from: d.env.MailFrom.Raw, content: d.tx.Content}
}

// recall marks the recipients that an earlier attempt at the same mail object has taken care of.
func (d *delivery) recall() {
	if !d.canRetry() {
		return
	}
	served := d.journal.served(d.attempt())
	for i, rcpt := range d.env.RcptTo {
		if served[rcpt.Raw] > 0 {
			served[rcpt.Raw]--
			d.done[i] = true
			d.fates[i] = policy.Deliver
			d.replies[i] = d.text(250, "2.0.0", "Ok")
		}
	}
}

// remember writes down who is taken care of.
func (d *delivery) remember() {
	var served []string
	for i, r := range d.replies {
		if r.Positive() {
			served = append(served, d.env.RcptTo[i].Raw)
		}
	}
	if len(served) == 0 {
		return
	}
	if err := d.journal.remember(d.attempt(), served); err != nil {
		d.log.WithError(err).Error("journal of retries: the retry will deliver twice to some")
	}
}
