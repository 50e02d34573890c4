// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// Pattern is a set of addresses. Case does not count, nor does needless quoting of a local-part.
//
//	user@example.org   this address
//	@example.org       all of this domain; also written example.org or *@example.org
//	.example.org       all of its subdomains, not of itself
//	adm*@*.example.org an asterisk stands for any run of characters
//	postmaster@        the address without a domain
//	<>                 the null reverse-path
//	*                  everything, the null reverse-path too
//
// A domain is compared as it is written: an internationalized one has to be listed in the form that comes by SMTP.
type Pattern string

// MaxPattern bounds the octets of a Pattern: the longest path of RFC 5321 section 4.5.3.1, and room for wildcards.
const MaxPattern = 512

// Check tells what is wrong with the pattern, nil if nothing is.
func (p Pattern) Check() error {
	s := string(p)
	local, domain, hasAt := cutLast(s)
	if !hasAt {
		local, domain = "", s
	}
	switch {
	case s == "":
		return errors.New("is empty")
	case len(s) > MaxPattern:
		return errors.New("is too long")
	case s == "<>":
		return nil
	case strings.ContainsAny(s, "<>"):
		return errors.New("write the address without angle brackets")
	case strings.ContainsFunc(s, isBlankOrControl) && !strings.Contains(s, `"`):
		return errors.New("has a blank or control character in it")
	case s == "." || (local == "" || local == "*") && hasAt && (domain == "" || domain == "."):
		return errors.New("names no domain")
	case strings.Contains(domain, ".."):
		return errors.New("has an empty label in its domain")
	case strings.HasPrefix(domain, ".") && local != "" && local != "*", strings.HasPrefix(domain, ".") && strings.Contains(domain, "*"):
		return errors.New("for subdomains with more than a name write user@*.domain")
	}
	return nil
}

// Match tells if the path is in the set. For many paths or patterns, a Set is faster.
func (p Pattern) Match(path mail.Path) bool { return compile([]Pattern{p}).match(newAddress(path)) }

func isBlankOrControl(r rune) bool { return r <= ' ' || r == 0x7f }

// address is a path in the form that patterns are compared in: lower case, local-part without quoting. The null
// reverse-path is the zero address.
type address struct {
	full   string // local@domain; "local@" without a domain.
	domain string
}

func newAddress(p mail.Path) address {
	if p.IsNull() {
		return address{}
	}
	return foldAddress(p.Address)
}

func foldAddress(s string) address {
	local, domain, _ := cutLast(s)
	domain = strings.TrimSuffix(strings.ToLower(domain), ".")
	return address{full: strings.ToLower(mail.UnquoteLocal(local)) + "@" + domain, domain: domain}
}

// cutLast splits behind the local-part. An address without "@" is all local-part.
func cutLast(s string) (local, domain string, found bool) {
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// patterns is a compiled list of patterns. All but wildcards in a local-part or a domain are one map lookup, so that lists
// of 100,000 addresses cost nothing. The zero value matches nothing.
type patterns struct {
	all       bool
	null      bool
	addresses map[string]struct{}
	domains   map[string]struct{}
	parents   map[string]struct{}        // Of subdomains: "example.org" for ".example.org".
	globs     map[string]map[string]glob // By domain, "" if that has a wildcard too; then by the pattern itself.
}

func compile(list []Pattern) *patterns {
	c := &patterns{
		addresses: make(map[string]struct{}), domains: make(map[string]struct{}),
		parents: make(map[string]struct{}), globs: make(map[string]map[string]glob),
	}
	for _, p := range list {
		c.add(string(p))
	}
	return c
}

func (c *patterns) add(p string) {
	if p == "*" {
		c.all = true
		return
	}
	if p == "<>" {
		c.null = true
		return
	}
	local, _, hasAt := cutLast(p)
	if !hasAt {
		p, local = "@"+p, ""
	}
	a := foldAddress(p)
	wild := strings.Contains(a.domain, "*")
	switch {
	case wild || local != "" && local != "*" && strings.Contains(local, "*"):
		c.addGlob(local, a, wild)
	case local != "" && local != "*":
		c.addresses[a.full] = struct{}{}
	case strings.HasPrefix(a.domain, "."):
		c.parents[a.domain[1:]] = struct{}{}
	default:
		c.domains[a.domain] = struct{}{}
	}
}

func (c *patterns) addGlob(local string, a address, wild bool) {
	full, bucket := a.full, a.domain
	if local == "" {
		full = "*" + full
	}
	if wild {
		bucket = ""
	}
	if c.globs[bucket] == nil {
		c.globs[bucket] = make(map[string]glob)
	}
	c.globs[bucket][full] = newGlob(full)
}

func (c *patterns) match(a address) bool {
	if c.all {
		return true
	}
	if a.full == "" {
		return c.null
	}
	return has(c.addresses, a.full) || c.matchDomain(a.domain) || matchAny(c.globs[""], a.full) ||
		a.domain != "" && matchAny(c.globs[a.domain], a.full)
}

func (c *patterns) matchDomain(domain string) bool {
	if domain == "" {
		return false
	}
	return has(c.domains, domain) || c.matchParent(domain)
}

// matchParent tells if domain is a subdomain of one of the parents.
func (c *patterns) matchParent(domain string) bool {
	for {
		_, parent, ok := strings.Cut(domain, ".")
		if !ok || len(c.parents) == 0 {
			return false
		}
		if has(c.parents, parent) {
			return true
		}
		domain = parent
	}
}

func has(set map[string]struct{}, key string) bool {
	_, ok := set[key]
	return ok
}

func matchAny(globs map[string]glob, s string) bool {
	for _, g := range globs {
		if g.match(s) {
			return true
		}
	}
	return false
}

// covers tells if everything that other matches is matched by c too. It may miss that, but never claims it wrongly.
func (c *patterns) covers(other *patterns) bool {
	if c.all {
		return true
	}
	if other.all || other.null && !c.null {
		return false
	}
	for a := range other.addresses {
		_, domain, _ := cutLast(a)
		if !c.match(address{full: a, domain: domain}) {
			return false
		}
	}
	for d := range other.domains {
		if !c.matchDomain(d) {
			return false
		}
	}
	for p := range other.parents {
		if !has(c.parents, p) && !c.matchParent(p) {
			return false
		}
	}
	return c.coversGlobs(other)
}

func (c *patterns) coversGlobs(other *patterns) bool {
	for bucket, globs := range other.globs {
		for g := range globs {
			if _, same := c.globs[bucket][g]; !same && !c.matchDomain(bucket) {
				return false
			}
		}
	}
	return true
}

// glob is a pattern with asterisks: the literals between them.
type glob []string

func newGlob(s string) glob { return strings.Split(s, "*") }

// match takes each literal at its first place behind the one before, which is right because an asterisk takes anything;
// so it never goes back.
func (g glob) match(s string) bool {
	last := len(g) - 1
	if last == 0 {
		return s == g[0]
	}
	s, ok := strings.CutPrefix(s, g[0])
	if !ok {
		return false
	}
	s, ok = strings.CutSuffix(s, g[last])
	if !ok {
		return false
	}
	for _, literal := range g[1:last] {
		_, rest, ok := strings.Cut(s, literal)
		if !ok {
			return false
		}
		s = rest
	}
	return true
}
