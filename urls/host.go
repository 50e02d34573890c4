// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// profile maps host names as browsers do: Unicode Technical Standard 46, non-transitional, without the rules for host names.
var profile = idna.New(
	idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.BidiRule(),
)

// setHost brings a host as written into canonical form.
func (u *URL) setHost(s string) {
	h, odd := canonical(s)
	u.Host, u.Odd = h, u.Odd|odd
}

// Host is the canonical form of a host name that stands alone: in an address, a list, an option. ok is false for what is none.
func Host(s string) (host string, ok bool) {
	h, odd := canonical(strings.TrimSpace(s))
	return h, h != "" && !odd.Has(BadHost)
}

// Unicode is a host in canonical form with its Punycode labels decoded, for comparing and for people who know what they look at.
// Labels that cannot be decoded stay.
func Unicode(host string) string {
	if !strings.Contains(host, "xn--") {
		return host
	}
	labels := strings.Split(host, ".")
	for i, l := range labels {
		if !strings.HasPrefix(l, "xn--") {
			continue
		}
		if d, err := idna.Punycode.ToUnicode(l); err == nil {
			labels[i] = d
		}
	}
	return strings.Join(labels, ".")
}

func canonical(s string) (host string, odd Odd) {
	if s == "" || len(s) > maxHost {
		return "", BadHost
	}
	if s[0] == '[' {
		return bracketed(s)
	}
	if strings.IndexByte(s, '%') >= 0 {
		odd |= Encoded
		s = unescape(s)
	}
	s = lower(s)
	if !isASCII(s) || strings.Contains(s, "xn--") {
		m, ok := toASCII(s)
		if !ok {
			return "", odd | BadHost
		}
		if strings.Contains(m, "xn--") {
			odd |= IDN
		} else {
			odd |= Mapped
		}
		s = m
	}
	if t := strings.TrimRight(s, "."); t != s {
		s, odd = t, odd|FinalDot
	}
	if s == "" || strings.ContainsAny(s, forbidden) || hasControl(s) {
		return "", odd | BadHost
	}
	if !endsInNumber(s) {
		return s, odd
	}
	a, ok := parseIPv4(s)
	if !ok {
		return "", odd | BadHost
	}
	if a.String() != s {
		odd |= OddNumber
	}
	return a.String(), odd | Numeric
}

// forbidden are the characters that no host may have (WHATWG URL Standard, section 3.5).
const forbidden = " #/:<>?@[\\]^|%"

func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// bracketed reads an IPv6 address. One that stands for an IPv4 address becomes that.
func bracketed(s string) (string, Odd) {
	t, ok := strings.CutSuffix(s[1:], "]")
	a, err := netip.ParseAddr(t)
	if !ok || err != nil || a.Zone() != "" || !a.Is6() {
		return "", BadHost
	}
	if a.Is4In6() {
		return a.Unmap().String(), Numeric | OddNumber
	}
	return a.String(), Numeric
}

// toASCII maps a name with other characters than US-ASCII. A name that breaks the rules for labels is mapped all the same: clients differ.
func toASCII(s string) (string, bool) {
	m, err := profile.ToASCII(s)
	if err != nil && isASCII(s) {
		return s, true
	}
	m = lower(m)
	return m, m != "" && isASCII(m)
}

// endsInNumber tells if browsers take the name for an IPv4 address: if its last label is a number.
func endsInNumber(s string) bool {
	last := s[strings.LastIndexByte(s, '.')+1:]
	if last == "" || last[0] < '0' || last[0] > '9' {
		return false
	}
	if isDigits(last) {
		return true
	}
	_, ok := parseNumber(last)
	return ok
}

// parseIPv4 reads an IPv4 address of one to four numbers, each decimal, octal or hexadecimal; the last one fills what is left.
func parseIPv4(s string) (netip.Addr, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var v uint64
	for i, p := range parts {
		n, ok := parseNumber(p)
		most := uint64(255)
		if i == len(parts)-1 {
			most = 1<<(8*(5-len(parts))) - 1
		}
		if !ok || n > most {
			return netip.Addr{}, false
		}
		if i < len(parts)-1 {
			v |= n << (8 * (3 - i))
		} else {
			v |= n
		}
	}
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), true
}

func parseNumber(s string) (uint64, bool) {
	base := 10
	switch {
	case s == "":
		return 0, false
	case len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'x':
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	s = strings.TrimLeft(s, "0")
	if s == "" {
		return 0, true
	}
	if s[0] == '+' || s[0] == '-' || strings.IndexByte(s, '_') >= 0 {
		return 0, false
	}
	n, err := strconv.ParseUint(s, base, 33)
	return n, err == nil
}

// unescape decodes percent-encoding once; what is none stays.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := unhex(s[i+1]), unhex(s[i+2])
			if hi >= 0 && lo >= 0 {
				b = append(b, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// lower is s with A to Z in lower case, without a copy if it is so already. It keeps the length.
func lower(s string) string {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			continue
		}
		b := []byte(s)
		for ; i < len(b); i++ {
			if b[i] >= 'A' && b[i] <= 'Z' {
				b[i] += 'a' - 'A'
			}
		}
		return string(b)
	}
	return s
}
