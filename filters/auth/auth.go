// SPDX-License-Identifier: Apache-2.0

// Package auth is the filter that tells who sent a message: by SPF, DKIM, DMARC and ARC. The work is done by package authn/check, whose report is kept with the
// message, for other filters and for the Authentication-Results field; here it becomes findings and points.
package auth

import (
	"context"
	"errors"
	"slices"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/dmarc/report"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// Codes of findings.
const (
	codeSPFFail         = "auth.spf_fail"
	codeSPFSoftFail     = "auth.spf_softfail"
	codeSPFPermError    = "auth.spf_permerror"
	codeHELOFail        = "auth.helo_fail"
	codeDKIMFail        = "auth.dkim_fail"
	codeDKIMPermError   = "auth.dkim_permerror"
	codeDKIMWeak        = "auth.dkim_weak"
	codeDMARCReject     = "auth.dmarc_reject"
	codeDMARCQuarantine = "auth.dmarc_quarantine"
	codeDMARCNone       = "auth.dmarc_none"
	codeDMARCPermError  = "auth.dmarc_permerror"
	codeDMARCTempError  = "auth.dmarc_temperror"
	codeARCFail         = "auth.arc_fail"
	codeARCTrusted      = "auth.arc_trusted"
	codeFromMissing     = "auth.from_missing"
	codeFromSeveral     = "auth.from_several"
	codeFromOdd         = "auth.from_odd"
	codeOwnDomain       = "auth.own_domain"
	codeShifted         = "auth.shifted"
	codeLimit           = "auth.limit"
	codeTempError       = "auth.temperror"
)

// codes are all of them, in the order of the documents.
func codes() []filters.Code {
	var list []filters.Code
	for _, name := range []string{
		codeSPFFail, codeSPFSoftFail, codeSPFPermError, codeHELOFail, codeDKIMFail, codeDKIMPermError, codeDKIMWeak, codeDMARCReject, codeDMARCQuarantine,
		codeDMARCNone, codeDMARCPermError, codeDMARCTempError, codeARCFail, codeARCTrusted, codeFromMissing, codeFromSeveral, codeFromOdd, codeOwnDomain, codeShifted, codeLimit, codeTempError,
	} {
		list = append(list, filters.Code{Name: name, Class: filters.Auth})
	}
	return list
}

// Kind is this kind of filter.
func Kind() filters.Kind {
	return filters.Kind{
		Name:    "auth",
		Codes:   codes(),
		Spam:    true,
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// filter is the authentication filter.
type filter struct {
	options *Options
	sealers []string // Trusted, as authn.Domain gives them.
	own     []string // Our domains, as authn.Domain gives them.
	checker *check.Checker
	metrics *metrics
	counted *report.Batch // For DMARC reports; nil for none.
}

var _ filters.Follower = (*filter)(nil)

var (
	errNoResolver = errors.New("there is no name server to ask")
	errNoMessage  = errors.New("there is no message")
)

// New makes the filter. It asks the resolver of d.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if d.Resolver == nil {
		return nil, errNoResolver
	}
	return newFilter(o, d, d.Resolver)
}

func newFilter(o *Options, d filters.Deps, r authn.Resolver) (*filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	m, err := newMetrics(d.Registerer)
	if err != nil {
		return nil, err
	}
	f := &filter{
		options: o, sealers: domains(o.TrustedSealers), own: domains(o.OwnDomains), metrics: m,
		checker: &check.Checker{Resolver: r, Now: d.Now, Timeout: o.Timeout, MaxSignatures: o.MaxSignatures},
	}
	return f, f.openReports(d)
}

// domains brings names into their one form.
func domains(names []string) []string {
	var list []string
	for _, n := range names {
		if d, ok := authn.Domain(n); ok {
			list = append(list, d)
		}
	}
	return list
}

// Inspect makes findings of what is wrong. Mail of the host's own is left alone: nobody has authenticated it yet.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil || env == nil {
		return nil, errNoMessage
	}
	if env.Client.Local() {
		return nil, nil
	}
	report, err := f.checker.Shared(ctx, env, msg)
	if err != nil {
		return nil, err
	}
	f.metrics.count(report)
	j := &judge{filter: f, report: report}
	j.all()
	return slices.Clip(j.found), nil
}
