// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"net/netip"
	"strconv"
	"strings"
)

// Limits of names (RFC 1035 section 2.3.4).
const (
	maxName  = 253 // Octets of a name without the full stop at its end.
	maxLabel = 63  // Octets of one label.
)

// canonicalName is the name in lower case without a full stop at its end. ok is false for what cannot be asked about: octets that are not
// printable US-ASCII, a backslash (which would be an escape), labels that are empty or too long.
func canonicalName(s string) (name string, ok bool) {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > maxName {
		return "", false
	}
	label, upper := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if label == 0 {
				return "", false
			}
			label = 0
			continue
		case c <= ' ' || c > '~' || c == '\\':
			return "", false
		case c >= 'A' && c <= 'Z':
			upper = true
		}
		if label++; label > maxLabel {
			return "", false
		}
	}
	if label == 0 {
		return "", false
	}
	if upper {
		s = strings.ToLower(s)
	}
	return s, true
}

// ReverseLabels are the labels of an address in reverse order, without the zone: 1.2.0.192 for 192.0.2.1, 32 digits for IPv6 (RFC 5782 sections 2.1 and
// 2.4). An IPv4 address in IPv6 form is taken for IPv4. It is "" for the zero Addr.
func ReverseLabels(a netip.Addr) string {
	a = a.Unmap()
	switch {
	case a.Is4():
		b := a.As4()
		out := make([]byte, 0, 15)
		for i := 3; i >= 0; i-- {
			out = strconv.AppendUint(out, uint64(b[i]), 10)
			if i > 0 {
				out = append(out, '.')
			}
		}
		return string(out)
	case a.Is6():
		const digits = "0123456789abcdef"
		b := a.As16()
		out := make([]byte, 0, 63)
		for i := 15; i >= 0; i-- {
			out = append(out, digits[b[i]&15], '.', digits[b[i]>>4])
			if i > 0 {
				out = append(out, '.')
			}
		}
		return string(out)
	}
	return ""
}

// reverseName is the name that has the PTR records of an address; "" for the zero Addr.
func reverseName(a netip.Addr) string {
	a = a.Unmap()
	switch {
	case a.Is4():
		return ReverseLabels(a) + ".in-addr.arpa"
	case a.Is6():
		return ReverseLabels(a) + ".ip6.arpa"
	}
	return ""
}
