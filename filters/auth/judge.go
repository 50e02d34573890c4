// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/dmarc"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/resolver"
)

// maxNamed is how many signatures or domains a detail names.
const maxNamed = 5

// judge makes findings of one report.
type judge struct {
	*filter
	report *check.Report
	found  []filters.Finding
	sure   bool // Somebody vouches for the author, so that a failure elsewhere is no sign of anything.
}

func (j *judge) all() {
	j.sure = j.vouched()
	j.from()
	j.dmarc()
	j.spf()
	j.dkim()
	j.arc()
	j.ownDomain()
	if j.report.Shifted && slices.ContainsFunc(j.report.DKIM, func(s dkim.Signature) bool { return s.Holds }) {
		j.add(codeShifted, "mail clients may see the body begin at another place than signatures do")
	}
	if j.report.TooLarge {
		j.add(codeLimit, "the header section is too large for signatures to be verified")
	}
	j.temporary()
}

func (j *judge) add(code, format string, args ...any) {
	j.found = append(j.found, filters.Finding{Code: code, Class: filters.Auth, Score: j.options.Points.of(code), Detail: fmt.Sprintf(format, args...)})
}

// addUnlessSure adds a finding that counts for points only where nobody vouches for the author: a forwarded message fails SPF, one that went through a list
// fails DKIM.
func (j *judge) addUnlessSure(code, format string, args ...any) {
	j.add(code, format, args...)
	if j.sure {
		j.found[len(j.found)-1].Score = 0
	}
}

// vouched tells if all author domains are vouched for.
func (j *judge) vouched() bool {
	for _, o := range j.report.DMARC {
		if o.Result != authn.Pass && !(o.Result == authn.None && j.report.Authenticated(o.Author)) {
			_, trusted := j.report.Vouched(j.sealers)
			return trusted
		}
	}
	return len(j.report.DMARC) > 0
}

// from is about the author that is named.
func (j *judge) from() {
	a := &j.report.Authors
	switch {
	case a.Fields == 0 && !j.report.Spoofed:
		j.add(codeFromMissing, "there is no From")
	case a.Fields > 1:
		j.add(codeFromSeveral, "there are %d From fields", a.Fields)
	case len(a.Domains) > 1:
		j.add(codeFromSeveral, "From names %s", some(a.Domains))
	}
	if j.report.Spoofed {
		j.add(codeFromOdd, "a line that is no field looks like From")
	}
	if odd := slices.DeleteFunc(slices.Clone(a.Odd), func(s string) bool { return strings.HasPrefix(s, "there ") }); len(odd) > 0 {
		j.add(codeFromOdd, "%s", strings.Join(odd, "; "))
	}
}

// dmarc is about what the owners of the authors' domains ask for. A trusted sealer makes up for it.
func (j *judge) dmarc() {
	by, trusted := j.report.Vouched(j.sealers)
	for i := range j.report.DMARC {
		o := &j.report.DMARC[i]
		switch {
		case o.Result == authn.PermError:
			j.add(codeDMARCPermError, "%s: %s", o.Author, o.Reason)
		case o.Result == authn.TempError && !trusted && atStake(o):
			j.add(codeDMARCTempError, "%s: %s", o.Author, o.Reason)
		case o.Result != authn.Fail:
		case trusted:
			j.add(codeARCTrusted, "%s fails DMARC; %s has seen it pass", o.Author, by)
		default:
			j.add(dmarcCode(o), "%s: neither SPF nor DKIM of that domain has passed; %s asks for %s%s", o.Author, o.Found, o.Wanted, step(o))
		}
	}
	if len(j.report.DMARC) == 0 {
		j.add(codeDMARCPermError, "no author domain")
	}
}

// atStake tells if a message that DMARC could not be settled for may be one that is to be kept out: the owner asks for that, or was not asked because of a limit of
// ours, which a message can be made to reach.
func atStake(o *dmarc.Outcome) bool {
	return dmarc.Compare(o.Applies, dmarc.PolicyNone) > 0 || errors.Is(o.Temporary, resolver.ErrLimit)
}

func dmarcCode(o *dmarc.Outcome) string {
	switch o.Applies {
	case dmarc.PolicyReject:
		return codeDMARCReject
	case dmarc.PolicyQuarantine:
		return codeDMARCQuarantine
	case dmarc.PolicyNone:
	}
	return codeDMARCNone
}

