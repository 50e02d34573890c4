// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/notices"
)

// Options are the filter's options.
type Options struct {
	Protect       []string      `yaml:"protect" doc:"the site's own domains: names that look like them are findings, and so are senders outside who pretend to be from them"`
	ProtectPeople []string      `yaml:"protect_people" doc:"names of people in whose name nobody outside the protected domains may write"`
	WellKnown     bool          `yaml:"well_known" doc:"whether the shipped list of banks, parcel services, mail providers and the like is known"`
	Mismatch      string        `yaml:"mismatch" oneof:"off relaxed strict" doc:"links that show another address than they lead to. relaxed: not in what senders and mailing lists ordinarily do to count clicks. strict: all"`
	Mailto        bool          `yaml:"mailto" doc:"whether a mail address that is shown for another one is such a link"`
	Numeric       bool          `yaml:"numeric" doc:"links to IP addresses that are not shown, or are written in odd numbers"`
	UserInfo      bool          `yaml:"userinfo" doc:"links with a user name that looks like a host"`
	Obfuscated    bool          `yaml:"obfuscated" doc:"links whose host is percent-encoded, full-width or broken by tabs"`
	Homograph     bool          `yaml:"homograph" doc:"host names with letters that look like others"`
	Lookalike     bool          `yaml:"lookalike" doc:"host names that look like protected or well-known ones"`
	Scheme        bool          `yaml:"scheme" doc:"links to file shares and programs, and pages in the link itself"`
	Recipient     bool          `yaml:"recipient" doc:"links with the recipient's address in the fragment"`
	DisplayName   bool          `yaml:"display_name" doc:"display names that pretend to be somebody else"`
	ReplyTo       bool          `yaml:"reply_to" doc:"replies that go elsewhere than a protected From says"`
	QR            bool          `yaml:"qr" doc:"whether QR codes in images are read"`
	SafeSites     []string      `yaml:"safe_sites" path:"file" doc:"files with sites that are never a finding"`
	BadSites      []string      `yaml:"bad_sites" path:"file" doc:"files with sites that always are"`
	ShippedSites  bool          `yaml:"shipped_sites" doc:"whether the shipped list of services that count clicks is known"`
	CheckEvery    time.Duration `yaml:"check_every" min:"1s" max:"1h" doc:"how often, at most, the files are looked at for a change"`
	Language      string        `yaml:"language" oneof:"de en es fr it nl" doc:"of warnings in messages whose own language is not known"`
	NameScore     float64       `yaml:"name_score" min:"0" max:"100" doc:"points for a display name with a well-known name, or an address, of somebody else; 0 is off"`
	ReplyScore    float64       `yaml:"reply_score" min:"0" max:"100" doc:"points for replies that go from a domain of its own to a free mail provider; 0 is off"`
	QRScore       float64       `yaml:"qr_score" min:"0" max:"100" doc:"points for a QR code that leads to a site that nothing else in the message leads to; 0 is off"`
	HostingScore  float64       `yaml:"hosting_score" min:"0" max:"100" doc:"points for a link to a page that anybody may put up for free; 0 is off"`
	MaxLinks      int           `yaml:"max_links" min:"1" max:"1000000" doc:"links of one message that are looked at; a message that has more is a finding"`
}

// DefaultOptions are all checks, relaxed where that spares ordinary mail, and no list of the site's own.
func DefaultOptions() *Options {
	return &Options{
		WellKnown: true, Mismatch: relaxed, Mailto: true, Numeric: true, UserInfo: true, Obfuscated: true, Homograph: true, Lookalike: true,
		Scheme: true, Recipient: true, DisplayName: true, ReplyTo: true, QR: true, ShippedSites: true, CheckEvery: 5 * time.Second,
		Language: notices.English, NameScore: 2, ReplyScore: 1, QRScore: 0.5, HostingScore: 0.5, MaxLinks: 200_000,
	}
}

// How links are compared with what they show.
const (
	off     = "off"
	relaxed = "relaxed"
	strict  = "strict"
)

// maxPeople is the number of names of people.
const maxPeople = 1000

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	for key, files := range map[string][]string{"safe_sites": o.SafeSites, "bad_sites": o.BadSites} {
		for _, f := range files {
			if !filepath.IsAbs(f) {
				errs = append(errs, fmt.Errorf("%s: %q: want an absolute path", key, f))
			}
		}
	}
	if !slices.Contains([]string{off, relaxed, strict}, o.Mismatch) {
		errs = append(errs, fmt.Errorf("mismatch: %q: want off, relaxed or strict", o.Mismatch))
	}
	if !slices.Contains(notices.Languages(), o.Language) {
		errs = append(errs, fmt.Errorf("language: %q: want one of %s", o.Language, strings.Join(notices.Languages(), ", ")))
	}
	if o.CheckEvery < time.Second || o.CheckEvery > time.Hour {
		errs = append(errs, fmt.Errorf("check_every: %v: want 1s to 1h", o.CheckEvery))
	}
	if o.MaxLinks < 1 {
		errs = append(errs, fmt.Errorf("max_links: %d: want at least 1", o.MaxLinks))
	}
	if len(o.ProtectPeople) > maxPeople {
		errs = append(errs, fmt.Errorf("protect_people: %d names, at most %d", len(o.ProtectPeople), maxPeople))
	}
	for _, name := range o.ProtectPeople {
		if len(strings.Fields(name)) < 2 {
			errs = append(errs, fmt.Errorf("protect_people: %q: want a first and a last name", name))
		}
	}
	for key, n := range map[string]float64{"name_score": o.NameScore, "reply_score": o.ReplyScore, "qr_score": o.QRScore, "hosting_score": o.HostingScore} {
		if !(n >= 0) || math.IsInf(n, 0) {
			errs = append(errs, fmt.Errorf("%s: %v: want points", key, n))
		}
	}
	return errors.Join(errs...)
}
