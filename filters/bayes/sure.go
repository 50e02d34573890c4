// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"slices"
	"strings"

	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// Classes of what is learned.
const (
	classHam  = "ham"
	classSpam = "spam"
)

// autoKinds is how many kinds of evidence have to speak for spam, where no list does.
const autoKinds = 3

// sure tells what the other filters are sure that the message is. They are not where one of them gave no answer, or where the message has not been settled.
func (o *Options) sure(msg *mail.Message, out filters.Outcome) (class string, ok bool) {
	e := weigh(out.Findings)
	for _, r := range out.Recipients {
		e.undecided = e.undecided || r.Fate == "defer"
		e.kept = e.kept || r.Fate != "deliver" || r.Spam
	}
	switch {
	case e.undecided:
		return "", false
	case e.points >= o.AutoSpam && (e.listed || len(e.kinds) >= autoKinds) && !e.proven:
		return classSpam, true
	case e.points > o.AutoHam || e.kept || e.bad || e.own > 0:
		return "", false
	case e.proven:
		return classHam, true
	}
	r, known := check.Known(msg)
	return classHam, known && r.Authenticated(authorDomain(msg))
}

// evidence is what the other filters say.
type evidence struct {
	points    float64 // Without our own.
	own       float64
	kinds     []string // Kinds of findings that give points.
	listed    bool     // A list that is asked over the network names the client or a domain.
	proven    bool     // Somebody whom the recipient has written to, or whom the site allows, and who is who he says.
	bad       bool     // Something other than spam is wrong with it.
	undecided bool     // A filter gave no answer, or the message comes again.
	kept      bool     // It was not delivered as it came.
}

func weigh(found []filters.Finding) evidence {
	var e evidence
	for i := range found {
		f := &found[i]
		if strings.HasPrefix(f.Code, "bayes.") {
			e.own += f.Score
			continue
		}
		if len(f.For) > 0 && f.Class != filters.Failure {
			continue // What one recipient thinks of the sender is not for all to learn from.
		}
		e.points += f.Score
		switch f.Class {
		case filters.Failure:
			e.undecided = true
		case filters.Spam, filters.Auth:
		default:
			e.bad = true
		}
		e.bad = e.bad || f.Class == filters.Auth && f.Score > 0
		switch f.Code {
		case "known.answer", "known.correspondent", "lists.allowed":
			e.proven = true
		case "dnsbl.listed", "dnsbl.conclusive", "dnsbl.threshold", "uribl.listed", "uribl.conclusive":
			e.listed = true
		}
		if kind := kindOf(f.Code); f.Score > 0 && !slices.Contains(e.kinds, kind) {
			e.kinds = append(e.kinds, kind)
		}
	}
	return e
}

// kindOf is the filter that a code is of, and of facts the side of the message that they are about: "rules.subject", "dnsbl".
func kindOf(code string) string {
	name, what, _ := strings.Cut(code, ".")
	if name != "rules" {
		return name
	}
	side, _, _ := strings.Cut(what, "_")
	return name + "." + side
}
