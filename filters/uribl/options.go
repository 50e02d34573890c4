// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnslist"
	"github.com/mailweir/mailweir/urls"
)

// Options are the filter's options.
type Options struct {
	Zones      map[string]Zone `yaml:"zones" required:"true" doc:"lists that are asked, by the name of their zone"`
	Ignore     []string        `yaml:"ignore" doc:"domains that no list is asked about, with all names below them"`
	Shipped    bool            `yaml:"shipped_ignore" doc:"also ignore the great sites that every list leaves out, so that no look-up is spent on them"`
	QR         bool            `yaml:"qr" doc:"whether links of QR codes in images are asked about; they are read once for this filter and phishing"`
	MaxDomains int             `yaml:"max_domains" min:"1" max:"200" doc:"registrable domains of one message that are asked about"`
	MaxHosts   int             `yaml:"max_hosts" min:"0" max:"200" doc:"addresses of links, and hosts whose addresses are looked up, in one message"`
	MaxEmails  int             `yaml:"max_emails" min:"0" max:"200" doc:"mail addresses of one message that are asked about"`
	MaxLookups int             `yaml:"max_lookups" min:"1" max:"5000" doc:"look-ups for one message that the cache does not answer"`
	Require    int             `yaml:"require" min:"0" max:"50" doc:"so many lists have to answer all that they are asked, else the finding is failure.uribl; what max_lookups leaves out is uribl.unasked"`
	Timeout    time.Duration   `yaml:"timeout" min:"100ms" max:"30s" doc:"how long one answer of a list is waited for; all together three times the longest of them"`
}

// Zone is one list.
type Zone struct {
	Ask        []string           `yaml:"ask" oneof:"domains hosts addresses resolved emails" default:"domains" doc:"what it is asked about: registrable domains; host names as well; addresses that stand in links; those that hosts of links resolve to; hashes of mail addresses"`
	Of         []string           `yaml:"of" oneof:"links header envelope" default:"all" doc:"where those come from: links and texts; From and Reply-To; MAIL FROM, HELO and the client's name"`
	Score      float64            `yaml:"score" doc:"points of a listing; of the codes that codes does not name, if it names any"`
	Codes      map[string]float64 `yaml:"codes" doc:"points by code: 127.0.0.2, 127.0.0.4-127.0.0.7, 127.0.0.0/28, 127.0.*.2, or &6 for the bits 2 and 4 of the last octet"`
	Conclusive bool               `yaml:"conclusive" doc:"a listing settles it: the finding is uribl.conclusive, and other lists are not waited for"`
	Hash       string             `yaml:"hash" oneof:"sha1 md5 sha256" default:"sha1" doc:"of mail addresses: SHA-1 or MD5 in hexadecimal digits, SHA-256 in base32"`
	TestEntry  string             `yaml:"test_entry" doc:"name, address or mail address that has to be listed; without it the list is only tested for what must not be"`
	Timeout    time.Duration      `yaml:"timeout" min:"100ms" max:"30s" default:"that of the filter" doc:"how long an answer of this list is waited for"`
}

// The words of ask.
const (
	askDomains   = "domains"
	askHosts     = "hosts"
	askAddresses = "addresses"
	askResolved  = "resolved"
	askEmails    = "emails"
)

// Limits of the options.
const (
	maxZones  = 50
	maxIgnore = 100_000
)

