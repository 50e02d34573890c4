// SPDX-License-Identifier: Apache-2.0

package dnsbl

import (
	"context"
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/filters"
)

// findings makes findings of the answers, in the order of the lists' names.
func (f *filter) findings(answers []answer) []filters.Finding {
	var found []filters.Finding
	cleared := ""
	for i := range answers {
		if a := &answers[i]; a.settles() && a.list.zone.Allow {
			cleared = a.list.Zone()
			break
		}
	}
	var on []string // Lists of the bad that have the client.
	silent := map[*list]bool{}
	for i := range answers {
		a := &answers[i]
		switch {
		case a.left:
		case a.err != nil:
			if !silent[a.list] { // Once for each list, whatever the number of relays.
				silent[a.list] = true
				found = append(found, filters.Finding{Code: codeNoAnswer, Class: filters.Spam, Detail: fmt.Sprintf("%s: %v", a.list.Zone(), a.err)})
			}
		case len(a.codes) > 0:
			if !a.list.zone.Allow && !a.who.relay {
				on = append(on, a.list.Zone())
			}
			found = append(found, a.listing(cleared))
		}
	}
	if n := f.options.Threshold; n > 0 && len(on) >= n && cleared == "" {
		found = append(found, filters.Finding{
			Code: codeThreshold, Class: filters.Listed, Detail: fmt.Sprintf("on %d lists: %s", len(on), strings.Join(on, ", ")),
		})
	}
	return append(found, f.missing(answers)...)
}

// listing makes a finding of a listing. cleared is the list of the good that takes the weight from those of the bad; "" if there is none.
func (a *answer) listing(cleared string) filters.Finding {
	one := filters.Finding{Code: codeListed, Class: filters.Spam, Score: a.points}
	var codes []string
	for _, c := range a.codes {
		codes = append(codes, c.String())
	}
	who := a.who.addr.String()
	if a.who.relay {
		who = "relay " + who
	}
	one.Detail = fmt.Sprintf("%s is on %s (%s)", who, a.list.Zone(), strings.Join(codes, ", "))
	switch {
	case a.list.zone.Allow:
		one.Code = codeAllowed
	case cleared != "":
		one.Score = 0
		one.Detail += ", which does not count as it is on " + cleared
	case a.who.relay:
		one.Code = codeRelay
	case a.list.zone.Conclusive:
		one.Code, one.Class = codeConclusive, filters.Listed
	}
	return one
}

// missing is a failure if fewer lists answered about the client than the options ask for.
func (f *filter) missing(answers []answer) []filters.Finding {
	answered, asked := 0, 0
	for i := range answers {
		if a := &answers[i]; !a.who.relay {
			asked++
			if a.left || a.err == nil {
				answered++
			}
		}
	}
	if need := min(f.options.Require, asked); answered < need {
		return []filters.Finding{{Code: codeFailure, Class: filters.Failure, Detail: fmt.Sprintf("%d of %d lists answered, want %d", answered, asked, need)}}
	}
	return nil
}

// incomplete is the error of the time that is over; nil if every list had its time, or one settled it.
func (f *filter) incomplete(ctx context.Context, answers []answer) error {
	if ctx.Err() == nil {
		return nil
	}
	for i := range answers {
		if answers[i].err != nil && !answers[i].left {
			return ctx.Err()
		}
	}
	return nil
}
