// SPDX-License-Identifier: Apache-2.0

package greylist

import (
	"time"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/seen"
)

// state is what is known of a message on its way to one recipient.
type state int

const (
	stateNew    state = iota // Was never here.
	stateEarly               // Was here a moment ago.
	stateBack                // Was here, and has waited.
	statePassed              // Has come back before.
	stateClient              // Comes from where others have come back.
	stateFull                // Would have to wait, but might not be known again.
)

// states are all of them.
func states() []state {
	return []state{stateNew, stateEarly, stateBack, statePassed, stateClient, stateFull}
}

// String is the state as the metric has it.
func (s state) String() string {
	return [...]string{"new", "early", "back", "passed", "client", "full"}[s]
}

// patience is how long a mail server may take until it comes again: longer than Postfix, Exim, Exchange and the great providers take. If entries do not
// last so long, because too many come, nobody is made to wait, as he might have to for ever.
const patience = 6 * time.Hour

// stateOf looks a recipient up. due is when the message may come again, if it has to wait.
func (f *filter) stateOf(t *triplets, rcpt mail.Path) (s state, due time.Time) {
	now := f.now()
	due = now.Add(f.options.Delay)
	for _, k := range t.keys(f.secret, rcpt) {
		e, known := f.store.Get(k)
		switch {
		case !known:
		case e.Class == classPassed:
			return statePassed, now
		case f.matured(e, now):
			s = stateBack
		case s == stateNew:
			s, due = stateEarly, e.First.Add(f.options.Delay)
		}
	}
	switch {
	case s == stateBack:
		return stateBack, now
	case f.clientPasses(t):
		return stateClient, now
	case f.store.Lives(classWaiting, t.group) < min(patience, f.options.ExpireRetry):
		return stateFull, now
	}
	return s, due
}

// matured tells if a first attempt was long enough ago. If its time is yet to come the clock was wrong, and nobody knows how long ago it was.
func (f *filter) matured(e seen.Entry, now time.Time) bool {
	return e.Class == classWaiting && (now.Sub(e.First) >= f.options.Delay || e.First.After(now))
}

// clientPasses tells if so many have come back from there that no more need to.
func (f *filter) clientPasses(t *triplets) bool {
	if f.options.Clients == 0 {
		return false
	}
	for _, o := range t.origins {
		if e, known := f.store.Get(f.secret.Key("client", o)); known && e.Count >= uint32(f.options.Clients) {
			return true
		}
	}
	return false
}
