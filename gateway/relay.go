// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/proxy"
)

// relay sends all copies: every one up to the final dot before the first final dot.
func (d *delivery) relay(ctx context.Context) {
	groups := d.groups()
	if len(groups) == 0 {
		return
	}
	g := groups[0]
	g.hop, d.tx.Hop = d.tx.Hop, nil
	g.live = g.hop != nil && len(groups) == 1 && !g.forwarded && slices.Equal(g.to, d.env.RcptTo)
	failed := false
	for _, g := range groups {
		if err := d.begin(ctx, g); err != nil {
			d.fail(g, err)
			failed = true
		}
	}
	if failed && d.oneReply() && !d.canRetry() {
		// The reply will be 451 for all, so nothing should be delivered.
		for _, g := range groups {
			g.fill(d.unreachable())
		}
	}
	held := map[string]proxy.Reply{} // Keys of copies that could not be forwarded now.
	for _, g := range groups {
		if r, ok := held[g.key]; ok {
			g.fill(r)
		}
		d.end(g)
		if r := worst(g.replies); g.forwarded && r.Temporary() {
			held[g.key] = r
		}
		d.release(g)
		d.record(g)
	}
}

// begin sends a copy up to the final dot.
func (d *delivery) begin(ctx context.Context, g *group) error {
	if err := d.open(ctx, g); err != nil {
		return err
	}
	if !g.waiting() {
		return nil
	}
	r, err := g.hop.Data(func(w io.Writer) error {
		if g.raw {
			_, err := io.Copy(w, d.tx.Content.Reader())
			return err
		}
		return d.account.Message.Write(w, g.edits)
	})
	if err == nil && r.Code != 354 {
		g.fill(r)
	}
	return err
}

// open begins a transaction for a group, unless the live one is just right.
func (d *delivery) open(ctx context.Context, g *group) error {
	if g.live {
		return nil
	}
	if g.hop == nil {
		hop, err := d.tx.Dial(ctx)
		if err != nil {
			return err
		}
		g.hop = hop
	}
	r, err := g.hop.Mail(d.env.MailFrom, d.env.Client, g.to...)
	if err != nil {
		return err
	}
	if !r.Positive() {
		g.fill(r)
		return nil
	}
	replies, err := g.hop.Rcpts(g.to)
	for i, r := range replies {
		if !r.Positive() {
			g.replies[i] = r
		}
	}
	return err
}

// end sends the final dot, if anybody waits for it.
func (d *delivery) end(g *group) {
	if !g.waiting() {
		return
	}
	replies, err := g.hop.Dot()
	for i := range g.replies {
		if g.replies[i].Code != 0 || len(replies) == 0 {
			continue
		}
		g.replies[i] = replies[0]
		if g.hop.PerRecipient() {
			replies = replies[1:]
		}
	}
	if err != nil {
		d.fail(g, err)
	}
}

// fail gives up a connection that gave no answer.
func (d *delivery) fail(g *group, err error) {
	d.log.WithError(err).Warn("next hop gave no answer")
	g.fill(d.unreachable())
	if g.hop != nil {
		g.hop.Close()
		g.hop = nil
	}
}

// release gives up a group's connection when all is said; one of them stays for the next mail object.
func (d *delivery) release(g *group) {
	switch {
	case g.hop == nil:
	case g.hop.InData():
		g.hop.Close() // Without the final dot nothing is delivered.
	case d.tx.Hop == nil:
		d.tx.Hop = g.hop
	default:
		g.hop.Quit()
	}
}

// record tells the recipients of the envelope what became of a copy. That a copy to others was refused for good is no reason to
// put the mail off; it is logged.
func (d *delivery) record(g *group) {
	all := worst(g.replies)
	if g.forwarded && all.Permanent() {
		d.log.WithFields(logrus.Fields{"to": addresses(g.to), "reply": all.String()}).Warn("copy was refused")
	}
	for n, i := range g.rcpts {
		switch {
		case !g.forwarded && !g.redirected:
			d.replies[i] = g.replies[n]
		case !g.forwarded || all.Temporary():
			d.replies[i] = all
		}
	}
}

// worst is the reply that asks for most: a temporary one before a permanent one before a positive one.
func worst(replies []proxy.Reply) proxy.Reply {
	return slices.MaxFunc(replies, func(a, b proxy.Reply) int { return severity(a) - severity(b) })
}

func severity(r proxy.Reply) int {
	switch {
	case r.Temporary():
		return 2
	case r.Permanent():
		return 1
	}
	return 0
}

func addresses(list []mail.Path) string {
	s := make([]string, len(list))
	for i, p := range list {
		s[i] = p.Address
	}
	return strings.Join(s, ",")
}
