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

// lesson is what a message is to be learned as.
type lesson struct {
	class    string
	stranger bool // Ham of somebody who is who he says, but whom nobody here knows. Everybody can be that, with as many domains as he pays for.
}

// sure tells what the other filters are sure that the message is. They are not where one of them gave no answer, or where the message has not been settled.
func (o *Options) sure(msg *mail.Message, out filters.Outcome) (l lesson, ok bool) {
	e := weigh(out.Findings)
	for _, r := range out.Recipients {
		e.undecided = e.undecided || r.Fate == "defer"
		e.kept = e.kept || r.Fate != "deliver" || r.Spam
	}
	switch {
	case e.undecided:
		return lesson{}, false
	case e.points >= o.AutoSpam && (e.listed || len(e.kinds) >= autoKinds) && !e.proven:
		return lesson{class: classSpam}, true
	case e.points > o.AutoHam || e.kept || e.bad || e.own > 0:
		return lesson{}, false
	case e.proven:
		return lesson{class: classHam}, true
	}
	r, known := check.Known(msg)
	return lesson{class: classHam, stranger: true}, known && r.Authenticated(authorDomain(msg))
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

// kindOf is the kind of evidence that a code is. All that is read from the message as its sender wrote it is of one kind, whatever side of it that is about and whatever filter has found
// it: he can write as much evidence as he likes beside the words that he wants to be learned with it.
func kindOf(code string) string {
	name, what, _ := strings.Cut(code, ".")
	switch name {
	case "dnsbl", "uribl", "auth", "lists":
		return name
	case "spamd", "rspamd":
		return "server"
	case "rules":
		if strings.HasPrefix(what, "client_") { // What DNS says of the client.
			return "client"
		}
	}
	return "written"
}
