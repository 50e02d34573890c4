// SPDX-License-Identifier: Apache-2.0

package dmarc

import (
	"cmp"
	"context"
	"slices"

	"github.com/mailweir/mailweir/authn"
)

// Identifier is a domain that has been checked by another method.
type Identifier struct {
	Domain string // As authn.Domain gives it.
	Result authn.Result
}

// Message is what is known of a message.
type Message struct {
	SPF       []Identifier // Of MAIL FROM.
	DKIM      []Identifier // Of all signatures.
	NoAddress bool         // SPF could not be checked, because the client's address is not known.
	Sample    int          // 0 to 99; a record's pct= is for those below it.
}

// Outcome is what DMARC says about one author domain.
type Outcome struct {
	Result       authn.Result // None, Pass, Fail, TempError, PermError.
	Author       string       // The domain of From.
	Found        string       // Where the record was found; "" if there is none.
	Organisation string       // The organisational domain of Author; "" if there is no record.
	Record       Record
	Wanted       Policy // What the owner asks for about this domain, whatever the result; "" without a record.
	Applies      Policy // The same, after pct= and t=, if Result is Fail, or would be if TempError is one; "" else.
	SPF          bool   // An aligned domain has passed SPF.
	DKIM         bool   // An aligned domain has passed DKIM.
	Reason       string // Fixed text; "" for none, pass and fail.
	Temporary    error  // What the DNS said, for the log.
}

// Search is the policy of one author domain, once it was looked for. It belongs to one message.
type Search struct {
	f       *finder
	outcome Outcome // Without the verdict.
	settled bool    // There is nothing to judge.
	unsure  error   // Why it is not known where the author's organisation ends; Outcome.Organisation is a guess then.
	guessed error   // Why it is not known what the owner asks for; Outcome.Wanted is the strictest that it may be.
}

// Find looks for the policy. author is a domain as authn.Domain gives it.
func Find(ctx context.Context, r authn.Resolver, author string) *Search {
	f := &finder{r: r, known: map[string]answer{}}
	s := &Search{f: f, outcome: Outcome{Author: author, Result: authn.None}}
	o := &s.outcome
	if f.at(ctx, author).broken { // RFC 7489 section 6.6.3, steps 3 and 6: there is a record, so that no other is looked for, and nothing is done.
		s.settled = true
		return s
	}
	t := f.walk(ctx, author)
	org := organisation(author, t.found)
	p, ok := applicable(author, org, t.found)
	switch {
	case t.err != nil && p.domain == author: // The author's own record goes before all others.
		org, s.unsure = organisation(author, nil), t.err
	case t.err != nil || t.above != nil && !ok:
		o.Result, o.Reason, o.Temporary, s.settled = authn.TempError, "policy could not be looked up", cmp.Or(t.err, t.above), true
		return s
	case !ok:
		s.settled = true
		return s
	}
	o.Found, o.Record, o.Organisation = p.domain, p.record, org
	o.Wanted = p.record.Policy
	if p.domain != author {
		o.Wanted = p.record.Subdomains
		s.nonExistent(ctx)
	}
	return s
}

// Judge tells if a message is from whom it says.
func (s *Search) Judge(ctx context.Context, m Message) Outcome {
	o := s.outcome
	if !s.settled {
		s.judge(ctx, &o, m)
	}
	return o
}

// SameOrganisation tells if two domains belong to one organisation, by the Public Suffix List alone. Both are as authn.Domain gives them.
func SameOrganisation(a, b string) bool {
	return a == b || a != "" && organisation(a, nil) == organisation(b, nil)
}

// applicable picks the record: that of the author's domain, else of its organisation, else the topmost within it, else that of a suffix that says it is
// one (DMARCbis section 4.10.1).
func applicable(author, org string, found []place) (place, bool) {
	var top place
	for _, p := range found {
		switch {
		case p.domain == author:
			return p, true
		case authn.IsWithin(p.domain, org), p.record.PSD == "y":
			if top.domain == "" || authn.IsWithin(top.domain, p.domain) && authn.IsWithin(p.domain, org) {
				top = p
			}
		}
	}
	return top, top.domain != ""
}

