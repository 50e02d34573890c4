// SPDX-License-Identifier: Apache-2.0

// Package authn holds what the packages below it share: the words for results, the view of the DNS that they need, and what a domain name is.
// They tell who sent a message: spf, dkim, dmarc and arc each do one RFC, sig is what dkim and arc are made of, author reads the From field,
// results writes and reads Authentication-Results, and check puts all of it together for one message. None of them knows filters or policies, and none
// reads a clock or the network but by what it is given.
package authn

import (
	"context"
	"errors"
	"net"
)

// Result is one result of a method, in the words of RFC 8601 section 2.7.
type Result string

// The results.
const (
	None      Result = "none"      // Nothing to check.
	Pass      Result = "pass"      // It is as it should be.
	Fail      Result = "fail"      // It is not.
	Policy    Result = "policy"    // Right by the RFC, and not good enough for us; the reason says why.
	Neutral   Result = "neutral"   // No assertion.
	SoftFail  Result = "softfail"  // SPF: probably not authorised.
	TempError Result = "temperror" // The DNS gave no answer; another time it may.
	PermError Result = "permerror" // What was published or written cannot be understood.
)

// Resolver answers questions to the DNS; it is a part of what net.Resolver does. Every method ends soon after ctx is done. A name or record
// that does not exist is a *net.DNSError with IsNotFound; any other error means that there is no answer. Safe for many goroutines.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// IsNotFound tells that the DNS says there is no such name or record, which is an answer.
func IsNotFound(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}
