// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"slices"
	"sync"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
	"github.com/mailweir/mailweir/quarantine"
)

// delivery carries out what was decided about one mail object.
type delivery struct {
	cfg     *config.Config
	engine  *Engine
	log     logrus.FieldLogger
	store   *quarantine.Store
	journal *journal
	metrics *metrics
	follows *sync.WaitGroup // Filters that learn from it.
	tx      *proxy.Transaction
	env     *mail.Envelope
	account *Account

	fates   []policy.Fate   // What becomes of each recipient, once replies of one kind for all were taken into account.
	replies []proxy.Reply   // For each recipient; the zero Reply as long as there is none.
	before  []progress      // What earlier attempts at the same mail object have done for each recipient.
	now     []progress      // What has been done for each recipient by now, that included.
	kept    []quarantine.ID // Copies that this attempt has put into the quarantine.
}

// text is a reply of our own. A stranger may see it before the queue, so it tells an ID, and of reasons greylisting alone, which shows anyhow.
func (d *delivery) text(code int, enhanced, text string) proxy.Reply {
	return proxy.NewReply(code, enhanced, text+", id="+d.env.ID)
}

func (d *delivery) deferred() proxy.Reply {
	return d.text(451, "4.7.1", "Message cannot be checked now, try again later")
}

func (d *delivery) unreachable() proxy.Reply {
	return d.text(451, "4.4.2", "Error: next hop gave no answer")
}

// run does what the account says, and returns one reply for each recipient. Nothing is done of which a retry could not be told that it is done.
func (d *delivery) run(ctx context.Context) []proxy.Reply {
	for i, disp := range d.account.Dispositions {
		d.fates[i] = disp.Fate
	}
	if err := d.recall(); err != nil {
		return d.unnoted(err)
	}
	if d.oneReply() {
		d.settle()
	}
	groups := d.groups()
	if d.mayRepeat(groups) {
		if err := d.journal.ready(d.attempt(), d.allMarks()); err != nil {
			return d.unnoted(err)
		}
	}
	d.act(ctx, groups)
	if d.oneReply() {
		return d.every(worst(d.replies))
	}
	return d.replies
}

// act keeps and sends what is to be kept and sent, and notes it, even if it ends in a panic.
func (d *delivery) act(ctx context.Context, groups []*group) {
	defer d.book()
	if !d.keep(ctx) {
		groups = d.groups()
	}
	d.relay(ctx, groups)
	for i, fate := range d.fates {
		if d.replies[i].Code == 0 {
			d.replies[i] = d.verdict(i, fate)
		}
	}
	if d.oneReply() {
		d.unite(ctx)
	}
	d.unkeep()
}

// unnoted puts all off before anything is done.
func (d *delivery) unnoted(err error) []proxy.Reply {
	d.log.WithError(err).Error("journal of retries: nothing is done, because the retry might do it again")
	return d.all(policy.Defer, d.text(451, "4.3.0", "Error: what is done could not be noted"))
}

// oneReply tells if one reply stands for all recipients.
func (d *delivery) oneReply() bool { return d.tx.Listener.Protocol == proxy.SMTP }

// verdict is the reply to recipient i of that fate when all that it asks for was done.
func (d *delivery) verdict(i int, fate policy.Fate) proxy.Reply {
	switch fate {
	case policy.Defer:
		if d.greylisted(i) {
			return d.text(451, "4.7.1", "Greylisted, try again later")
		}
		return d.deferred()
	case policy.Reject:
		return d.text(554, "5.7.1", "Message refused")
	case policy.Quarantine, policy.Discard, policy.Deliver:
		if d.tx.Listener.Mode == proxy.AfterQueue && fate != policy.Deliver {
			// Only Postfix's log sees this.
			return d.text(250, "2.7.0", "Ok, "+fate.String())
		}
		return d.text(250, "2.0.0", "Ok")
	}
	return d.deferred()
}

