// SPDX-License-Identifier: Apache-2.0

package dnsbl

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/resolver/dnslist"
)

// Limits of the options.
const (
	maxZones   = 50
	maxRelays  = 20
	maxTrusted = 1000
)

// Options are the filter's options.
type Options struct {
	Zones     map[string]Zone `yaml:"zones" required:"true" doc:"lists that are asked, by the name of their zone"`
	Threshold int             `yaml:"threshold" min:"0" max:"50" doc:"so many lists that have the client make the finding dnsbl.threshold; 0 is never"`
	Require   int             `yaml:"require" min:"0" max:"50" doc:"so many lists have to answer, else the finding is failure.dnsbl"`
	Timeout   time.Duration   `yaml:"timeout" min:"100ms" max:"30s" doc:"how long one list is waited for"`
	Trusted   []netip.Prefix  `yaml:"trusted" doc:"hosts that hand us mail of others, such as a second MX: what their Received fields say is believed. Loopback and networks.trusted always are"`
	Relays    int             `yaml:"relays" min:"0" max:"20" doc:"so many addresses from Received fields below those are asked about too, in lists with a relay_score"`
}

// Zone is one list.
type Zone struct {
	Score      float64            `yaml:"score" doc:"points of a listing; of the codes that codes does not name, if it names any"`
	Codes      map[string]float64 `yaml:"codes" doc:"points by code: 127.0.0.2, 127.0.0.4-127.0.0.7, 127.0.0.0/28, 127.0.*.2, or &6 for the bits 2 and 4 of the last octet"`
	Allow      bool               `yaml:"allow" doc:"whoever is on this list is good: its points are 0 or less"`
	Conclusive bool               `yaml:"conclusive" doc:"a listing settles it: of a list of the bad, the finding is dnsbl.conclusive; of one of the good, no other list counts"`
	RelayScore float64            `yaml:"relay_score" doc:"points if a relay from the Received fields is listed; 0 does not ask about them"`
	Family     string             `yaml:"family" oneof:"both ipv4 ipv6" default:"both" doc:"addresses that the list is asked about"`
	Test       string             `yaml:"test" oneof:"both unlisted none" default:"both" doc:"how it is tested: both, 127.0.0.2 has to be listed and 127.0.0.1 must not be; unlisted, only the latter"`
	Timeout    time.Duration      `yaml:"timeout" min:"100ms" max:"30s" default:"that of the filter" doc:"how long this list is waited for"`
}

// DefaultOptions names no list.
func DefaultOptions() *Options { return &Options{Timeout: 3 * time.Second} }

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if n := len(o.Zones); n == 0 || n > maxZones {
		errs = append(errs, fmt.Errorf("zones: have %d, want 1 to %d", n, maxZones))
	}
	blocking := 0
	for _, name := range slices.Sorted(maps.Keys(o.Zones)) {
		z := o.Zones[name]
		if err := z.validate(name); err != nil {
			errs = append(errs, fmt.Errorf("zones.%s: %w", name, err))
		}
		if !z.Allow {
			blocking++
		}
	}
	if o.Threshold < 0 || o.Threshold > blocking {
		errs = append(errs, fmt.Errorf("threshold: %d: there are %d lists that are no allow lists", o.Threshold, blocking))
	}
	if o.Require < 0 || o.Require > len(o.Zones) {
		errs = append(errs, fmt.Errorf("require: %d: there are %d lists", o.Require, len(o.Zones)))
	}
	if o.Timeout <= 0 {
		errs = append(errs, errors.New("timeout: want some time"))
	}
	if o.Relays < 0 || o.Relays > maxRelays || len(o.Trusted) > maxTrusted {
		errs = append(errs, fmt.Errorf("relays, trusted: want at most %d and %d", maxRelays, maxTrusted))
	}
	return errors.Join(errs...)
}

// Pointless are the codes of findings that come without points, so that they have an effect only if a policy says what becomes of them.
func (o *Options) Pointless() []string {
	for _, z := range o.Zones {
		codes, err := dnslist.NewCodes(z.Score, z.Codes)
		if err != nil {
			continue // Validate has told.
		}
		if _, high := codes.Range(); z.Conclusive && high == 0 && !z.Allow {
			return []string{codeConclusive}
		}
	}
	return nil
}

func (z *Zone) validate(name string) error {
	var errs []error
	if !isZone(name) {
		errs = append(errs, errors.New("that is not the name of a zone"))
	}
	codes, err := dnslist.NewCodes(z.Score, z.Codes)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	low, high := codes.Range()
	switch {
	case z.Allow && high > 0:
		errs = append(errs, fmt.Errorf("allow: the points of the good are 0 or less, not %v", high))
	case !z.Allow && low < 0:
		errs = append(errs, fmt.Errorf("points of a list that is no allow list are 0 or more, not %v", low))
	case !z.Allow && !z.Conclusive && high == 0 && z.RelayScore == 0:
		errs = append(errs, errors.New("score, codes: a listing has no points and no effect"))
	}
	if z.RelayScore < 0 || math.IsNaN(z.RelayScore) || math.IsInf(z.RelayScore, 0) || z.Allow && z.RelayScore != 0 {
		errs = append(errs, errors.New("relay_score: want points of a list that is no allow list: anybody can write a Received field"))
	}
	if z.Family != "" && z.Family != familyBoth && z.Family != familyIPv4 && z.Family != familyIPv6 {
		errs = append(errs, fmt.Errorf("family: %.20q: want both, ipv4 or ipv6", z.Family))
	}
	if z.Test != "" && z.Test != testBoth && z.Test != testUnlisted && z.Test != testNone {
		errs = append(errs, fmt.Errorf("test: %.20q: want both, unlisted or none", z.Test))
	}
	if z.Timeout < 0 {
		errs = append(errs, errors.New("timeout: want some time"))
	}
	return errors.Join(errs...)
}

// The words of family and test.
const (
	familyBoth = "both"
	familyIPv4 = "ipv4"
	familyIPv6 = "ipv6"

	testBoth     = "both"
	testUnlisted = "unlisted"
	testNone     = "none"
)

// maxZone leaves room for the 64 octets of an IPv6 address in front (RFC 1035 section 2.3.4).
const maxZone = 253 - 64

// isZone tells if a name can be that of a list. Lists with a key of the customer in their name have underscores and digits.
func isZone(s string) bool {
	if s == "" || len(s) > maxZone || !strings.Contains(s, ".") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
