// SPDX-License-Identifier: Apache-2.0

package policy

import "github.com/mailweir/mailweir/mail"

// Explanation says which policy a recipient has, why, and what it says with everything left out filled in.
type Explanation struct {
	Policy    string // Name of the recipient's policy.
	Where     string // "file:line" of it; "" if not known.
	Direction Direction
	Passed    []Passed // The policies before it, in order.
	GreyAt    Threshold
	TagAt     Threshold
	HighAt    Threshold
	FileRules string
	Signed    Signed
	Language  string
	Rules     []Rule // One for each of Keys, in that order, then those of codes.
}

// Passed is a policy that was not taken.
type Passed struct {
	Policy    string
	Where     string // "file:line" of the condition; "" if not known.
	Condition string // The first of from, to, client, listener, direction that does not hold.
}

// Threshold is a number of spam points, and where it is written.
type Threshold struct {
	Points float64
	Policy string // As in Rule.
	Where  string // As in Rule.
}

// Explain says what Decide goes by for one recipient.
func (s *Set) Explain(env *mail.Envelope, rcpt mail.Path) Explanation {
	q := s.query(env, rcpt)
	e := Explanation{Direction: q.direction}
	taken := s.match(q)
	for _, p := range s.policies {
		if p == taken {
			break
		}
		failed := p.cond.fails(q)
		e.Passed = append(e.Passed, Passed{Policy: p.Name, Where: p.where("when." + failed), Condition: failed})
	}
	e.Policy, e.Where = taken.Name, taken.where("")
	e.GreyAt, e.TagAt, e.HighAt = taken.greyAt, taken.tagAt, taken.highAt
	e.FileRules, e.Signed, e.Language = taken.FileRules, taken.Signed, taken.Language
	e.Rules = append(e.Rules, taken.rules...)
	return e
}
