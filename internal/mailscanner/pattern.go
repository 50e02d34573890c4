// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/mailweir/mailweir/policy"
)

// Limits of patterns.
const (
	maxNested   = 4      // Files of patterns inside one another; so many has MailScanner.
	maxPatterns = 10_000 // Patterns of one rule.
)

// who is what a pattern stands for.
type who struct {
	everything bool
	addresses  []policy.Pattern
	networks   []netip.Prefix
}

var (
	hostPattern = regexp.MustCompile(`(?i)^host(-nocheck)?:`)
	listFileRef = regexp.MustCompile(`^/.*[^/]$`)
	onlyIP      = regexp.MustCompile(`^[.:0-9abcdef]+$`)
	cidrPattern = regexp.MustCompile(`^([.:0-9a-f]+)/([.:0-9a-f]+)$`)
	ipRange     = regexp.MustCompile(`^([.:0-9a-f]+)-([.:0-9a-f]+)$`)
	noLetters   = regexp.MustCompile(`^/[^a-z]+/$`)
)

// pattern reads one pattern of a ruleset, in the order in which MailScanner tells their kinds apart.
func (im *importer) pattern(p string, depth int) (w who, why string, err error) {
	switch {
	case listFileRef.MatchString(p):
		return im.patternFile(p, depth)
	case hostPattern.MatchString(p) || strings.EqualFold(p, "_SPOOFED_"):
		return w, "policies do not go by the names of clients; name their networks", nil
	case onlyIP.MatchString(p) && strings.ContainsAny(p, ".:0123456789"):
		n, ok := prefixOf(p)
		if !ok {
			return w, fmt.Sprintf("%q is no network", p), nil
		}
		w.networks = []netip.Prefix{n}
		return w, "", nil
	case p != "/^$/" && noLetters.MatchString(p):
		return networkExpr(p)
	case cidrPattern.MatchString(p):
		m := cidrPattern.FindStringSubmatch(p)
		n, ok := network(m[1], m[2])
		if !ok {
			return w, fmt.Sprintf("%q is no network", p), nil
		}
		w.networks = []netip.Prefix{n}
		return w, "", nil
	case ipRange.MatchString(p):
		m := ipRange.FindStringSubmatch(p)
		if w.networks = between(m[1], m[2]); w.networks == nil {
			return w, fmt.Sprintf("%q is no range of addresses", p), nil
		}
		return w, "", nil
	}
	return addressPattern(strings.ToLower(p))
}

// patternFile reads a file with one pattern on a line.
func (im *importer) patternFile(name string, depth int) (all who, why string, err error) {
	if depth >= maxNested {
		return all, fmt.Sprintf("more than %d files of patterns inside one another", maxNested), nil
	}
	lines, err := im.src.lines(name)
	if isLimit(err) {
		return all, "", err
	} else if err != nil {
		return all, err.Error(), nil //nolint:nilerr // the answer is in words
	}
	for _, l := range lines {
		l.text, _, _ = strings.Cut(l.text, "#")
		if l.text = strings.TrimSpace(l.text); l.text == "" {
			continue
		}
		w, why, err := im.pattern(l.text, depth+1)
		if err != nil {
			return all, "", err
		}
		if why != "" {
			im.notes.warning(l.place, l.text, "%s; left out", why)
			continue
		}
		all.everything = all.everything || w.everything
		all.addresses = append(all.addresses, w.addresses...)
		all.networks = append(all.networks, w.networks...)
		if len(all.addresses)+len(all.networks) > maxPatterns {
			return all, "", limitError{fmt.Sprintf("%s: more than %d patterns for one rule", l.place, maxPatterns)}
		}
	}
	return all, "", nil
}

// addressPattern turns a pattern for addresses into ours.
func addressPattern(p string) (w who, why string, err error) {
	if expr, ok := slashes(p); ok {
		list, why := globs(expr)
		if why != "" {
			return w, why, nil
		}
		w.addresses = list
		return w, "", nil
	}
	switch p {
	case "default", "*", "*@*":
		return who{everything: true}, "", nil
	case "<>":
		w.addresses = []policy.Pattern{"<>"}
		return w, "", nil
	}
	if !strings.Contains(p, "@") {
		p = "@" + p
	}
	local, domain, _ := cutLast(p)
	switch {
	case domain == "":
		p = local + "@*"
	case local == "" || local == "*":
		p = "@" + domain
		if rest, ok := strings.CutPrefix(domain, "*."); ok && !strings.Contains(rest, "*") {
			p = "." + rest
		}
	}
	if err := policy.Pattern(p).Check(); err != nil {
		return w, fmt.Sprintf("the pattern %v", err), nil
	}
	w.addresses = []policy.Pattern{policy.Pattern(p)}
	return w, "", nil
}

// slashes takes the regular expression out of /.../.
func slashes(p string) (string, bool) {
	if len(p) < 2 || p[0] != '/' || p[len(p)-1] != '/' {
		return "", false
	}
	return p[1 : len(p)-1], true
}

func cutLast(s string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
