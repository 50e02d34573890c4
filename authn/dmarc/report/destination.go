// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/dmarc"
)

// Destination is one address that the owner of a domain wants reports sent to.
type Destination struct {
	URI      string
	Address  string // Mail address; "" if there is none in it.
	MaxSize  int64  // Octets of a message that it takes at most; 0 for any (RFC 7489 section 6.4).
	External bool   // It is of another organisation.
	Reason   string // Why no report may be sent there; "" if one may.
}

// maxTexts bounds the TXT records of one name that are looked at.
const maxTexts = 20

// Destinations reads the addresses of a rua= tag of a domain's policy. Whether another organisation takes reports about the domain is asked of the DNS (RFC 7489 section
// 7.1): without that, anybody could have reports poured on others.
func Destinations(ctx context.Context, r authn.Resolver, domain string, uris []string) []Destination {
	var list []Destination
	for _, uri := range uris {
		d := Destination{URI: uri}
		d.parse()
		if d.Reason == "" {
			d.verify(ctx, r, domain)
		}
		list = append(list, d)
	}
	return list
}

// parse reads a mailto URI (RFC 6068) with an optional size behind it.
func (d *Destination) parse() {
	uri, size, sized := strings.Cut(d.URI, "!")
	_, text, _ := strings.Cut(uri, ":")
	text, _, _ = strings.Cut(text, "?")
	address, err := url.PathUnescape(text)
	local, host, ok := authn.SplitAddress(address)
	if err != nil || !ok || local == "" || strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>,;:"\()[]@`, r) }) {
		d.Reason = "is no mail address"
		return
	}
	d.Address = local + "@" + host
	if d.MaxSize, ok = parseSize(size); sized && !ok {
		d.Reason = "has a malformed size"
	}
}

// parseSize reads digits with an optional unit, a power of 1024.
func parseSize(s string) (int64, bool) {
	unit := int64(1)
	if n := len(s); n > 0 {
		if i := strings.IndexByte("kmgt", s[n-1]|0x20); i >= 0 {
			unit, s = 1<<(10*(i+1)), s[:n-1]
		}
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || int64(n) > math.MaxInt64/unit {
		return 0, false
	}
	return int64(n) * unit, true
}

// verify asks another organisation's domain. Its record may name another address of the same host.
func (d *Destination) verify(ctx context.Context, r authn.Resolver, domain string) {
	_, host, _ := authn.SplitAddress(d.Address)
	if d.External = !dmarc.SameOrganisation(host, domain); !d.External {
		return
	}
	name, ok := authn.Domain(domain + "._report._dmarc." + host)
	if !ok {
		d.Reason = "is of another organisation, which cannot be asked: the name is too long"
		return
	}
	list, err := r.LookupTXT(ctx, name)
	if err != nil && !authn.IsNotFound(err) {
		d.Reason = "is of another organisation, and the DNS gave no answer whether it takes reports"
		return
	}
	i := slices.IndexFunc(list[:min(len(list), maxTexts)], dmarc.IsRecord)
	if i < 0 {
		d.Reason = "is of another organisation, which does not say that it takes reports"
		return
	}
	if record, ok := dmarc.Parse(list[i]); ok && len(record.Aggregate) > 0 {
		d.replace(record.Aggregate[0], host)
	}
}

// replace takes the address that the other organisation's record names.
func (d *Destination) replace(uri, host string) {
	other := Destination{URI: uri}
	other.parse()
	if _, at, _ := authn.SplitAddress(other.Address); other.Reason == "" && at == host {
		d.Address, d.MaxSize = other.Address, other.MaxSize
	}
}