// greylisted tells if nothing but greylisting puts the message off: for that recipient or, where one reply stands for all, for anybody.
func (d *delivery) greylisted(i int) bool {
	who := d.account.Dispositions
	if !d.oneReply() {
		who = who[i : i+1]
	}
	grey := false
	for _, disp := range who {
		for _, r := range disp.Because {
			if r.Fate == policy.Defer && r.Class != string(filters.Grey) {
				return false
			}
			grey = grey || r.Fate == policy.Defer
		}
	}
	return grey
}

// settle makes fates that one reply cannot tell apart into such that it can. Where some are refused and others
// not, those who are refused get nothing and the message is kept for them: no notification to a forged sender, no silent
// loss. Where some are put off, all are, unless the retry can be told from a new message.
func (d *delivery) settle() {
	first := d.fates[0]
	if !slices.ContainsFunc(d.fates, func(f policy.Fate) bool { return f != first }) {
		return
	}
	for i, f := range d.fates {
		if f == policy.Reject {
			d.fates[i] = policy.Quarantine
		}
	}
	if slices.Contains(d.fates, policy.Defer) && !d.canRetry() {
		for i := range d.fates {
			d.fates[i] = policy.Defer
		}
	}
}

// keep puts a copy into the quarantine for all recipients whose dispositions ask for one. If that cannot be, they are put off; where one
// reply stands for all, everybody is, because nothing was handed on yet. It tells if nobody was put off.
func (d *delivery) keep(ctx context.Context) bool {
	who := d.keepers()
	if len(who) == 0 {
		return true
	}
	err := d.put(ctx, who)
	if err == nil {
		for _, i := range who {
			d.now[i].kept = true
		}
		return true
	}
	d.log.WithError(err).Error("message could not be kept")
	for i := range d.fates {
		if !d.now[i].done && (d.oneReply() || slices.Contains(who, i)) {
			d.fates[i] = policy.Defer
			d.replies[i] = d.text(452, "4.3.1", "Error: insufficient system storage")
		}
	}
	return false
}

// keepers are the recipients for whom a copy is to be kept, by their index.
func (d *delivery) keepers() []int {
	var who []int
	for i, disp := range d.account.Dispositions {
		p := d.now[i]
		if !p.done && !p.kept && d.fates[i] != policy.Defer && (len(disp.Store) > 0 || d.fates[i] == policy.Quarantine) {
			who = append(who, i)
		}
	}
	return who
}

// put stores one copy for the recipients that are named by their index.
func (d *delivery) put(ctx context.Context, who []int) error {
	if d.store == nil {
		return errNoQuarantine
	}
	rcpts, disps := make([]mail.Path, len(who)), make([]policy.Disposition, len(who))
	for n, i := range who {
		rcpts[n], disps[n] = d.env.RcptTo[i], d.account.Dispositions[i]
		disps[n].Fate = d.fates[i]
		if len(disps[n].Store) == 0 {
			disps[n].Store = []string{refusedShelf}
		}
	}
	entry := quarantine.NewEntry(d.env, d.account.Result.Findings, rcpts, disps)
	id, err := d.store.Put(ctx, entry, d.tx.Content.Reader(), d.tx.Content.Size())
	if err == nil {
		d.metrics.kept.Inc()
		d.kept = append(d.kept, id)
	}
	return err
}

// unkeep removes what was kept of a message that comes again for all, where nothing tells that it is the same: or each retry would keep another copy, as long as
// the next hop is away, and push others out.
func (d *delivery) unkeep() {
	if !d.allOrNothing() || !slices.ContainsFunc(d.replies, proxy.Reply.Temporary) {
		return
	}
	for _, id := range d.kept {
		if err := d.store.Delete(id); err != nil {
			d.log.WithError(err).Warn("copy stays in quarantine; the message comes again, and is kept again")
		}
	}
}

// refusedShelf is where messages are kept that could not be refused, because one reply stands for all recipients.
const refusedShelf = "refused"