// step tells why less is done than was asked for.
func step(o *dmarc.Outcome) string {
	switch {
	case o.Applies == o.Wanted:
		return ""
	case o.Record.Testing:
		return ", in test mode"
	}
	return fmt.Sprintf(", for %d %% of messages", o.Record.Percent)
}

func (j *judge) spf() {
	c := &j.report.MailFrom
	switch c.Result {
	case authn.Fail:
		j.addUnlessSure(codeSPFFail, "%s does not have mail sent by this client", c.Domain)
	case authn.SoftFail:
		j.addUnlessSure(codeSPFSoftFail, "%s does not have mail sent by this client, as far as it knows", c.Domain)
	case authn.PermError:
		j.add(codeSPFPermError, "%s: %s", c.Domain, c.Reason)
	default:
	}
	if h := &j.report.HELO; h.Result == authn.Fail && h.Domain != c.Domain {
		j.addUnlessSure(codeHELOFail, "%s is not the name of this client", h.Domain)
	}
}

// dkim is about signatures that do not hold, where none does, and about those that hold and say little.
func (j *judge) dkim() {
	var failed, broken, weak []string
	passed, left := false, 0
	for i := range j.report.DKIM {
		s := &j.report.DKIM[i]
		passed = passed || s.Result == authn.Pass
		switch s.Result {
		case authn.Fail:
			if !s.Testing { // RFC 6376 section 3.6.1: with t=y it is as if there was no signature.
				failed = append(failed, name(s)+": "+s.Reason)
			}
		case authn.PermError:
			broken = append(broken, name(s)+": "+s.Reason)
		case authn.Policy:
			weak = append(weak, name(s)+": "+s.Reason)
		case authn.None:
			left++
		default:
		}
		if len(s.Added) > 0 && s.Holds {
			weak = append(weak, name(s)+": others may have added "+some(s.Added))
		}
	}
	if len(failed) > 0 && !passed {
		j.addUnlessSure(codeDKIMFail, "%s", some(failed))
	}
	if len(broken) > 0 && !passed {
		j.add(codeDKIMPermError, "%s", some(broken))
	}
	if len(weak) > 0 {
		j.add(codeDKIMWeak, "%s", some(weak))
	}
	if left > 0 {
		j.add(codeLimit, "%d signatures were not verified: there are more than %d", left, j.options.MaxSignatures)
	}
}

func name(s *dkim.Signature) string {
	if s.Domain == "" {
		return "a signature"
	}
	return s.Domain
}

func (j *judge) arc() {
	if c := &j.report.ARC; c.Result == authn.Fail {
		j.add(codeARCFail, "%s", c.Reason)
	}
}

// ownDomain is about strangers who write in the name of the site.
func (j *judge) ownDomain() {
	for _, d := range j.report.Authors.Domains {
		own := slices.ContainsFunc(j.own, func(o string) bool { return authn.IsWithin(d, o) })
		if own && !j.sure && !j.report.Authenticated(d) {
			j.add(codeOwnDomain, "From is of %s, and nothing vouches for it", d)
			return
		}
	}
}

// temporary tells of everything that could not be found out.
func (j *judge) temporary() {
	var what []string
	if j.report.MailFrom.Result == authn.TempError {
		what = append(what, "SPF of "+j.report.MailFrom.Domain)
	}
	if h := &j.report.HELO; h.Result == authn.TempError && h.Domain != j.report.MailFrom.Domain {
		what = append(what, "SPF of "+h.Domain)
	}
	for i := range j.report.DKIM {
		if s := &j.report.DKIM[i]; s.Result == authn.TempError {
			what = append(what, "the key of "+s.Domain)
		}
	}
	if j.report.ARC.Result == authn.TempError {
		what = append(what, "a key of the ARC chain")
	}
	for i := range j.report.DMARC {
		if o := &j.report.DMARC[i]; o.Result == authn.TempError {
			what = append(what, "DMARC of "+o.Author)
		}
	}
	if len(what) > 0 {
		j.add(codeTempError, "the DNS gave no answer about %s", some(what))
	}
}

// some names the first of a list, and how many there are more.
func some(list []string) string {
	if len(list) <= maxNamed {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:maxNamed], ", "), len(list)-maxNamed)
}
