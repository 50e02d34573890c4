// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// path looks at the hand-over by which the message came, and at those before it.
func (s *session) path() {
	s.counted(len(s.h.hops) >= maxHops, "many_hops", len(s.h.hops))
	b := s.h.border
	if b == nil {
		return
	}
	s.when(b.HELO != "" && !strings.Contains(b.HELO, ".") && !strings.Contains(b.HELO, ":"), "helo_no_domain")
	if _, err := netip.ParseAddr(b.HELO); err == nil {
		s.note("helo_address", "")
	}
	s.when(b.Unnamed, "client_no_name")
	name := cmp.Or(b.Name, b.HELO)
	s.when(dynamic(name, b.Addr) && !namesItself(b), "client_dynamic")
	s.when(rented(name), "client_rented")
	if b.Name != "" && strings.Contains(b.HELO, ".") {
		s.when(operatorOf(b.Name) != operatorOf(b.HELO), "helo_other_domain")
	}
	s.when(b.HELO != "" && b.By != "" && b.HELO == b.By, "helo_is_ours")
	s.forged(b)
	s.loggedIn()
	before := s.before(b)
	s.handover(b, before)
	s.ownDomain(b, before)
	if s.h.list || s.h.author.org == "" {
		return
	}
	// Large free services hand over their mail themselves.
	op := operator(s.h.author.org)
	elsewhere := freemail(s.h.author.org) && handsOver[op] && strings.Contains(name, ".") && operatorOf(name) != op
	s.when(elsewhere && !s.passed(op), "freemail_by_other_client")
}

// handsOver are free services whose mail comes from their own hosts only, by the names that operator gives them.
var handsOver = setOf("google.com outlook.com yahoo.com icloud.com")

// passed tells if a host of that service took the message at some hop.
func (s *session) passed(op string) bool {
	for i := range s.h.hops {
		if by := s.h.hops[i].By; by != "" && operatorOf(by) == op {
			return true
		}
	}
	return false
}

// largeServices are names that a client likes to call itself by.
var largeServices = setOf("google.com outlook.com yahoo.com icloud.com amazon.com ebay.com paypal.com gmx.net web.de mail.ru")

// forged tells of a client that calls itself a large service and is none.
func (s *session) forged(b *mail.Received) {
	op := operatorOf(b.HELO)
	s.when(largeServices[op] && b.Name != "" && operatorOf(b.Name) != op, "helo_forged")
}

// loggedIn looks at the hop by which the author handed the message in.
func (s *session) loggedIn() {
	for i := len(s.h.hops) - 1; i >= 0; i-- {
		h := &s.h.hops[i]
		if !h.Auth || !h.Addr.IsValid() {
			continue
		}
		s.when(rented(h.Name) || rented(h.HELO), "handed_in_from_rented")
		if _, err := netip.ParseAddr(h.HELO); err == nil {
			s.note("handed_in_by_address", "")
		}
		return
	}
}

// dynamic tells if a name is one that a provider gives to an address of a household: it says so, or it holds the address.
func dynamic(name string, a netip.Addr) bool {
	if household(name) {
		return true
	}
	if !a.Is4() {
		return false
	}
	held := 0 // Octets of the address; one digit may stand in any name.
	for _, octet := range a.As4() {
		if octet > 9 && strings.Contains(name, strconv.Itoa(int(octet))) {
			held++
		}
	}
	return held == 4 || held == 3 && !startsWithOne(name, "mail", "mx", "smtp", "out")
}

// household tells if a name says that it is of one.
func household(name string) bool {
	for _, w := range [...]string{"dyn", "dsl", "dhcp", "pool", "ppp", "cable", "dial", "broadband", "customer", "client", "cust."} {
		if strings.Contains(name, w) && countDigits(name) >= 4 {
			return true
		}
	}
	return false
}

// namesItself tells of a host that calls itself something else in the domain of its name: some sites with addresses of their own name all of them by
// rule, servers too. What says that it is of a household is one.
func namesItself(h *mail.Received) bool {
	return h.Name != "" && !household(h.Name) && strings.Contains(h.HELO, ".") && !dynamic(h.HELO, h.Addr) && h.HELO != h.Name &&
		h.HELO != urls.Registrable(h.Name) && urls.Registrable(h.HELO) == urls.Registrable(h.Name)
}

// rented tells if a host is one that anybody has by the hour.
func rented(name string) bool {
	return suffixOf(name, rentedHosts) || strings.Contains(name, "-vps") || startsWithOne(name, "vps", "vmi", "ec2-", "win-", "desktop-")
}

func startsWithOne(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