// DefaultOptions names no list.
func DefaultOptions() *Options {
	return &Options{Shipped: true, QR: true, MaxDomains: 20, MaxHosts: 10, MaxEmails: 10, MaxLookups: 200, Timeout: 3 * time.Second}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if n := len(o.Zones); n == 0 || n > maxZones {
		errs = append(errs, fmt.Errorf("zones: have %d, want 1 to %d", n, maxZones))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Zones)) {
		z := o.Zones[name]
		if err := z.validate(name); err != nil {
			errs = append(errs, fmt.Errorf("zones.%s: %w", name, err))
		}
	}
	if len(o.Ignore) > maxIgnore {
		errs = append(errs, fmt.Errorf("ignore: have %d, want at most %d", len(o.Ignore), maxIgnore))
	}
	for _, s := range o.Ignore {
		if _, ok := urls.Host(s); !ok {
			errs = append(errs, fmt.Errorf("ignore: %.80q is not a domain", s))
		}
	}
	if o.MaxDomains < 1 || o.MaxHosts < 0 || o.MaxEmails < 0 || o.MaxLookups < 1 {
		errs = append(errs, errors.New("max_domains, max_lookups: want at least 1; max_hosts, max_emails: at least 0"))
	}
	if o.Require < 0 || o.Require > len(o.Zones) {
		errs = append(errs, fmt.Errorf("require: %d: there are %d lists", o.Require, len(o.Zones)))
	}
	if o.Timeout <= 0 {
		errs = append(errs, errors.New("timeout: want some time"))
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
		if _, high := codes.Range(); z.Conclusive && high == 0 {
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
	switch low, high := codes.Range(); {
	case low < 0 || math.IsNaN(low):
		errs = append(errs, fmt.Errorf("points are 0 or more, not %v: anybody may link to the good", low))
	case high == 0 && !z.Conclusive:
		errs = append(errs, errors.New("score, codes: a listing has no points and no effect"))
	}
	errs = append(errs, words("ask", z.Ask, askDomains, askHosts, askAddresses, askResolved, askEmails), words("of", z.Of, "links", "header", "envelope"))
	if z.Hash != "" {
		errs = append(errs, words("hash", []string{z.Hash}, hashSHA1, hashMD5, hashSHA256))
	}
	if z.asks(askEmails) && len(z.Ask) > 1 {
		errs = append(errs, errors.New("ask: a list of mail addresses has nothing else"))
	}
	if _, err := z.testLabel(); err != nil {
		errs = append(errs, err)
	}
	if z.Timeout < 0 {
		errs = append(errs, errors.New("timeout: want some time"))
	}
	return errors.Join(errs...)
}

// timeout is how long an answer of a list is waited for.
func (o *Options) timeout(z Zone) time.Duration { return cmp.Or(z.Timeout, o.Timeout) }

func words(key string, have []string, known ...string) error {
	for i, w := range have {
		if !slices.Contains(known, w) {
			return fmt.Errorf("%s: there is no %.20q; there are: %s", key, w, strings.Join(known, ", "))
		}
		if slices.Contains(have[:i], w) {
			return fmt.Errorf("%s: %q is named twice", key, w)
		}
	}
	return nil
}

// asks tells if the list is asked about that kind of thing.
func (z *Zone) asks(kind string) bool {
	if len(z.Ask) == 0 {
		return kind == askDomains
	}
	return slices.Contains(z.Ask, kind)
}

// takes tells if the list is asked about what comes from one of the places.
func (z *Zone) takes(from places) bool {
	return len(z.Of) == 0 ||
		from&inLinks != 0 && slices.Contains(z.Of, "links") ||
		from&inHeader != 0 && slices.Contains(z.Of, "header") ||
		from&inEnvelope != 0 && slices.Contains(z.Of, "envelope")
}

// testLabel is the label of the entry that has to be listed; "" if none is known.
func (z *Zone) testLabel() (string, error) {
	s := z.TestEntry
	if s == "" {
		return "", nil
	}
	if z.asks(askEmails) {
		local, domain, ok := splitEmail(s)
		if !ok {
			return "", fmt.Errorf("test_entry: %.80q is not a mail address", s)
		}
		return hashed(z.Hash, normal(local, domain)), nil
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return resolver.ReverseLabels(a), nil
	}
	if !isName(s) {
		return "", fmt.Errorf("test_entry: %.80q is not a name or an address", s)
	}
	return s, nil
}

// notListed are the labels of what no list may have, of each kind that it is asked about (RFC 5782 section 5).
func (z *Zone) notListed() []string {
	var labels []string
	if z.asks(askDomains) || z.asks(askHosts) || z.asks(askEmails) {
		labels = append(labels, "invalid")
	}
	if z.asks(askAddresses) || z.asks(askResolved) {
		labels = append(labels, resolver.ReverseLabels(netip.AddrFrom4([4]byte{127, 0, 0, 1})))
	}
	return labels
}

// maxZone leaves room for what is in front of the zone: a domain, an address, a hash.
const maxZone = 120

// isZone tells if a name can be that of a list.
func isZone(s string) bool { return len(s) <= maxZone && strings.Contains(s, ".") && isName(s) }

// isName tells if s is made of labels that a name server can be asked about. Lists with a key of the customer in their name have underscores.
func isName(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
