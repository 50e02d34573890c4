// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
)

// group is one copy of the message and whom it goes to.
type group struct {
	key   string      // Of the dispositions that it is made for: their own copy and a forwarded one have the same.
	rcpts []int       // Recipients of the envelope that wait for what becomes of this copy.
	to    []mail.Path // Who it goes to: to[n] is rcpts[n], unless it is redirected or forwarded.
	edits []mail.Edit

	forwarded  bool // To others, beside the recipients.
	redirected bool // To others, instead of the recipients.
	raw        bool // As it came, without any edit.
	live       bool // The transaction in which MAIL and RCPT were relayed is as it has to be.

	hop     *proxy.Hop
	replies []proxy.Reply // For each of to; the zero Reply as long as there is none.
}

// fill is the reply for all that have none yet.
func (g *group) fill(r proxy.Reply) {
	for i := range g.replies {
		if g.replies[i].Code == 0 {
			g.replies[i] = r
		}
	}
}

// waiting tells if anybody has no reply yet.
func (g *group) waiting() bool {
	return slices.ContainsFunc(g.replies, func(r proxy.Reply) bool { return r.Code == 0 })
}

// groups makes the copies that are to be sent: forwarded ones first, because a recipient's own copy is not sent before that
// to others is in safe hands.
func (d *delivery) groups() []*group {
	own, forwarded := map[string]*group{}, map[string]*group{}
	var list, others []*group
	disps := map[*group][]policy.Disposition{}
	for i, disp := range d.account.Dispositions {
		if d.done[i] || d.fates[i] == policy.Defer {
			continue
		}
		key := disp.Key()
		if len(disp.Forward) > 0 {
			g := forwarded[key]
			if g == nil {
				g = &group{key: key, to: disp.Forward, forwarded: true, raw: disp.Fate != policy.Deliver}
				forwarded[key], others = g, append(others, g)
			}
			g.rcpts, disps[g] = append(g.rcpts, i), append(disps[g], disp)
		}
		if d.fates[i] != policy.Deliver {
			continue
		}
		g := own[key]
		if g == nil {
			g = &group{key: key, to: slices.Clone(disp.Redirect), redirected: len(disp.Redirect) > 0}
			own[key], list = g, append(list, g)
		}
		g.rcpts, disps[g] = append(g.rcpts, i), append(disps[g], disp)
		if !g.redirected {
			g.to = append(g.to, d.env.RcptTo[i])
		}
	}
	list = append(others, list...)
	for _, g := range list {
		g.replies = make([]proxy.Reply, len(g.to))
		if !g.raw {
			g.edits = d.engine.Edits(d.env, d.account, d.tx.Listener.Protocol, disps[g]...)
		}
	}
	return list
}

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
