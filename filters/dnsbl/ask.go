// SPDX-License-Identifier: Apache-2.0

package dnsbl

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/mailweir/mailweir/resolver"
)

// answer is what one list said of one address.
type answer struct {
	list   *list
	who    party
	points float64
	codes  []netip.Addr // Of the listing; none if it is not listed.
	err    error        // Nil if the list answered.
	left   bool         // Not waited for: another list had settled it.
}

// settles tells if no other list need be asked.
func (a *answer) settles() bool {
	return len(a.codes) > 0 && a.list.zone.Conclusive && !a.who.relay
}

// What all questions about the relays of one message may cost: whoever wrote the Received fields chose them, and the message has other questions.
const (
	maxRelayLookups = 100
	maxRelayTime    = time.Minute // Each list has its own time, which is less.
)

// ask asks every list about every party that it takes, all at once, and gives the answers in the order of lists and parties. It ends early if a
// conclusive list of the bad has the client and no conclusive list of the good is still to answer.
func (f *filter) ask(ctx context.Context, who []party) []answer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	relays, cancelRelays := resolver.NewBudget(maxRelayLookups, maxRelayTime).Context(ctx)
	defer cancelRelays()
	all, open := f.questions(who)
	done := make(chan int, len(all))
	for i := range all {
		ctx := ctx
		if all[i].who.relay {
			ctx = relays
		}
		go func() {
			all[i].ask(ctx)
			done <- i
		}()
	}
	bad := false
	for range all {
		a := &all[<-done]
		if a.list.clears() {
			open--
		}
		bad = bad || a.settles() && !a.list.zone.Allow
		if bad && open == 0 {
			cancel() // The others end at once, and are waited for.
		}
	}
	for i := range all {
		a := &all[i]
		if a.left = bad && errors.Is(a.err, context.Canceled); !a.left {
			f.metrics.Answered(a.list.Zone(), len(a.codes) > 0, a.err)
		}
	}
	return all
}

// questions are what is asked, without answers, and the number of those to lists that clear whoever is on them.
func (f *filter) questions(who []party) (all []answer, clearing int) {
	for _, l := range f.lists {
		for _, p := range who {
			if !l.takes(p.addr) || p.relay && l.zone.RelayScore == 0 {
				continue
			}
			all = append(all, answer{list: l, who: p})
			if l.clears() {
				clearing++
			}
		}
	}
	return all, clearing
}

// ask asks one list about one party.
func (a *answer) ask(ctx context.Context) {
	codes, err := a.list.Ask(ctx, resolver.ReverseLabels(a.who.addr))
	if a.err = err; err != nil {
		return
	}
	a.points, a.codes = a.list.codes.Points(codes)
	if a.who.relay {
		a.points = a.list.zone.RelayScore
	}
}
