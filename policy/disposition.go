// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// Disposition is what becomes of the message for one recipient, and why.
type Disposition struct {
	Fate     Fate
	Edits    []mail.Edit // Applied if delivered, and to the copies in Forward then; nil with every other fate.
	Store    []string    // Quarantine shelves to keep a copy on, sorted; at least one with the fate Quarantine, none with Defer.
	Forward  []mail.Path // Copies to others, sorted; whole and as they came if the fate is not Deliver.
	Redirect []mail.Path // If not empty: who gets the message instead of the recipient, sorted.
	Because  []Reason    // In the order of Keys, then of codes. Empty if nothing was found.
	Policy   string      // Name of the recipient's policy.
	Score    float64     // Spam points of the findings that hold for the recipient.
}

// Reason is one finding, and what the policy does about findings of its class.
type Reason struct {
	Code   string // Of the finding; ScoreCode for the sum of points.
	Class  string // A key of Policy.Do.
	Rule   string // Policy that says so: the recipient's own, the default, or BuiltInName.
	Where  string // "file:line" of the rule; "" if not known.
	Action string // What the rule says, as the config writes it.
	Fate   Fate   // What it asks for.
}

// ScoreCode is the code of the Reason that a message is spam or high spam.
const ScoreCode = "spam.score"

// Key is the same for dispositions that ask for the same thing: recipients with the same key share one copy. Which policy
// asked, and why, is not part of it.
func (d Disposition) Key() string {
	var b strings.Builder
	b.WriteString(d.Fate.String())
	for _, e := range d.Edits {
		fmt.Fprintf(&b, " edit %#v", e) // Its String leaves out long texts.
	}
	for _, s := range d.Store {
		fmt.Fprintf(&b, " store %q", s)
	}
	for _, p := range d.Forward {
		fmt.Fprintf(&b, " forward %q", p.Raw)
	}
	for _, p := range d.Redirect {
		fmt.Fprintf(&b, " redirect %q", p.Raw)
	}
	return b.String()
}

// Bounds of what the result field lists.
const (
	maxResultCodes    = 30
	maxResultPolicies = 10
)

// Result is the edit that adds the field Mailweir-Result to a message that is delivered:
//
//	Mailweir-Result: ID; policy=default; fate=deliver; score=7.5; findings=dnsbl.listed,spamd.score
//
// Only names are told, no details, and no more than 30 of them. group are the dispositions of the recipients that share
// the copy; the score is the highest of theirs. Findings that hold for some recipients only are left out: one is not to learn from it about another.
func Result(id string, findings []filters.Finding, group ...Disposition) mail.Edit {
	var policies, codes []string
	var fate Fate
	score := math.Inf(-1)
	for _, d := range group {
		policies = append(policies, d.Policy)
		fate, score = max(fate, d.Fate), max(score, d.Score)
	}
	if len(group) == 0 {
		score = 0
	}
	for _, f := range findings {
		if len(f.For) == 0 {
			codes = append(codes, f.Code)
		}
	}
	value := fmt.Sprintf("%s; policy=%s; fate=%s; score=%s; findings=%s", word(id), words(policies, maxResultPolicies),
		fate, formatScore(score), words(codes, maxResultCodes))
	return listField("Mailweir-Result", value)
}

// words is a sorted list without repetitions, cut at limit.
func words(list []string, limit int) string {
	var clean []string
	for _, s := range list {
		clean = append(clean, word(s))
	}
	slices.Sort(clean)
	clean = slices.Compact(clean)
	if len(clean) == 0 {
		return "none"
	}
	if len(clean) > limit {
		clean = append(clean[:limit], "...")
	}
	return strings.Join(clean, ",")
}

// maxWord bounds the octets of one name in a field.
const maxWord = 64

// word makes s fit for a list in a field body: a name by design already is.
func word(s string) string {
	s = s[:min(len(s), maxWord)]
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || strings.ContainsRune(`,;="\()<>`, r) {
			return '_'
		}
		return r
	}, s)
}

func formatScore(points float64) string { return strconv.FormatFloat(points, 'f', -1, 64) }
