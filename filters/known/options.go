// SPDX-License-Identifier: Apache-2.0

package known

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/mailweir/mailweir/authn"
)

// Limits of the options.
const (
	minEntries = 1000
	maxEntries = 10_000_000
	maxDomains = 10_000
)

// Options are the filter's options.
type Options struct {
	File          string        `yaml:"file" doc:"file with what was learned; made if it is not there, as is the secret beside it, with .key behind its name"`
	Keep          time.Duration `yaml:"keep" min:"24h" max:"87600h" doc:"how long a correspondent is known after the last message to him"`
	KeepSent      time.Duration `yaml:"keep_sent" min:"24h" max:"9600h" doc:"how long a message may be answered"`
	PerDay        int           `yaml:"per_day" min:"1" max:"100000" doc:"new correspondents that are learned of one user in a day, so that who breaks into an account cannot make himself known to all"`
	MaxEntries    int           `yaml:"max_entries" min:"1000" max:"10000000" doc:"entries that are kept; each takes about 120 octets of memory"`
	SharedDomains []string      `yaml:"shared_domains" doc:"domains where many have mailboxes who do not know each other, beside the well-known ones: there only the address counts"`
	Points        Points        `yaml:"points" doc:"spam points, 0 or less"`
}

// Points are what findings take off.
type Points struct {
	Answer        float64 `yaml:"answer" min:"-100" max:"0" doc:"of known.answer"`
	Correspondent float64 `yaml:"correspondent" min:"-100" max:"0" doc:"of known.correspondent"`
	Domain        float64 `yaml:"domain" min:"-100" max:"0" doc:"of known.domain"`
	Thread        float64 `yaml:"thread" min:"-100" max:"0" doc:"of known.thread"`
}

// DefaultOptions name no file.
func DefaultOptions() *Options {
	return &Options{
		Keep: 365 * 24 * time.Hour, KeepSent: 30 * 24 * time.Hour, PerDay: 200, MaxEntries: 500_000,
		Points: Points{Answer: -5, Correspondent: -3, Domain: -1, Thread: -1},
	}
}

// of are the points of a finding.
func (p *Points) of(code string) float64 {
	switch code {
	case codeAnswer:
		return p.Answer
	case codeCorrespondent:
		return p.Correspondent
	case codeDomain:
		return p.Domain
	case codeThread:
		return p.Thread
	}
	return 0
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if o.File == "" || !filepath.IsAbs(o.File) {
		errs = append(errs, fmt.Errorf("file: %q: want the absolute path of a file", o.File))
	}
	if o.Keep < 24*time.Hour || o.KeepSent < 24*time.Hour {
		errs = append(errs, fmt.Errorf("keep, keep_sent: %v, %v: want at least 24h", o.Keep, o.KeepSent))
	}
	if o.PerDay < 1 {
		errs = append(errs, fmt.Errorf("per_day: %d: want at least 1", o.PerDay))
	}
	if o.MaxEntries < minEntries || o.MaxEntries > maxEntries {
		errs = append(errs, fmt.Errorf("max_entries: %d: want %d to %d", o.MaxEntries, minEntries, maxEntries))
	}
	if len(o.SharedDomains) > maxDomains {
		errs = append(errs, fmt.Errorf("shared_domains: more than %d", maxDomains))
	}
	for _, d := range o.SharedDomains[:min(len(o.SharedDomains), maxDomains)] {
		if _, ok := authn.Domain(d); !ok {
			errs = append(errs, fmt.Errorf("shared_domains: %.80q is no domain name", d))
		}
	}
	for _, c := range codes() {
		if p := o.Points.of(c); !(p <= 0 && p >= -100) {
			errs = append(errs, fmt.Errorf("points: %v for %s: want -100 to 0", p, c))
		}
	}
	return errors.Join(errs...)
}
