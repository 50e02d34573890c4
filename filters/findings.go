// SPDX-License-Identifier: Apache-2.0

package filters

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// What one filter may say of one message.
const (
	MaxFindings = 100 // Findings of one class; what is over it becomes one finding unscannable.limit.
	MaxDetail   = 512 // Octets of a Detail; what is over it is cut.
)

// ChainCodes are the codes of the findings that the chain itself makes.
func ChainCodes() []Code {
	return []Code{
		{"mime.ambiguous", Ambiguous},
		{"unscannable.limit", Unscannable},
		{"content.encrypted", Encrypted},
		{"content.unscannable", Unscannable},
		{"content.damaged", Ambiguous},
		{"content.ambiguous", Ambiguous},
		{"failure.error", Failure},
		{"failure.panic", Failure},
		{"failure.timeout", Failure},
	}
}

// reader is the filter named in findings about limits that were hit when the message was read, before any filter ran.
const reader = "mail"

// Reasons why a filter gave no answer, as the metric has them.
const (
	reasonError   = "error"
	reasonPanic   = "panic"
	reasonTimeout = "timeout"
	reasonLeft    = "left_behind"
)

// reason tells why the answer is none; "" if it is one.
func (a answer) reason() string {
	var bug *panicError
	switch {
	case a.err == nil:
		return ""
	case errors.As(a.err, &bug):
		return reasonPanic
	case errors.Is(a.err, errLeftBehind):
		return reasonLeft
	case a.expired:
		return reasonTimeout
	}
	return reasonError
}

// failure makes a finding of an answer that is none. Not knowing is never clean.
func (a answer) failure(n Named) (f Finding, failed bool) {
	f = Finding{Filter: n.Name, Class: Failure}
	switch a.reason() {
	case "":
		return Finding{}, false
	case reasonPanic:
		f.Code = "failure.panic"
	case reasonTimeout, reasonLeft:
		f.Code = "failure.timeout"
	default:
		f.Code = "failure.error"
	}
	f.Detail = Line(fmt.Sprintf("%s: %v", n.Name, a.err))
	return f, true
}

// bounded cleans the findings of a filter and cuts their number, class by class, so that many of one kind cannot
// crowd out the one of another.
func bounded(filter string, found []Finding) []Finding {
	if len(found) == 0 {
		return nil
	}
	perClass := map[Class]int{}
	out := make([]Finding, 0, min(len(found), MaxFindings+1))
	for _, f := range found {
		perClass[f.Class]++
		if perClass[f.Class] <= MaxFindings {
			out = append(out, clean(filter, f))
		}
	}
	if cut := len(found) - len(out); cut > 0 {
		out = append(out, Finding{
			Filter: filter, Code: "unscannable.limit", Class: Unscannable,
			Detail: fmt.Sprintf("limit findings (%d of a class) exceeded: %d left out", MaxFindings, cut),
		})
	}
	return out
}

// clean fills in the filter and makes the detail fit for a log. A score that is no number would make every comparison
// with a threshold false, so it is no answer.
func clean(filter string, f Finding) Finding {
	f.Filter = filter
	f.Detail = Line(f.Detail)
	if math.IsNaN(f.Score) || math.IsInf(f.Score, 0) {
		return Finding{
			Filter: filter, Code: "failure.error", Class: Failure, Part: f.Part,
			Detail: Line(fmt.Sprintf("%s has the score %v: %s", f.Code, f.Score, f.Detail)),
		}
	}
	return f
}

// Line makes one printable line of s, of at most MaxDetail octets: blanks for line ends and tabs, U+FFFD for what else cannot
// be printed, an ellipsis for what is cut.
func Line(s string) string {
	if plain(s) {
		return s
	}
	// What is far behind the cut is not worth the walk.
	if len(s) > 4*MaxDetail {
		s = s[:4*MaxDetail] + "..."
	}
	s = strings.Map(printable, strings.ToValidUTF8(s, string(utf8.RuneError)))
	if len(s) <= MaxDetail {
		return s
	}
	const ellipsis = "..."
	end := MaxDetail - len(ellipsis)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}

// plain tells if s is short and printable ASCII, as nearly every detail is.
func plain(s string) bool {
	if len(s) > MaxDetail {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func printable(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return ' '
	case unicode.IsPrint(r):
		return r
	}
	return utf8.RuneError
}

// readFindings makes findings of what was seen when the message was read.
func readFindings(defects []mail.Defect) []Finding {
	return append(limitFindings(defects), ambiguousFindings(defects)...)
}

// ambiguousFindings makes one finding of all the defects that may hide content.
func ambiguousFindings(defects []mail.Defect) []Finding {
	var codes []string
	var first mail.Defect
	for _, d := range defects {
		if !d.Ambiguous() || slices.Contains(codes, d.Code) {
			continue
		}
		if len(codes) == 0 {
			first = d
		}
		codes = append(codes, d.Code)
	}
	if len(codes) == 0 {
		return nil
	}
	return []Finding{{
		Filter: reader, Code: "mime.ambiguous", Class: Ambiguous, Part: first.Part,
		Detail: Line(fmt.Sprintf("%s, first at octet %d: %s", strings.Join(codes, ", "), first.Offset, first.Detail)),
	}}
}

// limitFindings makes one finding of each limit that was hit when the message was read, however often it was.
func limitFindings(defects []mail.Defect) []Finding {
	var out []Finding
	seen := map[string]bool{}
	for _, d := range defects {
		if seen[d.Code] || !strings.HasPrefix(d.Code, "limit.") {
			continue
		}
		seen[d.Code] = true
		out = append(out, Finding{
			Filter: reader, Code: "unscannable.limit", Class: Unscannable, Part: d.Part,
			Detail: Line(fmt.Sprintf("%s at octet %d: %s", d.Code, d.Offset, d.Detail)),
		})
	}
	return out
}

// contentFindings makes findings of what kept content from being looked at as a whole.
func contentFindings(in *unpack.Contents) []Finding {
	out := make([]Finding, len(in.Problems))
	for i, p := range in.Problems {
		f := Finding{Filter: reader, Part: p.Part, File: p.Place.String(), Detail: Line(p.String())}
		switch p.Kind {
		case unpack.Encrypted:
			f.Code, f.Class = "content.encrypted", Encrypted
		case unpack.Damaged:
			f.Code, f.Class = "content.damaged", Ambiguous
		case unpack.Ambiguous:
			f.Code, f.Class = "content.ambiguous", Ambiguous
		case unpack.Unscannable:
			f.Code, f.Class = "content.unscannable", Unscannable
		default: // A kind that nobody knows is no answer.
			f.Code, f.Class = "failure.error", Failure
		}
		out[i] = f
	}
	return out
}

// ForSome is Finding.For of what a filter knows about recipients: who, even if these are all of them, unless there is one alone. A finding for all is told in every
// copy, and whom the others know is none of a recipient's business.
func ForSome(who []int, recipients int) []int {
	if recipients == 1 {
		return nil
	}
	return slices.Clip(who)
}
