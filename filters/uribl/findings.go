// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
)

// maxTold is the number of listings that a detail names.
const maxTold = 3

// findings makes at most one finding of each kind for each list, in the order of the lists' names.
func (s *session) findings() []filters.Finding {
	var found []filters.Finding
	failed, unpaid := 0, 0
	for _, l := range s.f.lists {
		var listed, silent []*question
		for _, q := range s.questions {
			switch {
			case q.list != l || q.left:
			case q.unpaid:
				unpaid++
			case q.err != nil:
				silent = append(silent, q)
			case len(q.codes) > 0:
				listed = append(listed, q)
			}
		}
		if len(listed) > 0 {
			found = append(found, listing(l, listed))
		}
		if len(silent) > 0 {
			failed++
			found = append(found, filters.Finding{
				Code: codeNoAnswer, Class: filters.Spam, Detail: fmt.Sprintf("%s: %d without an answer, the first: %v", l.Zone(), len(silent), silent[0].err),
			})
		}
	}
	return append(found, s.notKnown(failed, unpaid)...)
}

// listing makes a finding of the listings of one list. The one that weighs most gives the points: ten links to one shop are no worse than one.
func listing(l *list, listed []*question) filters.Finding {
	one := filters.Finding{Code: codeListed, Class: filters.Spam}
	slices.SortStableFunc(listed, func(a, b *question) int {
		switch {
		case a.points > b.points:
			return -1
		case a.points < b.points:
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	one.Score = listed[0].points
	var told []string
	for _, q := range listed[:min(len(listed), maxTold)] {
		var codes []string
		for _, c := range q.codes {
			codes = append(codes, c.String())
		}
		told = append(told, fmt.Sprintf("%s (%s; %s)", q.name, strings.Join(codes, ", "), q.where))
	}
	if n := len(listed) - maxTold; n > 0 {
		told = append(told, fmt.Sprintf("%d more", n))
	}
	switch {
	case l.zone.Conclusive:
		one.Code, one.Class = codeConclusive, filters.Listed
	case l.zone.asks(askEmails):
		one.Code = codeEmail
	}
	one.Detail = l.Zone() + ": " + strings.Join(told, ", ")
	return one
}

// notKnown tells what was not found out.
func (s *session) notKnown(failed, unpaid int) []filters.Finding {
	var found []filters.Finding
	if n := len(s.unresolved); n > 0 {
		slices.Sort(s.unresolved)
		found = append(found, filters.Finding{
			Code: codeNoAnswer, Class: filters.Spam, Detail: fmt.Sprintf("the addresses of %d hosts are not known, the first: %s: %v", n, s.unresolved[0], s.why),
		})
	}
	if s.unasked+s.unread+unpaid > 0 {
		s.f.metrics.unasked.Inc()
		found = append(found, filters.Finding{
			Code: codeUnasked, Class: filters.Spam,
			Detail: fmt.Sprintf("over the limits and not asked about: %d names and addresses, the ends of %d texts or images, %d questions", s.unasked, s.unread, unpaid),
		})
	}
	if ok := len(s.f.lists) - failed; ok < s.f.options.Require && !s.settled {
		found = append(found, filters.Finding{
			Code: codeFailure, Class: filters.Failure, Detail: fmt.Sprintf("%d of %d lists answered, want %d", ok, len(s.f.lists), s.f.options.Require),
		})
	}
	return found
}