// nonExistent has np= decide where the author's domain does not exist.
func (s *Search) nonExistent(ctx context.Context) {
	o := &s.outcome
	if o.Record.NonExistent == o.Record.Subdomains {
		return
	}
	there, err := exists(ctx, s.f.r, o.Author)
	switch {
	case err != nil:
		s.guessed = err
		o.Wanted = slices.MaxFunc([]Policy{o.Record.NonExistent, o.Record.Subdomains}, Compare)
	case !there:
		o.Wanted = o.Record.NonExistent
	}
}

// exists tells if a domain has a host or takes mail.
func exists(ctx context.Context, r authn.Resolver, domain string) (bool, error) {
	_, err := r.LookupIPAddr(ctx, domain)
	if !authn.IsNotFound(err) {
		return err == nil, err
	}
	if _, err = r.LookupMX(ctx, domain); authn.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// judge looks for an aligned domain that has passed (RFC 7489 section 6.6.2).
func (s *Search) judge(ctx context.Context, o *Outcome, m Message) {
	temporary := false
	look := func(list []Identifier, strict bool) bool {
		for _, id := range list {
			if id.Result != authn.Pass && id.Result != authn.TempError {
				continue
			}
			aligned, err := s.aligned(ctx, id.Domain, strict)
			if aligned && id.Result == authn.Pass {
				return true
			}
			temporary = temporary || aligned || err != nil
			o.Temporary = cmp.Or(o.Temporary, err)
		}
		return false
	}
	o.SPF = look(m.SPF, o.Record.StrictSPF)
	o.DKIM = look(m.DKIM, o.Record.StrictDKIM)
	switch {
	case o.SPF || o.DKIM:
		o.Result, o.Temporary = authn.Pass, nil
		return
	case temporary:
		o.Result, o.Reason = authn.TempError, "an aligned domain could not be checked"
	case s.guessed != nil:
		o.Result, o.Reason, o.Temporary = authn.TempError, "policy could not be looked up", s.guessed
	case m.NoAddress && s.anyAligned(ctx, m.SPF, o.Record.StrictSPF):
		o.Result, o.Reason = authn.PermError, "SPF could not be checked, as the client's address is not known"
		return
	default:
		o.Result = authn.Fail
	}
	o.Applies = milder(o.Wanted, m.Sample >= o.Record.Percent, o.Record.Testing)
}

// anyAligned tells if one of the domains is aligned, whatever was found about it.
func (s *Search) anyAligned(ctx context.Context, list []Identifier, strict bool) bool {
	return slices.ContainsFunc(list, func(id Identifier) bool {
		aligned, err := s.aligned(ctx, id.Domain, strict)
		return aligned || err != nil
	})
}

// milder takes a step down for messages that pct= leaves out (RFC 7489 section 6.6.4), and for t=y (DMARCbis section 4.7).
func milder(p Policy, leftOut, testing bool) Policy {
	if !leftOut && !testing {
		return p
	}
	if p == PolicyReject {
		return PolicyQuarantine
	}
	return PolicyNone
}

// aligned tells if a domain is the author's: the same, or, unless strict, of the same organisation. Only names below the author's organisation are walked for.
// The error means that it is not known.
func (s *Search) aligned(ctx context.Context, domain string, strict bool) (bool, error) {
	if domain == s.outcome.Author {
		return true, nil
	}
	if strict || domain == "" || !authn.IsWithin(domain, s.outcome.Organisation) {
		return false, nil
	}
	if s.unsure != nil {
		return false, s.unsure
	}
	t := s.f.walk(ctx, domain)
	return t.err == nil && organisation(domain, t.found) == s.outcome.Organisation, t.err
}
