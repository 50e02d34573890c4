// SPDX-License-Identifier: Apache-2.0

// Package spf checks who may send mail for a domain (RFC 7208), for MAIL FROM and for HELO. The evaluation is that of blitiri.com.ar/go/spf; what is ours is
// what goes in and what the DNS may answer: names, errors, the number of questions.
package spf

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	engine "blitiri.com.ar/go/spf"

	"github.com/mailweir/mailweir/authn"
)

// Identity is what was checked.
type Identity string

// The identities (RFC 8601 section 2.7.2).
const (
	MailFrom Identity = "mailfrom"
	HELO     Identity = "helo"
)

// Check is the result for one identity.
type Check struct {
	Result   authn.Result
	Identity Identity
	Domain   string // Whose record was asked for, as authn.Domain gives it; "" if it is none.
	Sender   string // What was checked as MAIL FROM; postmaster at the domain for the null reverse-path and HELO.
	Reason   string // Fixed text, for results that are no verdict; "" else.
}

// Checker checks. Safe for many goroutines; its fields do not change.
type Checker struct {
	Resolver authn.Resolver // If it has net.Resolver's LookupNetIP too, an IPv4 client and exists cost no questions about IPv6.
}

// MailFrom checks the reverse-path address. The null one is checked as postmaster of the HELO domain (RFC 7208 section 2.4).
func (c *Checker) MailFrom(ctx context.Context, ip netip.Addr, helo, address string) Check {
	if address == "" {
		check := c.HELO(ctx, ip, helo)
		check.Identity = MailFrom
		return check
	}
	local, domain, ok := authn.SplitAddress(address)
	if !ok {
		return Check{Result: authn.None, Identity: MailFrom, Reason: "no domain name"}
	}
	return c.check(ctx, ip, helo, Check{Identity: MailFrom, Domain: domain, Sender: localPart(local) + "@" + domain})
}

// HELO checks the name that the client has given (RFC 7208 section 2.3).
func (c *Checker) HELO(ctx context.Context, ip netip.Addr, helo string) Check {
	domain, ok := authn.Domain(helo)
	if !ok {
		return Check{Result: authn.None, Identity: HELO, Reason: "no domain name"}
	}
	return c.check(ctx, ip, helo, Check{Identity: HELO, Domain: domain, Sender: "postmaster@" + domain})
}

// maxWord bounds what a client says and macros use, in octets: a local-part has 64 (RFC 5321 section 4.5.3.1), a HELO name 255.
const maxWord = 256

// localPart is the local-part as macros may use it: the engine takes the first "@" for the one that counts.
func localPart(local string) string {
	if local == "" {
		return "postmaster"
	}
	return strings.ReplaceAll(local[:min(len(local), maxWord)], "@", "=")
}

func (c *Checker) check(ctx context.Context, ip netip.Addr, helo string, check Check) Check {
	if !ip.IsValid() {
		check.Result, check.Reason = authn.None, "client address is not known"
		return check
	}
	ip = ip.Unmap()
	r := &guard{r: c.Resolver, ipv4: ip.Is4()}
	result, err := engine.CheckHostWithSender(net.IP(ip.AsSlice()), helo[:min(len(helo), maxWord)], check.Sender, engine.WithContext(ctx), engine.WithResolver(r))
	check.Result = authn.Result(result)
	if check.Result == authn.TempError && r.failed == nil {
		check.Result = authn.PermError // The DNS has answered everything: it is a limit of ours.
	}
	switch check.Result {
	case authn.PermError:
		check.Reason = reason(err)
	case authn.TempError:
		check.Reason = "DNS gave no answer"
	default:
	}
	return check
}

// reason says in a fixed text what is wrong with a record.
func reason(err error) string {
	switch {
	case errors.Is(err, engine.ErrLookupLimitReached), errors.Is(err, errQueries):
		return "too many DNS look-ups"
	case errors.Is(err, engine.ErrVoidLookupLimitReached):
		return "too many void DNS look-ups"
	case errors.Is(err, engine.ErrTooManyMXRecords):
		return "too many MX records"
	case errors.Is(err, engine.ErrMultipleRecords):
		return "several records"
	case errors.Is(err, engine.ErrNoResult):
		return "an included record does not exist"
	}
	return "record is malformed"
}
