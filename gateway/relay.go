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

// relay sends the copies. Where one reply stands for all recipients, every copy is sent up to the final dot before the first final dot;
// else one after the other, by one connection.
func (d *delivery) relay(ctx context.Context, groups []*group) {
	if len(groups) == 0 {
		return
	}
	defer func() {
		for _, g := range groups { // Only after a panic is any of them left.
			if g.hop != nil {
				g.hop.Close()
			}
		}
	}()
	held := map[string]proxy.Reply{}
	if d.oneReply() {
		d.round(ctx, groups, held)
		return
	}
	for i := range groups {
		d.round(ctx, groups[i:i+1], held)
	}
}

// round sends copies: every one up to the final dot before the first final dot. held has the keys of those that were to be forwarded and could not
// be now: the recipients' own copies wait for them.
func (d *delivery) round(ctx context.Context, groups []*group, held map[string]proxy.Reply) {
	for _, g := range groups {
		if _, ok := held[g.key]; ok {
			continue
		}
		d.dress(ctx, g)
		g.hop, d.tx.Hop = d.tx.Hop, nil
		if err := d.begin(ctx, g); err != nil {
			d.fail(g, err)
		}
	}
	stop := d.tx.Gone()
	if stop {
		d.log.Warn("client has hung up; nothing is handed on, because it will come again")
	}
	for _, g := range groups {
		stop = stop || d.allOrNothing() && slices.ContainsFunc(g.replies, proxy.Reply.Temporary)
	}
	for _, g := range groups {
		if stop {
			g.fill(d.unreachable())
		}
		if r, ok := held[g.key]; ok {
			g.fill(r)
		}
		if i := slices.IndexFunc(g.replies, proxy.Reply.Temporary); i >= 0 && g.others() {
			g.fill(g.replies[i])
		}
		d.end(g)
		r := worst(g.replies)
		if g.forwarded && r.Temporary() {
			held[g.key] = r
		}
		stop = stop || d.allOrNothing() && r.Temporary()
		d.release(g)
		d.record(g)
	}
}

// allOrNothing tells if a temporary failure for one recipient makes it come again for all, with nothing to tell that it is the same.
func (d *delivery) allOrNothing() bool { return d.oneReply() && !d.canRetry() }

// begin sends a copy up to the final dot. The next hop may have had enough of waiting in the live transaction: then by another connection.
func (d *delivery) begin(ctx context.Context, g *group) error {
	err := d.send(ctx, g)
	if err == nil || !g.live || g.hop.InData() {
		return err
	}
	d.log.WithError(err).Warn("next hop has ended the transaction; another one is begun")
	g.hop.Close()
	g.hop, g.live = nil, false
	return d.send(ctx, g)
}

func (d *delivery) send(ctx context.Context, g *group) error {
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
	from, to := d.paths(g)
	r, err := g.hop.Mail(from, d.env.Client, to...)
	if err != nil {
		return err
	}
	if !r.Positive() {
		g.fill(r)
		return nil
	}
	replies, err := g.hop.Rcpts(to)
	for i, r := range replies {
		if !r.Positive() {
			g.replies[i] = r
		}
	}
	return err
}

// paths are the envelope of a copy. That a copy to others fails later is none of the sender's business.
func (d *delivery) paths(g *group) (from mail.Path, to []mail.Path) {
	if !g.forwarded {
		return d.env.MailFrom, g.to
	}
	if !g.hop.Offers("DSN") {
		return mail.NewPath(""), g.to
	}
	for _, p := range g.to {
		to = append(to, mail.Path{Raw: p.Raw + " NOTIFY=NEVER", Address: p.Address})
	}
	return d.env.MailFrom, to
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
	g.hop = nil
}

// record tells the recipients of the envelope what became of a copy. That a copy to others was refused for good is no reason to
// put the mail off; it is logged.
func (d *delivery) record(g *group) {
	all := worst(g.replies)
	if g.forwarded && all.Permanent() {
		d.log.WithFields(logrus.Fields{"to": addresses(g.to), "reply": all.String()}).Warn("copy was refused")
	}
	for n, i := range g.rcpts {
		d.now[i].copied = d.now[i].copied || g.forwarded && !all.Temporary()
		switch {
		case !g.others():
			d.replies[i] = g.replies[n]
		case !g.forwarded || all.Temporary():
			d.replies[i] = all
		}
	}
}

// worst is the reply that asks for most: a temporary one before a permanent one before a positive one. Nobody waits for a reply any more.
func worst(replies []proxy.Reply) proxy.Reply {
	return slices.MaxFunc(replies, func(a, b proxy.Reply) int { return severity(a) - severity(b) })
}

func severity(r proxy.Reply) int {
	switch {
	case r.Positive():
		return 0
	case r.Permanent():
		return 1
	}
	return 2
}

func addresses(list []mail.Path) string {
	s := make([]string, len(list))
	for i, p := range list {
		s[i] = p.Address
	}
	return strings.Join(s, ",")
}
