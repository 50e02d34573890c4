// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/dkim"
)

// maxDomains bounds the lists of domains in the options.
const maxDomains = 10_000

// Options are the filter's options.
type Options struct {
	TrustedSealers []string      `yaml:"trusted_sealers" doc:"domains whose ARC seals are believed: what they say of a message when it came to them makes up for a DMARC failure"`
	OwnDomains     []string      `yaml:"own_domains" doc:"the site's own domains: a From in them from outside has to be authenticated, with a DMARC record or without"`
	Timeout        time.Duration `yaml:"timeout" min:"100ms" max:"60s" doc:"how long the DNS is waited for, for all questions about one message"`
	MaxSignatures  int           `yaml:"max_signatures" min:"1" max:"50" doc:"DKIM signatures of one message that are verified, from the top"`
	Points         Points        `yaml:"points" doc:"spam points"`
	Reports        Reports       `yaml:"reports" doc:"counting for DMARC aggregate reports, which mailweir dmarc report makes"`
}

// Reports say where it is counted what owners of domains ask to be told, and who tells it.
type Reports struct {
	Database     string        `yaml:"database" doc:"file that it is counted in, such as dmarc.db in work_dir; made if it is not there; none for no counting"`
	Organisation string        `yaml:"organisation" default:"the domain of email" doc:"name of the organisation that reports"`
	Email        string        `yaml:"email" doc:"address that those who get reports may write to"`
	Keep         time.Duration `yaml:"keep" min:"48h" max:"8760h" doc:"how long it is kept what was counted"`
}

// defaultKeep leaves time to notice that no reports were made.
const defaultKeep = 14 * 24 * time.Hour

// maxWords bounds the octets of the organisation and the address.
const maxWords = 254

// Points are the spam points of findings. Those of SPF and DKIM count only where nothing else vouches for the author.
type Points struct {
	SPFFail         float64 `yaml:"spf_fail" min:"0" max:"100" doc:"of auth.spf_fail"`
	SPFSoftFail     float64 `yaml:"spf_softfail" min:"0" max:"100" doc:"of auth.spf_softfail"`
	HELOFail        float64 `yaml:"helo_fail" min:"0" max:"100" doc:"of auth.helo_fail"`
	DKIMFail        float64 `yaml:"dkim_fail" min:"0" max:"100" doc:"of auth.dkim_fail"`
	DMARCReject     float64 `yaml:"dmarc_reject" min:"0" max:"100" doc:"of auth.dmarc_reject"`
	DMARCQuarantine float64 `yaml:"dmarc_quarantine" min:"0" max:"100" doc:"of auth.dmarc_quarantine"`
	DMARCNone       float64 `yaml:"dmarc_none" min:"0" max:"100" doc:"of auth.dmarc_none"`
	FromMissing     float64 `yaml:"from_missing" min:"0" max:"100" doc:"of auth.from_missing"`
	FromSeveral     float64 `yaml:"from_several" min:"0" max:"100" doc:"of auth.from_several"`
	FromOdd         float64 `yaml:"from_odd" min:"0" max:"100" doc:"of auth.from_odd"`
	OwnDomain       float64 `yaml:"own_domain" min:"0" max:"100" doc:"of auth.own_domain"`
	Shifted         float64 `yaml:"shifted" min:"0" max:"100" doc:"of auth.shifted"`
}

// DefaultOptions trust no sealer and know no domain of the site's.
func DefaultOptions() *Options {
	return &Options{
		Timeout: check.DefaultTimeout, MaxSignatures: dkim.DefaultMaxSignatures, Reports: Reports{Keep: defaultKeep},
		Points: Points{
			SPFFail: 1, SPFSoftFail: 0.5, HELOFail: 0.5, DKIMFail: 0.2, DMARCReject: 4, DMARCQuarantine: 2.5, DMARCNone: 0.3,
			FromMissing: 1, FromSeveral: 2, FromOdd: 0.5, OwnDomain: 3, Shifted: 1,
		},
	}
}

// of are the points of a finding.
func (p *Points) of(code string) float64 {
	switch code {
	case codeSPFFail:
		return p.SPFFail
	case codeSPFSoftFail:
		return p.SPFSoftFail
	case codeHELOFail:
		return p.HELOFail
	case codeDKIMFail:
		return p.DKIMFail
	case codeDMARCReject:
		return p.DMARCReject
	case codeDMARCQuarantine:
		return p.DMARCQuarantine
	case codeDMARCNone:
		return p.DMARCNone
	case codeFromMissing:
		return p.FromMissing
	case codeFromSeveral:
		return p.FromSeveral
	case codeFromOdd:
		return p.FromOdd
	case codeOwnDomain:
		return p.OwnDomain
	case codeShifted:
		return p.Shifted
	}
	return 0
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	for key, list := range map[string][]string{"trusted_sealers": o.TrustedSealers, "own_domains": o.OwnDomains} {
		if len(list) > maxDomains {
			errs = append(errs, fmt.Errorf("%s: more than %d", key, maxDomains))
			continue
		}
		for _, d := range list {
			if _, ok := authn.Domain(d); !ok {
				errs = append(errs, fmt.Errorf("%s: %.80q is no domain name", key, d))
			}
		}
	}
	if o.Timeout <= 0 {
		errs = append(errs, errors.New("timeout: want some time"))
	}
	if o.MaxSignatures < 1 {
		errs = append(errs, fmt.Errorf("max_signatures: %d: want at least 1", o.MaxSignatures))
	}
	errs = append(errs, o.Reports.validate()...)
	for _, c := range codes() {
		if p := o.Points.of(c.Name); math.IsNaN(p) || math.IsInf(p, 0) || p < 0 {
			errs = append(errs, fmt.Errorf("points: %v for %s: want a number from 0 on", p, c.Name))
		}
	}
	return errors.Join(errs...)
}

// validate tells what is wrong with the reports.
func (r *Reports) validate() []error {
	if r.Database == "" {
		return nil
	}
	var errs []error
	if !filepath.IsAbs(r.Database) {
		errs = append(errs, fmt.Errorf("reports.database: %.80q: want the absolute path of a file", r.Database))
	}
	local, _, ok := authn.SplitAddress(r.Email)
	if !ok || local == "" || len(r.Email) > maxWords || strings.ContainsFunc(r.Email, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		errs = append(errs, fmt.Errorf("reports.email: %.80q: want a mail address", r.Email))
	}
	if len(r.Organisation) > maxWords || strings.ContainsFunc(r.Organisation, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		errs = append(errs, errors.New("reports.organisation: want a line of at most 254 octets"))
	}
	if r.Keep < 48*time.Hour {
		errs = append(errs, fmt.Errorf("reports.keep: %v: want at least 48h", r.Keep))
	}
	return errs
}
