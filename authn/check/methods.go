// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/dmarc"
	"github.com/mailweir/mailweir/authn/results"
	"github.com/mailweir/mailweir/authn/spf"
)

// Methods are the results as an Authentication-Results field has them (RFC 8601 section 2.7).
func (r *Report) Methods() []results.Method {
	list := []results.Method{r.spfMethod(r.MailFrom, r.MailFrom.Sender)}
	if r.HELO.Domain != "" {
		list = append(list, r.spfMethod(r.HELO, r.HELO.Domain))
	}
	for _, s := range r.DKIM {
		if s.Result != authn.None { // Those that were not looked at are not told of.
			list = append(list, r.dkimMethod(s))
		}
	}
	switch {
	case r.TooLarge:
		list = append(list, results.Method{Name: "dkim", Result: authn.PermError, Reason: "the header section is too large"})
	case len(r.DKIM) == 0:
		list = append(list, results.Method{Name: "dkim", Result: authn.None})
	}
	if r.ARC.Result != authn.None {
		list = append(list, r.arcMethod())
	}
	for _, o := range r.DMARC {
		list = append(list, dmarcMethod(o))
	}
	if len(r.DMARC) == 0 {
		list = append(list, results.Method{Name: "dmarc", Result: authn.PermError, Reason: "no author domain"})
	}
	return list
}

// Field is the body of an Authentication-Results field, on one line.
func (r *Report) Field(authservID string) string { return results.Format(authservID, r.Methods()) }

func (r *Report) spfMethod(c spf.Check, value string) results.Method {
	return results.Method{
		Name: "spf", Result: c.Result, Reason: c.Reason,
		Properties: []results.Property{{Type: "smtp", Name: string(c.Identity), Value: value}},
	}
}

func (r *Report) dkimMethod(s dkim.Signature) results.Method {
	m := results.Method{Name: "dkim", Result: r.trusted(s), Reason: s.Reason}
	if m.Result != s.Result {
		m.Reason = "the body begins elsewhere"
	}
	if s.KeyBits > 0 {
		m.Comment = strconv.Itoa(s.KeyBits) + "-bit key"
		if s.Testing {
			m.Comment += ", test mode"
		}
	}
	b := s.B
	if strings.ContainsFunc(b, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		b = ""
	}
	m.Properties = []results.Property{
		{Type: "header", Name: "d", Value: s.Domain},
		{Type: "header", Name: "i", Value: s.Identity},
		{Type: "header", Name: "s", Value: s.Selector},
		{Type: "header", Name: "a", Value: s.Algorithm},
		{Type: "header", Name: "b", Value: b},
	}
	return m
}

func (r *Report) arcMethod() results.Method {
	m := results.Method{Name: "arc", Result: r.ARC.Result, Reason: r.ARC.Reason}
	if m.Result == authn.TempError {
		m.Result = authn.Fail // RFC 8617 section 10.2 has no other word.
	}
	if n := len(r.ARC.Sets); n > 0 && r.ARC.Result == authn.Pass {
		m.Comment = "i=" + strconv.Itoa(n)
		m.Properties = []results.Property{{Type: "header", Name: "d", Value: r.ARC.Sets[n-1].Domain}}
	}
	return m
}

func dmarcMethod(o dmarc.Outcome) results.Method {
	m := results.Method{Name: "dmarc", Result: o.Result, Reason: o.Reason, Properties: []results.Property{{Type: "header", Name: "from", Value: o.Author}}}
	if o.Found != "" {
		m.Comment = "p=" + string(o.Record.Policy)
		if o.Found != o.Author {
			m.Comment += " sp=" + string(o.Record.Subdomains)
		}
		if o.Result == authn.Fail {
			m.Comment += " dis=" + string(o.Applies)
		}
	}
	return m
}
