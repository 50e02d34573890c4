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

// recall finds out what earlier attempts at the same mail object have done.
func (d *delivery) recall() {
	d.before = make([]progress, len(d.env.RcptTo))
	if d.canRetry() {
		marks := d.journal.marks(d.attempt())
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
}

// book notes in the journal what has been done for recipients that the client will try again, and takes out what nobody will ask for.
func (d *delivery) book() {
	if !d.canRetry() {
		return
	}
	all := d.oneReply() && slices.ContainsFunc(d.replies, proxy.Reply.Temporary)
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
		d.log.WithError(err).Error("journal of retries: the retry will do again what was done")
	}
}
