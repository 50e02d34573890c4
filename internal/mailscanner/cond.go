// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// cond is the condition of a policy: all of its lists that are not nil have to hold.
type cond struct {
	from, to []policy.Pattern
	client   []netip.Prefix
}

// any tells if the condition holds for all mail.
func (c cond) any() bool { return c.from == nil && c.to == nil && c.client == nil }

// key tells conditions apart.
func (c cond) key() string {
	return fmt.Sprint(c.from, c.to, c.client, c.from == nil, c.to == nil, c.client == nil)
}

// shape says which lists there are.
func (c cond) shape() [3]bool { return [3]bool{c.from != nil, c.to != nil, c.client != nil} }

// intersectAll are the conditions for what is in one of a and one of b.
func intersectAll(a, b []cond) []cond {
	var out []cond
	for _, x := range a {
		for _, y := range b {
			if c, ok := x.intersect(y); ok {
				out = append(out, c)
			}
		}
	}
	return out
}

// intersect is the condition that both hold; false if nothing can meet it, or a policy cannot say it.
func (c cond) intersect(o cond) (cond, bool) {
	var r cond
	var ok [3]bool
	r.from, ok[0] = intersectPatterns(c.from, o.from)
	r.to, ok[1] = intersectPatterns(c.to, o.to)
	r.client, ok[2] = intersectNetworks(c.client, o.client)
	return r, ok == [3]bool{true, true, true}
}

// maxPairs is how many pairs of patterns are compared for one intersection.
const maxPairs = 1_000_000

