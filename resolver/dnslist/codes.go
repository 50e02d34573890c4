// SPDX-License-Identifier: Apache-2.0

package dnslist

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// maxCodes is the number of rules about the codes of one list.
const maxCodes = 256

// Codes are points for the codes that a list answers with.
type Codes struct {
	other *float64 // Points of the codes that no rule is about; nil if those are no listing.
	rules []rule
}

// rule is about the codes from low to high; or about those with one of the bits of mask in the last octet (RFC 5782 section 2.3); or about those of a
// form in which some octets are free.
type rule struct {
	low, high netip.Addr
	mask      byte
	form      []octet // Nil if it is none.
	points    float64
}

// octet is one octet of a form.
type octet struct {
	free bool
	is   byte
}

// NewCodes makes points of rules: "127.0.0.2", "127.0.0.4-127.0.0.7", "127.0.0.0/28", "127.0.*.2", or "&6" for codes with one of the bits 2 and 4 in the last
// octet. score is for the codes that no rule is about; if there are rules and it is 0, those are no listing.
func NewCodes(score float64, rules map[string]float64) (Codes, error) {
	var c Codes
	var errs []error
	if len(rules) == 0 || score != 0 {
		c.other = &score
	}
	if len(rules) > maxCodes {
		errs = append(errs, fmt.Errorf("codes: %d, want at most %d", len(rules), maxCodes))
	}
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		r, err := parseRule(key)
		r.points = rules[key]
		if err != nil {
			errs = append(errs, fmt.Errorf("codes: %w", err))
		}
		if math.IsNaN(r.points) || math.IsInf(r.points, 0) {
			errs = append(errs, fmt.Errorf("codes: %.40q: the points are no number", key))
		}
		c.rules = append(c.rules, r)
	}
	if math.IsNaN(score) || math.IsInf(score, 0) {
		errs = append(errs, errors.New("score: want a number"))
	}
	return c, errors.Join(errs...)
}

func parseRule(s string) (rule, error) {
	wrong := fmt.Errorf("%.40q is no code in 127.0.0.0/8; write 127.0.0.2, 127.0.0.4-127.0.0.7, 127.0.0.0/28, 127.0.*.2 or &6", s)
	if bits, ok := strings.CutPrefix(s, "&"); ok {
		n, err := strconv.ParseUint(bits, 10, 8)
		if err != nil || n == 0 {
			return rule{}, wrong
		}
		return rule{mask: byte(n)}, nil
	}
	if strings.IndexByte(s, '*') >= 0 {
		form, ok := parseForm(s)
		if !ok {
			return rule{}, wrong
		}
		return rule{form: form}, nil
	}
	low, high, isRange := strings.Cut(s, "-")
	if p, err := netip.ParsePrefix(s); err == nil && !isRange {
		if p != p.Masked() || !isCode(p.Addr()) || p.Bits() < 8 {
			return rule{}, wrong
		}
		return rule{low: p.Addr(), high: last(p)}, nil
	}
	if !isRange {
		high = low
	}
	var r rule
	var err error
	if r.low, err = netip.ParseAddr(strings.TrimSpace(low)); err != nil || !isCode(r.low) {
		return rule{}, wrong
	}
	if r.high, err = netip.ParseAddr(strings.TrimSpace(high)); err != nil || !isCode(r.high) || r.high.Less(r.low) {
		return rule{}, wrong
	}
	if err := meaning(r.low); err != nil && r.low == r.high {
		return rule{}, fmt.Errorf("%.40q is no listing, lists say by it: %w", s, err)
	}
	return r, nil
}

// parseForm reads an address in which octets behind the first may be "*".
func parseForm(s string) ([]octet, bool) {
	words := strings.Split(s, ".")
	if len(words) != 4 || words[0] != "127" {
		return nil, false
	}
	form := make([]octet, len(words))
	for i, w := range words {
		if form[i].free = w == "*"; form[i].free {
			continue
		}
		n, err := strconv.ParseUint(w, 10, 8)
		if err != nil {
			return nil, false
		}
		form[i].is = byte(n)
	}
	return form, true
}

func isCode(a netip.Addr) bool { return a.Is4() && a.As4()[0] == 127 }

// last is the last address of an IPv4 prefix.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

func (r *rule) matches(code netip.Addr) bool {
	octets := code.As4()
	if r.mask != 0 {
		return octets[3]&r.mask != 0
	}
	if r.form != nil {
		for i, o := range r.form {
			if !o.free && o.is != octets[i] {
				return false
			}
		}
		return true
	}
	return !code.Less(r.low) && !r.high.Less(code)
}

// Points are those of the code that weighs most, and the codes that are listings. No codes: not listed.
func (c *Codes) Points(codes []netip.Addr) (points float64, listed []netip.Addr) {
	for _, code := range codes {
		p, ok := c.of(code)
		if !ok {
			continue
		}
		if len(listed) == 0 || math.Abs(p) > math.Abs(points) {
			points = p
		}
		listed = append(listed, code)
	}
	return points, listed
}

// of gives the points of one code: of all rules about it, the one that weighs most.
func (c *Codes) of(code netip.Addr) (points float64, ok bool) {
	for i := range c.rules {
		if r := &c.rules[i]; r.matches(code) && (!ok || math.Abs(r.points) > math.Abs(points)) {
			points, ok = r.points, true
		}
	}
	if !ok && c.other != nil {
		return *c.other, true
	}
	return points, ok
}

// Range is the least and the most points that a listing may have.
func (c *Codes) Range() (low, high float64) {
	first := true
	add := func(p float64) {
		if first {
			low, high, first = p, p, false
		}
		low, high = min(low, p), max(high, p)
	}
	for _, r := range c.rules {
		add(r.points)
	}
	if c.other != nil {
		add(*c.other)
	}
	return low, high
}
