// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/glob"
	"github.com/mailweir/mailweir/mail"
)

// shape is the kind of a pattern.
type shape int

const (
	exactly shape = iota // An address, or the name of a host.
	within               // All addresses of a domain.
	below                // All of its subdomains, not of itself.
	globbed              // With an asterisk elsewhere.
	everything
)

// pattern is what one line of a list says.
type pattern struct {
	shape shape
	key   string       // Of exactly, within and below: what is looked up.
	glob  glob.Pattern // Of globbed.
}

var (
	errEmpty    = errors.New("is empty")
	errTooLong  = errors.New("is too long")
	errBrackets = errors.New("write the address without angle brackets")
	errBlank    = errors.New("has a blank or control character in it")
	errDomain   = errors.New("has no domain name")
	errNetwork  = errors.New("is everybody")
)

// parseAddress reads a pattern of addresses, as policies have them:
//
//	user@example.org   this address
//	@example.org       all of this domain; also written example.org or *@example.org
//	.example.org       all of its subdomains, not of itself
//	adm*@*.example.org an asterisk stands for any run of characters
//	<>                 the null reverse-path
//	*                  everything
func parseAddress(s string) (pattern, error) {
	switch {
	case s == "*":
		return pattern{shape: everything}, nil
	case s == nullPath:
		return pattern{shape: exactly, key: nullPath}, nil
	}
	if err := plain(s); err != nil {
		return pattern{}, err
	}
	local, domain := "", s
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		local, domain = s[:i], s[i+1:]
	}
	all := local == "" || local == "*"
	switch {
	case strings.Contains(domain, "*"), !all && strings.Contains(local, "*"):
		if all {
			local = "*"
		}
		return pattern{shape: globbed, glob: glob.New(mail.UnquoteLocal(local) + "@" + strings.TrimSuffix(domain, "."))}, nil
	case strings.HasPrefix(domain, ".") && all:
		return domainPattern(below, domain[1:])
	case all:
		return domainPattern(within, domain)
	}
	if _, ok := domainName(domain); !ok {
		return pattern{}, errDomain
	}
	return pattern{shape: exactly, key: newAddress(s).full}, nil
}

func domainPattern(s shape, domain string) (pattern, error) {
	d, ok := domainName(domain)
	if !ok {
		return pattern{}, errDomain
	}
	return pattern{shape: s, key: d}, nil
}

// domainName is authn.Domain for names of one label too: all of a top-level domain may be meant.
func domainName(s string) (string, bool) {
	if d, ok := authn.Domain(s); ok {
		return d, true
	}
	const front = "x."
	d, ok := authn.Domain(front + s)
	return strings.TrimPrefix(d, front), ok
}

// plain tells what is wrong with any pattern.
func plain(s string) error {
	switch {
	case s == "":
		return errEmpty
	case len(s) > maxAddress:
		return errTooLong
	case strings.ContainsAny(s, "<>"):
		return errBrackets
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) && !strings.Contains(s, `"`):
		return errBlank
	}
	return nil
}

// parseDomain reads the name of a domain, which stands for it and all below.
func parseDomain(s string) (pattern, error) {
	if err := plain(s); err != nil {
		return pattern{}, err
	}
	return domainPattern(within, strings.TrimPrefix(s, "."))
}

// parseHost reads an address, a network, the name of a host, or of a domain with a dot or an asterisk and a dot in front, whose hosts are meant.
func parseHost(s string) (p pattern, network netip.Prefix, err error) {
	if err := plain(s); err != nil {
		return pattern{}, netip.Prefix{}, err
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return pattern{}, netip.PrefixFrom(a, a.BitLen()), nil
	}
	if n, err := netip.ParsePrefix(s); err == nil {
		if n.Addr().Is4In6() && n.Bits() >= 96 {
			n = netip.PrefixFrom(n.Addr().Unmap(), n.Bits()-96)
		}
		if n.Bits() == 0 {
			return pattern{}, netip.Prefix{}, errNetwork
		}
		return pattern{}, n.Masked(), nil
	}
	rest, isBelow := strings.CutPrefix(strings.TrimPrefix(s, "*"), ".")
	switch {
	case isBelow && !strings.Contains(rest, "*"):
		p, err = domainPattern(below, rest)
	case strings.Contains(s, "*"):
		p = pattern{shape: globbed, glob: glob.New(s)}
	default:
		p, err = domainPattern(exactly, s)
	}
	return p, netip.Prefix{}, err
}
