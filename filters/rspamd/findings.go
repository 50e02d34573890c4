// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
)

// tooLarge is what there is to say of a message that is not asked about.
func (o *Options) tooLarge(size int64) []filters.Finding {
	return []filters.Finding{{Code: codeSize, Class: filters.Spam, Detail: fmt.Sprintf("%d octets are more than %v: not asked", size, o.MaxSize)}}
}

// findings are the points, what rspamd would do, and one for each symbol that the options name.
func (o *Options) findings(server string, v *verdict) []filters.Finding {
	out := []filters.Finding{{Code: codeScore, Class: filters.Spam, Score: o.points(v.Score), Detail: v.explain(server)}}
	if code := v.code(); code != "" {
		f := filters.Finding{Code: code, Class: filters.Spam, Detail: v.Action}
		if v.Explained != "" {
			f.Detail += ": " + v.Explained
		}
		out = append(out, f)
	}
	seen := map[string]bool{}
	for _, s := range v.Symbols {
		points, ok := o.Rules[s.Name]
		if !ok || seen[s.Name] {
			continue
		}
		seen[s.Name] = true
		out = append(out, filters.Finding{Code: codeRule, Class: filters.Spam, Score: points, Detail: s.Name})
	}
	return out
}

// code is that of the finding which tells the action; "" if the points tell it all.
func (v *verdict) code() string {
	switch v.Action {
	case "no action", "add header", "rewrite subject":
		return ""
	case "reject":
		return codeReject
	case "soft reject":
		return codeSoftReject
	case "greylist":
		return codeGreylist
	}
	return codeAction
}

// unanswered is the finding if no server answered.
func (o *Options) unanswered(err error) filters.Finding {
	f := filters.Finding{Code: codeNoAnswer, Class: filters.Spam, Detail: err.Error()}
	if o.Required {
		f.Code, f.Class = codeFailure, filters.Failure
	}
	return f
}

// explain is "15.2 of 15 by 127.0.0.1:11333: GTUBE 1000, R_SPF_ALLOW -0.2", the heaviest symbols first, cut to what fits.
func (v *verdict) explain(server string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%.4g of %.4g by %s", v.Score, v.Required, server)
	if v.Skipped {
		b.WriteString(" (skipped)")
	}
	list := slices.Clone(v.Symbols)
	slices.SortStableFunc(list, func(x, y symbol) int {
		switch a, b := math.Abs(x.Score), math.Abs(y.Score); {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	for i, s := range list {
		text := fmt.Sprintf("%s %.4g", s.Name, s.Score)
		if b.Len()+len(text) > filters.MaxDetail-len(", and 1000 more") {
			fmt.Fprintf(&b, ", and %d more", len(list)-i)
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
