// SPDX-License-Identifier: Apache-2.0

// Package report counts what DMARC found, by day, and makes the aggregate reports of it that owners of domains ask for (RFC 7489 section 7.2). It keeps no content and no
// recipient of any message. It sends nothing.
package report

import (
	"context"
	"net/netip"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/dmarc"
	"github.com/mailweir/mailweir/authn/spf"
	"github.com/mailweir/mailweir/mail"
)

// maxSignatures bounds the DKIM results of a row.
const maxSignatures = 10

// Row is messages that a report does not tell apart.
type Row struct {
	Day         time.Time // Its beginning in UTC.
	Source      netip.Addr
	Count       int64
	Published   Published
	Disposition dmarc.Policy // What was done because of DMARC.
	Override    Override     // Why it was not what the owner asks for; "" if it was.
	DKIM        bool         // An aligned signature passed.
	SPF         bool         // SPF of an aligned domain passed.
	HeaderFrom  string       // The author's domain.
	MailFrom    string       // The domain of the reverse-path; "" for the null one.
	Signatures  []Signature
	SPFDomain   string // What SPF was checked for: the domain of the reverse-path, or the HELO name.
	SPFScope    string // "mfrom" or "helo".
	SPFResult   authn.Result
}

// Published is the policy that was found.
type Published struct {
	Domain       string // Where it was found.
	Organisation string // The organisational domain of the author.
	StrictDKIM   bool
	StrictSPF    bool
	Policy       dmarc.Policy
	Subdomains   dmarc.Policy
	Percent      int
	Failure      string   // fo=
	Aggregate    []string // rua=, as it was read.
}

// Signature is the result of one DKIM signature.
type Signature struct {
	Domain, Selector string
	Result           authn.Result
}

// Override is a reason for another disposition (RFC 7489 appendix C, PolicyOverrideType).
type Override string

// The reasons that we have.
const (
	SampledOut       Override = "sampled_out"       // pct= left the message out.
	TrustedForwarder Override = "trusted_forwarder" // A trusted ARC sealer vouched for it.
	LocalPolicy      Override = "local_policy"      // Our policy does something else.
)

// Store keeps rows. Safe for many goroutines.
type Store interface {
	// Add counts rows; those that differ in Count alone become one. All are added or, on an error, none, except those that there is no room for: their number is dropped.
	Add(ctx context.Context, rows ...Row) (dropped int, err error)
	// Rows are those of a policy's domain from the day begin on and before the day end; "" stands for all domains. Those of one domain and day have one Published, the last.
	Rows(ctx context.Context, domain string, begin, end time.Time) ([]Row, error)
}

// Rows are what is to be counted of one message: one row for each author domain whose owner asks for reports. done is what became of the message, trusted
// that a trusted sealer vouched for it. What was not done because of DMARC is not told: a sender that is asked for reports is no reason to tell him which of his messages
// were taken for spam.
func Rows(r *check.Report, env *mail.Envelope, done dmarc.Policy, trusted bool) []Row {
	var rows []Row
	source := env.Client.IP()
	for i := range r.DMARC {
		o := &r.DMARC[i]
		if o.Found == "" || len(o.Record.Aggregate) == 0 || o.Result == authn.TempError || !source.IsValid() {
			continue
		}
		row := Row{
			Day: env.Received.UTC().Truncate(24 * time.Hour), Source: source, Count: 1, DKIM: o.DKIM, SPF: o.SPF, HeaderFrom: o.Author,
			Published: Published{
				Domain: o.Found, Organisation: o.Organisation, StrictDKIM: o.Record.StrictDKIM, StrictSPF: o.Record.StrictSPF, Policy: o.Record.Policy,
				Subdomains: o.Record.Subdomains, Percent: o.Record.Percent, Failure: o.Record.FailureWhen, Aggregate: o.Record.Aggregate,
			},
			SPFDomain: r.MailFrom.Domain, SPFScope: "mfrom", SPFResult: r.MailFrom.Result, Signatures: signatures(r.DKIM),
		}
		if env.MailFrom.Address == "" {
			row.SPFScope = string(spf.HELO)
		} else {
			row.MailFrom = r.MailFrom.Domain
		}
		row.Disposition, row.Override = disposition(o, done, trusted)
		rows = append(rows, row)
	}
	return rows
}

// disposition is what was done because of DMARC, and why it was something else than the owner asks for.
func disposition(o *dmarc.Outcome, done dmarc.Policy, trusted bool) (dmarc.Policy, Override) {
	if o.Result != authn.Fail {
		return dmarc.PolicyNone, ""
	}
	if dmarc.Compare(done, o.Applies) > 0 {
		done = o.Applies // The rest has other reasons.
	}
	switch {
	case done == o.Wanted:
		return done, ""
	case trusted:
		return done, TrustedForwarder
	case done == o.Applies:
		return done, SampledOut
	}
	return done, LocalPolicy
}

func signatures(list []dkim.Signature) []Signature {
	var out []Signature
	for i := range list {
		if s := &list[i]; s.Domain != "" && s.Result != authn.None && len(out) < maxSignatures {
			out = append(out, Signature{s.Domain, s.Selector, s.Result})
		}
	}
	return out
}
