// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"slices"

	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
)

// unite sees to the recipients that the next hop has refused for good while it took others, where one reply stands for all: nobody would
// hear of them. If any recipient has to be tried again all are, and then it is too early.
func (d *delivery) unite(ctx context.Context) {
	if slices.ContainsFunc(d.replies, proxy.Reply.Temporary) {
		return
	}
	var refused []int
	for i, r := range d.replies {
		if r.Permanent() {
			refused = append(refused, i)
		}
	}
	if len(refused) == 0 || len(refused) == len(d.replies) {
		return // One reply is true for all.
	}
	err := d.tell(ctx, refused)
	if err != nil {
		d.log.WithError(err).Error("refused recipients could not be told of")
	}
	for _, i := range refused {
		d.replies[i] = d.text(250, "2.0.0", "Ok")
		if err != nil {
			d.replies[i] = d.unreachable()
		}
	}
}

// tell sends a notification about refused recipients. The message is kept for them instead where we make no notifications, before the queue
// and to the null reverse-path, and where the next hop refuses ours.
func (d *delivery) tell(ctx context.Context, refused []int) error {
	if d.tx.Listener.Mode == proxy.AfterQueue && !d.env.MailFrom.IsNull() {
		err := d.notify(ctx, refused)
		no, ok := errors.AsType[*proxy.ReplyError](err)
		if !ok || !no.Reply.Permanent() {
			return err
		}
		d.log.WithError(err).Warn("notification was refused; the message is kept")
	}
	for _, i := range refused {
		d.fates[i] = policy.Quarantine
	}
	return d.put(ctx, refused)
}

// every is the one reply for each recipient.
func (d *delivery) every(r proxy.Reply) []proxy.Reply {
	for i := range d.replies {
		d.replies[i] = r
	}
	return d.replies
}
