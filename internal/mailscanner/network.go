// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// prefixOf is the network of a beginning of an address, such as 192.168. or 2001:db8:.
func prefixOf(p string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(p); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	if strings.Contains(p, ":") {
		groups := strings.Split(strings.TrimRight(p, ":"), ":")
		a, err := netip.ParseAddr(strings.Join(groups, ":") + "::")
		if err != nil || len(groups) > 7 {
			return netip.Prefix{}, false
		}
		return netip.PrefixFrom(a, 16*len(groups)), true
	}
	octets := strings.Split(strings.TrimRight(p, "."), ".")
	n := len(octets)
	for len(octets) < 4 {
		octets = append(octets, "0")
	}
	a, err := netip.ParseAddr(strings.Join(octets, "."))
	if err != nil || n > 4 {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, 8*n), true
}

// network is one that is written with a length or a mask; left out octets are 0.
func network(base, mask string) (netip.Prefix, bool) {
	base = strings.TrimRight(base, ".")
	for !strings.Contains(base, ":") && strings.Count(base, ".") < 3 {
		base += ".0"
	}
	a, err := netip.ParseAddr(base)
	if err != nil {
		return netip.Prefix{}, false
	}
	bits, err := strconv.Atoi(mask)
	if err != nil {
		ip := net.ParseIP(mask).To4()
		if ip == nil || !a.Is4() {
			return netip.Prefix{}, false
		}
		size := 0
		if bits, size = net.IPMask(ip).Size(); size == 0 {
			return netip.Prefix{}, false
		}
	}
	p, err := a.Prefix(bits)
	return p, err == nil
}

// maxRange is how many networks a range of addresses may need.
const maxRange = 256

// between are the networks from one address to another; nil if it is no range.
func between(first, last string) []netip.Prefix {
	a, err1 := netip.ParseAddr(first)
	z, err2 := netip.ParseAddr(last)
	if err1 != nil || err2 != nil || a.BitLen() != z.BitLen() || z.Less(a) {
		return nil
	}
	var list []netip.Prefix
	for len(list) < maxRange {
		p := netip.PrefixFrom(a, a.BitLen())
		for p.Bits() > 0 {
			wider, err := a.Prefix(p.Bits() - 1)
			if err != nil || wider.Addr() != a || z.Less(lastOf(wider)) {
				break
			}
			p = wider
		}
		list = append(list, p)
		end := lastOf(p)
		if end == z {
			return list
		}
		a = end.Next()
	}
	return nil
}

// lastOf is the last address of a network.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// networkExpr turns a regular expression about an IPv4 address into networks: those of /8, /16 or /24 that begin as it wants.
func networkExpr(p string) (w who, why string, err error) {
	const hard = "a regular expression for addresses of clients that is no list of networks; name the networks"
	expr, _ := slashes(p)
	e, bad := regexp.Compile(expr)
	if bad != nil || !strings.HasPrefix(expr, "^") || !strings.HasSuffix(expr, `\.`) {
		return w, hard, nil //nolint:nilerr // why is the answer
	}
	if n := strings.Count(expr, `\.`); n < 1 || n > 2 && !fixed(expr) {
		return w, hard, nil
	}
	begin := ""
	if fixed(expr) { // All octets but the last are plain.
		parts := strings.Split(strings.TrimPrefix(expr, "^"), `\.`)
		begin = strings.Join(parts[:len(parts)-2], ".")
		if begin != "" {
			begin += "."
		}
	}
	w.networks = matching(e, begin, strings.Count(expr, `\.`))
	if len(w.networks) == 0 || len(w.networks) > maxRange {
		return w, hard, nil
	}
	return w, "", nil
}

var plainOctets = regexp.MustCompile(`^\^(?:\d+\\\.)*[^.]*\\\.$`)

// fixed tells if all octets of the expression but the last are numbers.
func fixed(expr string) bool { return plainOctets.MatchString(expr) }

// matching are the networks of that many octets that begin so and match.
func matching(e *regexp.Regexp, begin string, octets int) []netip.Prefix {
	var list []netip.Prefix
	for _, lead := range leads(begin, octets-strings.Count(begin, ".")-1) {
		for i := range 256 {
			text := fmt.Sprintf("%s%d.", lead, i)
			if loc := e.FindStringIndex(text); loc == nil || loc[1] != len(text) {
				continue
			}
			if n, ok := prefixOf(text); ok {
				list = append(list, n)
			}
			if len(list) > maxRange {
				return list
			}
		}
	}
	return list
}

// leads are all beginnings with so many octets more; at most 256 of them.
func leads(begin string, more int) []string {
	if more <= 0 {
		return []string{begin}
	}
	var list []string
	for i := range 256 {
		list = append(list, fmt.Sprintf("%s%d.", begin, i))
	}
	return list
}
