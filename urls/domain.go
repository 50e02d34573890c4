// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Domain is where a host belongs, by the Public Suffix List.
type Domain struct {
	Registrable string // The name below the public suffix; the host itself if there is none, or if it is an IP address.
	Suffix      string // The public suffix; "" for an IP address.
	Operator    string // The registrable name by ICANN's suffixes alone: of user.github.io it is github.io. Else the same as Registrable.
	Known       bool   // The suffix is on the list, so that a public name may end in it.
}

// DomainOf finds out where a host in canonical form belongs.
func DomainOf(host string) Domain {
	if isIP(host) {
		return Domain{Registrable: host, Operator: host}
	}
	suffix, icann := publicsuffix.PublicSuffix(host)
	d := Domain{Suffix: suffix, Registrable: below(host, suffix), Known: icann || strings.IndexByte(suffix, '.') >= 0}
	d.Operator = d.Registrable
	// A private suffix (github.io) lies below one of ICANN's, at most a few labels up.
	for s := suffix; !icann; {
		_, rest, ok := strings.Cut(s, ".")
		if !ok {
			break
		}
		s, icann = publicsuffix.PublicSuffix(rest)
		d.Operator = below(host, s)
		if len(s) < len(rest) {
			break
		}
	}
	return d
}

// Registrable is the registrable name of a host in canonical form.
func Registrable(host string) string {
	if isIP(host) {
		return host
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	return below(host, suffix)
}

// below is suffix with the one label of host in front of it.
func below(host, suffix string) string {
	if len(host) <= len(suffix) {
		return host
	}
	head := host[:len(host)-len(suffix)-1]
	return host[strings.LastIndexByte(head, '.')+1:]
}

// isIP tells if a host in canonical form is an IP address: names do not end in a digit nor hold a colon.
func isIP(host string) bool {
	if host == "" || !(host[len(host)-1] <= '9' || strings.IndexByte(host, ':') >= 0) {
		return false
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}
