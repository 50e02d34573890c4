// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/filters"
)

// part is how much of a message of size octets spamd is given, and the finding that says so if it is not all. 0 is none.
func (o *Options) part(size int64) (int64, []filters.Finding) {
	limit := int64(o.MaxSize)
	if size <= limit {
		return size, nil
	}
	f := filters.Finding{Code: codeSize, Class: filters.Spam}
	if o.Large == largeSkip {
		f.Detail = fmt.Sprintf("%d octets are more than %v: not asked", size, o.MaxSize)
		return 0, []filters.Finding{f}
	}
	f.Detail = fmt.Sprintf("%d octets are more than %v: asked about the first of them", size, o.MaxSize)
	return limit, []filters.Finding{f}
}

// findings are the points, and one for each rule that the options name.
func (o *Options) findings(server string, v *verdict) []filters.Finding {
	out := []filters.Finding{{Code: codeScore, Class: filters.Spam, Score: o.points(v.score), Detail: v.explain(server)}}
	seen := map[string]bool{}
	for _, r := range v.rules {
		points, ok := o.Rules[r.name]
		if !ok || seen[r.name] {
			continue
		}
		seen[r.name] = true
		out = append(out, filters.Finding{Code: codeRule, Class: filters.Spam, Score: points, Detail: r.name})
	}
	return out
}

// unanswered is the finding if no server answered.
func (o *Options) unanswered(err error) filters.Finding {
	f := filters.Finding{Code: codeNoAnswer, Class: filters.Spam, Detail: err.Error()}
	if o.Required {
		f.Code, f.Class = codeFailure, filters.Failure
	}
	return f
}

// explain is "15.2 of 5 by 127.0.0.1:783: GTUBE 1000, NO_RELAYS", cut to what fits.
func (v *verdict) explain(server string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%g of %g by %s", v.score, v.threshold, server)
	for i, r := range v.rules {
		text := r.name
		if r.points != "" {
			text += " " + r.points
		}
		if b.Len()+len(text) > filters.MaxDetail-len(", and 1000 more") {
			fmt.Fprintf(&b, ", and %d more", len(v.rules)-i)
			break
		}
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(text)
	}
	return b.String()
}
