// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"slices"

	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
)

// progress is what has been done for a recipient, so that a retry does not do it again.
type progress struct {
	done   bool // Everything. It comes again all the same if one reply stands for all.
	kept   bool // The copy in the quarantine.
	copied bool // The copies to others.
}

// marks are what the journal notes of progress for a forward-path.
func (p progress) marks(path string) []string {
	var list []string
	if p.done {
		list = append(list, "done "+path)
	}
	if p.kept {
		list = append(list, "kept "+path)
	}
	if p.copied {
		list = append(list, "copied "+path)
	}
	return list
}

// canRetry tells if the same mail object, sent again, can be told by its queue ID.
func (d *delivery) canRetry() bool {
	return d.tx.Listener.Mode == proxy.AfterQueue && d.env.Client.Ident != ""
}

// attempt is what the journal knows this mail object by.
func (d *delivery) attempt() attempt {
	return attempt{queueID: d.env.Client.Ident, from: d.env.MailFrom.Raw, content: d.tx.Content}
}

// recall finds out what earlier attempts at the same mail object have done. An error says that nobody knows.
func (d *delivery) recall() error {
	d.before = make([]progress, len(d.env.RcptTo))
	if d.canRetry() {
		marks, err := d.journal.marks(d.attempt())
		if err != nil {
			return err
		}
		// The same path may be there more than once: then each mark is for one of them.
		take := func(mark string) bool {
			marks[mark]--
			return marks[mark] >= 0
		}
		for i, rcpt := range d.env.RcptTo {
			if len(marks) == 0 {
				break
			}
			d.before[i] = progress{done: take("done " + rcpt.Raw), kept: take("kept " + rcpt.Raw), copied: take("copied " + rcpt.Raw)}
			if d.before[i].done {
				d.fates[i] = policy.Deliver
				d.replies[i] = d.text(250, "2.0.0", "Ok")
			}
		}
	}
	d.now = slices.Clone(d.before)
	return nil
}

// mayRepeat tells if the client may have to come again after a part of what is to be done is done.
func (d *delivery) mayRepeat(groups []*group) bool {
	if !d.canRetry() {
		return false
	}
	keeps := len(d.keepers()) > 0
	switch {
	case len(groups) == 0 && !keeps:
		return false
	case !d.oneReply(): // Each comes again alone: it matters if there is more to be done for him than one thing.
		return keeps && len(groups) > 0 || slices.ContainsFunc(groups, func(g *group) bool { return g.forwarded })
	case keeps && len(groups) > 0, len(groups) > 1, slices.Contains(d.fates, policy.Defer):
		return true
	case keeps:
		return false
	}
	g := groups[0] // The next hop may take it for some.
	return len(g.to) > 1 && (!g.live || d.tx.Hop.PerRecipient())
}

// allMarks are those that there may be to note, at most.
func (d *delivery) allMarks() []string {
	var list []string
	for _, rcpt := range d.env.RcptTo {
		list = append(list, progress{done: true, kept: true, copied: true}.marks(rcpt.Raw)...)
	}
	return list
}

// book notes in the journal what has been done for recipients that the client will try again, and takes out what nobody will ask for. A client that has
// hung up has no reply, and tries all again; so does one that is told of a fault of ours, after a panic that has left somebody without a reply.
func (d *delivery) book() {
	if !d.canRetry() {
		return
	}
	all := d.oneReply() && slices.ContainsFunc(d.replies, proxy.Reply.Temporary) || d.tx.Gone() ||
		slices.ContainsFunc(d.replies, func(r proxy.Reply) bool { return r.Code == 0 })
	var notes, stale []string
	for i, rcpt := range d.env.RcptTo {
		if d.replies[i].Positive() {
			d.now[i].done = true
		}
		if all || d.replies[i].Temporary() {
			notes = append(notes, d.now[i].marks(rcpt.Raw)...)
		} else {
			stale = append(stale, d.before[i].marks(rcpt.Raw)...)
		}
	}
	if err := d.journal.update(d.attempt(), notes, stale); err != nil {
		d.log.WithError(err).Error("journal of retries: what was done is known until the program ends; after that the retry does it again")
	}
}
