// SPDX-License-Identifier: Apache-2.0

package dnsbl

import (
	"context"
	"errors"
	"net/netip"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnslist"
)

// party is an address that lists are asked about.
type party struct {
	addr  netip.Addr
	relay bool // From a Received field that anybody may have written.
}

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

// ask asks every list about every party that it takes, all at once, and gives the answers in the order of lists and parties. It ends early if a
// conclusive list of the bad has the client and no conclusive list of the good is still to answer.
func (f *filter) ask(ctx context.Context, who []party) []answer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all []answer
	open := 0 // Conclusive lists of the good that have not answered.
	for _, l := range f.lists {
		for _, p := range who {
			if l.takes(p.addr) && (!p.relay || l.zone.RelayScore > 0) {
				all = append(all, answer{list: l, who: p})
				if l.zone.Allow && l.zone.Conclusive {
					open++
				}
			}
		}
	}
	done := make(chan int, len(all))
	for i := range all {
		go func() {
			all[i].ask(ctx)
			done <- i
		}()
	}
	bad := false
	for range all {
		a := &all[<-done]
		if a.list.zone.Allow && a.list.zone.Conclusive {
			open--
		}
		f.count(a)
		bad = bad || a.settles() && !a.list.zone.Allow
		if bad && open == 0 {
			cancel() // The others end at once, and are waited for.
		}
	}
	for i := range all {
		all[i].left = bad && all[i].err != nil && errors.Is(all[i].err, context.Canceled)
	}
	return all
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

func (f *filter) count(a *answer) {
	result := resultClear
	switch {
	case errors.Is(a.err, dnslist.ErrOff):
		result = resultOff
	case a.err != nil:
		result = resultNoAnswer
	case len(a.codes) > 0:
		result = resultListed
	}
	f.metrics.answers.WithLabelValues(a.list.Zone(), result).Inc()
}
