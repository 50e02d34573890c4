// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"slices"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
)

// group is one copy of the message and whom it goes to.
type group struct {
	key   string               // Of the dispositions that it is made for: their own copy and a forwarded one have the same.
	rcpts []int                // Recipients of the envelope that wait for what becomes of this copy.
	disps []policy.Disposition // Theirs: disps[n] is that of rcpts[n].
	to    []mail.Path          // Whom it goes to: to[n] is rcpts[n], unless it is redirected or forwarded.
	edits []mail.Edit          // Made when its turn comes: see dress.

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
	var own, forwarded groupSet
	for i, disp := range d.account.Dispositions {
		if d.now[i].done || d.fates[i] == policy.Defer {
			continue
		}
		if len(disp.Forward) > 0 && !d.now[i].copied {
			g := forwarded.add(i, disp)
			g.forwarded, g.to, g.raw = true, disp.Forward, disp.Fate != policy.Deliver
		}
		if d.fates[i] != policy.Deliver {
			continue
		}
		g := own.add(i, disp)
		if g.redirected = len(disp.Redirect) > 0; g.redirected {
			g.to = disp.Redirect
		} else {
			g.to = append(g.to, d.env.RcptTo[i])
		}
	}
	list := append(forwarded.list, own.list...)
	for _, g := range list {
		g.replies = make([]proxy.Reply, len(g.to))
		g.live = d.tx.Hop != nil && len(list) == 1 && !g.forwarded && slices.Equal(g.to, d.env.RcptTo)
	}
	return list
}

// dress makes the edits of a copy, and those that sign it as it is with them.
func (d *delivery) dress(ctx context.Context, g *group) {
	if g.raw {
		return
	}
	edits := d.engine.Edits(d.env, d.account, d.tx.Listener.Protocol, g.disps...)
	g.edits = d.engine.signing.add(ctx, d.log, d.account, edits, g.disps[0].Edits)
}

// others tells that it goes to others than recipients of the envelope, who hear of it together: some of them cannot be tried again alone.
func (g *group) others() bool { return g.forwarded || g.redirected }

// groupSet is one group for each key, in the order in which they came up.
type groupSet struct {
	list  []*group
	byKey map[string]*group
}

// add puts a recipient of the envelope into the group of its disposition.
func (s *groupSet) add(i int, disp policy.Disposition) *group {
	key := disp.Key()
	g := s.byKey[key]
	if g == nil {
		g = &group{key: key}
		if s.byKey == nil {
			s.byKey = map[string]*group{}
		}
		s.byKey[key], s.list = g, append(s.list, g)
	}
	g.rcpts, g.disps = append(g.rcpts, i), append(g.disps, disp)
	return g
}
