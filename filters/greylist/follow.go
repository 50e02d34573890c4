// SPDX-License-Identifier: Apache-2.0

package greylist

import (
	"context"
	"encoding/binary"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/seen"
)

// Follow notes who was here. A message that was refused or kept will not come again, and is not noted.
func (f *filter) Follow(ctx context.Context, env *mail.Envelope, msg *mail.Message, o filters.Outcome) {
	t, ok := f.tripletsOf(env, msg)
	if !ok || len(o.Recipients) != len(env.RcptTo) {
		return
	}
	tag := f.tagOf(env)
	for i, rcpt := range env.RcptTo {
		switch settled := o.Recipients[i]; settled.Fate {
		case fateDefer:
			f.note(t, rcpt, tag, false)
		case fateDeliver:
			f.note(t, rcpt, tag, !settled.Spam)
		}
	}
	f.store.Keep(ctx, f.saved)
	f.metrics.count(f.store)
}

// note notes the message for one recipient. good tells that it was let through and is no spam: then the next one need not wait.
func (f *filter) note(t *triplets, rcpt mail.Path, tag uint32, good bool) {
	keys := t.keys(f.secret, rcpt)
	st, again := f.past(keys, tag)
	for _, k := range keys {
		f.store.Update(k, func(e seen.Entry, known bool) (seen.Entry, bool) {
			switch {
			case st == statePassed || st == stateBack || good:
				e.Class, e.Group = classPassed, t.group
				return e, true
			case known:
				return e, false // It waits from the first time on.
			}
			return seen.Entry{Class: classWaiting, Group: t.group, Tag: tag}, true
		})
	}
	if st == stateBack && again {
		f.credit(t)
	}
}

// past is what is known of any of the keys. again tells that the client came a second time, and not our own queue with the same message.
func (f *filter) past(keys []seen.Key, tag uint32) (s state, again bool) {
	now := f.now()
	for _, k := range keys {
		e, known := f.store.Get(k)
		switch {
		case !known:
		case e.Class == classPassed:
			return statePassed, false
		case f.matured(e, now):
			s, again = stateBack, again || tag == 0 || e.Tag != tag
		}
	}
	return s, again
}

// credit counts, for each origin, a triplet that has come back.
func (f *filter) credit(t *triplets) {
	for _, o := range t.origins {
		f.store.Update(f.secret.Key("client", o), func(e seen.Entry, _ bool) (seen.Entry, bool) {
			e.Class, e.Group = classClient, t.group
			e.Count = min(e.Count+1, maxClients)
			return e, true
		})
	}
}

// tagOf tells queue IDs apart; 0 if there is none, as before the queue.
func (f *filter) tagOf(env *mail.Envelope) uint32 {
	if env.Client.Ident == "" {
		return 0
	}
	k := f.secret.Key("queue", env.Client.Ident)
	return binary.BigEndian.Uint32(k[:]) | 1
}

func (f *filter) saved(err error) {
	if err != nil {
		f.metrics.failures.Inc()
		f.log.WithField("filter", "greylist").WithError(err).Error("what was seen is not saved; it is known until the program ends")
		return
	}
	f.log.WithField("filter", "greylist").Info("what was seen is saved again")
}