func intersectPatterns(a, b []policy.Pattern) ([]policy.Pattern, bool) {
	switch {
	case a == nil:
		return b, true
	case b == nil:
		return a, true
	case len(a)*len(b) > maxPairs:
		return nil, false
	}
	var out []policy.Pattern
	seen := map[policy.Pattern]bool{}
	for _, x := range a {
		for _, y := range b {
			if p, ok := meet(x, y); ok && !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	return out, len(out) > 0
}

// class is what kind of pattern it is.
type class int

const (
	isNull class = iota
	isAddress
	isDomain // @example.org
	isBelow  // .example.org
	isGlob
)

// classOf is the kind of pattern, and its domain where there is one without an asterisk.
func classOf(p policy.Pattern) (class, string) {
	s := string(p)
	local, domain, hasAt := cutLast(s)
	switch {
	case s == "<>":
		return isNull, ""
	case !hasAt && strings.HasPrefix(s, ".") && !strings.Contains(s, "*"):
		return isBelow, s[1:]
	case strings.Contains(domain, "*"):
		return isGlob, ""
	case hasAt && local == "":
		return isDomain, domain
	case hasAt && !strings.Contains(local, "*"):
		return isAddress, domain
	}
	return isGlob, domain
}

// meet is the pattern for what is in both; false if there is none.
func meet(a, b policy.Pattern) (policy.Pattern, bool) {
	if a == b {
		return a, true
	}
	ka, da := classOf(a)
	kb, db := classOf(b)
	switch {
	case ka == isNull || kb == isNull:
		return "", false
	case ka == isAddress:
		return a, b.Match(mail.NewPath(string(a)))
	case kb == isAddress:
		return b, a.Match(mail.NewPath(string(b)))
	case ka == isGlob && kb == isGlob:
		return "", false
	case ka == isGlob:
		return meetGlob(a, da, b)
	case kb == isGlob:
		return meetGlob(b, db, a)
	case ka == isDomain && (kb == isDomain && da == db || kb == isBelow && strings.HasSuffix(da, "."+db)):
		return a, true
	case kb == isDomain && ka == isBelow && strings.HasSuffix(db, "."+da):
		return b, true
	case ka == isBelow && kb == isBelow && strings.HasSuffix(da, "."+db):
		return a, true
	case ka == isBelow && kb == isBelow && strings.HasSuffix(db, "."+da):
		return b, true
	}
	return "", false
}

// meetGlob is what a pattern with asterisks has in common with all addresses of a domain, or below it.
func meetGlob(glob policy.Pattern, domain string, other policy.Pattern) (policy.Pattern, bool) {
	if domain != "" { // The asterisk is in front of the @.
		return glob, other.Match(mail.NewPath("x@" + domain))
	}
	local, rest, _ := cutLast(string(glob))
	if local == "" {
		local = "*"
	}
	if of, ok := strings.CutPrefix(string(other), "@"); ok {
		return policy.Pattern(local + "@" + of), policy.Pattern("x@" + rest).Match(mail.NewPath("x@" + of))
	}
	below := strings.TrimPrefix(string(other), ".")
	suffix, ok := strings.CutPrefix(rest, "*")
	switch {
	case !ok || strings.Contains(suffix, "*"):
		return "", false
	case strings.HasSuffix("."+below, suffix):
		return policy.Pattern(local + "@*." + below), true
	case strings.HasSuffix(suffix, "."+below):
		return glob, true
	}
	return "", false
}

func intersectNetworks(a, b []netip.Prefix) ([]netip.Prefix, bool) {
	switch {
	case a == nil:
		return b, true
	case b == nil:
		return a, true
	case len(a)*len(b) > maxPairs:
		return nil, false
	}
	var out []netip.Prefix
	seen := map[netip.Prefix]bool{}
	for _, x := range a {
		for _, y := range b {
			if !x.Overlaps(y) {
				continue
			}
			p := x
			if y.Bits() > x.Bits() {
				p = y
			}
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	return out, len(out) > 0
}

// meets tells if there may be mail that both are for.
func (c cond) meets(o cond) bool {
	_, ok := intersectNetworks(c.client, o.client)
	return ok && mayMeet(c.from, o.from) && mayMeet(c.to, o.to)
}

func mayMeet(a, b []policy.Pattern) bool {
	_, ok := intersectPatterns(a, b)
	return ok || vaguePatterns(a, b)
}

// vague tells if the two may have mail in common that no condition of a policy can name: that of two patterns with asterisks.
func (c cond) vague(o cond) bool {
	return c.meets(o) && (vaguePatterns(c.from, o.from) || vaguePatterns(c.to, o.to))
}

func vaguePatterns(a, b []policy.Pattern) bool {
	if len(a)*len(b) > maxPairs {
		return true
	}
	for _, x := range a {
		for _, y := range b {
			if vaguePair(x, y) || vaguePair(y, x) {
				return true
			}
		}
	}
	return false
}

// vaguePair tells if meet does not know what a glob and another pattern have in common.
func vaguePair(glob, other policy.Pattern) bool {
	k, domain := classOf(glob)
	ko, of := classOf(other)
	switch {
	case k != isGlob || glob == other:
		return false
	case ko == isGlob:
		return domain == "" || of == "" || domain == of
	case ko == isBelow && domain == "":
		_, rest, _ := cutLast(string(glob))
		suffix, ok := strings.CutPrefix(rest, "*")
		return !ok || strings.Contains(suffix, "*")
	}
	return false
}

// covers tells if c holds wherever o does. It may miss that, but never claims it wrongly.
func (c cond) covers(o cond) bool {
	return coversPatterns(c.from, o.from) && coversPatterns(c.to, o.to) && (c.client == nil || o.client != nil &&
		!slices.ContainsFunc(o.client, func(y netip.Prefix) bool {
			return !slices.ContainsFunc(c.client, func(x netip.Prefix) bool { return x.Bits() <= y.Bits() && x.Overlaps(y) })
		}))
}

func coversPatterns(a, b []policy.Pattern) bool {
	if a == nil {
		return true
	}
	if b == nil || len(a)*len(b) > maxPairs {
		return false
	}
	return !slices.ContainsFunc(b, func(y policy.Pattern) bool {
		return !slices.ContainsFunc(a, func(x policy.Pattern) bool {
			p, ok := meet(x, y)
			return ok && p == y
		})
	})
}
