// SPDX-License-Identifier: Apache-2.0

package known

import (
	"context"
	"strings"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/seen"
)

// fateDeliver is the word of the fate that a message has to have to be learned from.
const fateDeliver = "deliver"

// Follow learns whom a user writes to, from mail of his own that is delivered and no spam.
func (f *filter) Follow(ctx context.Context, env *mail.Envelope, msg *mail.Message, o filters.Outcome) {
	user, _, ok := normal(env.MailFrom.Address)
	if !env.Outbound || !ok || len(o.Recipients) != len(env.RcptTo) || isAutomatic(msg.Header()) {
		return
	}
	u := f.userOf(user)
	for i, rcpt := range env.RcptTo {
		if s := o.Recipients[i]; s.Fate == fateDeliver && !s.Spam {
			u.writesTo(rcpt)
		}
	}
	u.done(msg)
	f.store.Keep(ctx, f.saved)
	f.metrics.count(f.store)
}

// isAutomatic tells if a program has sent the message by itself. The sender of spam is no correspondent because an answer has told him when a user will
// be back (RFC 3834 section 5), or because the user's program has sent a receipt (RFC 8098); nor are those on a mailing list.
func isAutomatic(h mail.Header) bool {
	for _, v := range h.Values("Auto-Submitted") {
		word, _, _ := strings.Cut(v, ";")
		if !strings.EqualFold(strings.TrimSpace(word), "no") {
			return true
		}
	}
	for _, v := range h.Values("Precedence") {
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "bulk", "junk", "list", "auto_reply":
			return true
		}
	}
	for _, v := range h.Values("Content-Type") {
		kind, _, _ := strings.Cut(v, ";")
		if strings.EqualFold(strings.TrimSpace(kind), "multipart/report") {
			return true
		}
	}
	return len(h.Values("List-Id")) > 0 || len(h.Values("X-Autoreply")) > 0
}

// user is somebody of ours who is writing.
type user struct {
	*filter
	name    string
	group   uint8
	day     seen.Key
	learned bool
}

func (f *filter) userOf(name string) *user {
	return &user{filter: f, name: name, group: f.secret.Group(name), day: f.secret.Key("day", name, f.now().UTC().Format(time.DateOnly))}
}

// writesTo learns one correspondent.
func (u *user) writesTo(rcpt mail.Path) {
	address, domain, ok := normal(rcpt.Address)
	if !ok {
		return
	}
	pair, result := u.secret.Key("pair", u.name, address), resultKnown
	if _, known := u.store.Get(pair); !known {
		result = u.finds()
	}
	u.metrics.learned.WithLabelValues(result).Inc()
	if result == resultLimit {
		return
	}
	u.learned = true
	u.remember(pair, classPair)
	if !u.isShared(domain) {
		u.remember(u.secret.Key("domain", u.name, domain), classPair)
	}
}

// finds counts a new correspondent, if there is room for one today. It does both at once, as many messages of one user may be on their way.
func (u *user) finds() string {
	result, first := resultNew, false
	u.store.Update(u.day, func(e seen.Entry, _ bool) (seen.Entry, bool) {
		e.Class, e.Group = classDay, u.group
		if int(e.Count) < u.options.PerDay {
			e.Count++
			return e, true
		}
		result, first = resultLimit, e.Tag == 0
		e.Tag = 1
		return e, true
	})
	if first {
		u.log.WithField("filter", "known").WithField("from", u.name).
			Warn("a user writes to more new addresses than are learned in a day")
	}
	return result
}

func (u *user) remember(k seen.Key, class int) {
	u.store.Update(k, func(e seen.Entry, _ bool) (seen.Entry, bool) {
		e.Class, e.Group = class, u.group
		return e, true
	})
}

// done notes the message itself, if it went to a correspondent.
func (u *user) done(msg *mail.Message) {
	if id := messageID(msg.Header()); id != "" && u.learned {
		u.remember(u.secret.Key("sent", u.name, id), classSent)
	}
}

func (f *filter) saved(err error) {
	if err != nil {
		f.metrics.failures.Inc()
		f.log.WithField("filter", "known").WithError(err).Error("what was learned is not saved; it is known until the program ends")
		return
	}
	f.log.WithField("filter", "known").Info("what was learned is saved again")
}
